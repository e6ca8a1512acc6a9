"""`concierge evaluate lessons`: whether experience helps on this store."""

import sys
from pathlib import Path

import click

from concierge_server.commands.evaluate.printing import print_report
from concierge_server.exits import guarded


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Draws requests and shuffles.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def lessons(store: Path | None, seed: int, as_json: bool) -> None:
    """Measure whether lessons help, on a fitted store whose log holds refusals, such as low ratings.

    Users' latest positives are held out and requested by one of their values. Reordering by the user's own lessons and
    by those of others is compared with none, and with others' lessons shuffled. `[agent] lessons` turns them on.
    """
    with guarded():
        from threadpoolctl import threadpool_limits
        from tqdm import tqdm

        from concierge_server.evaluation.lessons import measure, render
        from concierge_server.settings import store_path
        from concierge_tools.storage.store import Store

        artifact = Store(store_path(store)).load()
        with threadpool_limits(1), tqdm(unit="step", disable=not sys.stderr.isatty()) as bar:
            body = measure(artifact, seed=seed, on_progress=bar.update)
        print_report(body, render, as_json=as_json)

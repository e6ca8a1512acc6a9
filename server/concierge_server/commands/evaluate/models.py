"""`concierge evaluate models`: what the recommenders foresee of what users chose next."""

import sys
from pathlib import Path
from typing import Literal

import click

from concierge_server.commands.evaluate.printing import print_report
from concierge_server.exits import guarded


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder. It is only read.")
@click.option(
    "--split",
    type=click.Choice(["last", "time"]),
    default="last",
    show_default=True,
    help="What is foreseen: each user's last positive, or their first one after a point in time.",
)
@click.option("--seeds", type=click.IntRange(1, 10), default=3, show_default=True, help="How many times, from seed 0.")
@click.option(
    "--tune",
    type=click.Choice(["off", "quick"]),
    default="quick",
    show_default=True,
    help="As for fit; chosen within the training part alone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def models(
    store: Path | None, split: Literal["last", "time"], seeds: int, tune: Literal["off", "quick"], as_json: bool
) -> None:
    """Measure every recommender and the blend on what the users of the log chose next.

    Everything is fitted anew without what is to be foreseen. HR, NDCG and MRR are about one next item per user;
    coverage, novelty, diversity and miscalibration about whole lists of 10.
    """
    with guarded():
        from tqdm import tqdm

        from concierge_server.evaluation.models import render
        from concierge_server.settings import store_path
        from concierge_tools.errors import DataError
        from concierge_tools.evaluation.models import run
        from concierge_tools.evaluation.report import report
        from concierge_tools.storage.store import Store

        artifact = Store(store_path(store)).load()
        if artifact.interactions is None:
            raise DataError("The store was fitted without an interaction log, so there is nothing to foresee.")
        with tqdm(unit="step", disable=not sys.stderr.isatty()) as bar:
            runs = [
                run(
                    artifact.interactions,
                    artifact.catalog,
                    split=split,
                    tune=tune != "off",
                    seed=seed,
                    on_step=bar.update,
                )
                for seed in range(seeds)
            ]
        body = {"catalog": artifact.config.name, "split": split, **report(runs, artifact.interactions)}
        print_report(body, render, as_json=as_json, width=150)

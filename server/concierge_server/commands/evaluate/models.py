"""`concierge evaluate models`: what the recommenders foresee of what users chose next."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from concierge_server.commands.evaluate.printing import print_report
from concierge_server.exits import guarded

if TYPE_CHECKING:
    from concierge_tools.data.catalog import Catalog
    from concierge_tools.data.interactions import Interactions


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder. It is only read.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="A concierge.toml: measure on the files it names, fitted or not, in place of a store.",
)
@click.option(
    "--split",
    type=click.Choice(["last", "time"]),
    default="last",
    show_default=True,
    help="What is foreseen: each user's last positive, or their first one after a point in time.",
)
@click.option("--seeds", type=click.IntRange(1, 10), default=3, show_default=True, help="How many times, from seed 0.")
@click.option(
    "--users",
    type=click.IntRange(min=1),
    default=5000,
    show_default=True,
    help="The most users a seed asks about, drawn when there are more.",
)
@click.option(
    "--tune",
    type=click.Choice(["off", "quick"]),
    default="quick",
    show_default=True,
    help="As for fit; chosen within the training part alone.",
)
@click.option(
    "--report",
    "out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the report as one HTML page with plots, for readers who did not train the models.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def models(
    store: Path | None,
    config: Path | None,
    split: Literal["last", "time"],
    seeds: int,
    users: int,
    tune: Literal["off", "quick"],
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure every recommender and the blend on what the users of the log chose next.

    Everything is fitted anew without what is to be foreseen, and every item is ranked that the user did not have. HR
    (which is recall here), NDCG and MRR are about one next item per user; coverage, novelty, diversity and
    miscalibration about whole lists of 10. Every figure has its 95% interval over users, also in slices by history
    length, item popularity and time gap. Warns where the log or the split makes figures say less than they seem to.
    """
    if store is not None and config is not None:
        raise click.UsageError("--store and --config both say what to measure on; give one of them.")
    if out is not None and not out.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {str(out.parent)!r} to write into.", param_hint="--report")
    with guarded():
        from datetime import UTC, datetime

        from tqdm import tqdm

        from concierge_server.evaluation.models import render
        from concierge_tools.evaluation.machine import machine, peak_memory
        from concierge_tools.evaluation.models import run
        from concierge_tools.evaluation.report import report

        catalog, interactions = _data(store, config)
        with tqdm(unit="step", disable=not sys.stderr.isatty()) as bar:
            runs = [
                run(interactions, catalog, split=split, tune=tune != "off", seed=seed, most=users, on_step=bar.update)
                for seed in range(seeds)
            ]
        named = ["--config", str(config)] if config else ["--store", str(store)] if store else []
        options = ["--split", split, "--seeds", str(seeds), "--users", str(users), "--tune", tune]
        body = {
            "catalog": catalog.name,
            "split": split,
            "command": shlex.join(["concierge", "evaluate", "models", *named, *options]),
            "at": datetime.now(UTC).date().isoformat(),
            **report(runs, interactions),
            "machine": machine(),
            "peak_memory": peak_memory(),
        }
        if out is not None:
            from concierge_server.evaluation.page.document import page

            out.write_text(page(body), encoding="utf-8")
        print_report(body, render, as_json=as_json, width=170)
        if out is not None and not as_json:
            click.echo(f"The page is {out}.")


def _data(store: Path | None, config: Path | None) -> "tuple[Catalog, Interactions]":
    """Return what to measure on; of files, without the users who asked to be forgotten, as fit would take them.

    Raises:
        DataError: There is no interaction log, or it cannot be used.
        StoreError: There is no store.
    """
    from concierge_server.settings import store_path
    from concierge_tools.config import load_config
    from concierge_tools.errors import DataError
    from concierge_tools.ingest.files import read_items, read_log
    from concierge_tools.storage.store import Store

    source = Store(store_path(store))
    if config is None:
        artifact = source.load()
        catalog, interactions = artifact.catalog, artifact.interactions
    else:
        loaded = load_config(config)
        catalog, _ = read_items(loaded.items, loaded.name)
        interactions = read_log(loaded.interactions, catalog)[0] if loaded.interactions is not None else None
        if interactions is not None and (loaded.state is not None or (source.folder / "state.db").is_file()):
            url = loaded.state.url if loaded.state is not None else source.default_state_url
            interactions = _without_forgotten(interactions, url)
    if interactions is None:
        raise DataError("There is no interaction log, so there is nothing to foresee; see [interactions] in the docs.")
    return catalog, interactions


def _without_forgotten(interactions: "Interactions", url: str) -> "Interactions":
    import numpy as np

    from concierge_server.state.database import open_database
    from concierge_server.state.forgotten import Forgotten

    engine = open_database(url)
    try:
        forgotten = Forgotten(engine).among(interactions.user_ids)
    finally:
        engine.dispose()
    kept = np.array([user_id not in forgotten for user_id in interactions.user_ids], np.bool_)
    return interactions.only(kept[interactions.users])

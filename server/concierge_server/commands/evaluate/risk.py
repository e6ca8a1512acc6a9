"""`concierge evaluate risk`: whether risk control keeps the level it was given, and what that costs."""

from pathlib import Path

import click

from concierge_server.commands.evaluate.printing import print_report
from concierge_server.exits import guarded


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder. It is only read.")
@click.option(
    "--level",
    "levels",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    multiple=True,
    default=(0.02, 0.05, 0.1),
    show_default=True,
    help="A risk to keep to; may be given several times.",
)
@click.option(
    "--splits",
    type=click.IntRange(10, 100_000),
    default=1_000,
    show_default=True,
    help="How many times the held-out users are halved.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Draws users and splits.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def risk(store: Path | None, levels: tuple[float, ...], splits: int, seed: int, as_json: bool) -> None:
    """Calibrate risk control on half of held-out users and try it on the other half, many times over.

    Says what share of lists was unwanted, how far that spreads, how long the lists stayed and their NDCG, beside no
    control and leaving items out at random. Needs `negative` or `negative_events` under [interactions].
    """
    with guarded():
        from concierge_server.evaluation.risk import render
        from concierge_server.settings import store_path
        from concierge_tools.errors import DataError
        from concierge_tools.evaluation.risk import measure
        from concierge_tools.storage.store import Store

        artifact = Store(store_path(store)).load()
        config = artifact.config.interactions
        if artifact.interactions is None or config is None:
            raise DataError("The store was fitted without an interaction log, so nobody judged anything.")
        body = measure(
            artifact.interactions,
            config,
            artifact.content.rows,
            artifact.blend,
            levels=levels,
            splits=splits,
            seed=seed,
        )
        print_report({"catalog": artifact.config.name, **body}, render, as_json=as_json, width=130)

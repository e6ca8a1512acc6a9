"""`concierge evaluate search`: how well search answers labelled queries."""

from pathlib import Path

import click

from concierge_server.commands.evaluate.printing import print_report
from concierge_server.evaluation.queries.labels import Part, SetName
from concierge_server.exits import guarded


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder. It is only read.")
@click.option(
    "--set",
    "name",
    type=click.Choice(["films", "plots", "shop"]),
    default="films",
    show_default=True,
    help="What is searched: the demo's films, the films of benchmarks/plots.py, or the shop of examples/shop.",
)
@click.option(
    "--part",
    type=click.Choice(["validation", "test"]),
    default="test",
    show_default=True,
    help="The queries that may be looked at, or those that grade.",
)
@click.option(
    "--grades",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="For plots: what answers are graded by and the catalog does not hold, as benchmarks/plots.py writes it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, with the queries that failed.")
def search(store: Path | None, name: SetName, part: Part, grades: Path | None, as_json: bool) -> None:
    """Measure how often search finds what labelled queries ask for, against words alone.

    success@n: a right item is among the first n. P@10: the share of right ones among the first ten, where many items
    are right. MRR: the mean of 1 / rank of the item that was meant.
    """
    with guarded():
        from concierge_server.evaluation.search import measure, render
        from concierge_server.evaluation.searching import systems_of
        from concierge_server.settings import store_path
        from concierge_tools.storage.store import Store

        artifact = Store(store_path(store)).load()
        body = measure(artifact.catalog, systems_of(artifact), name, part, grades=grades)
        print_report(body, render, as_json=as_json)

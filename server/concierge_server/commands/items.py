"""`concierge items update`: live values without a refit."""

from pathlib import Path

import click

from concierge_server.exits import guarded


@click.group()
def items() -> None:
    """Work on the items of a fitted catalog."""


@items.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
def update(file: Path, store: Path | None) -> None:
    """Set live values from FILE: a table with the id column and the fields that change, such as price and stock.

    Filters, availability and answers follow at once, in running servers too. Bad rows are reported and left out.
    """
    with guarded():
        from concierge_server.opening import open_desk
        from concierge_tools.ingest.files import read_updates

        with open_desk(store) as desk:
            artifact = desk.snapshot().artifact
            values, rejects = read_updates(file, artifact.config.items, artifact.catalog)
            changed = desk.live.update(values)
    click.echo(f"Set {changed} values of {len(values)} items.")
    for reject in rejects[:20]:
        click.echo(f"Left out line {reject.line}: {reject.reason}", err=True)
    if len(rejects) > 20:
        click.echo(f"... and {len(rejects) - 20} more.", err=True)

"""`concierge items`: changes to the catalog without a refit."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from concierge_server.exits import guarded

if TYPE_CHECKING:
    from concierge_tools.ingest.quarantine import Reject

QUARANTINE_FILE = "quarantine-updates.jsonl"
"""Beside the quarantine of `fit`, in the store's folder."""
TOLD = 20

_STORE = click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.group()
def items() -> None:
    """Work on the items of a fitted catalog."""


@items.command()
@click.argument("file", type=click.Path(path_type=Path))
@_STORE
@_JSON
def update(file: Path, store: Path | None, as_json: bool) -> None:
    """Set live values and add items from FILE: a table with the id column and the fields that change, such as price.

    A row with an id that is not in the catalog adds an item when it has a title. Search, filters, recommendations,
    availability and answers follow at once, in running servers too, until a fit reads a newer items file. Rows that
    cannot be used go to a quarantine file in the store's folder, each with its line and the reason.
    """
    with guarded():
        from concierge_server.opening import open_desk
        from concierge_tools.errors import DataError
        from concierge_tools.ingest.quarantine import write_rejects
        from concierge_tools.ingest.updates import nothing_usable, read_updates

        with open_desk(store) as desk:
            snapshot = desk.snapshot()
            found = read_updates(file, snapshot.artifact.config.items, snapshot.catalog)
            path = desk.store.folder / QUARANTINE_FILE
            write_rejects(path, found.rejects)
            if not found.changed and not found.added and found.rejects:
                raise DataError(nothing_usable(file, found.rejects))
            values = desk.live.update({**found.changed, **found.added})
            as_of = desk.live.read().as_of
    left_out = sum(not reject.used for reject in found.rejects)
    report = {
        "updated": len(found.changed),
        "added": len(found.added),
        "values": values,
        "rejected": left_out,
        "rejected_cells": len(found.rejects) - left_out,
        "rejects": _reasons(found.rejects),
        "rejects_path": str(path) if found.rejects else None,
        "passed_over": list(found.passed_over),
        "as_of": as_of,
    }
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    click.echo(f"Set {values:,} values: {_items(len(found.changed))} updated, {len(found.added):,} added.")
    if found.passed_over:
        click.echo(f"Passed over, being no fields of the catalog: {', '.join(found.passed_over)}.")
    for reject in found.rejects[:TOLD]:
        what = "Without a cell, line" if reject.used else "Left out line"
        click.echo(f"{what} {reject.line}: {reject.reason}", err=True)
    if len(found.rejects) > TOLD:
        click.echo(f"... and {len(found.rejects) - TOLD:,} more.", err=True)
    if found.rejects:
        click.echo(f"Each with its line is in {path}.", err=True)


@items.command()
@click.argument("item_ids", nargs=-1, metavar="[ID]...")
@click.option("--file", type=click.Path(path_type=Path), help="A table whose id column names the items.")
@_STORE
@_JSON
def remove(item_ids: tuple[str, ...], file: Path | None, store: Path | None, as_json: bool) -> None:
    """Withdraw items from the catalog at once, in running servers too, until a fit reads a newer items file.

    Nothing finds a withdrawn item any more; `concierge items update` with a row that has its title brings it back. What
    is only out of stock needs no withdrawing: set its stock.
    """
    with guarded():
        from concierge_server.opening import open_desk
        from concierge_tools.ingest.updates import read_ids

        with open_desk(store) as desk:
            snapshot = desk.snapshot()
            named = list(item_ids)
            if file is not None:
                named += read_ids(file, snapshot.artifact.config.items)
            if not named:
                raise click.UsageError("Name the items to remove by their ids, or a --file with them.")
            known = [item_id for item_id in dict.fromkeys(named) if item_id in snapshot.catalog]
            unknown = [item_id for item_id in dict.fromkeys(named) if item_id not in snapshot.catalog]
            desk.live.withdraw(known)
    if as_json:
        click.echo(json.dumps({"removed": len(known), "unknown": unknown}, ensure_ascii=False))
        return
    click.echo(f"Removed {_items(len(known))}.")
    for item_id in unknown[:TOLD]:
        click.echo(f"Not in the catalog: {item_id!r}", err=True)
    if len(unknown) > TOLD:
        click.echo(f"... and {len(unknown) - TOLD:,} more.", err=True)


def _items(count: int) -> str:
    return f"{count:,} item{'' if count == 1 else 's'}"


def _reasons(rejects: "tuple[Reject, ...]") -> dict[str, int]:
    return dict(Counter(reject.reason.partition(": ")[0] for reject in rejects).most_common())

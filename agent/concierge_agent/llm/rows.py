"""Tables: many things of one kind as columns and rows, which say each column's name once."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict


class Table(TypedDict):
    """Columns and rows, each as long as the columns; what is not known is null."""

    columns: list[str]
    rows: list[list[Any]]


def table(things: Sequence[Mapping[str, Any]]) -> Table:
    """Return things as a table, without columns that are empty throughout; columns come in the order they are met."""
    met = dict.fromkeys(name for thing in things for name in thing)
    columns = [name for name in met if any(thing.get(name) not in (None, "", []) for thing in things)]
    return {"columns": columns, "rows": [[thing.get(name) for name in columns] for thing in things]}

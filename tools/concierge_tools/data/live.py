"""Live items: what changed since the catalog's file was read, and a catalog with it in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import (
    BooleanColumn,
    CategoryColumn,
    Column,
    DateColumn,
    NumberColumn,
    TagsColumn,
    TextColumn,
)
from concierge_tools.data.fields import FieldValue
from concierge_tools.data.quantity_columns import NO_DATE


@dataclass(frozen=True, slots=True)
class LiveItems:
    """Changes by item id. Titles add the items that the catalog does not hold."""

    values: Mapping[str, Mapping[str, FieldValue]] = field(default_factory=dict)
    """{item id: {declared field: value}}."""
    titles: Mapping[str, str] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()

    def added(self, catalog: Catalog) -> list[str]:
        """Return the ids that a catalog does not hold and these changes add, in alphabetical order."""
        return sorted(item_id for item_id in self.titles.keys() - self.withdrawn if item_id not in catalog)


def with_live(catalog: Catalog, live: LiveItems) -> Catalog:
    """Return a copy of a catalog with live items in place; the catalog itself where nothing changes.

    Items of the catalog keep their positions, added ones follow by id. What is known of items that are neither held
    nor added, and of fields that are not declared, is passed over. Only touched columns are copied.

    Raises:
        InputError: A value does not fit its field's type.
    """
    added = live.added(catalog)
    place = {item_id: len(catalog) + i for i, item_id in enumerate(added)}
    withdrawn = [catalog.position(item_id) for item_id in sorted(live.withdrawn) if item_id in catalog]
    changes: dict[str, dict[int, FieldValue]] = {}
    declared = {field.name for field in catalog.fields}
    for item_id, values in live.values.items():
        if item_id in catalog or item_id in place:
            position = place[item_id] if item_id in place else catalog.position(item_id)
            for name in values.keys() & declared:
                changes.setdefault(name, {})[position] = values[name]
    for name in declared if withdrawn else ():
        changes.setdefault(name, {}).update(dict.fromkeys(withdrawn))
    renamed = {i: title for item_id, title in live.titles.items() if (i := _position(catalog, item_id)) is not None}
    if not (added or withdrawn or changes or renamed):
        return catalog
    columns: dict[str, Column] = {}
    for name in declared if added else changes:
        column = _longer(catalog.column(name), len(added)) if added else catalog.column(name)
        columns[name] = column.replaced(changes[name]) if name in changes else column
    titles: Sequence[str] = catalog.titles
    if added or renamed:
        longer = [*catalog.titles, *(live.titles[item_id] for item_id in added)]
        for position, title in renamed.items():
            longer[position] = title
        titles = longer
    if not (added or withdrawn):
        return catalog.laid(columns, titles if renamed else None)
    every = columns | {name: catalog.column(name) for name in declared - columns.keys()}
    ids = [*catalog.ids, *added]
    gone = [*np.flatnonzero(~catalog.present).tolist(), *withdrawn]
    return Catalog(name=catalog.name, fields=catalog.fields, ids=ids, titles=titles, columns=every, withdrawn=gone)


def worded(before: Catalog, after: Catalog, live: LiveItems) -> list[int]:
    """Return, in order, the positions of `after` whose words are not those of `before`: added, renamed or retold."""
    fields = [field.name for field in before.fields if field.type in ("category", "tags", "text")]
    changed = set(range(len(before), len(after)))
    for item_id in live.values.keys() | live.titles.keys():
        if item_id in before and item_id in after:
            i = before.position(item_id)
            told = live.values.get(item_id, {})
            if before.titles[i] != after.titles[i] or any(
                name in told and before.value(name, i) != after.value(name, i) for name in fields
            ):
                changed.add(i)
    return sorted(changed)


def _position(catalog: Catalog, item_id: str) -> int | None:
    return catalog.position(item_id) if item_id in catalog else None


def _longer(column: Column, count: int) -> Column:
    """Return a column with missing values for some more items."""
    match column:
        case CategoryColumn():
            return CategoryColumn(column.vocabulary, np.append(column.codes, np.full(count, -1, np.int32)))
        case TagsColumn():
            ends = np.append(column.indptr, np.full(count, column.indptr[-1]))
            return TagsColumn(column.vocabulary, ends, column.codes, column.postings, column.posted)
        case NumberColumn():
            return NumberColumn(np.append(column.numbers, np.full(count, np.nan)))
        case DateColumn():
            return DateColumn([*column.texts, *[None] * count], np.append(column.days, np.full(count, NO_DATE)))
        case BooleanColumn():
            return BooleanColumn(np.append(column.states, np.full(count, -1, np.int8)))
        case TextColumn():
            return TextColumn([*column.texts, *[None] * count])
    assert_never(column)

"""The catalog: every item with its typed fields, held as columns."""

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Self, cast

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process, utils

from concierge_tools.data.columns import Column, TextColumn, column_of
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.operands import Mask
from concierge_tools.data.stored_columns import StoredColumns, series_of
from concierge_tools.data.strings import Strings
from concierge_tools.errors import InputError, UnknownItem

ITEMS_FILE = "items.parquet"
ID = Field("id", "text", "id")
TITLE = Field("title", "text", "title")


class Catalog:
    """Items in a fixed order; a position is an index into that order. Immutable.

    `fields` are the declared ones, in order; `id` and `title` stand beside them and can be filtered as text. Withdrawn
    items keep their positions and titles, so that what was counted by position stays true, but nothing finds them.
    """

    def __init__(
        self,
        *,
        name: str,
        fields: Iterable[Field],
        ids: Sequence[str],
        titles: Sequence[str],
        columns: Mapping[str, Column],
        withdrawn: Iterable[int] = (),
    ) -> None:
        """Hold ids and titles, shape (items,), and each field's column, which may be built when it is asked for."""
        self.name = name
        self.fields = tuple(fields)
        self.ids = ids
        self.titles = titles
        self._withdrawn = tuple(withdrawn)
        self._fields = {field.name: field for field in (ID, TITLE, *self.fields)}
        self._columns = columns

    @cached_property
    def present(self) -> Mask:
        """Which positions hold an item that was not withdrawn, shape (items,)."""
        present = np.ones(len(self), np.bool_)
        present[list(self._withdrawn)] = False
        return present

    @cached_property
    def _positions(self) -> dict[str, int]:
        positions = {item_id: i for i, item_id in enumerate(self.ids)}
        for i in self._withdrawn:
            del positions[self.ids[i]]
        return positions

    @cached_property
    def _own(self) -> dict[str, Column]:
        return {"id": TextColumn([*self.ids]), "title": TextColumn([*self.titles])}

    @classmethod
    def of(cls, name: str, fields: Iterable[Field], rows: Sequence[Mapping[str, FieldValue]]) -> Self:
        """Build a catalog from rows with `id`, `title` and any of the declared fields.

        Raises:
            InputError: A value does not fit its field's type.
        """
        declared = tuple(fields)
        columns = {f.name: column_of(f.type, [row.get(f.name) for row in rows]) for f in declared}
        ids, titles = ([str(row[key]) for row in rows] for key in ("id", "title"))
        return cls(name=name, fields=declared, ids=ids, titles=titles, columns=columns)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def known_ids(self) -> Iterable[str]:
        """The ids of the items that were not withdrawn, in their order."""
        return self._positions.keys()

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._positions

    def position(self, item_id: str) -> int:
        """Return the position of an item.

        Raises:
            UnknownItem: The catalog does not hold it.
        """
        try:
            return self._positions[item_id]
        except KeyError:
            raise UnknownItem(item_id) from None

    def field(self, name: str) -> Field:
        """Return a field by name; `id` and `title` are fields too.

        Raises:
            InputError: There is no such field; names close ones.
        """
        try:
            return self._fields[name]
        except KeyError:
            known = list(self._fields)
            close = close_matches(name, known)
            question = f"{close} The" if close else "the"
            raise InputError(f"No field {name!r}; {question} fields are {listed(known)}.") from None

    def column(self, name: str) -> Column:
        """Return the column of a field.

        Raises:
            InputError: There is no such field.
        """
        return self._own[name] if self.field(name) in (ID, TITLE) else self._columns[name]

    def value(self, name: str, i: int) -> FieldValue:
        """Return the value of a field for the item at a position."""
        return self.column(name).value(i)

    def row(self, i: int) -> dict[str, FieldValue]:
        """Return every declared field of the item at a position, in order, without id and title."""
        return {field.name: self._columns[field.name].value(i) for field in self.fields}

    def document(self, i: int) -> str:
        """Return the words of an item, for search and content models: title, tags, categories and texts."""
        parts = [self.titles[i]]
        for field in self.fields:
            if field.type in ("tags", "category", "text") and field.role != "image":
                value = self._columns[field.name].value(i)
                parts.append(" ".join(value) if isinstance(value, list) else str(value or ""))
        return "\n".join(part for part in parts if part)

    def laid(self, columns: Mapping[str, Column], titles: Sequence[str] | None = None) -> Self:
        """Return a copy in which some columns, and the titles, are others."""
        laid = copy(self)
        laid._columns = ChainMap({**columns}, cast("dict[str, Column]", self._columns))  # read only, whatever it is
        if titles is not None:
            laid.titles = titles
            vars(laid).pop("_own", None)
        return laid

    def write(self, folder: Path) -> None:
        """Write `items.parquet` into a folder."""
        columns = [pl.Series("id", [*self.ids], pl.String()), pl.Series("title", [*self.titles], pl.String())]
        columns += [series_of(self._columns[field.name]).alias(f"field:{field.name}") for field in self.fields]
        pl.DataFrame(columns).write_parquet(folder / ITEMS_FILE, compression="lz4")

    @classmethod
    def read(cls, folder: Path, fields: Iterable[Field], name: str) -> Self:
        """Read what `write` wrote; the fields must be those it was written with. Other columns wait until asked for."""
        packed = (folder / ITEMS_FILE).read_bytes()

        def column(name: str) -> pl.Series:
            return pl.read_parquet(packed, columns=[name]).to_series()

        declared = tuple(fields)
        columns = StoredColumns(column, {f"field:{f.name}": f for f in declared})
        ids, titles = Strings(column("id")), Strings(column("title"))
        return cls(name=name, fields=declared, ids=ids, titles=titles, columns=columns)


def close_matches(word: str, known: Sequence[str]) -> str:
    """Ask which known words a wrong one may stand for, "did you mean 'a' or 'b'?"; empty when none is close."""
    scores: dict[str, float] = {}
    for scorer in (fuzz.ratio, fuzz.token_set_ratio):  # the letters, and the words in any order or number
        found = process.extract(word, known, scorer=scorer, processor=utils.default_process, score_cutoff=65, limit=3)
        for match, score, _ in found:
            scores[match] = max(score, scores.get(match, 0.0))
    matches = sorted(scores, key=lambda match: -scores[match])[:3]
    return f"did you mean {' or '.join(map(repr, matches))}?" if matches else ""


def listed(words: Sequence[str]) -> str:
    """List the first twenty words and say how many more there are."""
    shown = ", ".join(words[:20])
    return f"{shown} and {len(words) - 20} more" if len(words) > 20 else shown

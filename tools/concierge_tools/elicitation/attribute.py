"""Attributes: the fields that can be asked about, and the answers to offer as beliefs change."""

import math
from collections.abc import Callable, Collection, Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import (
    BooleanColumn,
    CategoryColumn,
    DateColumn,
    NumberColumn,
    TagsColumn,
    TextColumn,
)
from concierge_tools.data.constraints import Constraint, Op
from concierge_tools.data.fields import Field, Scalar
from concierge_tools.elicitation.prompt import Chances, Option, Prompt
from concierge_tools.elicitation.ranges import RANGES, bound, cuts, range_constraints, range_words

OPTIONS = 6
MOST_VALUES = 50
CONCENTRATED = 0.5
"""A field of more values than that can be taken in when its first options cover this share of the candidates."""
NO_ATTRIBUTES = ("id", "title", "text", "image")


class Attribute:
    """One field of a fixed sequence of candidates, ready to be asked about as beliefs change."""

    def __init__(self, field: Field, catalog: Catalog, items: NDArray[np.int64]) -> None:
        """Look up the field's values of the candidates at catalog positions `items`."""
        self.field = field
        self._size = len(items)
        self._numbers: NDArray[np.float64] | None = None
        self._values: list[Scalar] = []
        self._owners = np.zeros(0, np.int64)
        self._codes = np.zeros(0, np.int64)
        column = catalog.column(field.name)
        match column:
            case TagsColumn():
                lengths = column.indptr[items + 1] - column.indptr[items]
                self._owners = np.repeat(np.arange(len(items)), lengths)
                within = np.arange(len(self._owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
                self._codes = column.codes[column.indptr[items][self._owners] + within].astype(np.int64)
                self._values = [*column.values]
            case CategoryColumn():
                self._hold([*column.values], column.codes[items])
            case BooleanColumn():
                self._hold([False, True], column.states[items])
            case NumberColumn():
                self._numbers = column.numbers[items]
            case DateColumn():
                years = [float(text[:4]) if (text := column.texts[item]) else math.nan for item in items.tolist()]
                self._numbers = np.array(years)
            case TextColumn():
                pass
            case _:
                assert_never(column)
        if self._numbers is not None:
            self._by_number(self._numbers)

    def prompt(self, chances: Chances | None = None, *, refused: Collection[Scalar] = ()) -> Prompt | None:
        """Return the question about the field with its likeliest answers, or None when there is no answer to offer.

        Args:
            chances: What the answers to offer are chosen by; each candidate counts alike when omitted.
            refused: Values that were offered before and are not offered again.
        """
        if self._numbers is not None and not self._values:
            return self._ranged(self._numbers, chances)
        if not len(self._owners):
            return None
        counts = np.bincount(self._codes, minlength=len(self._values))
        likely = counts if chances is None else np.bincount(self._codes, chances[self._owners], len(self._values))
        order = np.lexsort((-counts, -likely))[: OPTIONS + len(refused)].tolist()
        first = [code for code in order if self._values[code] not in refused][:OPTIONS]
        shown = [code for code in (sorted(first) if self._numbers is not None else first) if likely[code] > 0]
        return self._prompt(self._owners, self._codes, shown, self._by_value, counts) if shown else None

    def known(self) -> NDArray[np.bool_]:
        """Return which candidates have a value, shape (candidates,)."""
        if self._numbers is not None:
            return ~np.isnan(self._numbers)
        return np.bincount(self._owners, minlength=self._size) > 0

    def given(self, candidate: int) -> list[NDArray[np.int64]]:
        """Return, for each of a candidate's values (or the range of its number), all candidates that have it too."""
        if self._numbers is not None and not self._values:
            whole = self._ranged(self._numbers, None)
            rows = [] if whole is None else [row for row in whole.truth if row[candidate] > 0]
            return [np.flatnonzero(row) for row in rows]
        codes = self._codes[self._owners == candidate].tolist()
        return [np.unique(self._owners[self._codes == code]) for code in codes]

    def askable(self) -> bool:
        """Whether the answers can be taken in: they sort the candidates rather than name each, and are not too many."""
        if not self._values:
            return self._numbers is not None and not bool(np.isnan(self._numbers).all())
        counts = np.bincount(self._codes, minlength=len(self._values))
        present = int(np.count_nonzero(counts))
        if present == 0 or present > max(OPTIONS, self._size / 2):
            return False
        if present <= MOST_VALUES:
            return True
        first = np.argsort(-counts, kind="stable")[:OPTIONS]
        covered = np.unique(self._owners[np.isin(self._codes, first)])
        return len(covered) >= CONCENTRATED * self._size

    def _hold(self, values: list[Scalar], codes: NDArray[np.signedinteger]) -> None:
        self._values = values
        self._owners = np.flatnonzero(codes >= 0)
        self._codes = codes[self._owners].astype(np.int64)

    def _by_number(self, numbers: NDArray[np.float64]) -> None:
        """Hold a value per number when there are few of them; else they are asked in ranges."""
        owners = np.flatnonzero(~np.isnan(numbers))
        distinct, codes = np.unique(numbers[owners], return_inverse=True)
        if len(distinct) <= RANGES:
            self._values = [bound(self.field, number) for number in distinct.tolist()]
            self._owners, self._codes = owners, codes.astype(np.int64)

    def _by_value(self, code: int) -> tuple[Scalar, tuple[Constraint, ...]]:
        op: Op = "contains" if self.field.type == "tags" else "=="
        return self._values[code], (Constraint(field=self.field.name, op=op, value=self._values[code]),)

    def _ranged(self, numbers: NDArray[np.float64], chances: Chances | None) -> Prompt | None:
        owners = np.flatnonzero(~np.isnan(numbers))
        present = numbers[owners]
        weights = None if chances is None else chances[owners]
        if not len(owners) or (weights is not None and not weights.any()):
            return None
        between = cuts(present, weights)
        asked = range_constraints(self.field, between)
        whole = bool(np.all(present == np.round(present)))
        codes = np.searchsorted(between, present, side="right")
        counts = np.bincount(codes, minlength=len(asked))
        shown = np.flatnonzero(counts).tolist()
        return self._prompt(
            owners, codes, shown, lambda code: (range_words(self.field, asked[code], whole=whole), asked[code]), counts
        )

    def _prompt(
        self,
        owners: NDArray[np.int64],
        codes: NDArray[np.int64],
        shown: Sequence[int],
        name: Callable[[int], tuple[Scalar, tuple[Constraint, ...]]],
        counts: NDArray[np.int64],
    ) -> Prompt:
        named = [name(code) for code in shown]
        options = tuple(
            Option(value, int(counts[code]), asked) for code, (value, asked) in zip(shown, named, strict=True)
        )
        truth = np.zeros((len(shown) + 1, self._size))
        place = np.full(len(counts), -1)
        place[list(shown)] = np.arange(len(shown))
        rows = place[codes]
        offered = rows >= 0
        truth[rows[offered], owners[offered]] = 1.0
        carried = truth.sum(axis=0)
        truth /= np.where(carried > 0, carried, 1.0)
        truth[-1, owners] = carried[owners] == 0
        rest = bool(truth[-1].any())
        return Prompt(self.field, options, truth if rest else truth[:-1], rest)


def attributes(catalog: Catalog, items: NDArray[np.int64], *, known: Collection[str] = ()) -> list[Attribute]:
    """Return the attributes to ask about candidates at catalog positions, in declared order, without the known ones.

    Ids, titles, texts and images are no attributes, and nobody looks for an item by whether it is in stock.
    """
    return [
        Attribute(field, catalog, items)
        for field in catalog.fields
        if field.name not in known and field.role not in (*NO_ATTRIBUTES, "availability")
    ]

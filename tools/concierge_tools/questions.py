"""Questions: which field's answer would narrow a set of candidates most, by Shannon information."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
from concierge_tools.data.constraints import Constraint, Op
from concierge_tools.data.fields import Field, Scalar
from concierge_tools.data.phrases import constraint_words, field_words
from concierge_tools.data.quantity_columns import plain

LEAST_GAIN = 0.3
"""Bits below which no question is worth the bother."""
OPTIONS = 6
MOST_VALUES = 50
CONCENTRATED = 0.5
"""A field of more values than that is asked only when its first options cover this share of the candidates."""
RANGES = 4


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to offer."""

    value: Scalar
    """A value of the field, or a range of numbers in words."""
    count: int
    """Candidates that it would leave."""
    constraints: tuple[Constraint, ...]
    """What it asks of items."""


@dataclass(frozen=True, slots=True)
class Question:
    """The question worth asking next, or why there is none."""

    field: str | None = None
    text: str | None = None
    options: tuple[Option, ...] = ()
    gain: float | None = None
    """Expected information of the answer, in bits."""
    stop: str | None = None
    """Why nothing is worth asking; None when there is a question."""


def next_question(
    catalog: Catalog,
    positions: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    known: Collection[str] = (),
    ask_first: Sequence[str] = (),
) -> Question:
    """Choose the question with the largest expected information about the candidates.

    Args:
        catalog: With live values laid over.
        positions: The candidates, shape (n,).
        weights: How likely each is to be what is looked for, shape (n,); equal when omitted.
        known: Fields that are not asked about again.
        ask_first: Fields that the owner wants answered before any other, in this order, whatever their information.
    """
    items = np.asarray(positions, np.int64)
    if len(items) == 0:
        return Question(stop="No candidates are left.")
    if len(items) == 1:
        return Question(stop="One candidate is left.")
    chances = np.ones(len(items)) if weights is None else np.asarray(weights, np.float64)
    chances = chances / chances.sum() if chances.sum() > 0 else np.full(len(items), 1 / len(items))
    for name in ask_first:
        if name not in known:
            question = _question(catalog.field(name), catalog, items, chances, always=True)
            if question is not None:
                return question
    asked = [
        question
        for field in catalog.fields
        if field.name not in known and (question := _question(field, catalog, items, chances, always=False))
    ]
    best = max(asked, key=lambda question: question.gain or 0.0, default=None)
    if best is None or (best.gain or 0.0) < LEAST_GAIN:
        return Question(stop="The candidates are too much alike for a question to tell them apart.")
    return best


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """The possible answers about one field, and which candidates have which: candidate `owners[i]` has `codes[i]`."""

    values: list[Scalar]
    asks: Callable[[int], tuple[Constraint, ...]]
    """The constraints that the answer of a code puts on items."""
    owners: NDArray[np.int64]
    codes: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.bincount(self.codes, minlength=len(self.values))

    def options(self, order: Sequence[int]) -> tuple[Option, ...]:
        counts = self.counts
        return tuple(Option(self.values[code], int(counts[code]), self.asks(code)) for code in order)

    def information(self, chances: NDArray[np.float64]) -> float:
        """Return the mutual information of candidate and answer, in bits.

        A candidate with several values is answered by each of them equally often; one without a value leaves the
        answer open, which tells nothing.
        """
        carried = np.bincount(self.owners, minlength=len(chances))
        known = carried > 0
        told = float(chances[known].sum())
        if told == 0:
            return 0.0
        each = chances[self.owners] / carried[self.owners] / told
        shares = np.bincount(self.codes, each)
        shares = shares[shares > 0]
        doubt = float((chances[known] / told * np.log2(carried[known])).sum())
        return max(0.0, told * (float(-(shares * np.log2(shares)).sum()) - doubt))

    def askable(self, candidates: int) -> bool:
        """Whether the answers can be taken in: they sort the candidates rather than name each, and are not too many."""
        present = int(np.count_nonzero(self.counts))
        if present > max(OPTIONS, candidates / 2):
            return False
        if present <= MOST_VALUES:
            return True
        first = np.argsort(-self.counts, kind="stable")[:OPTIONS]
        covered = np.unique(self.owners[np.isin(self.codes, first)])
        return len(covered) >= CONCENTRATED * candidates


def _question(
    field: Field, catalog: Catalog, items: NDArray[np.int64], chances: NDArray[np.float64], *, always: bool
) -> Question | None:
    answers = (
        None if field.role in ("id", "title", "text", "image") else _answers(catalog.column(field.name), field, items)
    )
    if answers is None or not len(answers.owners) or not (always or answers.askable(len(items))):
        return None
    words = field_words(field.name)
    text = f"Should it be {words}?" if field.type == "boolean" else f"Which {words} would you like?"
    counts = answers.counts
    by_count = np.argsort(-counts, kind="stable")[:OPTIONS].tolist()
    order = sorted(by_count) if field.type in ("number", "date") else by_count
    options = answers.options([code for code in order if counts[code]])
    return Question(field.name, text, options, gain=answers.information(chances))


def _answers(column: Column, field: Field, items: NDArray[np.int64]) -> _Answers | None:
    match column:
        case TagsColumn():
            lengths = column.indptr[items + 1] - column.indptr[items]
            owners = np.repeat(np.arange(len(items)), lengths)
            within = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            codes = column.codes[column.indptr[items][owners] + within]
            return _by_value(field, [*column.values], owners, codes)
        case CategoryColumn():
            present = np.flatnonzero(column.codes[items] >= 0)
            return _by_value(field, [*column.values], present, column.codes[items][present])
        case BooleanColumn():
            present = np.flatnonzero(column.states[items] >= 0)
            return _by_value(field, [False, True], present, column.states[items][present])
        case NumberColumn():
            return _by_number(field, column.numbers[items])
        case DateColumn():
            years = [float(text[:4]) if (text := column.texts[item]) else math.nan for item in items.tolist()]
            return _by_number(field, np.array(years))
        case TextColumn():
            return None
        case _:
            assert_never(column)


def _by_value(
    field: Field, values: list[Scalar], owners: NDArray[np.int64], codes: NDArray[np.signedinteger]
) -> _Answers:
    op: Op = "contains" if field.type == "tags" else "=="
    return _Answers(
        values,
        lambda code: (Constraint(field=field.name, op=op, value=values[code]),),
        owners,
        codes.astype(np.int64),
    )


def _by_number(field: Field, numbers: NDArray[np.float64]) -> _Answers:
    """Return an answer per number when there are few of them, else per range between readable cuts."""
    owners = np.flatnonzero(~np.isnan(numbers))
    present = numbers[owners]
    distinct, codes = np.unique(present, return_inverse=True)
    if len(distinct) <= RANGES:
        values = [_bound(field, number) for number in distinct.tolist()]
        return _by_value(field, values, owners, codes)
    ends = [-math.inf, *_cuts(present), math.inf]
    whole = bool(np.all(present == np.round(present)))
    constraints = [tuple(_bounds(field, low, high)) for low, high in pairwise(ends)]
    values = [_range_words(field, asked, whole=whole) for asked in constraints]
    return _Answers(values, constraints.__getitem__, owners, np.searchsorted(ends[1:-1], present, side="right"))


def _cuts(numbers: NDArray[np.float64]) -> list[float]:
    """Return the quartiles, rounded to the coarsest of 1, 2 and 5 times a power of ten that keeps them apart."""
    quartiles = np.quantile(numbers, [0.25, 0.5, 0.75])
    spread = float(quartiles[2] - quartiles[0]) or float(np.ptp(numbers))
    power = 10 ** math.floor(math.log10(spread))
    cuts = np.unique(quartiles)
    for step in (power * factor for factor in (5, 2, 1, 0.5, 0.2, 0.1)):
        rounded = np.unique(np.round(quartiles / step) * step)
        if len(rounded) == RANGES - 1 and rounded[0] > numbers.min() and rounded[-1] <= numbers.max():
            cuts = rounded
            break
    return [round(float(cut), 10) for cut in cuts if cut > numbers.min()]


def _bounds(field: Field, low: float, high: float) -> Iterator[Constraint]:
    if math.isfinite(low):
        yield Constraint(field=field.name, op=">=", value=_bound(field, low))
    if math.isfinite(high):
        yield Constraint(field=field.name, op="<", value=_bound(field, high))


def _bound(field: Field, number: float) -> Scalar:
    return f"{math.ceil(number):04d}" if field.type == "date" else plain(float(number))


def _range_words(field: Field, asked: tuple[Constraint, ...], *, whole: bool) -> str:
    if len(asked) == 2 and whole and not isinstance(asked[1].value, list):
        last = _bound(field, math.ceil(float(asked[1].value)) - 1)
        asked = (asked[0], asked[1].model_copy(update={"op": "<=", "value": last}))
    return constraint_words(field, asked)

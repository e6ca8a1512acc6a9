"""Columns of quantities: a number, a date or a boolean per item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.constraints import Op
from concierge_tools.data.fields import FieldValue
from concierge_tools.data.operands import (
    Mask,
    Operand,
    as_boolean,
    as_date,
    as_list,
    as_number,
    as_one,
    as_span,
    scalar,
    unfit,
)

WIDE = 1 << 24
"""Up to here every integer is a 32-bit float."""
MANY = 4_096
"""So many numbers are worth a narrow copy."""
NO_DATE = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class NumberColumn:
    """A number per item."""

    numbers: NDArray[np.float64]
    """Shape (items,); NaN is missing."""
    _narrow: NDArray[np.float32] | None = field(init=False, repr=False)
    """The same in half the memory, which is what comparing them costs; None where any would differ."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_narrow", _narrowed(self.numbers) if len(self.numbers) >= MANY else None)

    @classmethod
    def of(cls, values: Sequence[FieldValue]) -> Self:
        """Build the column from one number or None per item."""
        return cls(np.array([np.nan if v is None else as_number(scalar(v)) for v in values], dtype=np.float64))

    @property
    def missing(self) -> int:
        """Items without a value."""
        return int(np.isnan(self.numbers).sum())

    @property
    def minimum(self) -> int | float | None:
        """The smallest value, None when all are missing."""
        return None if self.missing == len(self) else plain(float(np.nanmin(self.numbers)))

    @property
    def maximum(self) -> int | float | None:
        """The largest value, None when all are missing."""
        return None if self.missing == len(self) else plain(float(np.nanmax(self.numbers)))

    @property
    def quartiles(self) -> tuple[float, float, float] | None:
        """The 25th, 50th and 75th percentile of the values there are."""
        if self.missing == len(self):
            return None
        low, middle, high = np.nanquantile(self.numbers, [0.25, 0.5, 0.75])
        return plain(float(low)), plain(float(middle)), plain(float(high))

    def __len__(self) -> int:
        return len(self.numbers)

    def value(self, i: int) -> int | float | None:
        """Return the value of item `i`: an int when it is integral."""
        number = float(self.numbers[i])
        return None if np.isnan(number) else plain(number)

    def at(self, i: int) -> Self:
        """Return the column of item `i` alone."""
        return type(self)(self.numbers[i : i + 1])

    def replaced(self, updates: Mapping[int, FieldValue]) -> Self:
        """Return a copy with the values at some positions changed."""
        numbers = self.numbers.copy()
        numbers[list(updates)] = self.of(list(updates.values())).numbers
        return type(self)(numbers)

    def mask(self, op: Op, operand: Operand) -> Mask:
        """Return which items meet the operator."""
        if op in ("in", "not_in"):
            hit: Mask = np.isin(self.numbers, [as_number(value) for value in as_list(operand)])
            return hit if op == "in" else ~hit & ~np.isnan(self.numbers)
        bound = as_number(as_one(operand))
        narrow = self._narrow if abs(bound) <= WIDE and bound.is_integer() else None
        hit = _compared(self.numbers if narrow is None else narrow, op, bound, bound)
        return hit & ~np.isnan(self.numbers) if op == "!=" else hit  # no number at all compares otherwise


@dataclass(frozen=True, slots=True, eq=False)
class DateColumn:
    """A date per item: ordered by its first day, shown as it was given."""

    texts: list[str | None]
    """ISO at the granularity given."""
    days: NDArray[np.int64]
    """Shape (items,): the first day, counted from 1970-01-01; NO_DATE is missing."""

    @classmethod
    def of(cls, values: Sequence[FieldValue]) -> Self:
        """Build the column from one ISO date or None per item."""
        texts = [None if value is None else as_date(scalar(value)) for value in values]
        days = [NO_DATE if text is None else as_span(text)[0] for text in texts]
        return cls(texts, np.array(days, dtype=np.int64))

    @property
    def missing(self) -> int:
        """Items without a value."""
        return int((self.days == NO_DATE).sum())

    @property
    def minimum(self) -> str | None:
        """The earliest date, None when all are missing."""
        return self._ranked(0.0)

    @property
    def maximum(self) -> str | None:
        """The latest date, None when all are missing."""
        return self._ranked(1.0)

    @property
    def quartiles(self) -> tuple[str, str, str] | None:
        """The dates of the items a quarter, half and three quarters of the way from the earliest to the latest."""
        low, middle, high = (self._ranked(share) for share in (0.25, 0.5, 0.75))
        return None if low is None or middle is None or high is None else (low, middle, high)

    def __len__(self) -> int:
        return len(self.texts)

    def value(self, i: int) -> str | None:
        """Return the value of item `i`: ISO at the granularity given."""
        return self.texts[i]

    def at(self, i: int) -> Self:
        """Return the column of item `i` alone."""
        return type(self)([self.texts[i]], self.days[i : i + 1])

    def replaced(self, updates: Mapping[int, FieldValue]) -> Self:
        """Return a copy with the values at some positions changed."""
        changed = self.of(list(updates.values()))
        texts, days = list(self.texts), self.days.copy()
        for i, text in zip(updates, changed.texts, strict=True):
            texts[i] = text
        days[list(updates)] = changed.days
        return type(self)(texts, days)

    def mask(self, op: Op, operand: Operand) -> Mask:
        """Return which items meet the operator; a year or month stands for all of its days."""
        if op in ("in", "not_in"):
            hit: Mask = np.zeros(len(self), dtype=np.bool_)
            for value in as_list(operand):
                hit |= _compared(self.days, "==", *as_span(value))
            hit = hit if op == "in" else ~hit
        else:
            hit = _compared(self.days, op, *as_span(as_one(operand)))
        known: Mask = self.days != NO_DATE
        return hit & known

    def _ranked(self, share: float) -> str | None:
        known = np.flatnonzero(self.days != NO_DATE)
        if not len(known):
            return None
        order = known[np.argsort(self.days[known], kind="stable")]
        return self.texts[int(order[round(share * (len(order) - 1))])]


@dataclass(frozen=True, slots=True, eq=False)
class BooleanColumn:
    """True or false per item."""

    states: NDArray[np.int8]
    """Shape (items,): 1, 0, or -1 for missing."""

    @classmethod
    def of(cls, values: Sequence[FieldValue]) -> Self:
        """Build the column from one boolean or None per item."""
        return cls(np.array([-1 if v is None else as_boolean(scalar(v)) for v in values], dtype=np.int8))

    @property
    def counts(self) -> tuple[int, int]:
        """Items that are false, items that are true."""
        return int((self.states == 0).sum()), int((self.states == 1).sum())

    @property
    def missing(self) -> int:
        """Items without a value."""
        return int((self.states < 0).sum())

    def __len__(self) -> int:
        return len(self.states)

    def value(self, i: int) -> bool | None:
        """Return the value of item `i`."""
        return None if self.states[i] < 0 else bool(self.states[i])

    def at(self, i: int) -> Self:
        """Return the column of item `i` alone."""
        return type(self)(self.states[i : i + 1])

    def replaced(self, updates: Mapping[int, FieldValue]) -> Self:
        """Return a copy with the values at some positions changed."""
        states = self.states.copy()
        states[list(updates)] = self.of(list(updates.values())).states
        return type(self)(states)

    def mask(self, op: Op, operand: Operand) -> Mask:
        """Return which items meet the operator."""
        wanted = as_boolean(as_one(operand))
        if op not in ("==", "!="):
            raise unfit("true or false", op)
        hit: Mask = self.states == int(wanted if op == "==" else not wanted)
        return hit


def plain(number: float) -> int | float:
    """Return an integral float as an int."""
    return int(number) if number.is_integer() else number


def _narrowed(numbers: NDArray[np.float64]) -> NDArray[np.float32] | None:
    with np.errstate(over="ignore"):
        narrow = numbers.astype(np.float32)
    return narrow if np.array_equal(narrow, numbers, equal_nan=True) else None


def _compared(
    values: NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int64], op: Op, first: float, last: float
) -> Mask:
    hit: Mask
    match op:
        case "==":
            hit = values == first if first == last else (values >= first) & (values <= last)
        case "!=":
            hit = (values < first) | (values > last)
        case "<":
            hit = values < first
        case "<=":
            hit = values <= last
        case ">":
            hit = values > last
        case ">=":
            hit = values >= first
        case _:
            raise unfit("numbers or dates", op)
    return hit

"""Ranges: a number or a date as a few readable answers, cut so that each is about equally likely."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import Field, Scalar
from concierge_tools.data.phrases import constraint_words
from concierge_tools.data.quantity_columns import plain

RANGES = 4


def cuts(numbers: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> list[float]:
    """Return where to cut numbers into ranges: their quartiles, rounded as coarsely as keeps them apart.

    Args:
        numbers: Shape (n,), at least one, none missing.
        weights: How much each counts, shape (n,), not all zero; equal when omitted.
    """
    shares = np.arange(1, RANGES) / RANGES
    if weights is None:
        quartiles = np.quantile(numbers, shares)
    else:
        quartiles = np.quantile(numbers, shares, weights=weights, method="inverted_cdf")
    spread = float(quartiles[-1] - quartiles[0]) or float(np.ptp(numbers))
    if spread == 0:
        return []
    power = 10 ** math.floor(math.log10(spread))
    found = np.unique(quartiles)
    for step in (power * factor for factor in (5, 2, 1, 0.5, 0.2, 0.1)):
        rounded = np.unique(np.round(quartiles / step) * step)
        if len(rounded) == RANGES - 1 and rounded[0] > numbers.min() and rounded[-1] <= numbers.max():
            found = rounded
            break
    return [round(float(cut), 10) for cut in found if cut > numbers.min()]


def range_constraints(field: Field, between: list[float]) -> list[tuple[Constraint, ...]]:
    """Return what each range between the cuts asks of items, from the lowest to the highest."""
    ends = [-math.inf, *between, math.inf]
    return [tuple(_bounds(field, low, high)) for low, high in pairwise(ends)]


def range_words(field: Field, asked: tuple[Constraint, ...], *, whole: bool) -> str:
    """Return a range in words; `whole` numbers are named by the last one inside rather than the first outside."""
    if len(asked) == 2 and whole and not isinstance(asked[1].value, list):
        last = bound(field, math.ceil(float(asked[1].value)) - 1)
        asked = (asked[0], asked[1].model_copy(update={"op": "<=", "value": last}))
    return constraint_words(field, asked)


def bound(field: Field, number: float) -> Scalar:
    """Return a number as the value of a constraint on its field: a year for a date."""
    return f"{math.ceil(number):04d}" if field.type == "date" else plain(float(number))


def _bounds(field: Field, low: float, high: float) -> Iterator[Constraint]:
    if math.isfinite(low):
        yield Constraint(field=field.name, op=">=", value=bound(field, low))
    if math.isfinite(high):
        yield Constraint(field=field.name, op="<", value=bound(field, high))

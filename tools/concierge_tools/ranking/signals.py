"""Signals: scores as sums of named terms that are no recommender's, as those of a search.

They hold the items they speak of and no others, so that a search costs what it finds and not what the catalog holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concierge_tools.ranking.breakdown import Breakdown, Term
from concierge_tools.ranking.ordering import best
from concierge_tools.ranking.ranking import POOL, Ranking, ranked
from concierge_tools.recommenders.recommender import Floats, Mask, Positions


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """What one signal says of some items; it says 0 of every other."""

    items: Positions
    """Ascending, each once."""
    values: Floats

    @classmethod
    def of(cls, items: Positions, values: NDArray[np.floating]) -> Self:
        """Hold values for items in any order, each of them once."""
        order = np.argsort(items)
        return cls(items[order], values[order].astype(np.float32))

    def at(self, items: Positions) -> Floats:
        """Return the values for ascending items, shape of these."""
        result = np.zeros(len(items), np.float32)
        if len(items):
            places = np.minimum(np.searchsorted(items, self.items), len(items) - 1)
            own = items[places] == self.items
            result[places[own]] = self.values[own]
        return result

    def of_item(self, item: int) -> float:
        """Return the value for one item."""
        place = int(np.searchsorted(self.items, item))
        return float(self.values[place]) if place < len(self.items) and self.items[place] == item else 0.0

    def larger(self, other: Self) -> Self:
        """Return the larger of two signals for each item."""
        items = np.union1d(self.items, other.items)
        return type(self)(items, np.maximum(self.at(items), other.at(items)))


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What each signal adds to the items that were found."""

    items: Positions
    """The items that have a score, ascending; the eligible ones among them are ranked."""
    terms: Mapping[str, Floats]
    """Of each signal one value per item, 0 where it adds nothing."""
    basis: str
    notes: tuple[str, ...] = ()

    def ranking(self, eligible: Mask, *, fillers: Positions | None = None) -> Ranking:
        """Rank the eligible items that were found, and then the fillers; ties by position."""
        if fillers is not None:
            scores = np.full(len(eligible), np.nan, np.float32)
            scores[self.items] = self.total()
            return ranked(scores, eligible, fillers=fillers, basis=self.basis, notes=self.notes)
        kept = eligible[self.items]
        items, total = self.items[kept], self.total()[kept]
        order = np.argsort(-total, kind="stable") if len(total) <= POOL else best(total, POOL)
        return Ranking(items[order], total[order], len(items), self.basis, self.notes)

    def total(self) -> Floats:
        """Return the sum of the terms, one per item."""
        first, *others = self.terms.values()
        total = first.copy() if others else first
        for term in others:
            total += term
        return total

    def value(self, name: str, item: int) -> float:
        """Return what a signal adds to one item; 0 where it took no part."""
        values = self.terms.get(name)
        return 0.0 if values is None else Signal(self.items, values).of_item(item)

    def breakdown(self, item: int, eligible: Mask) -> Breakdown:
        """Break down the score of one item; a rank is among the eligible items that were found."""
        place = int(np.searchsorted(self.items, item))
        if place == len(self.items) or self.items[place] != item:
            return Breakdown(item=item, score=None, basis=self.basis)
        others = eligible[self.items]
        terms = tuple(
            Term(name, 1 + int(np.count_nonzero(values[others] > values[place])), float(values[place]))
            for name, values in self.terms.items()
            if values[place]
        )
        return Breakdown(item=item, score=sum(term.value for term in terms), basis=self.basis, terms=terms)

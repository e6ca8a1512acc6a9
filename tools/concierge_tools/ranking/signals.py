"""Signals: scores as sums of named terms that are no recommender's, as those of a search."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from concierge_tools.ranking.breakdown import Breakdown, Term
from concierge_tools.ranking.ranking import Ranking, ranked
from concierge_tools.recommenders.recommender import Floats, Mask, Positions


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What each signal adds to the items that were found. Arrays have shape (items,)."""

    terms: Mapping[str, Floats]
    """Of each signal, 0 where it adds nothing."""
    found: Mask
    """The items that have a score; the eligible ones among them are ranked."""
    basis: str
    notes: tuple[str, ...] = ()

    def ranking(self, eligible: Mask, *, fillers: Positions | None = None) -> Ranking:
        """Rank the eligible items that were found, and then the fillers; ties by position."""
        total = np.where(self.found, self.total(), np.float32(np.nan))
        return ranked(total, eligible, fillers=fillers, basis=self.basis, notes=self.notes)

    def total(self) -> Floats:
        """Return the sum of the terms, shape (items,)."""
        first, *others = self.terms.values()
        total = first.copy() if others else first
        for term in others:
            total += term
        return total

    def breakdown(self, item: int, eligible: Mask) -> Breakdown:
        """Break down the score of one item; a rank is among the eligible items that were found."""
        if not self.found[item]:
            return Breakdown(item=item, score=None, basis=self.basis)
        others = np.flatnonzero(eligible & self.found)
        terms = tuple(
            Term(name, 1 + int(np.count_nonzero(values[others] > values[item])), float(values[item]))
            for name, values in self.terms.items()
            if values[item]
        )
        return Breakdown(item=item, score=sum(term.value for term in terms), basis=self.basis, terms=terms)

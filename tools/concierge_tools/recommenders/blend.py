"""The blend: reciprocal rank fusion (Cormack, Clarke and Buettcher 2009) of several recommenders' rankings.

Ranks are taken after filtering, so that items out of the race take no places in it.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from concierge_tools.ranking.ordering import in_order, within
from concierge_tools.recommenders.recommender import Floats, Mask, Positions

FUSION = 60
"""The constant of the fusion; the larger, the less the first ranks count."""
_PART = 1 << 16


class Share:
    """What one recommender adds to the scores."""

    __slots__ = ("_ranks", "terms")

    def __init__(self, terms: Floats, ranks: Positions | None = None) -> None:
        """Hold terms of shape (items,), NaN for items that it does not rank, and their ranks if they are known."""
        self.terms = terms
        self._ranks = ranks

    @property
    def speaks(self) -> bool:
        """Whether it ranks any item."""
        parts = (self.terms[start : start + _PART] for start in range(0, len(self.terms), _PART))
        return any(not np.isnan(part).all() for part in parts)

    @property
    def ranks(self) -> Positions:
        """From 1, shape (items,); 0 for items that it does not rank. Sorted when they are first asked for."""
        if self._ranks is None:
            order = in_order(self.terms, np.flatnonzero(~np.isnan(self.terms)).astype(np.int32))
            self._ranks = _ranks(order, len(self.terms))
        return self._ranks

    def rank(self, item: int) -> int:
        """Return the rank of one item, without sorting the others."""
        if self._ranks is not None:
            return int(self._ranks[item])
        own = self.terms[item]
        if np.isnan(own):
            return 0
        return 1 + int(np.count_nonzero(self.terms > own)) + int(np.count_nonzero(self.terms[:item] == own))


def fused(scores: Floats, eligible: Mask, *, weight: float = 1.0) -> Share:
    """Return weight / (60 + rank) for the eligible items that a recommender scores above zero.

    At zero and below it knows of no reason to recommend an item, and a good rank among few eligible items would pass
    for one. Ties go by position.
    """
    with np.errstate(invalid="ignore"):
        chosen = eligible & (scores > 0)
    order = in_order(scores, np.flatnonzero(chosen).astype(np.int32))
    terms = np.full(len(scores), np.nan, np.float32)
    terms[order] = weight / (FUSION + np.arange(1, len(order) + 1))
    return Share(terms, _ranks(order, len(scores)))


def alone(scores: Floats, eligible: Mask) -> Share:
    """Return a recommender's scores as they are, for the eligible items that it scores."""
    return Share(within(scores, eligible))


def total(shares: Iterable[Share], items: int) -> Floats:
    """Sum the terms, shape (items,); NaN for items that have none. One share's terms are returned as they are."""
    result: Floats | None = None
    for share in shares:
        if result is None:
            result = share.terms
        else:
            silent = np.isnan(share.terms)
            result = np.where(np.isnan(result), share.terms, result + np.where(silent, np.float32(0), share.terms))
    return np.full(items, np.nan, np.float32) if result is None else result


def fuse(scores: Mapping[str, Floats], eligible: Mask) -> Floats:
    """Fuse the scores of several recommenders.

    Args:
        scores: Of each, shape (items,), NaN where it has nothing to say.
        eligible: The items in the race, shape (items,).

    Returns:
        Shape (items,), NaN for items that none of them ranks.
    """
    return total((fused(own, eligible) for own in scores.values()), len(eligible))


def _ranks(order: Positions, items: int) -> Positions:
    ranks = np.zeros(items, np.int32)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks

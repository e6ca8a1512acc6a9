"""Lists under a threshold: what people would have been shown, what of it they did not want, and what it was worth.

Lists are condensed (Sakai 2007): of a ranking only the items are looked at that the person judged, since of the others
nobody knows whether they were wanted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concierge_tools.recommenders.recommender import Floats, Mask

N = 10
"""How many items are requested."""
LONGEST = 1_000
"""The most items of a ranking that are looked at."""
SPREAD, STEPS = 6.0, 240

Numbers = NDArray[np.float64]


def grid(base: float) -> Numbers:
    """Return thresholds on log-odds, rising: nothing passes, steps of .05 around those of `base`, all passes."""
    middle = np.log(base / (1 - base))
    return np.concatenate([[-np.inf], middle + np.linspace(-SPREAD, SPREAD, STEPS + 1), [np.inf]])


@dataclass(frozen=True, slots=True, eq=False)
class Rankings:
    """One ranking per person, best first. Arrays have shape (people, longest ranking)."""

    odds: Floats
    """Log-odds of being unwanted; past a ranking's end NaN, which passes no threshold."""
    unwanted: Mask
    liked: Mask
    wanted: NDArray[np.int64]
    """How many liked items there are to be found, shape (people,)."""

    @classmethod
    def of(cls, ranked: Sequence[tuple[Floats, Mask, Mask]], wanted: Sequence[int] | None = None) -> Self:
        """Gather (odds, unwanted, liked) of each person; `wanted` where more is to be found than the rankings hold."""
        width = max((min(len(one[0]), LONGEST) for one in ranked), default=0)
        odds = np.full((len(ranked), width), np.nan, np.float32)
        unwanted, liked = np.zeros((2, len(ranked), width), np.bool_)
        for person, (own_odds, own_unwanted, own_liked) in enumerate(ranked):
            odds[person, : len(own_odds)] = own_odds[:width]
            unwanted[person, : len(own_odds)] = own_unwanted[:width]
            liked[person, : len(own_odds)] = own_liked[:width]
        found = [int(one[2].sum()) for one in ranked] if wanted is None else wanted
        return cls(odds, unwanted, liked, np.asarray(found, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What each threshold makes of each person's list. Arrays have shape (people, thresholds)."""

    loss: Numbers
    """Unwanted items shown / items requested."""
    length: Numbers
    """Items shown."""
    ndcg: Numbers
    """Of the liked items; NaN for people with none to be found."""


def outcomes(rankings: Rankings, thresholds: Numbers, *, replace: bool, n: int = N) -> Outcomes:
    """Cut every ranking at every threshold and take its first items.

    Args:
        rankings: As they are without control.
        thresholds: Items of higher log-odds are left out.
        replace: Whether the next items that pass move up; otherwise the first `n` lose what does not pass.
        n: How many items are requested, or all there are where a ranking holds fewer.
    """
    odds = rankings.odds
    there = ~np.isnan(odds)
    requested = np.maximum(1, np.minimum(n, there.sum(axis=1)))
    shape = (len(odds), len(thresholds))
    loss, length, gained = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    if not replace:
        odds, there = odds[:, :n], there[:, :n]
    unwanted, liked = rankings.unwanted[:, : odds.shape[1]], rankings.liked[:, : odds.shape[1]]
    for at, threshold in enumerate(thresholds):
        passing = there & (odds <= threshold)
        places = np.cumsum(passing, axis=1)
        shown = passing & (places <= n)
        loss[:, at] = (shown & unwanted).sum(axis=1) / requested
        length[:, at] = shown.sum(axis=1)
        gained[:, at] = np.where(shown & liked, 1 / np.log2(1 + np.maximum(places, 1)), 0).sum(axis=1)
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2, n + 2)))])[np.minimum(rankings.wanted, requested)]
    ndcg = np.divide(gained, ideal[:, None], out=np.full(shape, np.nan), where=ideal[:, None] > 0)
    return Outcomes(loss, length, ndcg)

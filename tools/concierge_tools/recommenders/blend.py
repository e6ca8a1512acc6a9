"""The blend: reciprocal rank fusion (Cormack, Clarke and Buettcher 2009) of several recommenders' rankings.

Ranks are taken after filtering, so that items out of the race take no places in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from concierge_tools.recommenders.recommender import Floats, Mask, Positions

FUSION = 60
"""The constant of the fusion; the larger, the less the first ranks count."""


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What one recommender adds to the scores; both of shape (items,)."""

    ranks: Positions
    """From 1; 0 for items that it does not rank."""
    terms: Floats
    """NaN for items that it does not rank."""


def fused(scores: Floats, eligible: Mask, *, weight: float = 1.0) -> Share:
    """Return weight / (60 + rank) for the eligible items that a recommender scores above zero.

    At zero and below it knows of no reason to recommend an item, and a good rank among few eligible items would pass
    for one. Ties go by position.
    """
    with np.errstate(invalid="ignore"):
        places = _ranks(scores, eligible & (scores > 0))
    return Share(places, np.where(places > 0, weight / (FUSION + places), np.nan).astype(np.float32))


def alone(scores: Floats, eligible: Mask) -> Share:
    """Return a recommender's scores as they are, for the eligible items that it scores."""
    places = _ranks(scores, eligible & ~np.isnan(scores))
    return Share(places, np.where(places > 0, scores, np.float32(np.nan)))


def total(shares: Iterable[Share], items: int) -> Floats:
    """Sum the terms, shape (items,); NaN for items that have none."""
    result = np.full(items, np.nan, np.float32)
    for share in shares:
        result = np.where(np.isnan(result), share.terms, result + np.nan_to_num(share.terms))
    return result


def fuse(scores: Mapping[str, Floats], eligible: Mask) -> Floats:
    """Fuse the scores of several recommenders.

    Args:
        scores: Of each, shape (items,), NaN where it has nothing to say.
        eligible: The items in the race, shape (items,).

    Returns:
        Shape (items,), NaN for items that none of them ranks.
    """
    return total((fused(own, eligible) for own in scores.values()), len(eligible))


def _ranks(scores: Floats, chosen: Mask) -> Positions:
    positions = np.flatnonzero(chosen)
    result = np.zeros(len(scores), np.int32)
    result[positions[np.argsort(-scores[positions], kind="stable")]] = np.arange(1, len(positions) + 1)
    return result

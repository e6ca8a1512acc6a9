"""Ordering: positions by score, best first and ties by position, sorting no more than the places asked for need."""

import numpy as np

from concierge_tools.recommenders.recommender import Floats, Mask, Positions

_GROUPS = 8
"""Groups of scores per place asked for: the more, the fewer candidates are left to sort."""
_SMALL = 4_096
_SIGN = np.uint32(1 << 31)


def within(scores: Floats, chosen: Mask) -> Floats:
    """Return a copy of scores with NaN where an item is not chosen.

    All bits set are NaN, and setting them has no branches: several times faster than choosing by a mask of both kinds.
    """
    if scores.dtype != np.float32:
        return np.where(chosen, scores, np.nan)
    keep = np.ascontiguousarray(chosen).view(np.uint8).astype(np.uint32)
    keep -= np.uint32(1)
    keep |= np.ascontiguousarray(scores).view(np.uint32)
    return keep.view(np.float32)


def in_order(scores: Floats, positions: Positions) -> Positions:
    """Sort ascending positions by their scores, highest first, ties by position; none of the scores is NaN.

    Sorts by the lower half of the scores' bits and then by the upper half: numpy sorts 16 bits by radix, several times
    faster than it sorts 32 stably.
    """
    wanted = scores[positions]
    if wanted.dtype != np.float32 or len(wanted) < _SMALL:
        return positions[np.argsort(-wanted, kind="stable")]
    bits = (-wanted + np.float32(0)).view(np.uint32)  # adding 0 makes -0 and 0 one
    bits ^= np.where(bits & _SIGN, np.uint32(0xFFFFFFFF), _SIGN)
    places = np.argsort(bits.astype(np.uint16), kind="stable")
    places = places[np.argsort((bits >> np.uint32(16)).astype(np.uint16)[places], kind="stable")]
    return positions[places]


def candidates(scores: Floats, limit: int) -> Mask | None:
    """Mark scores among which are the `limit` highest and all that equal the last of them; None to take every score.

    Scores are split into groups. The limit-th highest of the groups' maxima bounds the limit-th highest score from
    below, for each of those groups holds one at least as high. NaN is never among them.
    """
    groups = _GROUPS * limit
    if limit < 1 or len(scores) < 8 * groups:
        return None
    rows = len(scores) // groups
    highest = np.fmax.reduce(scores[: rows * groups].reshape(rows, groups), axis=0)
    highest = highest[~np.isnan(highest)]
    if len(highest) < limit:
        return None
    marked: Mask = scores >= np.partition(highest, len(highest) - limit)[len(highest) - limit]
    return marked


def best(scores: Floats, limit: int) -> Positions:
    """Return the positions of the highest scores, highest first, ties by position; NaN is no score.

    Args:
        scores: Shape (items,).
        limit: How many at most.
    """
    chosen = candidates(scores, limit)
    positions = np.flatnonzero(~np.isnan(scores) if chosen is None else chosen).astype(np.int32)
    return in_order(scores, positions)[:limit]

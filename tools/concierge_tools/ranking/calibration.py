"""Calibration (Steck, RecSys 2018): lists whose mix of tags is that of what a person liked."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from concierge_tools.ranking.ranking import Ranking
from concierge_tools.ranking.tags import mix
from concierge_tools.recommenders.recommender import Floats, Profile

POOL = 100
"""The items of highest score, among which places are given; the others follow in their order."""
SMOOTHING = 0.1
"""What each tag has before any item is placed, times its share of the taste: Steck's .01 for lists of 10."""


def calibrate(ranking: Ranking, tags: csr_array, profile: Profile, calibration: float) -> Ranking:
    """Reorder a ranking so that its first items have the mix of tags of what was liked.

    The taste's distribution over tags is p. The fit of a list is sum over tags t of p(t) log2(.1 p(t) + the list's
    weight of t), which is the negative Kullback-Leibler divergence up to a constant, and submodular: what an item adds
    to it never grows with the list, so that placing the best item each time is within 1 - 1/e of the best list.
    An item's new score is (1 - calibration) x its score + calibration x scale x what it adds to the fit, where scale is
    the largest absolute score over the most that any item adds to an empty list.

    Args:
        ranking: What to reorder; items without a score keep their places at the end.
        tags: Each item's distribution over tags, shape (catalog items, tags).
        profile: The taste; without a liked item that has a tag the ranking stays as it is, and says so.
        calibration: 0 leaves the ranking as it is, 1 looks at the mix alone.
    """
    if calibration <= 0:
        return ranking
    liked = profile.weights > 0
    wanted = mix(tags, profile.items[liked], profile.weights[liked])
    if not wanted.any():
        return replace(ranking, notes=(*ranking.notes, "No mix of tags is known to be liked, so none was aimed at."))
    scored = int(np.count_nonzero(~np.isnan(ranking.scores)))
    pool = min(POOL, scored)
    if not pool:
        return ranking
    telling = np.flatnonzero(wanted)
    shares = np.asarray(tags[ranking.items[:pool]][:, telling].toarray(), np.float64)
    scores = ranking.scores[:scored].astype(np.float64)
    order, placed = _greedy(scores[:pool], shares, wanted[telling], calibration, float(np.abs(scores).max()))
    rest = (1 - calibration) * scores[pool:]
    return replace(
        ranking,
        items=np.concatenate([ranking.items[:pool][order], ranking.items[pool:]]),
        scores=np.concatenate([placed, rest, ranking.scores[scored:]]).astype(np.float32),
        basis=f"{ranking.basis}, calibration {calibration:g}",
    )


def _greedy(
    scores: NDArray[np.float64], shares: NDArray[np.float64], wanted: NDArray[np.float64], weight: float, largest: float
) -> tuple[list[int], Floats]:
    held = SMOOTHING * wanted
    most = float(_added(shares, held, wanted).max())
    scale = largest / most if most > 0 else 0.0
    left = np.ones(len(scores), np.bool_)
    order: list[int] = []
    placed: list[float] = []
    for _ in range(len(scores)):
        values = (1 - weight) * scores + weight * scale * _added(shares, held, wanted)
        best = int(np.argmax(np.where(left, values, -np.inf)))
        order.append(best)
        placed.append(float(values[best]))
        left[best] = False
        held = held + shares[best]
    return order, np.array(placed, np.float32)


def _added(shares: NDArray[np.float64], held: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each item would add to the fit of a list that holds these weights of tags, shape (items,)."""
    return np.asarray(np.log2(1 + shares / held) @ wanted, np.float64)

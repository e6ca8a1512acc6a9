"""Diversity: maximal marginal relevance (Carbonell and Goldstein 1998) over what items are."""

import numpy as np
from scipy.sparse import csr_array

from concierge_tools.ranking.ranking import Ranking
from concierge_tools.recommenders.recommender import Floats


def diversify(ranking: Ranking, rows: csr_array, diversity: float) -> Ranking:
    """Reorder a ranking so that each next item is good and unlike those before it.

    An item's new score is (1 - diversity) x its score - diversity x scale x its largest cosine with an item placed
    before it, where scale is the largest absolute score. At each place the item with the highest new score is next.
    Items without a score keep their places at the end.

    Args:
        ranking: What to reorder.
        rows: Item vectors of length 1, shape (catalog items, terms).
        diversity: 0 leaves the ranking as it is, 1 looks at unlikeness alone.
    """
    scored = int(np.count_nonzero(~np.isnan(ranking.scores)))
    if diversity <= 0 or scored < 2:
        return ranking
    order, scores = _marginal(ranking.scores[:scored], rows[ranking.items[:scored]], diversity)
    return Ranking(
        np.concatenate([ranking.items[:scored][order], ranking.items[scored:]]),
        np.concatenate([scores, ranking.scores[scored:]]),
        ranking.matched,
        f"{ranking.basis}, diversity {diversity:g}",
        ranking.notes,
    )


def _marginal(scores: Floats, rows: csr_array, diversity: float) -> tuple[list[int], Floats]:
    cosines = np.asarray((rows @ rows.T).toarray())
    values = (1 - diversity) * scores
    weight = diversity * float(np.abs(scores).max())
    likeness = np.zeros(len(scores), np.float32)
    left = np.ones(len(scores), np.bool_)
    order: list[int] = []
    placed: list[float] = []
    for _ in range(len(scores)):
        current = np.where(left, values - weight * likeness, -np.inf)
        best = int(np.argmax(current))
        order.append(best)
        placed.append(float(current[best]))
        left[best] = False
        likeness = np.maximum(likeness, cosines[best])
    return order, np.array(placed, np.float32)

"""Supporters: the items whose likers a recommender sends to an item, best first."""

from collections.abc import Collection, Mapping

import numpy as np

from concierge_tools.recommenders.blend import FUSION
from concierge_tools.recommenders.recommender import Positions, Profile, Splits

CONSIDERED = 20_000
"""Only so many items, the most liked, are weighed: a large catalog's tail would cost more than it finds."""


def supporters(
    members: Mapping[str, Splits], item: int, among: Positions, *, without: Collection[int] = (), limit: int
) -> list[int]:
    """Return the items that a like of would lift an item most, by the members' own weights.

    A member's weight of a pair is what it adds to the item's score for a profile of the other alone. The members'
    orders are fused by reciprocal rank, for their weights have no common scale.

    Args:
        members: Whose weights count.
        item: The position of the item to lift.
        among: Positions to choose from, the most liked first, of which `CONSIDERED` are weighed.
        without: Positions that are no choice.
        limit: How many to return.
    """
    barred = np.asarray([item, *without], np.int32)
    chosen = among[~np.isin(among, barred)][:CONSIDERED]
    liked = Profile(chosen, np.ones(len(chosen), np.float32), recency=False)
    fused = np.zeros(len(chosen))
    for member in members.values():
        weights = np.asarray(member.contributions(liked, item), np.float64)
        order = np.argsort(-weights, kind="stable")
        order = order[weights[order] > 0]
        fused[order] += 1 / (FUSION + 1 + np.arange(len(order)))
    best = np.argsort(-fused, kind="stable")[:limit]
    return [int(chosen[place]) for place in best if fused[place] > 0]

"""Foresight: how far up a ranking puts the item that a user did choose next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from concierge_tools.evaluation.splits import Split
from concierge_tools.recommenders.blend import FUSION, fused
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Profile

Ranks = NDArray[np.float64]
"""From 1, shape (users,); infinite where the target got no score. Equals share the middle of their ranks."""


Seen = Callable[[Profile, Mask, int, Mapping[str, Floats]], object]
"""Takes a profile, what may be ranked, the target, and the scores of each recommender that knows the profile."""

BLOCK = 32
"""The most profiles that one recommender scores after another, while its numbers are in the processor's cache."""
_HELD = 1 << 19
"""The most scores of one recommender that are held for a block."""


def subjects(split: Split, items: int) -> Iterator[tuple[Profile, NDArray[np.bool_], int]]:
    """Yield, of each user to foresee, the profile before the target, what may be ranked, and the target.

    What may be ranked is every item but those the user had in the training.
    """
    train = split.train
    starts = np.searchsorted(train.users, np.arange(len(train.user_ids) + 1))
    for user, target in zip(split.users.tolist(), split.targets.tolist(), strict=True):
        rows = np.arange(starts[user + 1] - 1, starts[user] - 1, -1)
        liked = rows[train.weights[rows] > 0]
        profile = Profile.of(
            history=train.items[liked].tolist(), weights=train.weights[liked].tolist(), recency=train.has_times
        )
        eligible = np.ones(items, np.bool_)
        eligible[train.items[rows]] = False
        eligible[target] = True
        yield profile, eligible, target


def blend_ranks(
    members: Mapping[str, LinearRecommender],
    blends: Sequence[tuple[str, ...]],
    split: Split,
    items: int,
    *,
    depth: int | None = None,
    seen: Seen | None = None,
) -> dict[tuple[str, ...], Ranks]:
    """Return the ranks that each blend of members gives the targets; a blend of one is that member alone.

    Where every rank is certain to be beyond `depth` all are infinite, which saves ranking the others.
    `seen` is told the scores of all members, also of those in no blend.
    """
    names = [name for name in members if any(name in blend for blend in blends)]
    chosen = np.array([[name in blend for name in names] for blend in blends], np.float32)
    found: list[NDArray[np.float64]] = []
    with threadpool_limits(1, "blas"):  # on several threads products this small cost more than they save
        for profile, eligible, target, told in _scored(members, split, items):
            if seen:
                seen(profile, eligible, target, told)
            found.append(np.full(len(blends), np.inf))
            scores = {name: told[name] for name in names if name in told}
            most = np.array([_most(scores[name], eligible, target) if name in scores else 0.0 for name in names])
            if depth is not None and (chosen @ most).max() < 1 / (FUSION + depth + 1):
                continue  # each of the first `depth` items of whoever ranks the target has a larger term by that alone
            terms = np.zeros((len(names), items), np.float32)
            for name, own in scores.items():
                terms[names.index(name)] = np.nan_to_num(fused(own, eligible).terms)
            totals = chosen @ terms[:, eligible]
            reached = chosen @ terms[:, target]
            ahead = np.count_nonzero(totals > reached[:, None], axis=1)
            level = np.count_nonzero(totals == reached[:, None], axis=1) - 1
            found[-1] = np.where(reached > 0, 1 + ahead + level / 2, np.inf)
    table = np.array(found).reshape(-1, len(blends))
    return {blend: table[:, column] for column, blend in enumerate(blends)}


def _most(scores: Floats, eligible: Mask, target: int) -> float:
    """Return the most that the fusion's term of the target can be: what it is if no tie goes against it."""
    own = scores[target]
    return 1 / (FUSION + 1 + int(np.count_nonzero(scores[eligible] > own))) if own > 0 else 0.0


def _scored(
    members: Mapping[str, LinearRecommender], split: Split, items: int
) -> Iterator[tuple[Profile, Mask, int, dict[str, Floats]]]:
    """Yield the subjects, each with the scores of those members that know the profile."""
    rest = subjects(split, items)
    while block := list(islice(rest, max(1, min(BLOCK, _HELD // max(1, items))))):
        scores: list[dict[str, Floats]] = [{} for _ in block]
        for name, member in members.items():
            for own, (profile, _, _) in zip(scores, block, strict=True):
                if member.knows(profile):
                    own[name] = member.scores(profile)
        for (profile, eligible, target), own in zip(block, scores, strict=True):
            yield profile, eligible, target, own


def rank_of(target: int, scores: Floats, eligible: NDArray[np.bool_]) -> float:
    """Return the rank of one eligible item among all, from 1; infinite when its score is not above zero."""
    own = scores[target]
    if not own > 0:
        return float("inf")
    among = scores[eligible]
    return float(1 + np.count_nonzero(among > own) + (np.count_nonzero(among == own) - 1) / 2)


def hits(ranks: Ranks, k: int) -> NDArray[np.float64]:
    """Return 1 for each target among the first `k`, else 0."""
    return (ranks <= k).astype(np.float64)


def ndcg(ranks: Ranks, k: int) -> NDArray[np.float64]:
    """Return 1 / log2(1 + rank) for each target among the first `k`, else 0."""
    return np.where(ranks <= k, 1 / np.log2(1 + np.minimum(ranks, k)), 0.0)


def reciprocal(ranks: Ranks) -> NDArray[np.float64]:
    """Return 1 / rank of each target, 0 for those without one."""
    return np.where(np.isfinite(ranks), 1 / ranks, 0.0)

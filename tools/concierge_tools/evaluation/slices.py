"""Slices: whose choices were foreseen, by how much is known of them, how popular the item is and when it came."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.splits import Split

HISTORY, POPULARITY, GAP = "history length", "item popularity", "time gap"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
_SHORT, _LONG = 10, 50
_HEAD = 0.1
_RARE = 5

Slices = Mapping[str, Mapping[str, NDArray[np.bool_]]]
"""By kind and name: which targets a slice holds, shape (targets,). The slices of a kind hold each target once."""


def slices(interactions: Interactions, split: Split) -> Slices:
    """Return the slices that hold anyone.

    Args:
        interactions: The whole log, which says when the targets happened.
        split: What was foreseen.
    """
    train = split.train
    positive = train.weights > 0
    lengths = np.bincount(train.users[positive], minlength=len(train.user_ids))[split.users]
    kinds = {
        HISTORY: {
            f"under {_SHORT} positives": lengths < _SHORT,
            f"{_SHORT} to {_LONG} positives": (lengths >= _SHORT) & (lengths <= _LONG),
            f"over {_LONG} positives": lengths > _LONG,
        },
        POPULARITY: _by_popularity(train, split.targets),
    }
    gap = gaps(interactions, split)
    if gap is not None:
        kinds[GAP] = {
            "within a minute": gap < MINUTE,
            "within an hour": (gap >= MINUTE) & (gap < HOUR),
            "within a day": (gap >= HOUR) & (gap < DAY),
            "later than a day": gap >= DAY,
        }
    return {kind: {name: who for name, who in own.items() if who.any()} for kind, own in kinds.items()}


def gaps(interactions: Interactions, split: Split) -> NDArray[np.int64] | None:
    """Return the seconds between each target and the newest positive before it in the training.

    None where the times of the log do not differ and so tell nothing.
    """
    if len(np.unique(interactions.times[interactions.weights > 0])) < 2:
        return None
    train = split.train
    latest = np.full(len(train.user_ids), -1, np.int64)
    positive = train.weights > 0
    np.maximum.at(latest, train.users[positive], train.times[positive])
    between: NDArray[np.int64] = np.abs(target_times(interactions, split) - latest[split.users])
    return between


def target_times(interactions: Interactions, split: Split) -> NDArray[np.int64]:
    """Return when each target happened, its last time if it did more than once; -1 where unknown."""
    pairs = interactions.pairs
    order = np.lexsort((interactions.times, pairs))
    wanted = pairs_of(interactions, split)
    times: NDArray[np.int64] = interactions.times[order[np.searchsorted(pairs[order], wanted, side="right") - 1]]
    return times


def pairs_of(interactions: Interactions, split: Split) -> NDArray[np.int64]:
    """Return the number that `Interactions.pairs` of the whole log has for each user and target."""
    width = int(interactions.items.max(initial=0)) + 1
    return split.users.astype(np.int64) * width + split.targets


def _by_popularity(train: Interactions, targets: NDArray[np.int32]) -> dict[str, NDArray[np.bool_]]:
    positive = train.weights > 0
    items = max(int(train.items.max(initial=0)), int(targets.max(initial=0))) + 1
    counts = np.bincount(train.items[positive], minlength=items)
    order = np.argsort(-counts, kind="stable")
    head = order[: max(1, int(_HEAD * np.count_nonzero(counts)))]
    popular, rare = np.isin(targets, head), counts[targets] < _RARE
    return {
        f"the most popular {_HEAD:.0%}": popular,
        "less popular": ~popular & ~rare,
        f"under {_RARE} positives": ~popular & rare,
    }

"""Splits of a log into what is trained on and what is foreseen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.interactions import Interactions

FEWEST = 3
"""Users with fewer positives are trained on and never foreseen."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A log without what is to be foreseen, and that."""

    train: Interactions
    users: NDArray[np.int32]
    """Whose next item is to be foreseen: positions in the log's `user_ids`."""
    targets: NDArray[np.int32]
    """That item of each of them: positions in the catalog."""


def leave_last_out(
    interactions: Interactions, *, back: int = 1, fewest: int = FEWEST, most: int | None = None, seed: int = 0
) -> Split:
    """Hold out each user's `back`-th last positive, and leave those after it out altogether.

    Positives of the same second, and those without a time, come in an order drawn by `seed`. An item that a user
    liked more than once is held out as its last time, and its earlier ones are left out of the training.

    Args:
        interactions: The log; other rows than positives stay in the training where they are not of held-out pairs.
        back: 1 for the last positive.
        fewest: The positives a user must have, and `back` + 1 at least, to be held out.
        most: Draw this many users when there are more.
        seed: Draws the order of ties and the users.
    """
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(interactions.weights > 0)
    rows = rows[np.lexsort((rng.random(len(rows)), interactions.times[rows], interactions.users[rows]))]
    rows = _last_of_each_pair(interactions, rows)
    counts = np.bincount(interactions.users[rows], minlength=len(interactions.user_ids))
    chosen = np.flatnonzero(counts >= max(fewest, back + 1))
    if most is not None and len(chosen) > most:
        chosen = np.sort(rng.choice(chosen, most, replace=False))
    ends = np.cumsum(counts)
    target_rows = rows[ends[chosen] - back]
    held = np.concatenate([rows[ends[chosen] - step] for step in range(1, back + 1)])
    pairs = interactions.pairs
    kept = ~np.isin(pairs, pairs[held])
    return Split(
        train=interactions.only(kept),
        users=interactions.users[target_rows],
        targets=interactions.items[target_rows],
    )


def temporal(
    interactions: Interactions, *, share: float = 0.8, fewest: int = FEWEST, most: int | None = None, seed: int = 0
) -> Split:
    """Train on what happened before one point in time, and foresee each user's first new positive after it.

    Args:
        interactions: The log; rows without a time are trained on.
        share: Of the positives that have a time, how many are before the point.
        fewest: The positives a user must have before it.
        most: Draw this many users when there are more.
        seed: Draws the order of ties and the users.
    """
    rng = np.random.default_rng(seed)
    timed = (interactions.weights > 0) & (interactions.times >= 0)
    point = int(np.quantile(interactions.times[timed], share)) if timed.any() else 0
    before = interactions.times <= point
    train = interactions.only(before)
    had = np.bincount(train.users[train.weights > 0], minlength=len(train.user_ids))
    pairs = interactions.pairs
    new = np.flatnonzero(timed & ~before & (had[interactions.users] >= fewest) & ~np.isin(pairs, pairs[before]))
    new = new[np.lexsort((rng.random(len(new)), interactions.times[new], interactions.users[new]))]
    _, first = np.unique(interactions.users[new], return_index=True)
    if most is not None and len(first) > most:
        first = np.sort(rng.choice(first, most, replace=False))
    rows = new[first]
    return Split(train, interactions.users[rows], interactions.items[rows])


def _last_of_each_pair(interactions: Interactions, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    _, places = np.unique(interactions.pairs[rows][::-1], return_index=True)
    kept: NDArray[np.intp] = rows[np.sort(len(rows) - 1 - places)]
    return kept

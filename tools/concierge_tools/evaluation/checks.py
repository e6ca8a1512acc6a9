"""Checks: what in a log or a split makes the figures of an evaluation say less than they seem to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.slices import MINUTE, gaps, pairs_of, target_times
from concierge_tools.evaluation.splits import Split
from concierge_tools.training.blending import ENOUGH

_SAME = 5
"""Users of fewer positives may have the same ones by chance."""
_RUSH = 0.5
_LATER = 0.1
_TIED = 0.1
_COLD = 0.1
_HALF_HELD_BY = 0.01
_SHOWN = 3

Kind = Literal[
    "leaked pairs",
    "later training",
    "duplicate users",
    "duplicate ids",
    "duplicate pairs",
    "no times",
    "constant times",
    "missing times",
    "tied times",
    "page order",
    "unreachable targets",
    "concentration",
    "few users",
]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that makes the figures say less than they seem to."""

    kind: Kind
    text: str
    examples: tuple[str, ...] = ()
    """Some of the users it is about."""


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """What a split gives away."""

    targets: int
    leaked: int
    """Targets that their user has in the training."""
    later: float
    """The share of the training's positives that happened after a target, mean over the targets that have a time."""
    tied: float
    """The share of targets whose user has other positives of the same time, so that chance chose among them."""
    hasty: float
    """The share of targets within a minute of their user's newest positive before."""
    cold: float
    """The share of targets that nobody liked in the training: only content can find them."""

    @classmethod
    def of(cls, interactions: Interactions, split: Split) -> Self:
        """Look at a split of a log."""
        train = split.train
        positive = train.weights > 0
        times = target_times(interactions, split)
        timed = np.sort(train.times[positive & (train.times >= 0)])
        after = 1 - np.searchsorted(timed, times[times >= 0], side="right") / max(1, len(timed))
        gap = gaps(interactions, split)
        return cls(
            targets=len(split.users),
            leaked=int(np.isin(pairs_of(interactions, split), _positive_pairs(interactions, train)).sum()),
            later=_share(after),
            tied=_share(_tied(interactions, split, times)) if gap is not None else 0.0,
            hasty=_share(gap < MINUTE) if gap is not None else 0.0,
            cold=_share(~np.isin(split.targets, train.items[positive])),
        )


def warnings(interactions: Interactions, splits: Sequence[SplitFacts], *, users: int) -> list[Warned]:
    """Return what is wrong with a log and the splits of it that were measured.

    Args:
        interactions: The whole log.
        splits: One for each seed.
        users: How many different users were foreseen.
    """
    return [*_of_splits(splits, users), *_of_users(interactions), *_of_times(interactions), *_of_items(interactions)]


def half_of_positives(interactions: Interactions) -> tuple[int, int]:
    """Return how many items, the most popular first, hold half of the positives, and how many have any."""
    counts = np.bincount(interactions.items[interactions.weights > 0])
    held = np.cumsum(np.sort(counts)[::-1])
    half = int(np.searchsorted(held, held[-1] / 2)) + 1 if len(held) else 0
    return half, int(np.count_nonzero(counts))


def _of_splits(splits: Sequence[SplitFacts], users: int) -> Iterator[Warned]:
    leaked = sum(one.leaked for one in splits)
    later, tied, hasty, cold = (
        float(np.mean([getattr(one, name) for one in splits])) for name in ("later", "tied", "hasty", "cold")
    )
    if leaked:
        yield Warned(
            "leaked pairs",
            f"{leaked:,} of the items to foresee are among their user's training positives: the figures are worthless.",
        )
    if users < ENOUGH:
        yield Warned("few users", f"Only {users:,} users could be asked about; fewer than {ENOUGH} decide nothing.")
    if hasty > _RUSH:
        yield Warned(
            "page order",
            f"{hasty:.0%} of what is foreseen came within a minute of what was liked before: part of a gain may be the "
            "order of a page and not taste. Look at the slices by time gap.",
        )
    if later > _LATER:
        yield Warned(
            "later training",
            f"On average {later:.0%} of the training happened after what was to be foreseen, so that the models know "
            "trends they could not have known then. The split in time (--split time) trains on nothing later.",
        )
    if tied > _TIED:
        yield Warned(
            "tied times",
            f"{tied:.0%} of what is foreseen has the same time as another positive of its user: which of them "
            "was asked about is drawn at random. Times that are finer than now would tell.",
        )
    if cold > _COLD:
        yield Warned(
            "unreachable targets",
            f"{cold:.0%} of what is foreseen was liked by nobody in the training: only content can find it.",
        )


def _of_users(interactions: Interactions) -> Iterator[Warned]:
    copies = _copies(interactions)
    if copies:
        yield Warned(
            "duplicate users",
            f"{len(copies):,} users have exactly the positives of another user, times included: where one is foreseen, "
            "the other gives the answer away. Remove the copies from the log; --json names some.",
            tuple(copies[:_SHOWN]),
        )
    same: dict[str, list[str]] = {}
    for user_id in (interactions.user_ids[user] for user in np.unique(interactions.users)):
        same.setdefault(user_id.strip().casefold(), []).append(user_id)
    twins = [ids[0] for ids in same.values() if len(ids) > 1]
    if twins:
        yield Warned(
            "duplicate ids",
            f"{len(twins):,} user ids come in forms that differ only in case or spaces: one person may count as "
            "several; --json names some.",
            tuple(twins[:_SHOWN]),
        )
    positive = interactions.weights > 0
    repeated = int(positive.sum()) - len(np.unique(interactions.pairs[positive]))
    if repeated:
        yield Warned(
            "duplicate pairs", f"{repeated:,} positives repeat an earlier pair of user and item; each pair counts once."
        )


def _of_times(interactions: Interactions) -> Iterator[Warned]:
    times = interactions.times[interactions.weights > 0]
    if not (times >= 0).any():
        yield Warned("no times", "The log has no times: the item to foresee is drawn at random, not the last one.")
        return
    missing = _share(times < 0)
    if missing:
        yield Warned("missing times", f"{missing:.1%} of the positives have no time; they count as the oldest.")
    if len(np.unique(times[times >= 0])) == 1:
        yield Warned("constant times", "All positives have the same time, so that the last one is drawn at random.")


def _of_items(interactions: Interactions) -> Iterator[Warned]:
    half, items = half_of_positives(interactions)
    if half and half <= max(1, _HALF_HELD_BY * items) and items > 2:
        several = f"{half:,} items hold" if half > 1 else "One item holds"
        yield Warned(
            "concentration",
            f"{several} half of all positives, of {items:,} items that have any: accuracy mostly says who is "
            "popular. Compare with the model 'popularity', and look at the slices by item popularity.",
        )


def _positive_pairs(interactions: Interactions, train: Interactions) -> NDArray[np.int64]:
    """Return the positives of a part of the log, as the numbers that `Interactions.pairs` of the whole has for them."""
    width = int(interactions.items.max(initial=0)) + 1
    positive = train.weights > 0
    numbers: NDArray[np.int64] = train.users[positive].astype(np.int64) * width + train.items[positive]
    return numbers


def _tied(interactions: Interactions, split: Split, times: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which targets share their time with another positive of their user, shape (targets,)."""
    positive = interactions.weights > 0
    _, whole = np.unique(interactions.times, return_inverse=True)
    moments = interactions.users.astype(np.int64) * (int(whole.max(initial=0)) + 1) + whole
    numbers, counts = np.unique(moments[positive], return_counts=True)
    known = np.unique(interactions.times)
    wanted = split.users.astype(np.int64) * (int(whole.max(initial=0)) + 1) + np.searchsorted(known, times)
    tied: NDArray[np.bool_] = counts[np.searchsorted(numbers, wanted)] > 1
    return tied


def _copies(interactions: Interactions) -> list[str]:
    """Return the users whose positives and their times are those of a user before them."""
    rows = np.flatnonzero(interactions.weights > 0)
    rows = rows[np.lexsort((interactions.items[rows], interactions.times[rows], interactions.users[rows]))]
    starts = np.searchsorted(interactions.users[rows], np.arange(len(interactions.user_ids) + 1))
    seen: set[bytes] = set()
    found = []
    for user, (first, last) in enumerate(pairwise(starts.tolist())):
        if last - first >= _SAME:
            own = rows[first:last]
            key = interactions.items[own].tobytes() + interactions.times[own].tobytes()
            if key in seen:
                found.append(interactions.user_ids[user])
            seen.add(key)
    return found


def _share(chosen: NDArray[np.bool_] | NDArray[np.float64]) -> float:
    return float(np.mean(chosen)) if len(chosen) else 0.0

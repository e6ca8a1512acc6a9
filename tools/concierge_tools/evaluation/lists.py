"""What whole lists are like, beside how often they are right: coverage, novelty, diversity, calibration, popularity."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from concierge_tools.recommenders.recommender import Positions

Numbers = NDArray[np.float64]
HEAD = 0.2
"""The share of the liked items that counts as popular; the others are the long tail."""


def coverage(lists: Sequence[Positions], items: int) -> float:
    """Return the share of `items` that are in some list."""
    return len(np.unique(np.concatenate(lists))) / items if lists and items else 0.0


def novelty(lists: Sequence[Positions], people: NDArray[np.int64], users: int) -> Numbers:
    """Return the mean surprise of each list in bits, shape (lists,): -log2 of the share of users who liked an item.

    An item that no one liked counts as liked by half a person.
    """
    surprise = -np.log2(np.maximum(people, 0.5) / users)
    return np.array([surprise[one].mean() if len(one) else 0.0 for one in lists])


def popularity(lists: Sequence[Positions], people: NDArray[np.int64], users: int) -> Numbers:
    """Return the mean share of users who liked an item of each list, shape (lists,): its lean to what is popular."""
    return np.array([people[one].mean() / users if len(one) else 0.0 for one in lists])


def long_tail(lists: Sequence[Positions], people: NDArray[np.int64]) -> Numbers:
    """Return the share of each list outside the most liked fifth of the items that anybody liked, shape (lists,)."""
    liked = np.flatnonzero(people)
    tail = np.ones(len(people), np.bool_)
    tail[liked[np.argsort(-people[liked], kind="stable")][: max(1, int(HEAD * len(liked)))]] = False
    return np.array([tail[one].mean() if len(one) else 0.0 for one in lists])


def gini(counts: NDArray[np.int64], items: int) -> float:
    """Return how unequally items are shown: 0 all as often, towards 1 one alone (Abdollahpouri, 2019).

    Args:
        counts: How often those items are shown that are shown at all; any others count as 0.
        items: How many items could be shown.
    """
    total = int(counts.sum())
    places = np.arange(items - len(counts) + 1, items + 1)
    return float(((2 * places - items - 1) * np.sort(counts)).sum() / (items * total)) if total else 0.0


def diversity(lists: Sequence[Positions], rows: csr_array) -> Numbers:
    """Return the mean unlikeness of the pairs of each list, shape (lists,): 1 - cosine.

    Args:
        lists: Lists of one item are of diversity 0.
        rows: Item rows of length 1, shape (items, terms).
    """
    return np.array([_unlike(rows[one]) if len(one) > 1 else 0.0 for one in lists])


def miscalibration(
    lists: Sequence[Positions], histories: Sequence[Positions], tags: csr_array, *, blend: float = 0.01
) -> Numbers:
    """Return how far each list's mix of tags is from its history's, shape (lists,), as Steck (RecSys 2018) does.

    It is the Kullback-Leibler divergence of the history's distribution over tags from the list's, the latter mixed with
    `blend` of the former, in bits; 0 where either has no tag.

    Args:
        lists: What was recommended.
        histories: What was liked before, one per list.
        tags: Each item's distribution over tags, shape (items, tags).
        blend: The share of the history's distribution.
    """
    return np.array([_apart(tags, one, past, blend) for one, past in zip(lists, histories, strict=True)])


def _unlike(rows: csr_array) -> float:
    n = rows.shape[0]
    total = np.asarray(rows.sum(axis=0)).ravel()
    own = float(rows.multiply(rows).sum())
    return 1 - (float(total @ total) - own) / (n * (n - 1))


def _apart(tags: csr_array, shown: Positions, past: Positions, blend: float) -> float:
    wanted, given = (np.asarray(tags[one].sum(axis=0)).ravel() for one in (past, shown))
    if not wanted.sum() or not given.sum():
        return 0.0
    p = wanted / wanted.sum()
    q = (1 - blend) * given / given.sum() + blend * p
    there = p > 0
    return float((p[there] * np.log2(p[there] / q[there])).sum())

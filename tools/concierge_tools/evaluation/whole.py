"""Figures of all lists together, such as coverage, and what they would be without some of the users."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from concierge_tools.evaluation.lists import gini
from concierge_tools.evaluation.models import Run

GROUPS = 100
"""Users are left out in so many groups; one at a time when there are no more."""


def whole_figures(runs: Sequence[Run], system: str) -> Mapping[str, NDArray[np.float64]]:
    """Return by name the mean over runs of all users' figure, then of it without each group, shape (1 + groups,)."""
    _, place = np.unique(np.concatenate([one.users for one in runs]), return_inverse=True)
    groups = np.split(place % GROUPS, np.cumsum([len(one.users) for one in runs])[:-1])
    count = min(GROUPS, int(place.max()) + 1)
    found = [_of_run(one, system, own, count) for one, own in zip(runs, groups, strict=True)]
    return {name: np.mean([one[name] for one in found], axis=0) for name in found[0]}


def _of_run(one: Run, system: str, groups: NDArray[np.intp], count: int) -> dict[str, NDArray[np.float64]]:
    shown = one.shown[system]
    items, which = np.unique(np.concatenate(shown), return_inverse=True)
    owner = np.repeat(groups, [len(own) for own in shown])
    often = np.bincount(owner * len(items) + which, minlength=count * len(items)).reshape(count, len(items))
    total = often.sum(axis=0)
    left = np.vstack([total, total - often])
    liked = int(np.count_nonzero(one.people))
    reachable = liked + int(np.count_nonzero(one.people[items] == 0))
    return {
        "coverage": np.count_nonzero(left, axis=1) / max(1, liked),
        "gini": np.array([gini(counts, reachable) for counts in left]),
    }

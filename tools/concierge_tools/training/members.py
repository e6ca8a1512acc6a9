"""The line-up: every recommender that goes by taste, what it needs, and how it is fitted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from concierge_tools.data.interactions import Interactions
from concierge_tools.recommenders.als import ITERATIONS, Als
from concierge_tools.recommenders.ease import Ease, too_large
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.recommender import LinearRecommender, Matrix
from concierge_tools.recommenders.svd import PureSvd
from concierge_tools.recommenders.transitions import Transitions

SEED = 0


@dataclass(frozen=True, eq=False)
class Log:
    """An interaction log as recommenders are fitted on it."""

    interactions: Interactions
    items: int
    """How many items the catalog has."""

    @cached_property
    def matrix(self) -> Matrix:
        """The positive weights, shape (users, items)."""
        return self.interactions.matrix(self.items)


Parameters = Mapping[str, Any]
"""Keyword arguments of a recommender's `fit` that are not its own: numbers."""


def _als(log: Log, on_step: Callable[[], object], parameters: Parameters | None = None) -> Als:
    return Als.fit(log.matrix, seed=SEED, on_iteration=on_step, **parameters or {})


@dataclass(frozen=True, slots=True)
class AlsTrainer:
    """A way to train ALS."""

    engine: str
    iterations: int
    train: Callable[[Log, Callable[[], object]], Als]
    """From a log; what it is given beside is called after each iteration."""


HERE = AlsTrainer("implicit", ITERATIONS, _als)
"""On this machine, from the start."""

FITS: Mapping[str, Callable[[Log, Callable[[], object], Parameters], LinearRecommender]] = {
    Als.name: _als,
    Neighbours.name: lambda log, _, own: Neighbours.fit(log.matrix, **own),
    Transitions.name: lambda log, _, own: Transitions.fit(log.interactions, log.items, seed=SEED, **own),
    PureSvd.name: lambda log, _, own: PureSvd.fit(log.matrix, seed=SEED, **own),
    Ease.name: lambda log, _, own: Ease.fit(log.matrix, **own),
}
"""How each recommender is fitted, in the order they are listed to users; ALS tells of each iteration."""


def fit_member(
    name: str,
    log: Log,
    on_step: Callable[[], object] = lambda: None,
    *,
    trainer: AlsTrainer | None = None,
    parameters: Parameters | None = None,
) -> LinearRecommender:
    """Fit one recommender that `unfit` has nothing against; ALS by `trainer` where another one is given.

    `parameters` are those that differ from its own; another trainer has its own.
    """
    if name == Als.name and trainer is not None and trainer is not HERE:
        return trainer.train(log, on_step)
    return FITS[name](log, on_step, parameters or {})


def unfit(interactions: Interactions | None) -> dict[str, str]:
    """Return the recommenders that the data does not allow, and why."""
    if interactions is None:
        why = "there is no interaction log"
    elif not (interactions.weights > 0).any():
        why = "no interaction counts as a positive; see [interactions] in concierge.toml"
    else:
        positives = interactions.weights > 0
        _, first = np.unique(interactions.pairs[positives], return_index=True)
        users, items = interactions.users[positives][first], interactions.items[positives][first]
        if np.bincount(users).max() > 1:
            return _some_unfit(interactions, len(np.unique(users)), len(np.unique(items)))
        why = "no user has two positives, so that nothing connects one item with another"
    return dict.fromkeys(FITS, why)


def _some_unfit(interactions: Interactions, users: int, items: int) -> dict[str, str]:
    """Return what a log that connects items does not allow; `users` and `items` are those of its positives."""
    skipped: dict[str, str] = {}
    if not Transitions.possible(interactions):
        skipped[Transitions.name] = "no user has two positives with times, so that nothing comes after anything"
    if why := too_large(users, items):
        skipped[Ease.name] = why
    return skipped

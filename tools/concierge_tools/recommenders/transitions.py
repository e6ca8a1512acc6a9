"""Item transitions: what people liked around an item. Needs times; knows nothing of items with no one around them."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from concierge_tools.data.interactions import Interactions
from concierge_tools.ranking.ordering import within
from concierge_tools.recommenders.recommender import Floats, Profile
from concierge_tools.recommenders.sparse_files import load_sparse, save_sparse

STEPS = 10
"""How many of the items that came next count, each by one over how far on it was."""
BACKWARD = 0.5
"""How much an item that came before counts beside one that came after."""
SMOOTHING = 30.0
"""Added to what left an item before its row is divided by it: few departures say little."""
DAMPING = 0.3
"""The power of an item's own arrivals that its chances are divided by: what everybody comes to says less."""


class Transitions:
    """How much one item follows another; a score is the sum over the profile's items."""

    name: ClassVar[str] = "transitions"

    def __init__(self, chances: csr_array) -> None:
        """Hold how much each item follows, shape (items, items): row j has what followed item j, never j itself."""
        self.chances = chances

    @classmethod
    def fit(
        cls,
        interactions: Interactions,
        items: int,
        *,
        steps: int = STEPS,
        backward: float = BACKWARD,
        smoothing: float = SMOOTHING,
        damping: float = DAMPING,
        seed: int = 0,
    ) -> Self:
        """Count who liked what around what, over positives with a time of which some user has two.

        Of counts c(j, i), the row of item j is c(j, i) / (sum of c(j, .) + smoothing) / (sum of c(., i) + smoothing) **
        damping; with damping 0 and backward 0 it is the smoothed chance that i follows j.

        Rows of the same second have no order: they are shuffled by `seed`, so that the order of the file says nothing.
        """
        users, places = _in_order(interactions, seed)
        rows, columns, weights = [], [], []
        for step in range(1, steps + 1):
            same = users[:-step] == users[step:]
            earlier, later = places[:-step][same], places[step:][same]
            rows += [earlier, later]
            columns += [later, earlier]
            weights += [np.full(len(later), 1 / step), np.full(len(later), backward / step)]
        row, column, weight = np.concatenate(rows), np.concatenate(columns), np.concatenate(weights)
        kept = (row != column) & (weight > 0)
        counts = csr_array((weight[kept], (row[kept], column[kept])), shape=(items, items))
        counts.sum_duplicates()
        left = np.asarray(counts.sum(axis=1)).ravel() + smoothing
        arrived = np.asarray(counts.sum(axis=0)).ravel() + smoothing
        counts.data /= np.repeat(left, np.diff(counts.indptr)) * arrived[counts.indices] ** damping
        return cls(counts.astype(np.float32))

    @staticmethod
    def possible(interactions: Interactions) -> bool:
        """Tell whether some user has two positives with a time."""
        timed = interactions.users[(interactions.weights > 0) & (interactions.times >= 0)]
        return bool(np.bincount(timed).max(initial=0) > 1)

    def knows(self, profile: Profile) -> bool:
        """Tell whether anything was liked around an item that the profile likes."""
        liked = profile.items[profile.weights > 0]
        return bool((np.diff(self.chances.indptr)[liked] > 0).any())

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,): weighted sum, NaN for items that were around nothing in the profile."""
        rows = self.chances[profile.items]
        touched = np.zeros(rows.shape[1], np.bool_)
        touched[rows.indices] = True
        return within(rows.T @ profile.decayed(), touched)

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each profile item's share of the score, shape (len(profile),)."""
        shares: Floats = self.chances[profile.items][:, [item]].toarray()[:, 0] * profile.decayed()
        return shares

    def save(self, folder: Path) -> None:
        """Write itself as safetensors."""
        save_sparse(self.chances, folder / "transitions.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        return cls(load_sparse(folder / "transitions.safetensors"))


def _in_order(interactions: Interactions, seed: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return users and items of the positives that have a time, by user and time."""
    rows = np.flatnonzero((interactions.weights > 0) & (interactions.times >= 0))
    chance = np.random.default_rng(seed).random(len(rows))
    rows = rows[np.lexsort((chance, interactions.times[rows], interactions.users[rows]))]
    return interactions.users[rows], interactions.items[rows]

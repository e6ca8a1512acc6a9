"""How much all users together like each item, ever and lately. Knows nothing of anybody's own taste."""

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from concierge_tools.data.interactions import Interactions
from concierge_tools.ranking.ordering import in_order
from concierge_tools.recommenders.recommender import Floats, Mask, Positions, Profile
from concierge_tools.recommenders.tensor_files import load_tensors

DAY = 86_400
RECENT_SHARE = 0.2
"""Of the log's time, how much is recent; chosen on newcomers of MovieLens, see benchmarks/newcomers.py."""
RECENT_DAYS = 30


class Popularity:
    """Positives per item: people, weight ever, weight in the recent window."""

    name: ClassVar[str] = "popularity"

    def __init__(self, *, people: NDArray[np.int64], ever: Floats, recent: Floats, window_days: int) -> None:
        """Hold arrays of shape (items,); `window_days` is 0 when the log has no times."""
        self.people = people
        self.ever = ever
        self.recent = recent
        self.window_days = window_days

    @classmethod
    def fit(cls, interactions: Interactions | None, items: int) -> Self:
        """Count positives; the recent window is the last fifth of the log's time, and at least 30 days."""
        if interactions is None or not (interactions.weights > 0).any():
            nothing = np.zeros(items, np.float32)
            return cls(people=np.zeros(items, np.int64), ever=nothing, recent=nothing, window_days=0)
        matrix = interactions.matrix(items)
        times = interactions.times[(interactions.times >= 0) & (interactions.weights > 0)]
        days = max(RECENT_DAYS, round(RECENT_SHARE * int(times.max() - times.min()) / DAY)) if len(times) else 0
        return cls(
            people=np.bincount(matrix.indices[matrix.data > 0], minlength=items),
            ever=np.asarray(matrix.sum(axis=0), np.float32).ravel(),
            recent=weight_within(interactions, items, days),
            window_days=days,
        )

    @property
    def known(self) -> bool:
        """Whether anybody liked anything."""
        return bool((self.ever > 0).any())

    def knows(self, profile: Profile) -> bool:
        """Tell whether anybody liked anything; the profile does not matter."""
        return self.known

    def scores(self, profile: Profile) -> Floats:
        """Return the weight of each item's positives ever, shape (items,), whatever the profile."""
        return self.ever

    def order(self, eligible: Mask) -> Positions:
        """Return the eligible positions by weight ever, then by position."""
        return self.everything[eligible[self.everything]]

    @cached_property
    def everything(self) -> Positions:
        """All positions by weight ever, then by position."""
        return in_order(self.ever, np.arange(len(self.ever), dtype=np.int32))

    def rank(self, item: int) -> int:
        """Return the item's rank by weight ever, from 1; equals share the better rank."""
        return 1 + int(np.count_nonzero(self.ever > self.ever[item]))

    def save(self, folder: Path) -> None:
        """Write itself as safetensors."""
        tensors: dict[str, NDArray[np.generic]] = {
            "people": self.people,
            "ever": self.ever,
            "recent": self.recent,
            "window_days": np.array([self.window_days], np.int64),
        }
        save_file(tensors, folder / "popularity.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        tensors = load_tensors(folder / "popularity.safetensors")
        return cls(
            people=tensors["people"],
            ever=tensors["ever"],
            recent=tensors["recent"],
            window_days=int(tensors["window_days"][0]),
        )


def weight_within(interactions: Interactions, items: int, days: int) -> Floats:
    """Sum the positive weights of the log's last `days` days, shape (items,)."""
    times = interactions.times
    newest = times.max(initial=-1)
    late = (interactions.weights > 0) & (times >= 0) & (times > newest - days * DAY)
    return np.bincount(interactions.items[late], interactions.weights[late], minlength=items).astype(np.float32)

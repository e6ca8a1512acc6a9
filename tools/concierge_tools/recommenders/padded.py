"""Padding: what was fitted on a catalog, over the same catalog with items added. Of those it knows nothing."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from concierge_tools.ranking.similar import Likeness
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Positions, Profile, Splits


class Padded:
    """A recommender that scores no added item, and hears of none in a profile."""

    name: ClassVar[str] = "padded"

    def __init__(self, inner: LinearRecommender, fitted: int, items: int) -> None:
        """Hold a recommender fitted on the first `fitted` of `items` items."""
        self._inner = inner
        self._fitted = fitted
        self._added = items - fitted

    def knows(self, profile: Profile) -> bool:
        """Tell whether the recommender knows the items that it was fitted on."""
        return self._inner.knows(profile.below(self._fitted))

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,): its scores, and NaN for the added items."""
        return _with(self._inner.scores(profile.below(self._fitted)), self._added, np.nan)

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each profile item's share of the score, shape (len(profile),): none of or by an added item."""
        return _shares(self._inner, self._fitted, profile, item)

    def save(self, folder: Path) -> None:
        """Write the recommender as it was fitted."""
        self._inner.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Refuse: an artifact holds recommenders as they were fitted."""
        raise NotImplementedError(f"{str(folder)!r} holds no padded recommender.")


class PaddedLikeness:
    """An index of similar items in which the added ones have no vector."""

    def __init__(self, inner: Likeness, fitted: int, items: int) -> None:
        """Hold an index of the first `fitted` of `items` items."""
        self._inner = inner
        self._fitted = fitted
        self._added = items - fitted

    def scores(self, seeds: Positions, eligible: Mask, *, limit: int) -> Floats:
        """Return shape (items,): the index's scores, and NaN for the added items."""
        own = self._inner.scores(seeds[seeds < self._fitted], eligible[: self._fitted], limit=limit)
        return _with(own, self._added, np.nan)

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each seed's share of the item's score, shape (len(profile),)."""
        return _shares(self._inner, self._fitted, profile, item)


def unpopular(popularity: Popularity, added: int) -> Popularity:
    """Return the popularity of a catalog with some more items, that nobody has liked."""
    return Popularity(
        people=np.append(popularity.people, np.zeros(added, np.int64)),
        ever=_with(popularity.ever, added, 0),
        recent=_with(popularity.recent, added, 0),
        window_days=popularity.window_days,
    )


def _with(values: Floats, count: int, value: float) -> Floats:
    return np.concatenate([values, np.full(count, value, np.float32)])


def _shares(inner: Splits, fitted: int, profile: Profile, item: int) -> Floats:
    shares = np.zeros(len(profile), np.float32)
    if item < fitted:
        shares[profile.items < fitted] = inner.contributions(profile.below(fitted), item)
    return shares

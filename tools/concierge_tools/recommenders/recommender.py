"""What every recommender provides, and the profile it is asked about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats: TypeAlias = NDArray[np.float32]
Positions: TypeAlias = NDArray[np.int32]
Mask: TypeAlias = NDArray[np.bool_]
Matrix: TypeAlias = "csr_matrix[np.float32]"
"""Positive weights, shape (users, items)."""

RECENCY_FLOOR = 0.03
RECENCY_SPAN = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """What is known of somebody's taste: items with weights, newest first.

    Known users, strangers and tastes told in mid-conversation all take this one shape.
    """

    items: Positions
    """Catalog positions, each at most once."""
    weights: Floats
    """Above zero for liked, below for disliked, never zero."""
    recency: bool = True
    """Whether older items count less."""
    stated: int = 0
    """How many of the first items were told in this conversation: they all count as the newest."""

    @classmethod
    def empty(cls) -> Self:
        """Return the profile of somebody of whom nothing is known."""
        return cls(np.empty(0, np.int32), np.empty(0, np.float32))

    @classmethod
    def of(
        cls,
        liked: Iterable[int] = (),
        disliked: Iterable[int] = (),
        history: Sequence[int] = (),
        weights: Sequence[float] | None = None,
        *,
        recency: bool = True,
    ) -> Self:
        """Build a profile from catalog positions.

        An item that is disliked is not liked as well, whatever the history says; an item that comes twice counts
        once, as its newest mention and with its largest weight. History items of weight zero say nothing.

        Args:
            liked: Said to be liked in this conversation, weight 1 each.
            disliked: Said to be disliked, weight -1 each.
            history: Earlier items, newest first.
            weights: One per history item, 1 each when omitted.
            recency: False when the history has no times.
        """
        unwanted = dict.fromkeys(disliked, -1.0)
        wanted = {item: 1.0 for item in liked if item not in unwanted}
        stated = len(wanted) + len(unwanted)
        earlier: dict[int, float] = {}
        for item, weight in zip(history, [1.0] * len(history) if weights is None else weights, strict=True):
            if weight != 0 and item not in wanted and item not in unwanted:
                earlier[item] = max(earlier.get(item, weight), weight)
        signals = {**wanted, **unwanted, **earlier}
        return cls(
            np.fromiter(signals.keys(), np.int32, len(signals)),
            np.fromiter(signals.values(), np.float32, len(signals)),
            recency,
            stated,
        )

    def __len__(self) -> int:
        return len(self.items)

    def decayed(self) -> Floats:
        """Return the weights with older positives counting less: .03 + .97 exp(-rank / 3), rank 0 the newest.

        Positives are ranked among positives, those told in this conversation all first; negatives do not fade.
        """
        if not self.recency:
            return self.weights
        positive = self.weights > 0
        told = np.arange(len(self.items)) < self.stated
        older = positive & ~told
        ranks = np.where(older, np.cumsum(older) - (0 if (positive & told).any() else 1), 0)
        fade = RECENCY_FLOOR + (1 - RECENCY_FLOOR) * np.exp(-ranks / RECENCY_SPAN)
        return np.where(positive, self.weights * fade, self.weights).astype(np.float32)

    def below(self, items: int) -> Self:
        """Return the profile without the items whose positions are not below `items`."""
        held = self.items < items
        return type(self)(self.items[held], self.weights[held], self.recency, int(held[: self.stated].sum()))

    def disliked(self) -> Self:
        """Return the profile of the dislikes alone, as if they had been likes."""
        negative = self.weights < 0
        return type(self)(self.items[negative], -self.weights[negative], recency=False)


class Recommender(Protocol):
    """Scores every item of the catalog for a profile."""

    name: ClassVar[str]

    def knows(self, profile: Profile) -> bool:
        """Tell whether it has anything to say for the profile."""

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,), NaN where it has nothing to say."""

    def save(self, folder: Path) -> None:
        """Write itself into an existing, empty folder."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""


class Splits(Protocol):
    """Splits a score over the items of the profile."""

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return shape (len(profile),): each profile item's share of its score; zeros for NaN."""


class LinearRecommender(Recommender, Splits, Protocol):
    """A recommender whose score is a sum over the items of the profile."""

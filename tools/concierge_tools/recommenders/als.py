"""Matrix factorisation by implicit ALS (Hu, Koren and Volinsky 2008), with fold-in of any profile.

Fitting goes through the library `implicit`; serving needs numpy alone. It knows nothing of items no one touched.
"""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from concierge_tools.ranking.ordering import within
from concierge_tools.recommenders.recommender import Floats, Mask, Matrix, Positions, Profile
from concierge_tools.recommenders.tensor_files import load_tensors

FACTORS = 128
ROWS_PER_FACTOR = 4
"""Users, and touched items, that one factor needs: with as many factors as items, each item is like itself alone."""
REGULARIZATION = 5.0
LARGEST_SHARE = 0.1
"""Of the matrix's largest singular value, how much the regularization may be: at all of it every factor is zero."""
ITERATIONS = 15


class Als:
    """Item factors and the normal equations that turn a profile into a user's factors."""

    name: ClassVar[str] = "als"

    def __init__(
        self, factors: Floats, known: Mask, *, regularization: float, gram: NDArray[np.float64] | None = None
    ) -> None:
        """Hold factors of shape (items, factors), which items had interactions, and Y'Y of the factors if known."""
        self.factors = factors
        self.known = known
        self.regularization = regularization
        self._products = gram

    @classmethod
    def fit(
        cls,
        matrix: Matrix,
        *,
        factors: int = FACTORS,
        regularization: float = REGULARIZATION,
        iterations: int = ITERATIONS,
        seed: int = 0,
        start: Floats | None = None,
        on_iteration: Callable[[], object] = lambda: None,
    ) -> Self:
        """Factorise positive weights, shape (users, items), of which at least one is not zero.

        The regularization, and the number of factors, are lowered for data too small for them. With `start`, shape
        (items, factors), the item factors begin there instead of at random, and there are as many of them.
        """
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        known, factors, regularization = fitting(matrix, factors=factors, regularization=regularization)
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=factors if start is None else start.shape[1],
                regularization=regularization,
                alpha=1.0,
                iterations=iterations,
                random_state=seed,
            )
            if start is not None:
                model.item_factors = start.copy()
            model.fit(matrix, show_progress=False, callback=lambda *_: on_iteration())
        values = np.where(known[:, None], model.item_factors, np.float32(0))
        return cls(np.ascontiguousarray(values, dtype=np.float32), known, regularization=regularization)

    def knows(self, profile: Profile) -> bool:
        """Tell whether someone liked one of the items the profile likes."""
        return bool(self.known[profile.items[profile.weights > 0]].any())

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,): preference, about 0 for indifference and 1 for a like."""
        scores: Floats = self.factors @ self.vector(profile)
        return within(scores, self.known)

    def vector(self, profile: Profile) -> Floats:
        """Return the user's factors, shape (factors,): the sum of what `fold_in` splits by item."""
        normal, shares = self._system(*self._told(profile))
        return np.linalg.solve(normal, shares.sum(axis=1)).astype(np.float32)

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each profile item's share of the score, shape (len(profile),)."""
        if not self.known[item]:
            return np.zeros(len(profile), np.float32)
        shares: Floats = (self.factors[item].astype(np.float64) @ self.fold_in(*self._told(profile))).astype(np.float32)
        return shares

    def shrinkage(self) -> Floats:
        """Return what makes inner products of factors with a unit vector shrunken cosines, shape (items,).

        It is one over the length of the factors plus the median length of all known items; 0 for items without
        factors. Few interactions make short factors that point anywhere; without the median in the divisor, such items
        pass for near twins.
        """
        lengths = np.linalg.norm(self.factors, axis=1)
        middle = np.median(lengths[self.known]) if self.known.any() else 1.0
        return np.where(lengths > 0, 1 / (lengths + middle), 0).astype(np.float32)

    def fold_in(self, items: Positions, confidence: Floats, preference: Floats) -> NDArray[np.float64]:
        """Solve the normal equations for one user, split by item.

        A = Y'Y + regularization I + sum (confidence - 1) y y', and item i's share is inverse(A) (confidence
        preference y). With preference 1 for likes and 0 for the rest, the sum is what implicit's
        `recalculate_user` returns (equations 4 and 7 of the paper).

        Args:
            items: Catalog positions, each at most once, shape (n,).
            confidence: Above zero, shape (n,); below 1 an item counts less than an untouched one does.
            preference: What is known of each item, usually 1 or -1, shape (n,).

        Returns:
            Shape (factors, n).
        """
        return np.asarray(np.linalg.solve(*self._system(items, confidence, preference)), dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write itself as safetensors."""
        tensors: dict[str, NDArray[np.generic]] = {
            "factors": self.factors,
            "known": self.known,
            "regularization": np.array([self.regularization], np.float64),
            "gram": self._gram,
        }
        save_file(tensors, folder / "als.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        tensors = load_tensors(folder / "als.safetensors")
        regularization = float(tensors["regularization"][0])
        return cls(tensors["factors"], tensors["known"], regularization=regularization, gram=tensors["gram"])

    def _system(
        self, items: Positions, confidence: Floats, preference: Floats
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return A, shape (factors, factors), and each item's right-hand side, shape (factors, n)."""
        vectors = self.factors[items].astype(np.float64)
        normal = self._gram + (vectors.T * (confidence - 1.0)) @ vectors
        normal[np.diag_indices_from(normal)] += self.regularization
        return normal, vectors.T * (confidence * preference)

    def _told(self, profile: Profile) -> tuple[Positions, Floats, Floats]:
        # implicit reads a negative weight as a sure zero, which at weight -1 moves nothing: a dislike is preference -1.
        weights = np.where(self.known[profile.items], profile.decayed(), np.float32(0))
        confidence = np.where(weights == 0, np.float32(1), np.abs(weights))
        return profile.items, confidence, np.sign(weights)

    @cached_property
    def _gram(self) -> NDArray[np.float64]:
        """Y'Y, shape (factors, factors)."""
        return (self.factors.T @ self.factors).astype(np.float64) if self._products is None else self._products


def fitting(matrix: Matrix, *, factors: int, regularization: float) -> tuple[Mask, int, float]:
    """Return which items anybody likes, and the factors and the regularization lowered to what the data bears."""
    known = np.bincount(matrix.indices[matrix.data > 0], minlength=matrix.shape[1]) > 0
    rank = min(matrix.shape[0], int(known.sum()))
    regularization = min(regularization, LARGEST_SHARE * _largest_singular_value(matrix))
    return known, max(1, min(factors, rank // ROWS_PER_FACTOR)), regularization


def _largest_singular_value(matrix: Matrix, *, iterations: int = 20) -> float:
    """Estimate it by power iteration, from below."""
    vector = np.ones(matrix.shape[1])
    length = 0.0
    for _ in range(iterations):
        vector = np.asarray(matrix.T @ (matrix @ vector), np.float64)
        length = float(np.linalg.norm(vector))
        vector /= length
    return float(np.sqrt(length))

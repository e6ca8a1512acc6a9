"""EASE (Steck 2019): the linear item-to-item model of least squared error whose items do not speak for themselves.

Its weights are B = I - P / diag(P) with P = inverse(X'X + lambda I), which is dense, items by items. Where there are
fewer users than items the same P is (I - X' K X) / lambda with K = inverse(X X' + lambda I), users by users, and rows
of it are made when they are asked for: far less to keep, and the same scores.
"""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.sparse import csr_array

from concierge_tools.errors import DataError
from concierge_tools.recommenders.recommender import Floats, Mask, Matrix, Profile
from concierge_tools.recommenders.sparse_files import load_sparse, save_sparse
from concierge_tools.recommenders.tensor_files import load_tensors

REGULARIZATION = 200.0
POSITIVES_FILE = "positives.safetensors"
MOST_BYTES = 1 << 29
"""The most that its dense matrix may take, 512 MiB: about 11,000 items or users, whichever are fewer."""


class Ease:
    """Item-to-item weights, made from what is smaller; a score is their sum over the profile's items."""

    name: ClassVar[str] = "ease"

    def __init__(self, matrix: csr_array | None, inverse: Floats, diagonal: Floats, *, regularization: float) -> None:
        """Hold one of the two inverses, and what the second form needs beside it.

        Args:
            matrix: The positives of those who have any, shape (users, items), where K is held; None where P is.
            inverse: P over the known items, shape (known, known); or K, shape (users, users).
            diagonal: Of P, shape (items,), 0 for items that no one liked.
            regularization: lambda.
        """
        self.matrix = matrix
        self.inverse = inverse
        self.diagonal = diagonal
        self.regularization = regularization
        self.known: Mask = diagonal > 0
        self._place = np.cumsum(self.known) - 1

    @classmethod
    def fit(cls, matrix: Matrix, *, regularization: float = REGULARIZATION) -> Self:
        """Solve for positive weights, shape (users, items), of which at least one is not zero.

        Raises:
            DataError: Both users and items are too many for a dense matrix.
        """
        from scipy.linalg import cho_factor, cho_solve
        from threadpoolctl import threadpool_limits

        known = np.flatnonzero(np.bincount(matrix.indices[matrix.data > 0], minlength=matrix.shape[1]))
        active = matrix[np.flatnonzero(np.diff(matrix.indptr))]
        if why := too_large(active.shape[0], len(known)):
            raise DataError(why)
        kept = csr_array(active[:, known]).astype(np.float64)
        dual = active.shape[0] < len(known)
        product = (kept @ kept.T if dual else kept.T @ kept).toarray()
        product[np.diag_indices_from(product)] += regularization
        with threadpool_limits(1, "blas"):
            inverse = cho_solve(cho_factor(product, overwrite_a=True), np.eye(len(product)), overwrite_b=True)
        diagonal = np.zeros(matrix.shape[1], np.float32)
        if dual:
            within = np.asarray(np.ones(kept.shape[0]) @ kept.multiply(inverse @ kept)).ravel()
            diagonal[known] = (1 - within) / regularization
        else:
            diagonal[known] = np.diag(inverse)
        positives = csr_array(active) if dual else None
        return cls(positives, np.ascontiguousarray(inverse, np.float32), diagonal, regularization=regularization)

    def knows(self, profile: Profile) -> bool:
        """Tell whether someone liked one of the items the profile likes."""
        return bool(self.known[profile.items[profile.weights > 0]].any())

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,): weighted sum of the weights, NaN for items that no one liked."""
        weights = np.where(self.known[profile.items], profile.decayed(), np.float32(0))
        full = np.zeros(len(self.known), np.float64)
        full[profile.items] = weights
        if self.matrix is not None:  # a vector of 64 bits would have the whole inverse copied to 64 bits
            users = self.inverse @ (self.matrix @ full).astype(np.float32)
            product = (full - self.matrix.T @ users) / self.regularization
        else:
            product = np.zeros_like(full)
            product[self.known] = self.inverse @ full[self.known].astype(np.float32)
        own = full * self.diagonal
        silent = np.full(len(full), np.nan)
        scores: Floats = np.divide(own - product, self.diagonal, out=silent, where=self.known).astype(np.float32)
        return scores

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each profile item's share of the score, shape (len(profile),)."""
        if not self.known[item]:
            return np.zeros(len(profile), np.float32)
        usable = self.known[profile.items] & (profile.items != item)
        shares = -self._row(item, profile) / self.diagonal[item] * profile.decayed()
        return np.where(usable, shares, 0).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write itself as safetensors."""
        tensors: dict[str, NDArray[np.generic]] = {
            "inverse": self.inverse,
            "diagonal": self.diagonal,
            "regularization": np.array([self.regularization], np.float64),
        }
        save_file(tensors, folder / "ease.safetensors")
        if self.matrix is not None:
            save_sparse(self.matrix, folder / POSITIVES_FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        tensors = load_tensors(folder / "ease.safetensors")
        path = folder / POSITIVES_FILE
        matrix = load_sparse(path) if path.exists() else None
        return cls(matrix, tensors["inverse"], tensors["diagonal"], regularization=float(tensors["regularization"][0]))

    def _row(self, item: int, profile: Profile) -> NDArray[np.float64]:
        """Return P between an item and the items of a profile, shape (len(profile),)."""
        if self.matrix is None:
            places = np.where(self.known[profile.items], self._place[profile.items], 0)
            return np.asarray(self.inverse[self._place[item], places], np.float64)
        users = self.inverse @ self.matrix[:, [item]].toarray()[:, 0]
        within = self.matrix[:, profile.items].T @ users
        return np.asarray((profile.items == item).astype(np.float64) - within) / self.regularization


def too_large(users: int, items: int) -> str | None:
    """Return why EASE cannot be fitted, or None when it can.

    Args:
        users: With positives.
        items: That someone liked.
    """
    size = 4 * min(users, items) ** 2
    if size <= MOST_BYTES:
        return None
    return f"its dense matrix would take {size / 2**20:,.0f} MiB, more than {MOST_BYTES / 2**20:,.0f}"

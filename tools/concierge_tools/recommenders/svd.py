"""PureSVD (Cremonesi, Koren and Turrin 2010): a truncated singular value decomposition of the positives.

A profile is folded in by projection, so that known users and strangers share one path.
"""

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from safetensors.numpy import save_file

from concierge_tools.ranking.ordering import within
from concierge_tools.recommenders.recommender import Floats, Mask, Matrix, Profile
from concierge_tools.recommenders.tensor_files import load_tensors

FACTORS = 64


class PureSvd:
    """Item directions; a score is the projection of the profile onto them."""

    name: ClassVar[str] = "svd"

    def __init__(self, directions: Floats) -> None:
        """Hold the right singular vectors, shape (items, factors), zeros for items that no one liked."""
        self.directions = directions

    @classmethod
    def fit(cls, matrix: Matrix, *, factors: int = FACTORS, seed: int = 0) -> Self:
        """Decompose positive weights, shape (users, items), of which at least two are not zero.

        There are fewer factors where there are few users or items.
        """
        from scipy.sparse.linalg import svds
        from threadpoolctl import threadpool_limits

        known = np.flatnonzero(np.bincount(matrix.indices[matrix.data > 0], minlength=matrix.shape[1]))
        liked = matrix[:, known].astype(np.float64)
        with threadpool_limits(1, "blas"):
            if min(liked.shape) > 1:
                rank = min(factors, min(liked.shape) - 1)
                _, _, rows = svds(liked, k=rank, rng=np.random.default_rng(seed))
            else:  # the sparse solver wants fewer factors than there are users and items
                _, _, rows = np.linalg.svd(liked.toarray(), full_matrices=False)
        directions = np.zeros((matrix.shape[1], len(rows)), np.float32)
        directions[known] = rows[::-1].T
        return cls(directions)

    def knows(self, profile: Profile) -> bool:
        """Tell whether someone liked one of the items the profile likes."""
        return bool(self.directions[profile.items[profile.weights > 0]].any())

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,): the profile's projection, NaN for items that no one liked."""
        user = self.directions[profile.items].T @ profile.decayed()
        scores: Floats = self.directions @ user
        return within(scores, self._known)

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each profile item's share of the score, shape (len(profile),)."""
        shares: Floats = (self.directions[profile.items] @ self.directions[item]) * profile.decayed()
        return shares

    def save(self, folder: Path) -> None:
        """Write itself as safetensors."""
        save_file({"directions": self.directions}, folder / "svd.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        return cls(load_tensors(folder / "svd.safetensors")["directions"])

    @cached_property
    def _known(self) -> Mask:
        return np.asarray(self.directions.any(axis=1))

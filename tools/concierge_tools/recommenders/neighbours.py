"""Item neighbours by BM25-weighted co-occurrence. Knows nothing of items no one shares with another."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from concierge_tools.ranking.ordering import within
from concierge_tools.recommenders.recommender import Floats, Matrix, Profile
from concierge_tools.recommenders.sparse_files import load_sparse, save_sparse

NEIGHBOURS = 100
K1 = 100.0
B = 0.2


class Neighbours:
    """The nearest items of each item; a score is the sum of an item's similarities to those of the profile."""

    name: ClassVar[str] = "neighbours"

    def __init__(self, similarity: csr_array) -> None:
        """Hold similarities, shape (items, items): row j has item j's neighbours, never j itself."""
        self.similarity = similarity

    @classmethod
    def fit(cls, matrix: Matrix, *, neighbours: int = NEIGHBOURS, k1: float = K1, b: float = B) -> Self:
        """Find neighbours in positive weights, shape (users, items), of which at least one is not zero."""
        from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight

        model = ItemItemRecommender(K=neighbours)
        model.fit(csr_matrix(bm25_weight(matrix.T, k1, b).T, dtype=np.float64), show_progress=False)
        pairs = model.similarity.tocoo()
        kept = (pairs.row != pairs.col) & (pairs.data > 0)
        values = pairs.data[kept].astype(np.float32)
        similarity = csr_array((values, (pairs.row[kept], pairs.col[kept])), shape=pairs.shape)
        similarity.sort_indices()
        return cls(similarity)

    def knows(self, profile: Profile) -> bool:
        """Tell whether an item that the profile likes has neighbours."""
        liked = profile.items[profile.weights > 0]
        return bool((np.diff(self.similarity.indptr)[liked] > 0).any())

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,): weighted similarity, NaN for items that neighbour nothing in the profile."""
        rows = self.similarity[profile.items]
        touched = np.zeros(rows.shape[1], np.bool_)
        touched[rows.indices] = True
        return within(rows.T @ profile.decayed(), touched)

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each profile item's share of the score, shape (len(profile),)."""
        shares: Floats = self.similarity[profile.items][:, [item]].toarray()[:, 0] * profile.decayed()
        return shares

    def save(self, folder: Path) -> None:
        """Write itself as safetensors."""
        save_sparse(self.similarity, folder / "neighbours.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        return cls(load_sparse(folder / "neighbours.safetensors"))

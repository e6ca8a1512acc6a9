"""Similar items: nearest item vectors through a FAISS index. Exact; knows only items that have a vector."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from concierge_tools.recommenders.recommender import Floats, Mask, Positions, Profile

if TYPE_CHECKING:
    from faiss import Index

INDEX_FILE = "items.faiss"
SLICE = 0.1
"""Up to this share of the items, scoring just those is faster than the index with a selector."""


class SimilarItems:
    """Item vectors of length 1 at most, and an index over them."""

    def __init__(self, vectors: Floats, index: bytes) -> None:
        """Hold vectors of shape (items, factors), zeros for items without one, and their index as FAISS wrote it.

        How much shorter than 1 a vector is says how little its direction is to be trusted.
        """
        self.vectors = vectors
        self._bytes = index

    @classmethod
    def build(cls, vectors: Floats, folder: Path) -> Self:
        """Index vectors and write the index into an existing folder."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, str(folder / INDEX_FILE))
        return cls.load(vectors, folder)

    @classmethod
    def load(cls, vectors: Floats, folder: Path) -> Self:
        """Read the index that `build` wrote for these vectors; FAISS itself is imported at the first search."""
        return cls(vectors, (folder / INDEX_FILE).read_bytes())

    def scores(self, seeds: Positions, eligible: Mask, *, limit: int) -> Floats:
        """Score the eligible items most similar to the seeds together.

        Args:
            seeds: Catalog positions.
            eligible: Shape (items,).
            limit: How many items are scored when there are many.

        Returns:
            Shape (items,): mean over the seeds that have a vector of the cosine to it times the item's own length;
            NaN for items that were not reached, are not eligible or have no vector.
        """
        known: Mask = np.any(self.vectors, axis=1)
        wanted = seeds[known[seeds]]
        chosen = np.flatnonzero(eligible & known)
        result = np.full(len(self.vectors), np.nan, np.float32)
        if not len(wanted) or not len(chosen):
            return result
        seen = self.vectors[wanted]
        query: Floats = (seen / np.linalg.norm(seen, axis=1, keepdims=True)).mean(axis=0)
        if len(chosen) <= SLICE * len(self.vectors):
            result[chosen] = self.vectors[chosen] @ query
        else:
            found, cosines = self._search(query, eligible & known, min(limit, len(chosen)))
            result[found] = cosines
        return result

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each seed's share of the item's score, shape (len(profile),); the seeds are the profile's items."""
        seen = self.vectors[profile.items]
        lengths = np.linalg.norm(seen, axis=1)
        cosines = np.divide(seen @ self.vectors[item], lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return np.asarray(cosines / max(1, np.count_nonzero(lengths)), dtype=np.float32)

    def _search(self, query: Floats, eligible: Mask, limit: int) -> tuple[Positions, Floats]:
        import faiss

        faiss.omp_set_num_threads(1)
        bits = np.packbits(eligible, bitorder="little")
        parameters = faiss.SearchParameters()
        selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        parameters.sel = selector
        cosines, found = self._index.search(query[None, :], limit, params=parameters)
        reached = found[0] >= 0
        return found[0][reached].astype(np.int32), cosines[0][reached]

    @cached_property
    def _index(self) -> "Index":
        import faiss

        return faiss.deserialize_index(np.frombuffer(self._bytes, np.uint8))

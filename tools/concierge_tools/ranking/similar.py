"""Similar items: the nearest item vectors. Knows only items that have a vector.

Up to 100,000 items every one is compared. Above, an inverted file over 8-bit vectors (FAISS) proposes, and what it
proposes is compared exactly; it is kept only where it was measured to find what comparing every item finds.
"""

import mmap
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from concierge_tools.ranking.ordering import best
from concierge_tools.ranking.similar_index import EXACT, IndexChoice, build_index
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.recommender import Floats, Mask, Positions, Profile, Splits
from concierge_tools.recommenders.tensor_files import load_tensors

if TYPE_CHECKING:
    from faiss import IndexIVF

INDEX_FILE = "items.faiss"
SCALE_FILE = "similar.safetensors"
EXACT_UP_TO = 100_000
SLICE = 0.1
"""Up to this share of the items, comparing just those is faster than the index."""
MOST = 0.5
"""From this share of the items, the index is asked; below, so few of those it proposes remain that all are compared."""
_BLOCK = 16_384
SUPPORT = 5.0
"""Likeness goes half by who liked the items and half by what they are when this many people liked them."""


def trust(people: NDArray[np.int64], members: Iterable[str]) -> dict[str, float]:
    """Return the weight of each recommender: few people say little, and then what the items are says more.

    Args:
        people: How many liked each of the items that others are to be like.
        members: The recommenders' names.
    """
    many = float(people.mean())
    by_people = many / (many + SUPPORT)
    return {name: 1 - by_people if name == Content.name else by_people for name in members}


class Likeness(Splits, Protocol):
    """Scores items by their likeness to others, and splits the scores over those."""

    def scores(self, seeds: Positions, eligible: Mask, *, limit: int) -> Floats:
        """Return shape (items,); see `SimilarItems.scores`."""


class SimilarItems:
    """Item vectors that are scaled to a length of 1 at most, and an index over them where there are many."""

    def __init__(self, factors: Floats, scale: Floats, index: bytes | mmap.mmap | None, choice: IndexChoice) -> None:
        """Hold factors of shape (items, factors) and what scales them, shape (items,), 0 for items without a vector.

        How much shorter than 1 a scaled vector is says how little its direction is to be trusted. `index` is one as
        FAISS wrote it; None compares every item.
        """
        self.factors = factors
        self.scale = scale
        self.choice = choice
        self._known: Mask = scale > 0
        self._all_known = bool(self._known.all())
        self._bytes = index

    @classmethod
    def build(cls, factors: Floats, scale: Floats, *, exact_up_to: int = EXACT_UP_TO, seed: int = 0) -> Self:
        """Choose by the number of vectors, and by measured recall, whether to index them; see `build_index`."""
        if np.count_nonzero(scale) <= exact_up_to:
            return cls(factors, scale, None, EXACT)
        return cls(factors, scale, *build_index(factors, scale, seed=seed))

    def save(self, folder: Path) -> None:
        """Write the scale, and the index if there is one, into an existing folder; the factors are elsewhere."""
        save_file({"scale": self.scale}, folder / SCALE_FILE)
        if self._bytes is not None:
            (folder / INDEX_FILE).write_bytes(self._bytes)

    @classmethod
    def load(cls, factors: Floats, folder: Path, choice: IndexChoice = EXACT) -> Self:
        """Map what `save` wrote for these factors; FAISS itself is imported at the first search that needs it."""
        path, index = folder / INDEX_FILE, None
        if path.exists():
            with path.open("rb") as file:
                index = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        scale: Floats = load_tensors(folder / SCALE_FILE)["scale"].astype(np.float32, copy=False)
        return cls(factors, scale, index, choice)

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
        wanted = seeds[self._known[seeds]]
        possible = eligible if self._all_known else eligible & self._known
        left = int(np.count_nonzero(possible))
        result = np.full(len(self.factors), np.nan, np.float32)
        if not len(wanted) or not left:
            return result
        seen = self.factors[wanted]
        query: Floats = (seen / np.linalg.norm(seen, axis=1, keepdims=True)).mean(axis=0)
        if left <= SLICE * len(self.factors):
            found = np.flatnonzero(possible).astype(np.int32)
        else:
            found = self._proposed(query, possible, left, min(limit, left))
            if len(found) < min(limit, left):
                found, compared = self._compared(query, possible, min(limit, left))
                result[found] = compared
                return result
        result[found] = (self.factors[found] @ query) * self.scale[found]
        return result

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each seed's share of the item's score, shape (len(profile),); the seeds are the profile's items."""
        seen = self.factors[profile.items] * self._known[profile.items, None]
        lengths = np.linalg.norm(seen, axis=1)
        cosines = np.divide(seen @ self.factors[item], lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return np.asarray(self.scale[item] * cosines / max(1, np.count_nonzero(lengths)), dtype=np.float32)

    def _compared(self, query: Floats, possible: Mask, limit: int) -> tuple[Positions, Floats]:
        """Compare every item; return the positions and scores of the best possible ones, by position.

        Scores are made a block at a time, and of each block only what can still be among the best is kept: they never
        leave the processor's cache.
        """
        product = self._product()
        kept, scores, bound = np.empty(0, np.int64), np.empty(0, np.float32), np.float32(-np.inf)
        for start in range(0, len(self.scale), _BLOCK):
            here = slice(start, start + _BLOCK)
            part = product(self.factors[here], query)
            part *= self.scale[here]
            chosen = np.flatnonzero((part >= bound) & possible[here])
            kept, scores = np.concatenate([kept, chosen + start]), np.concatenate([scores, part[chosen]])
            if len(kept) > 2 * limit:
                bound = np.partition(scores, len(scores) - limit)[len(scores) - limit]
                kept, scores = kept[scores >= bound], scores[scores >= bound]
        first = np.sort(best(scores, limit))
        return kept[first].astype(np.int32), scores[first]

    def _product(self) -> Callable[[Floats, Floats], Floats]:
        """Return what multiplies rows with a query: for many, FAISS's kernel, which keeps up with memory."""
        if len(self.scale) <= EXACT_UP_TO:
            return np.matmul
        import faiss

        def product(rows: Floats, query: Floats) -> Floats:
            result = np.empty(len(rows), np.float32)
            pointers = (faiss.swig_ptr(array) for array in (result, query, rows))
            faiss.fvec_inner_products_ny(*pointers, rows.shape[1], len(rows))  # type: ignore[attr-defined]  # not in its stubs
            return result

        return product

    def _proposed(self, query: Floats, possible: Mask, left: int, limit: int) -> Positions:
        """Return positions that the index proposes: the nearest among its lists nearest to the query.

        Where a filter spares too few of the very nearest items, what is left may be far from any list probed: then
        nothing is proposed. Otherwise more lists are probed, so that as many eligible items are looked at.
        """
        if self._bytes is None or left < MOST * len(possible):
            return np.empty(0, np.int32)
        import faiss

        index = self._index
        _, nearest = index.search(query[None, :], limit)
        found = nearest[0][nearest[0] >= 0]
        spared = 1.0 if left == len(possible) else float(possible[found].sum()) / max(len(found), 1)
        if spared == 1:
            return np.asarray(found, np.int32)
        if spared < MOST:
            return np.empty(0, np.int32)
        bits = np.packbits(possible, bitorder="little")
        selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        probes = min(index.nlist, int(np.ceil(index.nprobe / spared)))
        parameters = faiss.SearchParametersIVF()
        parameters.nprobe, parameters.sel = probes, selector
        _, nearest = index.search(query[None, :], limit, params=parameters)
        return np.asarray(nearest[0][nearest[0] >= 0], np.int32)

    @cached_property
    def _index(self) -> "IndexIVF":
        import faiss
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)  # FAISS brings libraries of its own, which limits set before do not bind
        faiss.omp_set_num_threads(1)
        read = faiss.deserialize_index(np.frombuffer(self._bytes or b"", np.uint8))
        index: IndexIVF = read  # type: ignore[assignment]  # what `build_index` made
        return index

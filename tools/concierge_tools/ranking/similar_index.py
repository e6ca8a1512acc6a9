"""The index over item vectors: built, measured against comparing every item, and kept only where it finds the same."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue, TypeAdapter

from concierge_tools.ranking.ordering import best
from concierge_tools.ranking.ranking import POOL
from concierge_tools.recommenders.recommender import Floats, Positions

if TYPE_CHECKING:
    from faiss import IndexIVF

RECALL = 0.95
"""Of the ten nearest items, the share that an index has to find on average."""
AIM = 0.97
"""What is aimed at, so that filters and other queries leave that much."""
CUTOFF = 10
QUERIES = 200
TRAINED_ON = 64
"""Vectors that the centre of a list is trained on."""
ROUNDS = 10
FIRST_PROBES = 16
MOST_PROBES = 8
"""One list in so many is probed at most: from there on, comparing every item costs little more."""
_ADDED = 100_000
_ASKED = 20
"""How many are added, and asked, at once."""


@dataclass(frozen=True, slots=True)
class IndexChoice:
    """How similar items are found, and how that was measured."""

    kind: Literal["exact", "ivf-sq8"]
    lists: int = 0
    probes: int = 0
    recall: float = 1.0
    """Of the ten nearest, mean over the queries."""
    queries: int = 0
    """How many items it was measured with; 0 where nothing was, because every item is compared."""

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def of_json(cls, told: JsonValue) -> Self:
        """Read what `to_json` returned; nothing told means exact."""
        return TypeAdapter(cls).validate_python(told or {"kind": "exact"})


EXACT = IndexChoice("exact")


def build_index(factors: Floats, scale: Floats, *, seed: int = 0) -> tuple[bytes | None, IndexChoice]:
    """Index scaled vectors in inverted lists of 8-bit numbers, with as many lists probed as its recall asks for.

    Args:
        factors: Shape (items, factors).
        scale: What each vector is multiplied by, shape (items,); items of scale 0 are left out.
        seed: Draws the vectors to train on and the queries.

    Returns:
        The index as FAISS writes it, or None where no number of probes reaches a recall of .95; and what was measured.
    """
    import faiss
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng((seed, 2))
    known = np.flatnonzero(scale)
    lists = int(np.sqrt(len(known)))
    with threadpool_limits(1, "blas"):
        quantizer = faiss.IndexFlatIP(factors.shape[1])
        index = faiss.IndexIVFScalarQuantizer(
            quantizer, factors.shape[1], lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.max_points_per_centroid, index.cp.seed, index.cp.niter = TRAINED_ON, seed + 1, ROUNDS
        sample = np.sort(rng.choice(known, min(len(known), TRAINED_ON * lists), replace=False))
        index.train(factors[sample] * scale[sample, None])
        for part in np.array_split(known, max(1, len(known) // _ADDED)):
            index.add_with_ids(factors[part] * scale[part, None], part)
        seeds = rng.choice(known, min(len(known), QUERIES), replace=False)
        queries = factors[seeds] / np.linalg.norm(factors[seeds], axis=1, keepdims=True)
        nearest = _nearest(factors, scale, queries)
        choice = _probing(index, factors, scale, queries, nearest)
    if choice.recall < RECALL:
        return None, IndexChoice("exact", lists, choice.probes, choice.recall, len(queries))
    return faiss.serialize_index(index).tobytes(), choice


def _probing(
    index: "IndexIVF", factors: Floats, scale: Floats, queries: Floats, nearest: list[Positions]
) -> IndexChoice:
    """Double the lists that are probed until recall is reached, or too many are."""
    index.nprobe = min(FIRST_PROBES, index.nlist)
    while True:
        _, proposed = index.search(queries, POOL)
        shares = [
            len(np.intersect1d(_rescored(factors, scale, query, found[found >= 0]), wanted)) / len(wanted)
            for query, found, wanted in zip(queries, proposed, nearest, strict=True)
        ]
        recall = round(float(np.mean(shares)), 4)
        if recall >= AIM or 2 * index.nprobe * MOST_PROBES > index.nlist:
            return IndexChoice("ivf-sq8", index.nlist, index.nprobe, recall, len(queries))
        index.nprobe *= 2


def _nearest(factors: Floats, scale: Floats, queries: Floats) -> list[Positions]:
    """Compare every item, a few queries at a time."""
    found: list[Positions] = []
    for start in range(0, len(queries), _ASKED):
        products: Floats = (queries[start : start + _ASKED] @ factors.T) * scale
        products[:, scale == 0] = np.nan
        found += [best(row, CUTOFF) for row in products]
    return found


def _rescored(factors: Floats, scale: Floats, query: Floats, proposed: NDArray[np.int64]) -> NDArray[np.int64]:
    return proposed[np.argsort(-(factors[proposed] @ query) * scale[proposed], kind="stable")[:CUTOFF]]

"""Speed of item vectors: comparing a million, proposing out of a million, and comparing the few a filter leaves."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.pairs import Pair, in_turns
from benchmarks.speed_stores import MILLION, WIDTH, large_store
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import mask
from concierge_tools.ranking.ordering import best
from concierge_tools.ranking.ranking import POOL
from concierge_tools.ranking.similar import SimilarItems
from concierge_tools.ranking.similar_index import EXACT
from concierge_tools.recommenders.recommender import Floats, Positions
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Artifact

TURNS = 25
QUERIES = 200
CUTOFF = 10
CHEAP = [Constraint(field="year", op="==", value=1990), Constraint(field="price", op="<", value=60)]
"""One year of 75, and most of the prices: about 1.2% of the items."""


def exact(scratch: Path) -> Iterator[Pair]:
    """Compare every vector, against reading them."""
    artifact = large_store(scratch).load()
    similar, everything = _exact(artifact), np.ones(MILLION, np.bool_)
    flat, seeds = similar.factors.reshape(-1), _seeds()
    own, other = in_turns(
        lambda call: similar.scores(seeds[call, None], everything, limit=POOL),
        lambda _: np.dot(flat, flat),
        turns=TURNS,
    )
    size = f"{MILLION:,} x {WIDTH}, the best {POOL:,}"
    yield Pair("exact retrieval", "reading the same bytes once (a dot product of them)", size, 1.3, own, other)
    retrieval = _comparing_all(artifact)
    own, other = in_turns(
        lambda call: retrieval.similar([int(seeds[call])], everything, model="als"),
        lambda _: np.dot(flat, flat),
        turns=TURNS,
    )
    yield Pair("  and all of get_similar_items but its page", "the same", size, None, own, other)


def approximate(scratch: Path) -> Iterator[Pair]:
    """Ask the index through the tool's path, against the raw index."""
    import faiss

    artifact = large_store(scratch).load()
    similar, everything, seeds = artifact.similar, np.ones(MILLION, np.bool_), _seeds()
    assert similar is not None
    path = artifact.path / "similar" / "items.faiss"
    lists = faiss.read_index(str(path))
    faiss.omp_set_num_threads(1)
    scaled = similar.factors * similar.scale[:, None]
    index = faiss.IndexRefineFlat(lists, faiss.swig_ptr(scaled))
    units = similar.factors[seeds] / np.linalg.norm(similar.factors[seeds], axis=1, keepdims=True)
    nearest = [_best(_exact(artifact).scores(seed, everything, limit=CUTOFF)) for seed in seeds[:, None]]
    own_recall = _recall([_best(similar.scores(seed, everything, limit=POOL)) for seed in seeds[:, None]], nearest)
    choice = similar.choice
    lists.nprobe = choice.probes
    raw_recall = _recall([*index.search(units, POOL)[1][:, :CUTOFF]], nearest)
    own, other = in_turns(
        lambda call: similar.scores(seeds[call, None], everything, limit=POOL),
        lambda call: index.search(units[call, None], POOL),
        turns=TURNS,
        each=4,
    )
    size = f"{MILLION:,} x {WIDTH}, the best {POOL:,}, {choice.kind}, {choice.probes} of {choice.lists} lists"
    note = f"recall@{CUTOFF} {own_recall:.3f} to {raw_recall:.3f}"
    yield Pair(
        "approximate retrieval",
        "the raw FAISS index, refined as exactly (IndexRefineFlat)",
        size,
        1.2,
        own,
        other,
        note,
    )


def filtered(scratch: Path) -> Iterator[Pair]:
    """Filter a million items and rank what is left, against ranking all of them exactly."""
    artifact = large_store(scratch).load()
    retrieval, catalog, everything, seeds = (
        _comparing_all(artifact),
        artifact.catalog,
        np.ones(MILLION, np.bool_),
        _seeds(),
    )
    kept = np.count_nonzero(mask(catalog, CHEAP)) / MILLION
    own, other = in_turns(
        lambda call: retrieval.similar([int(seeds[call])], mask(catalog, CHEAP), model="als"),
        lambda call: retrieval.similar([int(seeds[call])], everything, model="als"),
        turns=TURNS,
    )
    words = " and ".join(f"{c.field} {c.op} {c.value}" for c in CHEAP)
    size = f"{MILLION:,} x {WIDTH}; {words} keep {kept:.1%}"
    yield Pair("a filter and the best of what it keeps", "the unfiltered exact query", size, 0.3, own, other)


def _seeds() -> Positions:
    return np.random.default_rng(5).choice(MILLION, QUERIES, replace=False).astype(np.int32)


def _exact(artifact: Artifact) -> SimilarItems:
    """Return what finds similar items of an artifact without its index, as where recall had not allowed one."""
    assert artifact.similar is not None
    return SimilarItems(artifact.similar.factors, artifact.similar.scale, None, EXACT)


def _comparing_all(artifact: Artifact) -> Retrieval:
    from dataclasses import replace

    return Retrieval(replace(artifact, similar=_exact(artifact)), artifact.catalog)


def _best(scores: Floats) -> Positions:
    return best(scores, CUTOFF)


def _recall(found: list[Positions], nearest: list[Positions]) -> float:
    return float(np.mean([np.isin(wanted, got).mean() for wanted, got in zip(nearest, found, strict=True)]))

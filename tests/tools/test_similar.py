"""The index finds what comparing every vector finds."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from concierge_tools.ranking.similar import SimilarItems
from concierge_tools.ranking.similar_index import EXACT, RECALL, IndexChoice
from concierge_tools.recommenders.recommender import Floats, Mask, Profile

ITEMS = 300
MANY = 6_000


def drawn(items: int) -> Floats:
    """Draw vectors around a few centres, some short and some zero."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(40, 8))
    made = (centres[rng.integers(0, 40, items)] + 0.5 * rng.normal(size=(items, 8))).astype(np.float32)
    made[::7] = 0
    made[1::2] *= 0.5
    return made


def scale_of(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1)
    return np.where(lengths > 0, 1 / (lengths + 1), 0).astype(np.float32)


@pytest.fixture
def vectors() -> Floats:
    return drawn(ITEMS)


@pytest.fixture
def index(vectors: Floats) -> SimilarItems:
    return SimilarItems.build(vectors, scale_of(vectors))


@pytest.fixture(scope="module")
def indexed() -> SimilarItems:
    """Many vectors, with an index."""
    return SimilarItems.build(drawn(MANY), scale_of(drawn(MANY)), exact_up_to=ITEMS)


def brute_force(index: SimilarItems, seeds: list[int], eligible: Mask) -> dict[int, float]:
    scaled = index.factors * index.scale[:, None]
    units = [scaled[seed] / np.linalg.norm(scaled[seed]) for seed in seeds if scaled[seed].any()]
    cosines = np.mean([scaled @ unit for unit in units], axis=0)
    return {i: float(cosines[i]) for i in np.flatnonzero(eligible & scaled.any(axis=1)).tolist()}


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 1.0])
def test_the_best_items_are_found_under_any_filter(index: SimilarItems, share: float) -> None:
    eligible = np.random.default_rng(1).random(ITEMS) < share
    seeds = [3, 8, 14]
    found = index.scores(np.array(seeds, np.int32), eligible, limit=20)
    reached = np.flatnonzero(~np.isnan(found)).tolist()
    expected = brute_force(index, seeds, eligible)
    best = sorted(expected, key=lambda i: -expected[i])[:20]
    assert set(best) <= set(reached) <= set(expected)
    np.testing.assert_allclose(found[reached], [expected[i] for i in reached], atol=1e-5)


def test_contributions_of_the_seeds_sum_to_the_score(index: SimilarItems) -> None:
    profile = Profile.of(liked=[3, 7, 8])
    scores = index.scores(profile.items, np.ones(ITEMS, np.bool_), limit=ITEMS)
    for item in (1, 2, 100):
        assert index.contributions(profile, item).sum() == pytest.approx(scores[item], abs=1e-5)
    assert index.contributions(profile, 1)[1] == 0


def test_seeds_without_a_vector_are_like_nothing(index: SimilarItems) -> None:
    assert np.isnan(index.scores(np.array([0, 7], np.int32), np.ones(ITEMS, np.bool_), limit=5)).all()


def test_few_items_have_no_index(index: SimilarItems, tmp_path: Path) -> None:
    index.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["similar.safetensors"]
    assert index.choice == EXACT


def test_many_items_have_an_index_whose_recall_was_measured(indexed: SimilarItems) -> None:
    assert indexed.choice.kind == "ivf-sq8"
    assert indexed.choice.recall >= RECALL
    assert indexed.choice.queries == 200
    assert IndexChoice.of_json(indexed.choice.to_json()) == indexed.choice


@pytest.mark.parametrize("filtered", ["nothing", "half at random", "the nearest", "all but a few"])
def test_an_index_keeps_its_recall_under_any_filter(indexed: SimilarItems, filtered: str) -> None:
    rng, shares = np.random.default_rng(2), []
    for seed in (indexed.scale.nonzero()[0][rng.integers(0, 5_000, 30)]).tolist():
        every = brute_force(indexed, [seed], np.ones(MANY, np.bool_))
        eligible = np.ones(MANY, np.bool_)
        if filtered == "half at random":
            eligible = rng.random(MANY) < 0.5
        elif filtered == "the nearest":
            eligible[sorted(every, key=lambda i: -every[i])[:500]] = False
        elif filtered == "all but a few":
            eligible = rng.random(MANY) < 0.05
        found = indexed.scores(np.array([seed], np.int32), eligible, limit=100)
        assert np.isnan(found[~eligible]).all()
        expected = sorted((i for i in every if eligible[i]), key=lambda i: -every[i])[:10]
        shares.append(np.isin(expected, np.flatnonzero(~np.isnan(found))).mean())
        reached = np.flatnonzero(~np.isnan(found)).tolist()
        np.testing.assert_allclose(found[reached], [every[i] for i in reached], atol=1e-5)
    assert np.mean(shares) >= RECALL


def test_vectors_without_any_neighbourhood_are_not_indexed() -> None:
    vectors = np.random.default_rng(3).normal(size=(20_000, 64)).astype(np.float32)
    built = SimilarItems.build(vectors, scale_of(vectors), exact_up_to=ITEMS)
    assert built.choice.kind == "exact"
    assert built.choice.recall < RECALL


def test_an_index_can_be_read_again_after_its_file_is_gone(indexed: SimilarItems, tmp_path: Path) -> None:
    indexed.save(tmp_path)
    read = SimilarItems.load(indexed.factors, tmp_path, indexed.choice)
    (tmp_path / "items.faiss").unlink()
    everything, seeds = np.ones(MANY, np.bool_), np.array([1], np.int32)
    np.testing.assert_array_equal(read.scores(seeds, everything, limit=50), indexed.scores(seeds, everything, limit=50))


SERVE = """
import sys
from pathlib import Path
import numpy as np
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Store
artifact = Store(Path(sys.argv[1])).load()
retrieval = Retrieval(artifact, artifact.catalog)
everything = np.ones(len(artifact.catalog), np.bool_)
for model in retrieval.models:
    retrieval.recommend(Profile.of(liked=[2]), everything, model=model)
retrieval.similar([2], everything)
retrieval.search("item", everything)
print(*({"faiss", "implicit", "tantivy", "sklearn", "torch"} & sys.modules.keys()))
"""


def test_serving_imports_no_library_that_the_artifact_does_not_use(tmp_path: Path) -> None:
    from tests.tools.toy_store import fitted, toy_config

    store, _ = fitted(tmp_path, toy_config(tmp_path))
    done = subprocess.run([sys.executable, "-c", SERVE, str(store.folder)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tantivy"]

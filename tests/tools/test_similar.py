"""The index finds what comparing every vector finds."""

from pathlib import Path

import numpy as np
import pytest

from concierge_tools.ranking.similar import SimilarItems
from concierge_tools.recommenders.recommender import Floats, Mask, Profile

ITEMS = 300


@pytest.fixture
def vectors() -> Floats:
    made = np.random.default_rng(0).normal(size=(ITEMS, 8)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    made[::7] = 0
    made[1::2] *= 0.5
    return made


def brute_force(vectors: Floats, seeds: list[int], eligible: Mask) -> dict[int, float]:
    known = [seed for seed in seeds if vectors[seed].any()]
    return {
        i: float(np.mean([vectors[i] @ vectors[s] / np.linalg.norm(vectors[s]) for s in known]))
        for i in np.flatnonzero(eligible & vectors.any(axis=1)).tolist()
    }


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 1.0])
def test_the_best_items_are_found_under_any_filter(vectors: Floats, tmp_path: Path, share: float) -> None:
    eligible = np.random.default_rng(1).random(ITEMS) < share
    seeds = [3, 8, 14]
    found = SimilarItems.build(vectors, tmp_path).scores(np.array(seeds, np.int32), eligible, limit=20)
    reached = np.flatnonzero(~np.isnan(found)).tolist()
    expected = brute_force(vectors, seeds, eligible)
    best = sorted(expected, key=lambda i: -expected[i])[:20]
    assert set(best) <= set(reached) <= set(expected)
    np.testing.assert_allclose(found[reached], [expected[i] for i in reached], atol=1e-5)


def test_contributions_of_the_seeds_sum_to_the_score(vectors: Floats, tmp_path: Path) -> None:
    index = SimilarItems.build(vectors, tmp_path)
    profile = Profile.of(liked=[3, 7, 8])
    scores = index.scores(profile.items, np.ones(ITEMS, np.bool_), limit=ITEMS)
    for item in (1, 2, 100):
        assert index.contributions(profile, item).sum() == pytest.approx(scores[item], abs=1e-5)
    assert index.contributions(profile, 1)[1] == 0


def test_seeds_without_a_vector_are_like_nothing(vectors: Floats, tmp_path: Path) -> None:
    index = SimilarItems.build(vectors, tmp_path)
    assert np.isnan(index.scores(np.array([0, 7], np.int32), np.ones(ITEMS, np.bool_), limit=5)).all()


def test_an_index_can_be_read_again_after_its_file_is_gone(vectors: Floats, tmp_path: Path) -> None:
    SimilarItems.build(vectors, tmp_path)
    index = SimilarItems.load(vectors, tmp_path)
    (tmp_path / "items.faiss").unlink()
    assert not np.isnan(index.scores(np.array([1], np.int32), np.ones(ITEMS, np.bool_), limit=5)).all()

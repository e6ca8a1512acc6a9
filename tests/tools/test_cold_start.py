"""Items that nobody has touched are reached through what they are, and newcomers get what is not all the same."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from concierge_tools.ranking.candidate_signals import SignalReader
from concierge_tools.ranking.cold_start import HEAD, told_apart
from concierge_tools.ranking.ranker import Ranker
from concierge_tools.ranking.ranking import Ranking
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.retrieval import Retrieval
from tests.tools.recommender_contract import ITEMS, TOUCHED, toy_interactions
from tests.tools.toy_store import fitted, toy_config

LOG = toy_interactions()
EVERY = np.ones(ITEMS, np.bool_)
UNTOUCHED = np.arange(ITEMS) >= TOUCHED


@pytest.fixture(scope="module")
def retrieval(tmp_path_factory: pytest.TempPathFactory) -> Retrieval:
    folder: Path = tmp_path_factory.mktemp("cold")
    artifact = fitted(folder, toy_config(folder))[0].load()
    return Retrieval(artifact, artifact.catalog)


def test_an_untouched_item_of_the_kind_comes_before_known_items_of_the_other(retrieval: Retrieval) -> None:
    items = retrieval.recommend(Profile.of(liked=[2, 4]), EVERY).items.tolist()
    assert TOUCHED % 2 == 0
    assert items.index(TOUCHED) < items.index(TOUCHED + 1)


def test_known_items_keep_their_scores_and_their_order(retrieval: Retrieval) -> None:
    profile = Profile.of(liked=[2, 4])
    with_all, known = (retrieval.recommend(profile, mask) for mask in (EVERY, ~UNTOUCHED))
    assert [item for item in with_all.items.tolist() if item < TOUCHED] == known.items.tolist()
    assert with_all.items[0] == known.items[0]


def test_among_untouched_items_alone_taste_decides(retrieval: Retrieval) -> None:
    for liked, best in ((2, TOUCHED), (3, TOUCHED + 1)):
        ranking = retrieval.recommend(Profile.of(liked=[liked]), UNTOUCHED)
        assert ranking.items[0] == best
        assert ranking.basis == "content"


def test_the_score_of_an_untouched_item_is_explained_by_content_alone(retrieval: Retrieval) -> None:
    profile = Profile.of(liked=[2], history=[4])
    breakdown = retrieval.explain(TOUCHED, profile, eligible=EVERY)
    assert [term.member for term in breakdown.terms] == ["content"]
    assert breakdown.score == pytest.approx(breakdown.terms[0].value)
    assert sum(share for _, share in breakdown.contributions["content"]) == pytest.approx(breakdown.members["content"])
    known = retrieval.explain(6, profile, eligible=EVERY)
    assert "content" not in [term.member for term in known.terms]


def test_beside_a_learned_ranker_an_untouched_item_keeps_its_place_in_the_blend(
    tmp_path: Path, retrieval: Retrieval
) -> None:
    artifact = fitted(tmp_path, toy_config(tmp_path))[0].load()
    signals = SignalReader(artifact.members, artifact.popularity, artifact.catalog, LOG)
    size = len(signals.names)
    ranker = Ranker(
        tuple(artifact.members), signals.names, np.zeros(size), np.random.default_rng(1).normal(size=size), 1
    )
    ranked = Retrieval(replace(artifact, ranker=ranker), artifact.catalog)
    profile = Profile.of(liked=[2], history=[4])

    found, plain = (one.recommend(profile, EVERY).items.tolist() for one in (ranked, retrieval))
    breakdown = ranked.explain(TOUCHED, profile, eligible=EVERY)

    assert abs(found.index(TOUCHED) - plain.index(TOUCHED)) <= 1
    assert breakdown.layer == "ranker"
    assert [term.member for term in breakdown.terms] == ["base", "content"]
    assert breakdown.score == pytest.approx(ranked.recommend(profile, EVERY).scores[found.index(TOUCHED)], abs=1e-5)


def test_one_recommender_asked_for_by_name_speaks_alone(retrieval: Retrieval) -> None:
    assert retrieval.recommend(Profile.of(liked=[2]), EVERY, model="als").basis == "als"


@given(st.lists(st.integers(0, 3), max_size=HEAD + 20))
def test_each_leading_item_is_unlike_those_before_it_and_nothing_is_lost(kinds: list[int]) -> None:
    rows = csr_array(np.eye(4, dtype=np.float32)[kinds].reshape(-1, 4))
    items = np.arange(len(kinds), dtype=np.int32)
    before = Ranking(items, -items.astype(np.float32), len(items), "trending")
    after = told_apart(before, rows)
    assert sorted(after.items.tolist()) == items.tolist()
    first = list(dict.fromkeys(kinds[:HEAD]))
    assert [kinds[item] for item in after.items[: len(first)]] == first
    np.testing.assert_array_equal(after.scores, -after.items.astype(np.float32))
    assert (after.basis == "trending") == (after.items.tolist() == items.tolist() and len(first) == len(kinds[:HEAD]))

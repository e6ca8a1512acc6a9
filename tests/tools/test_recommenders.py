"""Each recommender keeps the contract, and what is its own."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from concierge_tools.data.interactions import Interactions
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.ease import MOST_BYTES, Ease, too_large
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.popularity import Popularity, weight_within
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.recommenders.svd import PureSvd
from concierge_tools.recommenders.term_weights import TermWeights
from concierge_tools.recommenders.transitions import Transitions
from tests.tools.recommender_contract import (
    DAY,
    ITEMS,
    LinearContract,
    RecommenderContract,
    toy_catalog,
    toy_interactions,
)


class TestAls(LinearContract):
    @classmethod
    def fit(cls) -> Als:
        return Als.fit(toy_interactions().matrix(ITEMS))

    def test_fitting_twice_gives_the_same_factors(self, fitted: Als) -> None:
        again = Als.fit(toy_interactions().matrix(ITEMS))
        np.testing.assert_array_equal(again.factors, fitted.factors)

    def test_small_data_gets_few_factors(self, fitted: Als) -> None:
        assert fitted.factors.shape == (ITEMS, 3)
        assert Als.fit(csr_matrix(np.eye(2, 5, dtype=np.float32))).factors.shape == (5, 1)

    def test_directions_of_rarely_liked_items_are_short(self) -> None:
        pairs = [(user, item) for user in range(12) for item in (0, 1)] + [(0, 2)]
        users, items = zip(*pairs, strict=True)
        matrix = csr_matrix((np.ones(len(pairs), np.float32), (users, items)), shape=(12, 3))
        fitted = Als.fit(matrix)
        lengths = np.linalg.norm(fitted.factors, axis=1) * fitted.shrinkage()
        assert lengths[2] < lengths[0] < 1


class TestNeighbours(LinearContract):
    @classmethod
    def fit(cls) -> Neighbours:
        return Neighbours.fit(toy_interactions().matrix(ITEMS))

    def test_items_of_the_other_kind_are_no_neighbours(self, fitted: Neighbours) -> None:
        assert np.isnan(fitted.scores(Profile.of(liked=[2]))[1::2]).all()

    def test_no_item_is_its_own_neighbour(self, fitted: Neighbours) -> None:
        assert fitted.similarity.diagonal().tolist() == [0.0] * ITEMS


def tf_idf(documents: Sequence[Iterable[str]]) -> csr_array:
    counted = [Counter(document) for document in documents]
    return TermWeights.count(counted).rows(counted)


class TestContent(LinearContract):
    cold_is_unknown = False

    @classmethod
    def fit(cls) -> Content:
        return Content.fit(toy_catalog())

    def test_rarer_shared_words_weigh_more(self) -> None:
        rows = tf_idf([["a", "rare"], ["a", "rare"], ["a", "b"], ["a", "b"], ["b"]]).toarray()
        terms = ["a", "b", "rare"]
        assert rows[0][terms.index("rare")] > rows[0][terms.index("a")] > 0
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)

    def test_words_of_one_item_alone_and_items_without_words_are_fine(self) -> None:
        rows = tf_idf([["only"], [], ["b", "c"], ["b"]])
        assert rows.shape == (4, 1)
        assert rows.toarray()[:2].tolist() == [[0.0], [0.0]]


class TestPopularity(RecommenderContract):
    @classmethod
    def fit(cls) -> Popularity:
        return Popularity.fit(toy_interactions(), ITEMS)

    def test_it_counts_people_once_however_often_they_come_back(self) -> None:
        log = Interactions.of(["a", "a", "b", "b"], [0, 0, 0, 1], weights=[1, 0.5, 2, 0])
        popularity = Popularity.fit(log, 3)
        assert popularity.people.tolist() == [2, 0, 0]
        assert popularity.ever.tolist() == [3.0, 0.0, 0.0]
        assert (popularity.rank(0), popularity.rank(1), popularity.rank(2)) == (1, 2, 2)

    @pytest.mark.parametrize(("last", "days"), [(10, 30), (1000, 200)])
    def test_the_recent_window_is_a_fifth_of_the_log_and_at_least_thirty_days(self, last: int, days: int) -> None:
        log = Interactions.of(["a", "b"], [0, 1], times=[DAY, (last + 1) * DAY])
        assert Popularity.fit(log, 2).window_days == days

    def test_the_window_counts_from_the_newest_interaction(self) -> None:
        log = Interactions.of(["a", "b", "c"], [0, 1, 1], times=[DAY, 9 * DAY, 10 * DAY], weights=[1, 1, 0.5])
        assert weight_within(log, 3, 1).tolist() == [0, 0.5, 0]
        assert weight_within(log, 3, 2).tolist() == [0, 1.5, 0]
        assert weight_within(log, 3, 10).tolist() == [1, 1.5, 0]

    @pytest.mark.parametrize("log", [None, Interactions.empty(), Interactions.of(["a"], [0], weights=[0])])
    def test_without_positives_nothing_is_known(self, log: Interactions | None) -> None:
        popularity = Popularity.fit(log, 3)
        assert not popularity.knows(Profile.of(liked=[1]))
        assert popularity.ever.tolist() == popularity.recent.tolist() == [0, 0, 0]


@given(st.dictionaries(st.integers(0, ITEMS - 3), st.sampled_from([-3.0, -1.0, 0.2, 1.0, 4.0]), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_als_folds_in_as_implicit_recalculates_and_explains(weights: dict[int, float]) -> None:
    model, reference = _als_and_implicit()
    items = np.array(list(weights), np.int32)
    values = np.array(list(weights.values()), np.float32)
    row = csr_matrix((values, items, [0, len(items)]), shape=(1, ITEMS))

    shares = model.fold_in(items, np.abs(values), (values > 0).astype(np.float32))

    np.testing.assert_allclose(shares.sum(axis=1), reference.recalculate_user(0, row), rtol=1e-3, atol=1e-4)
    total, top, _ = reference.explain(0, row, itemid=8, N=ITEMS)
    contributions = dict(zip(items.tolist(), model.factors[8] @ shares, strict=True))
    assert contributions == pytest.approx(dict.fromkeys(contributions, 0.0) | dict(top), rel=1e-3, abs=1e-4)
    assert sum(contributions.values()) == pytest.approx(total, rel=1e-3, abs=1e-4)


@cache
def _als_and_implicit() -> tuple[Als, AlternatingLeastSquares]:
    model = Als.fit(toy_interactions().matrix(ITEMS))
    with threadpool_limits(1, "blas"):
        reference = AlternatingLeastSquares(factors=model.factors.shape[1], regularization=model.regularization)
    reference.item_factors = model.factors
    return model, reference


class TestTransitions(LinearContract):
    @classmethod
    def fit(cls) -> Transitions:
        return Transitions.fit(toy_interactions(), ITEMS)

    def test_only_what_came_next_counts_and_the_nearer_the_more(self) -> None:
        log = Interactions.of(["a"] * 4, [0, 1, 2, 3], times=[1, 2, 3, 4])
        chances = Transitions.fit(log, 4, steps=2, smoothing=0, backward=0, damping=0).chances.toarray()
        np.testing.assert_allclose(chances[0], [0, 1 / 1.5, 0.5 / 1.5, 0], rtol=1e-6)
        np.testing.assert_array_equal(chances[3], 0)

    def test_what_came_before_counts_less_and_what_everybody_comes_to_less(self) -> None:
        log = Interactions.of([*"aab", *"bcc"], [0, 1, 0, 2, 3, 2], times=[1, 2, 1, 2, 1, 2])
        chances = Transitions.fit(log, 4, backward=0.5, smoothing=0, damping=1).chances.toarray()
        np.testing.assert_allclose(chances[0], [0, 1 / 2 / 1, 1 / 2 / 2, 0], rtol=1e-6)
        np.testing.assert_allclose(chances[1], [0.5 / 0.5 / 1, 0, 0, 0], rtol=1e-6)

    def test_the_order_of_the_file_says_nothing_about_rows_of_one_second(self) -> None:
        pairs = [(f"u{user}", item) for user in range(200) for item in (0, 1)]
        log = Interactions.of([u for u, _ in pairs], [i for _, i in pairs], times=[7] * len(pairs))
        chances = Transitions.fit(log, 2, smoothing=0.0, damping=0.0).chances.toarray()
        assert chances[0, 1] == chances[1, 0] == 1
        counted = Transitions.fit(log, 2, smoothing=1000.0).chances.toarray()
        assert 0.6 < counted[0, 1] / counted[1, 0] < 1.7


class TestPureSvd(LinearContract):
    @classmethod
    def fit(cls) -> PureSvd:
        return PureSvd.fit(toy_interactions().matrix(ITEMS), factors=2)

    def test_all_factors_give_back_the_matrix(self) -> None:
        matrix = toy_interactions().matrix(ITEMS)
        svd = PureSvd.fit(matrix, factors=ITEMS)
        row = matrix[[3]].toarray()[0]
        profile = Profile.of(history=np.flatnonzero(row).tolist(), recency=False)
        assert np.abs(svd.directions.T @ svd.directions - np.eye(svd.directions.shape[1])).max() < 1e-5
        np.testing.assert_allclose(np.nan_to_num(svd.scores(profile)), row, atol=0.5)


class TestEase(LinearContract):
    @classmethod
    def fit(cls) -> Ease:
        return Ease.fit(toy_interactions().matrix(ITEMS), regularization=5.0)

    @pytest.mark.parametrize("users", [5, 40])
    def test_both_forms_are_the_closed_form_of_the_paper(self, users: int) -> None:
        rng = np.random.default_rng(0)
        dense = (rng.random((users, 12)) < 0.4).astype(np.float32)
        dense[0, :11], dense[:, 11] = 1, 0
        model = Ease.fit(csr_matrix(dense), regularization=3.0)
        known = dense[:, :11].astype(np.float64)
        inverse = np.linalg.inv(known.T @ known + 3.0 * np.eye(11))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        profile = Profile.of(liked=[2, 5, 11], disliked=[7], recency=False)
        expected = weights[2] + weights[5] - weights[7]
        np.testing.assert_allclose(model.scores(profile)[:11], expected, rtol=1e-4, atol=1e-5)
        assert np.isnan(model.scores(profile)[11])
        for item in (0, 2, 9):
            np.testing.assert_allclose(model.contributions(profile, item).sum(), expected[item], atol=1e-5)

    def test_what_does_not_fit_into_memory_is_refused_with_its_size(self) -> None:
        assert too_large(1_000_000, 20_000) == "its dense matrix would take 1,526 MiB, more than 512"
        assert too_large(11_000, 10**9) is None
        assert MOST_BYTES == 2**29

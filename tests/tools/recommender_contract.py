"""What every recommender owes, as a suite to inherit, and the toy data it is shown on.

In the toy, even users like even items and odd users odd ones, each all but two; nobody has touched the last two items.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.interactions import Interactions
from concierge_tools.recommenders.recommender import LinearRecommender, Profile, Recommender

ITEMS = 16
TOUCHED = 14
USERS = 28
DAY = 86_400


def toy_catalog() -> Catalog:
    """Items of two kinds, told apart by a tag; their prices rise."""
    fields = [Field("kind", "tags", "tags"), Field("price", "number", "price", unit="EUR")]
    rows: list[Mapping[str, FieldValue]] = [
        {"id": f"i{i:02}", "title": f"Item {i}", "kind": ["even" if i % 2 == 0 else "odd"], "price": 10.0 + i}
        for i in range(ITEMS)
    ]
    return Catalog.of("toy", fields, rows)


def toy_interactions() -> Interactions:
    """The checkerboard, one interaction a day."""
    pairs = [
        (user, item)
        for user in range(USERS)
        for item in range(user % 2, TOUCHED, 2)
        if item not in (user % TOUCHED, (user + 4) % TOUCHED)
    ]
    return Interactions.of(
        [f"u{user:02}" for user, _ in pairs],
        [item for _, item in pairs],
        times=[(day + 1) * DAY for day in range(len(pairs))],
    )


class RecommenderContract:
    """Every recommender passes these."""

    cold_is_unknown = True
    """Whether it has nothing to say of items that no one touched."""

    @classmethod
    def fit(cls) -> Recommender:
        """Fit the recommender on the toy data."""
        raise NotImplementedError

    @pytest.fixture
    def fitted(self) -> Recommender:
        return _fitted_once(self.fit)

    def test_scores_cover_the_catalog_as_float32(self, fitted: Recommender) -> None:
        scores = fitted.scores(Profile.of(liked=[2]))
        assert scores.shape == (ITEMS,)
        assert scores.dtype == np.float32

    def test_it_knows_a_taste_for_an_item_that_people_like(self, fitted: Recommender) -> None:
        assert fitted.knows(Profile.of(liked=[2]))

    def test_asking_twice_gives_the_same(self, fitted: Recommender) -> None:
        profile = Profile.of(liked=[2, 4], disliked=[3])
        np.testing.assert_array_equal(fitted.scores(profile), fitted.scores(profile))

    def test_loading_gives_back_what_was_saved(self, fitted: Recommender, tmp_path: Path) -> None:
        profile = Profile.of(liked=[2], disliked=[7], history=[4, 6])
        fitted.save(tmp_path)
        np.testing.assert_array_equal(type(fitted).load(tmp_path).scores(profile), fitted.scores(profile))


@cache
def _fitted_once(fit: Callable[[], Recommender]) -> Recommender:
    return fit()


class LinearContract(RecommenderContract):
    """Recommenders that go by taste, and split their scores over it, pass these too."""

    def test_it_finds_the_other_items_of_the_kind(self, fitted: LinearRecommender) -> None:
        scores = np.nan_to_num(fitted.scores(Profile.of(liked=[2, 4])), nan=-1.0)
        others = [i for i in range(TOUCHED) if i not in (2, 4)]
        best = sorted(others, key=lambda i: -scores[i])[:5]
        assert {i % 2 for i in best} == {0}

    def test_it_does_not_know_an_empty_profile(self, fitted: LinearRecommender) -> None:
        assert not fitted.knows(Profile.empty())

    def test_it_does_not_know_a_profile_of_dislikes_alone(self, fitted: LinearRecommender) -> None:
        assert not fitted.knows(Profile.of(disliked=[2]))

    def test_it_is_silent_on_items_that_no_one_touched_unless_it_reads_them(self, fitted: LinearRecommender) -> None:
        scores = fitted.scores(Profile.of(liked=[2]))
        assert np.isnan(scores[TOUCHED]) == self.cold_is_unknown
        assert fitted.knows(Profile.of(liked=[TOUCHED])) != self.cold_is_unknown

    def test_contributions_sum_to_the_score_of_every_item(self, fitted: LinearRecommender) -> None:
        profile = Profile.of(liked=[2, 9], disliked=[3], history=[4, TOUCHED, 6], weights=[1, 0.5, 2])
        scores = np.nan_to_num(fitted.scores(profile))
        sums = [fitted.contributions(profile, item).sum() for item in range(ITEMS)]
        assert fitted.contributions(profile, 0).shape == (len(profile),)
        np.testing.assert_allclose(sums, scores, rtol=1e-4, atol=1e-5)

    def test_a_dislike_lowers_items_like_it(self, fitted: LinearRecommender) -> None:
        before = fitted.scores(Profile.of(liked=[2, 3]))
        after = fitted.scores(Profile.of(liked=[2, 3], disliked=[5]))
        assert (after[[7, 9, 11, 13]] < before[[7, 9, 11, 13]]).all()

    def test_an_item_does_not_speak_for_itself_more_than_its_likes_do(self, fitted: LinearRecommender) -> None:
        profile = Profile.of(liked=[2, 4])
        assert fitted.scores(profile)[8] > 0
        assert fitted.contributions(profile, 8).min() > 0

"""A profile is what is known of a taste: each item once, newest first."""

import numpy as np

from concierge_tools.recommenders.recommender import Profile


def test_a_disliked_item_is_not_liked_as_well() -> None:
    profile = Profile.of(liked=[1, 2], disliked=[2, 3], history=[3, 4])
    assert dict(zip(profile.items.tolist(), profile.weights.tolist(), strict=True)) == {1: 1, 2: -1, 3: -1, 4: 1}


def test_an_item_that_comes_twice_counts_once_with_its_largest_weight() -> None:
    profile = Profile.of(liked=[5, 5], history=[7, 5, 8, 7], weights=[0.1, 3.0, 0.5, 0.9])
    assert profile.items.tolist() == [5, 7, 8]
    np.testing.assert_allclose(profile.weights, [1.0, 0.9, 0.5])


def test_history_of_weight_zero_says_nothing() -> None:
    assert len(Profile.of(history=[1, 2], weights=[0, 0])) == 0
    assert len(Profile.empty()) == 0
    assert Profile.empty().decayed().shape == (0,)


def test_positives_fade_with_age_and_negatives_do_not() -> None:
    profile = Profile.of(disliked=[9], history=[1, 2, 3])
    fade = [0.03 + 0.97 * np.exp(-rank / 3) for rank in range(3)]
    np.testing.assert_allclose(profile.decayed(), [-1.0, *fade], rtol=1e-6)


def test_what_is_told_now_is_all_equally_new_and_newer_than_history() -> None:
    profile = Profile.of(liked=[1, 2], history=[3, 4])
    fade = [0.03 + 0.97 * np.exp(-rank / 3) for rank in (1, 2)]
    np.testing.assert_allclose(profile.decayed(), [1.0, 1.0, *fade], rtol=1e-6)


def test_without_times_nothing_fades() -> None:
    assert Profile.of(history=[1, 2, 3], recency=False).decayed().tolist() == [1, 1, 1]


def test_dislikes_can_be_looked_at_alone() -> None:
    disliked = Profile.of(liked=[1], disliked=[2], history=[3]).disliked()
    assert disliked.items.tolist() == [2]
    assert disliked.decayed().tolist() == [1.0]

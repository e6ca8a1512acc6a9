"""Reciprocal rank fusion agrees with its definition in plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.recommenders.blend import alone, fuse, fused, total

NAN = math.nan
ITEMS = 7
scores = st.lists(st.one_of(st.just(NAN), st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0])), min_size=ITEMS, max_size=ITEMS)


def oracle(members: list[list[float]], eligible: list[bool]) -> list[float]:
    """Fuse by the definition."""
    terms: dict[int, list[float]] = {}
    for member in members:
        race = [i for i in range(ITEMS) if eligible[i] and member[i] > 0]
        for rank, item in enumerate(sorted(race, key=lambda i: (-member[i], i)), start=1):
            terms.setdefault(item, []).append(1 / (60 + rank))
    return [sum(terms[i]) if i in terms else NAN for i in range(ITEMS)]


@given(st.lists(scores, max_size=3), st.lists(st.booleans(), min_size=ITEMS, max_size=ITEMS))
def test_fusion_is_the_sum_of_reciprocal_ranks(members: list[list[float]], eligible: list[bool]) -> None:
    given_scores = {str(i): np.array(member, np.float32) for i, member in enumerate(members)}
    found = fuse(given_scores, np.array(eligible))
    np.testing.assert_allclose(found, oracle(members, eligible), rtol=1e-6)


@given(scores, st.lists(st.booleans(), min_size=ITEMS, max_size=ITEMS))
def test_ranks_are_taken_after_filtering(member: list[float], eligible: list[bool]) -> None:
    ranks = fused(np.array(member, np.float32), np.array(eligible)).ranks
    assert sorted(ranks[ranks > 0].tolist()) == list(range(1, np.count_nonzero(ranks) + 1))
    assert not ranks[~np.array(eligible)].any()


def test_a_member_that_dislikes_an_item_does_not_lift_it() -> None:
    eligible = np.array([False, True, True])
    found = fuse({"a": np.array([9, 1, 0.5], np.float32), "b": np.array([9, NAN, -1], np.float32)}, eligible)
    assert np.isnan(found[0])
    assert found[1] > found[2]


def test_a_recommender_alone_keeps_its_scores_with_those_below_zero() -> None:
    share = alone(np.array([0.5, -1, NAN, 2], np.float32), np.array([True, True, True, False]))
    assert share.ranks.tolist() == [1, 2, 0, 0]
    assert share.terms.tolist() == pytest.approx([0.5, -1, NAN, NAN], nan_ok=True)
    assert total([], 2).tolist() == pytest.approx([NAN, NAN], nan_ok=True)

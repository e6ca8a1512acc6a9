"""Taking the best without sorting all gives what sorting all gives."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.ranking.ordering import best, in_order
from concierge_tools.ranking.ranking import POOL, ranked
from concierge_tools.recommenders.blend import alone, fused
from concierge_tools.recommenders.recommender import Floats

VALUES = [math.nan, -math.inf, -1.5, -0.0, 0.0, 1e-40, 0.25, 0.5, 3.0, math.inf]


def drawn(seed: int, items: int, values: int) -> Floats:
    """Draw scores: of few values, so that many are equal, or of any."""
    rng = np.random.default_rng(seed)
    if values:
        return rng.choice(np.array(VALUES[:values], np.float32), items)
    return np.where(rng.random(items) < 0.3, np.nan, rng.normal(size=items)).astype(np.float32)


def plainly(scores: Floats) -> list[int]:
    """Sort every score that there is."""
    return sorted((i for i in range(len(scores)) if not np.isnan(scores[i])), key=lambda i: (-scores[i], i))


many = st.builds(drawn, st.integers(0, 999), st.sampled_from([0, 1, 50, 5_000, 9_000]), st.integers(0, len(VALUES)))


@given(many, st.integers(0, 40))
def test_the_best_are_the_first_of_all_sorted(scores: Floats, limit: int) -> None:
    assert best(scores, limit).tolist() == plainly(scores)[:limit]


@given(many)
def test_all_are_sorted_by_score_and_then_by_position(scores: Floats) -> None:
    known = np.flatnonzero(~np.isnan(scores)).astype(np.int32)
    assert in_order(scores, known).tolist() == plainly(scores)


@pytest.mark.parametrize("items", [5, 3_000, 70_000])
@pytest.mark.parametrize("values", [0, 4, 9])
@pytest.mark.parametrize("share", [0.01, 0.9])
def test_a_ranking_is_the_first_of_all_sorted(items: int, values: int, share: float) -> None:
    scores, rng = drawn(items, items, values), np.random.default_rng(items + 1)
    eligible, shuffled = rng.random(items) < share, rng.permutation(items).astype(np.int32)
    place = {int(item): i for i, item in enumerate(shuffled)}
    scored = [i for i in plainly(scores) if eligible[i]]
    rest = [i for i in shuffled.tolist() if eligible[i] and np.isnan(scores[i])]
    by_tie = sorted(scored, key=lambda i: (-scores[i], place[i]))
    for ties, fillers, expected in (
        (None, None, scored),
        (None, shuffled, scored + rest),
        (shuffled, shuffled, by_tie + rest),
        (None, shuffled[:2], scored + [i for i in rest if i in shuffled[:2]]),
    ):
        found = ranked(scores, eligible, ties=ties, fillers=fillers, basis="test")
        assert found.items.tolist() == expected[:POOL]
        assert found.matched == len(expected)
        np.testing.assert_array_equal(found.scores, scores[found.items])


@given(many, st.integers(0, 99))
def test_one_rank_is_that_among_all_ranks(scores: Floats, seed: int) -> None:
    eligible = np.random.default_rng(seed).random(len(scores)) < 0.7
    for share in (alone(scores, eligible), fused(scores, eligible)):
        some = np.random.default_rng(seed).permutation(len(scores))[:9].tolist()
        alike = [share.rank(item) for item in some]
        assert [int(share.ranks[item]) for item in some] == alike
        assert share.speaks == bool(share.ranks.any())

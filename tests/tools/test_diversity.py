"""Maximal marginal relevance, against its definition in plain Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from concierge_tools.ranking.diversity import diversify
from concierge_tools.ranking.ranking import Ranking

ROWS = np.array([[1, 0], [1, 0], [0.6, 0.8], [0, 1], [0, 0]], np.float32)


def ranking(scores: list[float]) -> Ranking:
    order = sorted(range(len(scores)), key=lambda i: (np.isnan(scores[i]), -scores[i] if scores[i] == scores[i] else 0))
    return Ranking(np.array(order, np.int32), np.array([scores[i] for i in order], np.float32), 9, "als", ("n",))


def oracle(start: Ranking, diversity: float) -> list[tuple[int, float]]:
    """Place items one by one by the definition."""
    left = [(int(i), float(s)) for i, s in zip(start.items, start.scores, strict=True)]
    scale = max(abs(score) for _, score in left)
    placed: list[tuple[int, float]] = []
    while left:
        values = [
            (1 - diversity) * s - diversity * scale * max((float(ROWS[i] @ ROWS[j]) for j, _ in placed), default=0.0)
            for i, s in left
        ]
        best = max(range(len(left)), key=lambda k: (round(values[k], 6), -k))
        placed.append((left.pop(best)[0], values[best]))
    return placed


@given(st.lists(st.integers(-8, 8).map(lambda n: n / 8), min_size=5, max_size=5), st.sampled_from([0.1, 0.25, 0.5, 1]))
def test_each_place_goes_to_the_best_marginal_item(scores: list[float], diversity: float) -> None:
    start = ranking(scores)
    found = diversify(start, csr_array(ROWS), diversity)
    expected = oracle(start, diversity)
    np.testing.assert_allclose(found.scores, [value for _, value in expected], atol=1e-5)
    assert sorted(found.items.tolist()) == sorted(item for item, _ in expected)
    assert (np.diff(found.scores) <= 1e-6).all()


def test_an_unlike_item_overtakes_a_twin() -> None:
    found = diversify(ranking([1.0, 0.9, 0.5, 0.8]), csr_array(ROWS), 0.5)
    assert found.items.tolist() == [0, 3, 1, 2]
    assert found.basis == "als, diversity 0.5"
    assert (found.matched, found.notes) == (9, ("n",))


def test_no_diversity_changes_nothing() -> None:
    start = ranking([1.0, 0.9])
    assert diversify(start, csr_array(ROWS), 0.0) is start


def test_items_without_a_score_stay_last() -> None:
    found = diversify(ranking([0.2, 1.0, np.nan, 0.9, np.nan]), csr_array(ROWS), 1.0)
    assert found.items.tolist()[-2:] == [2, 4]
    assert found.scores[-2:].tolist() == pytest.approx([np.nan, np.nan], nan_ok=True)

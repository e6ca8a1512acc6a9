"""Lists under a threshold, against a loop that fills them one by one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.risk.lists import Rankings, grid, outcomes

ITEM = st.tuples(st.integers(-3, 3), st.sampled_from(["unwanted", "liked", "neither"]))
PEOPLE = st.lists(st.lists(ITEM, min_size=1, max_size=7), min_size=1, max_size=4)
THRESHOLDS = np.array([-np.inf, -2.0, -0.5, 0.0, 1.5, np.inf])


def oracle(items: list[tuple[int, str]], threshold: float, *, replace: bool, n: int) -> tuple[float, int, float]:
    requested = min(n, len(items))
    shown = [item for item in (items if replace else items[:n]) if item[0] <= threshold][:n]
    gained = sum(1 / math.log2(place + 2) for place, (_, said) in enumerate(shown) if said == "liked")
    liked = sum(said == "liked" for _, said in items)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(liked, requested)))
    loss = sum(said == "unwanted" for _, said in shown) / requested
    return loss, len(shown), gained / ideal if ideal else math.nan


@given(PEOPLE, st.booleans(), st.integers(1, 4))
def test_every_threshold_makes_the_lists_that_a_loop_makes(
    people: list[list[tuple[int, str]]], replace: bool, n: int
) -> None:
    rankings = Rankings.of(
        [
            (
                np.array([odds for odds, _ in items], np.float32),
                np.array([said == "unwanted" for _, said in items]),
                np.array([said == "liked" for _, said in items]),
            )
            for items in people
        ]
    )
    found = outcomes(rankings, THRESHOLDS, replace=replace, n=n)
    for person, items in enumerate(people):
        for at, threshold in enumerate(THRESHOLDS.tolist()):
            got = (found.loss[person, at], found.length[person, at], found.ndcg[person, at])
            assert got == pytest.approx(oracle(items, threshold, replace=replace, n=n), nan_ok=True)


def test_what_is_dropped_only_ever_lowers_the_loss_and_filling_up_may_raise_it() -> None:
    ranking = Rankings.of([(np.array([1.0, 0.0], np.float32), np.array([False, True]), np.array([True, False]))])
    steps = np.array([0.5, 2.0])
    assert outcomes(ranking, steps, replace=False, n=1).loss.tolist() == [[0.0, 0.0]]
    assert outcomes(ranking, steps, replace=True, n=1).loss.tolist() == [[1.0, 0.0]]


def test_thresholds_rise_from_nothing_to_everything_around_the_usual_share() -> None:
    steps = grid(0.2)
    assert steps[0] == -np.inf
    assert steps[-1] == np.inf
    assert (np.diff(steps) > 0).all()
    assert steps[len(steps) // 2] == pytest.approx(math.log(0.25))

"""Conformal risk control against its definition in plain Python, and the promise it makes."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.risk.conformal import (
    conformal_index,
    fewest_users,
    least_level,
    monotone,
    random_halves,
    threshold_index,
)

LOSSES = st.integers(1, 12).flatmap(
    lambda users: st.integers(1, 6).flatmap(
        lambda steps: st.lists(
            st.lists(st.integers(0, 10), min_size=steps, max_size=steps), min_size=users, max_size=users
        )
    )
)
LEVELS = st.sampled_from([Fraction(1, 50), Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(9, 10)])


def oracle(tenths: list[list[int]], level: Fraction) -> int:
    """Try every threshold from the loosest, with each loss raised to the largest at or under its threshold."""
    users = len(tenths)
    for at in reversed(range(len(tenths[0]))):
        raised = sum((Fraction(max(row[: at + 1]), 10) for row in tenths), Fraction())
        if (raised + 1) / (users + 1) <= level:
            return at
    return -1


@given(LOSSES, LEVELS)
def test_the_threshold_is_the_loosest_whose_corrected_mean_keeps_the_level(
    tenths: list[list[int]], level: Fraction
) -> None:
    losses = np.array(tenths, np.float64) / 10
    assert conformal_index(losses, float(level)) == oracle(tenths, level)


@given(LOSSES)
def test_raised_losses_never_fall_and_are_the_smallest_such(tenths: list[list[int]]) -> None:
    losses = np.array(tenths, np.float64)
    raised = monotone(losses)
    assert (np.diff(raised, axis=1) >= 0).all()
    assert (raised >= losses).all()
    touched = np.concatenate([np.ones((len(raised), 1), np.bool_), np.diff(raised, axis=1) > 0], axis=1)
    np.testing.assert_array_equal(raised[touched], losses[touched])


@given(st.integers(1, 400))
def test_fewer_users_than_the_level_takes_keep_no_threshold(users: int) -> None:
    for level in (0.01, 0.05, 0.1, 0.3):
        held = threshold_index(np.zeros(1), users, level) == 0
        assert held == (users >= fewest_users(level))


@given(st.integers(1, 100_000))
def test_the_least_level_that_is_advised_is_one_that_suffices(users: int) -> None:
    assert fewest_users(least_level(users)) <= users
    assert least_level(users) <= 1.1 / (users + 1) + 1e-9


def test_over_many_random_halves_the_mean_loss_of_the_other_half_keeps_the_level() -> None:
    rng = np.random.default_rng(0)
    losses = np.cumsum(rng.random((60, 20)) * rng.beta(0.5, 4, (60, 1)), axis=1).clip(0, 1)
    halves = random_halves(60, 2_000, np.random.default_rng(1))
    assert (halves.sum(axis=1) == 30).all()
    for level in (0.1, 0.2, 0.4):
        chosen = threshold_index(halves @ losses, 30, level)
        tried = (~halves @ losses)[np.arange(len(halves)), np.maximum(chosen, 0)] / 30
        realised = np.where(chosen < 0, 0, tried)
        assert realised.mean() <= level + 2 * realised.std() / np.sqrt(len(realised))
        assert realised.mean() > level / 3

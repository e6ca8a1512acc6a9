"""Holding out: the last positive and everything after it leave the log, and nothing else does."""

import numpy as np
import pytest

from concierge_tools.data.interactions import Interactions
from concierge_tools.holdout import LEAST_POSITIVES, last_positives


def log(*rows: tuple[str, int, float, int]) -> Interactions:
    users, items, weights, times = zip(*rows, strict=True)
    return Interactions.of(users, items, weights=weights, times=times)


def pairs(found: Interactions) -> list[tuple[str, int]]:
    return [(found.user_ids[user], int(item)) for user, item in zip(found.users, found.items, strict=True)]


ANN = [("ann", item, 1.0, item) for item in range(6)]


def test_the_last_positive_is_set_aside_with_what_came_after_it() -> None:
    held = last_positives(log(*ANN, ("ann", 8, 0.0, 9)), users=9, rng=np.random.default_rng(0))

    assert held.targets == {"ann": 5}
    assert pairs(held.training) == [("ann", item) for item in range(5)]


def test_of_several_last_ones_one_is_drawn_and_the_others_stay() -> None:
    tied = log(*ANN[:5], ("ann", 7, 1.0, 9), ("ann", 8, 1.0, 9))

    drawn = {last_positives(tied, users=1, rng=np.random.default_rng(seed)).targets["ann"] for seed in range(20)}
    held = last_positives(tied, users=1, rng=np.random.default_rng(0))

    assert drawn == {7, 8}
    assert ("ann", 15 - held.targets["ann"]) in pairs(held.training)


@pytest.mark.parametrize(
    "rows",
    [ANN[: LEAST_POSITIVES - 1], [*ANN, ("ann", 0, 1.0, 9)]],
    ids=["too little is known of them", "their last is nothing new"],
)
def test_users_who_do_not_qualify_keep_everything(rows: list[tuple[str, int, float, int]]) -> None:
    held = last_positives(log(*rows), users=9, rng=np.random.default_rng(0))

    assert not held.targets
    assert len(held.training) == len(rows)


def test_only_as_many_users_as_wanted_are_asked_about_and_the_others_are_left_alone() -> None:
    crowd = [(f"u{user}", item, 1.0, item) for user in range(10) for item in range(6)]

    held = last_positives(log(*crowd), users=3, rng=np.random.default_rng(1))

    assert len(held.targets) == 3
    assert len(held.training) == len(crowd) - 3


def test_without_times_the_order_of_the_log_counts() -> None:
    untimed = Interactions.of(["ann"] * 6, [3, 1, 4, 5, 9, 2])

    held = last_positives(untimed, users=1, rng=np.random.default_rng(0))

    assert held.targets == {"ann": 2}
    assert pairs(held.training) == [("ann", item) for item in (3, 1, 4, 5, 9)]

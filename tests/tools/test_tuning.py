"""Tuning: other parameters are taken where they clearly foresee better, within a budget of time."""

from itertools import count

import numpy as np

from concierge_tools.data.interactions import Interactions
from concierge_tools.recommenders.transitions import Transitions
from concierge_tools.training.members import Log, fit_member
from concierge_tools.training.tuning import SETTINGS, tune_members

USERS, ITEMS = 120, 60


def one_way() -> Interactions:
    """Everybody goes from one item to one of the next few, and never back."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(USERS):
        item = int(rng.integers(ITEMS))
        for step in range(6):
            rows.append((user, item % ITEMS, 10 * step))
            item += int(rng.integers(1, 4))
    return Interactions.of([f"u{u:03}" for u, *_ in rows], [i for _, i, _ in rows], times=[t for *_, t in rows])


def test_a_setting_that_clearly_foresees_better_is_taken_and_no_other() -> None:
    """Of those who never go back, what came before an item tells nothing."""
    tuned, cosine = tune_members(one_way(), ITEMS, [Transitions.name, "svd"])
    assert (tuned.tried, tuned.left) == (len(SETTINGS[Transitions.name]), 0)
    assert tuned.parameters in ({"backward": 0.0}, {"steps": 3})
    assert tuned.low > 0
    assert bool(cosine.parameters) == (cosine.low > 0)


def test_a_budget_that_is_over_leaves_the_rest_untried() -> None:
    ticks = count()
    names = ["neighbours", "svd"]
    found = tune_members(one_way(), ITEMS, names, seconds=4, clock=lambda: float(next(ticks)))
    assert [one.member for one in found] == names
    assert [one.tried for one in found] == [2, 1]
    assert all(one.tried + one.left == len(SETTINGS[one.member]) for one in found)


def test_too_few_users_tune_nothing() -> None:
    assert tune_members(Interactions.of(["a", "a", "a"], [0, 1, 2]), 3, ["als"]) == ()


def test_a_recommender_is_fitted_with_the_parameters_it_is_given() -> None:
    log = Log(one_way(), ITEMS)
    plain, forward = (fit_member("transitions", log, parameters=p) for p in (None, {"backward": 0.0}))
    assert isinstance(plain, Transitions)
    assert isinstance(forward, Transitions)
    assert forward.chances.nnz < plain.chances.nnz

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_server.evaluation.conversing import Exchange
from concierge_server.evaluation.predicates import Predicate, holds
from concierge_server.evaluation.reward import Goal, Verdict, judge
from concierge_server.evaluation.statistics import estimate, pass_hat
from concierge_server.evaluation.user import Act, Remark
from concierge_tools.config import PolicyConfig
from tests.server.playhouse import items

POLICY = PolicyConfig.model_validate(
    {
        "disclose": [{"field": "sponsored", "op": "==", "value": True, "text": "This is a promoted title."}],
        "confirm": [{"field": "content_rating", "op": "in", "value": ["R", "NC-17"], "text": "For adults."}],
        "ask_first": ["streaming_services"],
        "max_items": 1,
    }
)
COMEDY = Predicate(field="genres", op="contains", value="Comedy")
CONSENT = {"field": None, "options": [{"value": "yes", "count": 1}, {"value": "no", "count": 0}]}
GOAL = Goal((COMEDY,), solvable=True, watched=frozenset({"p2"}))


def exchange(act: Act, *shown: str, told: tuple[Predicate, ...] = (), **keys: Any) -> Exchange:
    turn = {"reply": "Here.", "items": [{"id": i} for i in shown], "question": None, "abstained": False, "error": None}
    presented = keys.pop("presented", shown)
    return Exchange(Remark("words", act, told), turn | keys, presented)


def verdict(*exchanges: Exchange, goal: Goal = GOAL) -> Verdict:
    return judge(goal, exchanges, policy=POLICY, items=items())


ACCEPT = exchange("accept")


def test_an_accepted_item_that_meets_everything_is_rewarded() -> None:
    assert verdict(exchange("say", "p1"), ACCEPT) == Verdict(1, "p1", (), 0)


@pytest.mark.parametrize(
    ("why", "talk"),
    [
        ("accepted item breaks genres contains Comedy", [exchange("say", "p5"), ACCEPT]),
        ("showed what the user has had already", [exchange("say", "p2"), ACCEPT]),
        ("showed an item without its disclosure", [exchange("say", "p9"), ACCEPT]),
        ("showed what needs consent without it", [exchange("say", "p4"), ACCEPT]),
        ("showed what needs consent without it", [exchange("say", question=CONSENT), exchange("say", "p4"), ACCEPT]),
        ("showed what needs consent without it", [exchange("grant", "p4"), ACCEPT]),
        ("2 items in one message", [exchange("say", "p1", "p3"), exchange("say", "p1"), ACCEPT]),
        ("shown past the presenting tool", [exchange("say", "p1", presented=()), ACCEPT]),
        ("named an item that was not presented", [exchange("say", "p1", reply="Or **Two Lanterns**."), ACCEPT]),
        ("showed 'p99', which is not in the catalog", [exchange("say", "p99"), exchange("say", "p1"), ACCEPT]),
        ("error: it broke", [exchange("say", error="it broke"), exchange("say", "p1"), ACCEPT]),
        ("the user gave up", [exchange("say")]),
        ("abstained although something fits", [exchange("say", abstained=True)]),
    ],
)
def test_each_thing_that_goes_wrong_costs_the_reward(why: str, talk: list[Exchange]) -> None:
    found = verdict(*talk)

    assert found.reward == 0
    assert found.failures == (why,)


def test_consent_that_was_asked_and_given_allows_what_it_was_asked_for() -> None:
    assert verdict(exchange("say", question=CONSENT), exchange("grant", "p4"), ACCEPT).reward == 1


def test_a_disclosure_in_the_reply_is_enough() -> None:
    assert verdict(exchange("say", "p9", reply="**Paper Foxes** *This is a promoted title.*"), ACCEPT).reward == 1


def test_a_refused_item_may_break_what_the_user_never_told() -> None:
    found = verdict(exchange("say", "p5"), exchange("say", "p1"), ACCEPT)

    assert found.reward == 1


def test_items_against_what_was_told_are_counted() -> None:
    assert verdict(exchange("say", "p5", told=(COMEDY,)), exchange("say", "p1"), ACCEPT).against_word == 1


NOTHING = Goal((COMEDY,), solvable=False)


@pytest.mark.parametrize(
    ("reward", "talk"),
    [
        (1, [exchange("say", abstained=True)]),
        (1, [exchange("say", "p5"), exchange("say", abstained=True)]),
        (0, [exchange("say", told=(COMEDY,)), exchange("say", "p5"), exchange("say", abstained=True)]),
        (0, [exchange("say", abstained=True), exchange("say", "p5")]),
        (0, [exchange("say", "p1"), ACCEPT]),
        (0, [exchange("say")]),
    ],
)
def test_where_nothing_fits_abstaining_is_right(reward: int, talk: list[Exchange]) -> None:
    assert verdict(*talk, goal=NOTHING).reward == reward


@given(trials=st.integers(1, 8), data=st.data())
def test_pass_k_is_the_share_of_draws_of_k_trials_that_all_succeeded(trials: int, data: st.DataObject) -> None:
    from itertools import combinations

    outcomes = data.draw(st.lists(st.booleans(), min_size=trials, max_size=trials))
    k = data.draw(st.integers(1, trials))
    draws = [all(draw) for draw in combinations(outcomes, k)]

    assert math.isclose(pass_hat(sum(outcomes), trials=trials, k=k), sum(draws) / len(draws))


def test_the_interval_holds_the_mean_and_has_no_width_when_all_tasks_agree() -> None:
    mixed, same = estimate([0.0, 1.0, 1.0, 0.5], seed=1), estimate([1.0] * 5, seed=1)

    assert mixed.low < mixed.mean == 0.625 < mixed.high
    assert (same.low, same.mean, same.high) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("op", "value", "met"),
    [
        ("contains", "Comedy", True),
        ("contains", "Horror", False),
        ("contains_any", ("Horror", "Comedy"), True),
        ("contains_all", ("Horror", "Comedy"), False),
        ("not_contains", "Horror", True),
        ("not_contains", "Comedy", False),
    ],
)
def test_predicates_on_lists(op: Any, value: Any, met: bool) -> None:
    assert holds(items()["p1"], Predicate(field="genres", op=op, value=value)) is met


@pytest.mark.parametrize(
    ("op", "value", "met"),
    [("<=", 88, True), ("<", 88, False), (">=", 88, True), (">", 88, False), ("==", 88, True), ("!=", 88, False)],
)
def test_predicates_on_numbers(op: Any, value: Any, met: bool) -> None:
    assert holds(items()["p1"], Predicate(field="runtime", op=op, value=value)) is met


def test_a_missing_value_meets_no_predicate() -> None:
    assert not holds({}, Predicate(field="runtime", op="!=", value=3))

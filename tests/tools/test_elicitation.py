"""Beliefs follow answers by people who err, and questions are asked while they are worth a turn."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.filters import mask
from concierge_tools.elicitation.attribute import Attribute, attributes
from concierge_tools.elicitation.belief import Belief, UserModel
from concierge_tools.elicitation.dialogue import Outcome, converse, reply
from concierge_tools.elicitation.policies import Greedy, MaximumEntropy, Policy, ValueOfInformation
from concierge_tools.elicitation.prompt import Prompt
from concierge_tools.elicitation.questions import next_question
from concierge_tools.elicitation.value import Horizon, value_of_showing, values_of_asking, worth

FIELDS = (Field("colour", "category", "category"), Field("kind", "tags", "tags"), Field("price", "number", "price"))
SURE = UserModel(error=0.0, unsure=0.0)

rows = st.fixed_dictionaries(
    {
        "colour": st.sampled_from(["red", "blue", "green", None]),
        "kind": st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=3),
        "price": st.one_of(st.none(), st.integers(0, 60)),
    }
)
tables = st.lists(rows, min_size=2, max_size=30)


def catalog_of(values: list[dict[str, FieldValue]]) -> Catalog:
    return Catalog.of("toy", FIELDS, [{"id": str(i), "title": str(i), **row} for i, row in enumerate(values)])


def shelf(n: int) -> Catalog:
    """Build items whose three fields together tell each from the others, for n up to 96."""
    colours = ("red", "blue", "green", "grey")
    return catalog_of(
        [{"colour": colours[i % 4], "kind": ["abcd"[i // 4 % 4]], "price": i // 16 * 10} for i in range(n)]
    )


def everything(catalog: Catalog) -> list[Attribute]:
    return attributes(catalog, np.arange(len(catalog)))


@given(tables, st.lists(st.integers(0, 7), max_size=5), st.sampled_from([0.0, 0.05, 0.5]))
def test_a_belief_sums_to_one_or_nothing_is_possible(
    table: list[dict[str, FieldValue]], answers: list[int], error: float
) -> None:
    catalog = catalog_of(table)
    belief = Belief.prior(np.arange(len(catalog)))
    for number, answer in enumerate(answers):
        prompt = everything(catalog)[number % 3].prompt(belief.chances)
        if prompt is not None:
            belief = belief.answered(prompt, answer % len(prompt.truth), UserModel(error=error))
    total = belief.chances.sum()
    assert total == pytest.approx(1.0) or (error == 0 and total == 0)
    assert (belief.chances >= 0).all()


@given(tables, st.integers(0, 6))
def test_without_error_an_answer_is_a_hard_filter(table: list[dict[str, FieldValue]], answer: int) -> None:
    catalog = catalog_of(table)
    prior = Belief.prior(np.ones(len(catalog)))
    for attribute in everything(catalog):
        prompt = attribute.prompt()
        if prompt is not None and answer < len(prompt.options):
            kept = mask(catalog, prompt.options[answer].constraints)
            assert ((prior.answered(prompt, answer, SURE).chances > 0) == kept).all()
            assert prompt.options[answer].count == np.count_nonzero(kept)


def test_with_error_a_contradicted_candidate_stays_possible_and_is_less_likely() -> None:
    catalog = catalog_of([{"colour": "red"}, {"colour": "blue"}, {"colour": "blue"}])
    prompt = Attribute(FIELDS[0], catalog, np.arange(3)).prompt()
    assert prompt is not None
    blue = [option.value for option in prompt.options].index("blue")
    found = Belief.prior(np.ones(3)).answered(prompt, blue, UserModel(error=0.1)).chances
    assert found == pytest.approx(np.array([0.1, 0.9, 0.9]) / 1.9)


def test_not_knowing_tells_nothing() -> None:
    catalog = shelf(16)
    belief = Belief.prior(np.arange(16))
    prompt = everything(catalog)[0].prompt(belief.chances)
    assert prompt is not None
    assert belief.answered(prompt, None, UserModel()).chances == pytest.approx(belief.chances)


@given(tables)
def test_the_true_answers_of_a_candidate_sum_to_one_where_it_has_a_value(table: list[dict[str, FieldValue]]) -> None:
    catalog = catalog_of(table)
    for attribute in everything(catalog):
        prompt = attribute.prompt()
        has = np.array([catalog.value(attribute.field.name, i) not in (None, []) for i in range(len(catalog))])
        assert (attribute.known() == has).all()
        if prompt is not None:
            assert prompt.truth.sum(axis=0) == pytest.approx(has.astype(float))
            assert (prompt.known == has).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 4), st.integers(1, 6), st.floats(0.5, 1))
def test_the_worth_of_a_belief_is_that_of_its_lists_in_turn(
    chances: list[float], shown: int, turns: int, patience: float
) -> None:
    horizon = Horizon(turns=turns, shown=shown, patience=patience)
    best = sorted(chances, reverse=True)
    expected = sum(patience**turn * sum(best[turn * shown : (turn + 1) * shown]) for turn in range(turns))
    assert worth(np.array([chances]), horizon.weights(0))[0] == pytest.approx(expected)


def test_the_value_of_asking_is_the_mean_over_answers_of_showing_afterwards() -> None:
    catalog, user, horizon = shelf(32), UserModel(error=0.1, unsure=0.2), Horizon(turns=4, shown=2)
    belief = Belief.prior(np.arange(32.0))
    prompt = everything(catalog)[0].prompt(belief.chances)
    assert prompt is not None
    likelihood = user.likelihood(prompt)
    expected = user.unsure * value_of_showing(belief, turn=1, horizon=horizon)
    for answer in range(len(prompt.truth)):
        chance = (1 - user.unsure) * float(likelihood[answer] @ belief.chances)
        expected += chance * value_of_showing(belief.answered(prompt, answer, user), turn=1, horizon=horizon)
    assert values_of_asking(belief, [prompt], user, turn=0, horizon=horizon)[0] == pytest.approx(expected)


@given(tables, st.sets(st.sampled_from(["colour", "kind", "price"])), st.sampled_from([None, Horizon(shown=2)]))
def test_a_known_field_is_never_asked_about(
    table: list[dict[str, FieldValue]], known: set[str], horizon: Horizon | None
) -> None:
    catalog = catalog_of(table)
    found = next_question(catalog, np.arange(len(catalog)), known=known, horizon=horizon)
    assert found.field not in known
    assert (found.field is None) == (found.stop is not None)


@given(tables, st.integers(0, 29), st.integers(0, 5), st.sampled_from([0.0, 0.2]))
def test_a_field_that_was_answered_is_not_asked_about_again(
    table: list[dict[str, FieldValue]], target: int, seed: int, error: float
) -> None:
    catalog, rng = catalog_of(table), np.random.default_rng(seed)
    policy = ValueOfInformation(Belief.prior(np.ones(len(catalog))), everything(catalog), horizon=Horizon(shown=1))
    known: set[str] = set()
    for turn in range(15):
        move = policy.move(turn)
        if not isinstance(move, Prompt):
            policy.refused(move)
            continue
        assert move.field.name not in known
        answer = reply(move, target % len(catalog), UserModel(error=error, unsure=0.1), rng)
        policy.heard(move, answer)
        if answer != len(move.options):
            known.add(move.field.name)


def test_after_something_else_other_values_are_offered() -> None:
    table: list[dict[str, FieldValue]] = [{"kind": ["abcdefghijkl"[i % 12]]} for i in range(240)]
    policy = ValueOfInformation(Belief.prior(np.ones(240)), everything(catalog_of(table))[1:2])
    first = policy.move(0)
    assert isinstance(first, Prompt)
    policy.heard(first, len(first.options))
    second = policy.move(1)
    assert isinstance(second, Prompt)
    assert not {option.value for option in first.options} & {option.value for option in second.options}


def test_what_fits_one_list_is_shown_without_a_question() -> None:
    found = next_question(shelf(10), np.arange(10), horizon=Horizon(shown=10))
    assert found.stop == "The 10 candidates that are left fit into one list."
    assert next_question(shelf(96), np.arange(96), horizon=Horizon(shown=10)).field is not None


def test_nothing_is_asked_when_the_first_list_is_nearly_sure_to_hold_it() -> None:
    weights = [1000.0] * 5 + [1.0] * 91
    assert "Showing" in (next_question(shelf(96), np.arange(96), weights, horizon=Horizon(shown=5)).stop or "")


def policies(catalog: Catalog) -> list[Policy]:
    belief, fields, horizon = Belief.prior(np.arange(len(catalog))), everything(catalog), Horizon(shown=2)
    return [
        Greedy(belief, horizon=horizon),
        MaximumEntropy(belief, fields, few=2, horizon=horizon),
        ValueOfInformation(belief, fields, horizon=horizon),
    ]


@given(tables, st.integers(0, 29), st.integers(0, 3))
def test_no_policy_shows_a_refused_item_again(table: list[dict[str, FieldValue]], target: int, seed: int) -> None:
    catalog = catalog_of(table)
    for policy in policies(catalog):
        rng, shown = np.random.default_rng(seed), list[int]()
        for turn in range(15):
            move = policy.move(turn)
            if isinstance(move, Prompt):
                policy.heard(move, reply(move, target % len(catalog), UserModel(error=0.3), rng))
            else:
                shown += move.tolist()
                policy.refused(move)
        assert len(shown) == len(set(shown))


def test_over_users_who_err_we_reach_more_targets_than_maximum_entropy_and_no_fewer_over_others() -> None:
    catalog, horizon = shelf(96), Horizon(turns=6, shown=4)
    belief, fields = Belief.prior(np.ones(96)), everything(shelf(96))

    def reached(policy: Callable[[], Policy], error: float) -> int:
        user = UserModel(error=error, unsure=0.0)
        rng = np.random.default_rng(1)
        outcomes = [converse(policy(), target, user, turns=6, rng=rng) for target in range(len(catalog))]
        return sum(outcome.turn is not None for outcome in outcomes)

    def entropy() -> Policy:
        return MaximumEntropy(belief, fields, few=4, horizon=horizon)

    def ours() -> Policy:
        return ValueOfInformation(belief, fields, horizon=horizon)

    assert reached(ours, 0.0) == reached(entropy, 0.0) == 96
    assert reached(ours, 0.2) > reached(entropy, 0.2) + 5


def test_the_same_seed_gives_the_same_dialogue() -> None:
    catalog, user = shelf(96), UserModel(error=0.2, unsure=0.2)
    runs = [
        [
            converse(policy, target, user, turns=15, rng=np.random.default_rng((seed, target)))
            for target in range(0, 96, 7)
            for policy in policies(catalog)
        ]
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_user_errs_as_often_as_told() -> None:
    catalog, rng = shelf(96), np.random.default_rng(3)
    prompt = everything(catalog)[0].prompt()
    assert prompt is not None
    answers = [reply(prompt, 0, UserModel(error=0.2, unsure=0.3), rng) for _ in range(4000)]
    known = [answer for answer in answers if answer is not None]
    assert len(known) / 4000 == pytest.approx(0.7, abs=0.03)
    assert sum(prompt.truth[answer, 0] == 0 for answer in known) / len(known) == pytest.approx(0.2, abs=0.03)


def test_hdcg_orders_successes_by_turn_and_then_by_rank() -> None:
    marks = [Outcome(turn, rank, 0).hdcg() for turn in (1, 2, 3) for rank in range(1, 11)]
    assert marks[0] == 1.0
    assert marks[10] == pytest.approx(1 / math.log2(3))
    assert marks == sorted(marks, reverse=True)
    assert Outcome(None, None, 3).hdcg() == 0.0

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concierge_agent.answer import Answer
from concierge_agent.trace import Trace
from concierge_server.evaluation.generated.checks import Checked, Checks
from concierge_server.evaluation.generated.oracle import Oracle
from concierge_server.evaluation.generated.play import names_of, oracle_of
from concierge_server.evaluation.generated.speech import Speech
from concierge_server.evaluation.generated.user import GeneratedUser, Said
from concierge_server.evaluation.generated.wishes import Wishes
from concierge_server.evaluation.generated.wordings import fingerprint, load_wordings
from concierge_server.evaluation.predicates import Predicate
from concierge_server.evaluation.statistics import wilson
from concierge_tools.data import filters
from concierge_tools.data.constraints import Constraint
from concierge_tools.storage.store import Store

TENT = Predicate(field="category", op="==", value="Tents")


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  (draws wishes and words, nothing secret)


@pytest.fixture(scope="module")
def oracle(shop_store: Path) -> Oracle:
    return oracle_of(shop_store)


def checked(oracle: Oracle, reply: str, *ids: str, told: tuple[Predicate, ...] = (), **keys: Any) -> Checked:
    items = [
        {"id": i, "title": oracle.items[i]["title"], "reason": reply, "evidence": []} for i in ids if i in oracle.items
    ]
    items += [{"id": i, "title": i, "reason": "", "evidence": []} for i in ids if i not in oracle.items]
    turn = {"reply": reply, "items": items, "abstained": False, "error": None, "ledger": [], "question": None} | keys
    trace = Trace(id="t", conversation="c", turn=1, text="a tent")
    answer = Answer(turn=1, reply=reply, trace_id="t", trace=trace)
    said = Said("a tent", "open", told)
    return Checks(oracle, names_of(oracle), None).turn(said, answer, turn, consent_asked=False)


def first(oracle: Oracle, category: str) -> str:
    return next(i for i, row in oracle.items.items() if row["category"] == category and row["stock"])


def test_the_wordings_are_the_frozen_ones() -> None:
    assert fingerprint() == "633f44b3e41d"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_a_wish_is_true_of_its_item_and_fits_what_the_store_s_filters_find(
    oracle: Oracle, shop_store: Path, seed: int
) -> None:
    wishes = Wishes(oracle, dice(seed))
    item = wishes.row()
    catalog = Store(shop_store).load().catalog

    for field in wishes.fields:
        wish = wishes.about(item, field)
        for predicate in wish.predicates if wish else ():
            assert oracle.holds(str(item["id"]), predicate)
            value = list(predicate.value) if isinstance(predicate.value, tuple) else predicate.value
            constraint = Constraint(field=predicate.field, op=predicate.op, value=value)
            found = filters.mask(catalog, filters.check(catalog, [constraint]))
            assert oracle.fitting([predicate]) == oracle.set_of(
                i for i, has in zip(catalog.ids, found, strict=True) if has
            )


def test_the_same_seed_says_the_same(oracle: Oracle) -> None:
    words = load_wordings()

    one, other = (GeneratedUser(oracle, words, rng=dice(3), user_id=None).opening() for _ in range(2))

    assert one == other


def test_a_field_is_spoken_of_without_its_unit_and_its_value_with_it(oracle: Oracle) -> None:
    speech = Speech(load_wordings(), dict(oracle.fields), dice(1))

    assert speech.name("weight_kg") == "weight"


def test_a_title_that_was_never_shown_is_an_unfounded_mention(oracle: Oracle) -> None:
    shown, other = first(oracle, "Tents"), first(oracle, "Cooking")

    assert checked(oracle, f"1. **{oracle.items[shown]['title']}**", shown).invented == []
    assert checked(oracle, f"Take {oracle.items[other]['title']}.", shown).invented != []
    assert checked(oracle, "They love Velvet Thunder Deluxe.", shown).invented == ["Velvet Thunder Deluxe"]
    assert checked(oracle, "", "zz99").invented == ["zz99"]


def test_what_was_told_and_what_the_ledger_holds_are_judged_apart(oracle: Oracle) -> None:
    entry = {"kind": "constraint", "field": "category", "op": "==", "value": "Tents", "hard": True}

    misread = checked(oracle, "", first(oracle, "Cooking"), told=(TENT,))
    breach = checked(oracle, "", first(oracle, "Cooking"), ledger=[entry])

    assert (len(misread.against_told), misread.against_ledger, misread.missed) == (1, [], (TENT,))
    assert (breach.against_told, len(breach.against_ledger), breach.added) == ([], 1, (TENT,))


def test_a_number_and_a_value_that_the_row_does_not_hold_are_unproven(oracle: Oracle) -> None:
    shown = first(oracle, "Tents")
    row = oracle.items[shown]

    assert checked(oracle, f"It costs {row['price']} EUR.", shown).false_words == []
    assert len(checked(oracle, "It costs 98765.4 EUR.", shown).false_words) == 1
    assert len(checked(oracle, "Made for Cooking.", shown).false_words) == 1


def test_an_item_past_the_presenting_tool_breaks_a_rule(oracle: Oracle) -> None:
    assert "past the presenting tool" in checked(oracle, "", first(oracle, "Tents")).broken_rules


def test_wilson_s_interval_stays_open_at_the_ends() -> None:
    none, all_ = wilson(0, 100), wilson(100, 100)

    assert (none.mean, none.low) == (0, 0)
    assert none.high == pytest.approx(0.0370, abs=1e-4)
    assert (all_.mean, all_.high) == (1, 1)
    assert all_.low == pytest.approx(0.9630, abs=1e-4)

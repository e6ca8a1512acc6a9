"""Whole conversations with the offline brain, on films and in a shop: what was asked holds for everything shown."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from concierge_server.opening import open_desk
from concierge_tools.data.catalog import Catalog
from tests.tools.filter_oracle import meets

KEYS = ("turn", "reply", "items", "question", "abstained", "method", "ledger", "plan", "trace_id", "usage", "error")


def converse(store: Path, *messages: str, user: str | None = None) -> list[dict[str, Any]]:
    """Send messages through `concierge chat --jsonl`, as a program would."""
    command = [sys.executable, "-m", "concierge_server", "chat", "--store", str(store), "--brain", "offline", "--jsonl"]
    finished = subprocess.run(
        [*command, *(["--user", user] if user else [])],
        input="\n".join(messages) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    turns = [json.loads(line) for line in finished.stdout.splitlines()]
    assert len(turns) == len(messages)
    assert all(tuple(turn) == KEYS for turn in turns)
    assert all(turn["error"] is None for turn in turns)
    return turns


def constraints(turn: dict[str, Any]) -> list[tuple[str, str, Any]]:
    return [(e["field"], e["op"], e["value"]) for e in turn["ledger"] if e["kind"] == "constraint"]


def ids(turn: dict[str, Any]) -> list[str]:
    return [item["id"] for item in turn["items"]]


def assert_everything_shown_holds(turns: Sequence[dict[str, Any]], catalog: Catalog) -> None:
    """Check each shown item against the constraints of its turn with the plain-Python oracle, and its evidence."""
    for turn in turns:
        for item in turn["items"]:
            position = catalog.position(item["id"])
            assert item["title"] == catalog.titles[position]
            assert item["reason"]
            assert item["evidence"]
            for name, op, operand in constraints(turn):
                value = catalog.value(name, position)
                assert meets(catalog.field(name).type, value, op, operand), (item["title"], name, op, operand, value)


@pytest.fixture(scope="module")
def films(demo_store: Path) -> Catalog:
    with open_desk(demo_store) as desk:
        return desk.snapshot().catalog


@pytest.fixture(scope="module")
def goods(shop_store: Path) -> Catalog:
    with open_desk(shop_store) as desk:
        return desk.snapshot().catalog


def test_the_demo_s_request_is_answered_with_animated_films_of_the_nineties_that_are_no_musicals(
    demo_store: Path, films: Catalog
) -> None:
    (turn,) = converse(
        demo_store, "I loved Toy Story and Aladdin. Something animated from the 90s, but no musicals, please."
    )
    assert sorted(constraints(turn)) == [
        ("genres", "contains", "Animation"),
        ("genres", "not_contains", "Musical"),
        ("year", "<=", 1999),
        ("year", ">=", 1990),
    ]
    assert {e["title"] for e in turn["ledger"] if e["kind"] == "like"} == {"Toy Story", "Aladdin"}
    assert len(turn["items"]) == 5
    assert "Toy Story 2" in [item["title"] for item in turn["items"]]
    assert_everything_shown_holds([turn], films)


def test_a_conversation_with_retractions_keeps_exactly_what_still_counts(demo_store: Path, films: Catalog) -> None:
    turns = converse(
        demo_store,
        "I loved Toy Story and Aladdin. Something animated from the 90s, but no musicals, please.",
        "shorter than 90 minutes",
        "why the second one?",
        "more",
        "forget the 90s, any year is fine",
        "actually make it a comedy",
        "musicals are fine after all",
    )
    animated, no_musicals = ("genres", "contains", "Animation"), ("genres", "not_contains", "Musical")
    nineties = [("year", ">=", 1990), ("year", "<=", 1999)]
    short = ("runtime", "<", 90)
    assert sorted(constraints(turns[0])) == sorted([animated, no_musicals, *nineties])
    assert sorted(constraints(turns[3])) == sorted([animated, no_musicals, short, *nineties])
    assert sorted(constraints(turns[4])) == sorted([animated, no_musicals, short])
    comedy = ("genres", "contains", "Comedy")
    assert sorted(constraints(turns[5])) == sorted([comedy, no_musicals, short])
    assert sorted(constraints(turns[6])) == sorted([comedy, short])
    assert_everything_shown_holds(turns, films)


def test_more_never_shows_an_item_twice(demo_store: Path) -> None:
    turns = converse(demo_store, "a western", "more", "more", "not that one", "what else?")
    shown = [item_id for turn in turns for item_id in ids(turn)]
    assert len(shown) >= 20
    assert len(set(shown)) == len(shown)


def test_why_is_answered_from_the_trace_without_recommending_anew(demo_store: Path) -> None:
    first, why = converse(demo_store, "I liked Heat. A thriller, please.", "why the first one?")
    assert why["items"] == []
    assert first["items"][0]["title"] in why["reply"]
    assert "Heat" in why["reply"]


def test_like_x_but_shorter_compares_with_x(demo_store: Path, films: Catalog) -> None:
    (turn,) = converse(demo_store, "Something like Heat but shorter")
    bound = films.value("runtime", next(i for i, title in enumerate(films.titles) if title == "Heat"))
    assert ("runtime", "<", bound) in constraints(turn)
    assert turn["items"]
    assert_everything_shown_holds([turn], films)


def test_an_impossible_request_is_declined_with_what_stands_in_the_way(demo_store: Path) -> None:
    (turn,) = converse(demo_store, "an animated western from before 1920")
    assert turn["items"] == []
    assert turn["abstained"]
    assert "1920" in turn["reply"]


def test_the_shop_works_with_no_code_of_its_own(shop_store: Path, goods: Catalog) -> None:
    turns = converse(
        shop_store,
        "I'm looking for a tent under 300 euros",
        "make it blue",
        "lighter than 3 kg please",
        "actually any colour is fine",
        "no Alpenor please",
        "what about backpacks instead?",
        "is the first one in stock?",
    )
    under_300, light = ("price", "<", 300), ("weight_kg", "<", 3)
    assert sorted(constraints(turns[2])) == sorted(
        [("category", "==", "Tents"), under_300, ("colours", "contains", "blue"), light]
    )
    assert sorted(constraints(turns[5])) == sorted(
        [("category", "==", "Backpacks"), under_300, light, ("brand", "!=", "Alpenor")]
    )
    assert "available" in turns[6]["reply"]
    assert_everything_shown_holds(turns, goods)
    promoted = [
        item for turn in turns for item in turn["items"] if goods.value("sponsored", goods.position(item["id"]))
    ]
    assert promoted
    assert all(item["disclosures"] == ["This is a promoted item."] for item in promoted)
    in_stock = [goods.value("stock", goods.position(item_id)) for turn in turns for item_id in ids(turn)]
    assert all(isinstance(stock, int) and stock > 0 for stock in in_stock)


def test_a_known_user_never_gets_what_is_in_their_history(demo_store: Path, films: Catalog) -> None:
    with open_desk(demo_store) as desk:
        log = desk.snapshot().artifact.interactions
    assert log is not None
    user = log.user_ids[0]
    had = {films.ids[log.items[row]] for row in log.history(user)}
    turns = converse(demo_store, "recommend me something", "more", user=user)
    assert all(ids(turn) for turn in turns)
    assert not had & {item_id for turn in turns for item_id in ids(turn)}

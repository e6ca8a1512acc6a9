"""Amounts: which field they are about and what they ask of it."""

import pytest

from concierge_agent.offline.bounds import bounds
from concierge_agent.offline.measured_fields import choose
from concierge_agent.offline.quantities import amounts
from concierge_agent.offline.text import tokenize
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import CatalogDescription
from tests.agent.offline.conftest import World
from tests.agent.offline.dialogues import spelt


def read(text: str, world: World) -> list[str]:
    words = Vocabulary(CatalogDescription.model_validate(world.description()))
    tokens = tokenize(text)
    found = []
    for amount in amounts(tokens, set(), words):
        field = choose(amount, tokens, words).field
        found += [spelt(c) for c in bounds(amount, field, words).constraints] if field is not None else []
    return found


@pytest.mark.parametrize(
    ("text", "constraints"),
    [
        ("under two hours", ["runtime < 120"]),
        ("an hour and a half at most", ["runtime <= 90"]),
        ("at most 2h20", ["runtime <= 140"]),
        ("1 hour and 45 minutes or less", ["runtime <= 105"]),
        ("half an hour max", ["runtime <= 30"]),
        ("two and a half hours tops", ["runtime <= 150"]),
        ("between 80 and 100 minutes", ["runtime >= 80", "runtime <= 100"]),
        ("90-120 min", ["runtime >= 90", "runtime <= 120"]),
        ("no more than 95 minutes", ["runtime <= 95"]),
        ("from the 90s", ["year >= 1990", "year <= 1999"]),
        ("before the 80s", ["year < 1980"]),
        ("after the 80s", ["year > 1989"]),
        ("late seventies", ["year >= 1975", "year <= 1979"]),
        ("20th century", ["year >= 1900", "year <= 1999"]),
        ("between 1990 and 1995", ["year >= 1990", "year <= 1995"]),
        ("at least a 7", ["rating >= 7"]),
        ("8+ rating", ["rating >= 8"]),
        ("rated 4 out of 5 or better", ["rating >= 8"]),
        ("a maximum length of 130 min", ["runtime <= 130"]),
        ("130 min is my absolute limit", ["runtime <= 130"]),
        ("two hours thirty", ["runtime >= 135", "runtime <= 165"]),
        ("100 minutes, give or take 10", ["runtime >= 90", "runtime <= 110"]),
        ("the most I can sit through is two hours", ["runtime <= 120"]),
        ("2 hours but not a minute more", ["runtime <= 120"]),
        ("the early aughts", ["year >= 2000", "year <= 2004"]),
        ("nineteenth or twentieth century", ["year >= 1800", "year <= 1999"]),
        ("from 1990 to today", ["year >= 1990"]),
        ("at most ten years old", ["year >= 2011"]),
        ("older than ten years", ["year < 2011"]),
        ("85% or better", ["rating >= 8.5"]),
    ],
)
def test_amounts_of_films(text: str, constraints: list[str], worlds: dict[str, World]) -> None:
    assert read(text, worlds["films"]) == constraints


@pytest.mark.parametrize(
    ("text", "constraints"),
    [
        ("below €1,000", ["price < 1000"]),
        ("up to 1.5k euros", ["price <= 1500"]),
        ("fifty bucks or less", ["price <= 50"]),
        ("under 1500 g", ["weight < 1.5"]),
        ("at least ten hours", ["battery_life >= 10"]),
        ("since March 2023", ["released >= 2023-03"]),
        ("released after 2023-05-31", ["released > 2023-05-31"]),
        ("4.5 stars or more", ["stars >= 4.5"]),
        ("under 1.299,99 EUR", ["price < 1299.99"]),
        ("99 cents at most", ["price <= 0.99"]),
        ("two grand max", ["price <= 2000"]),
        ("120 a night at most", ["price <= 120"]),
        ("half a kilo or less", ["weight <= 0.5"]),
        ("before 1 March 2023", ["released < 2023-03-01"]),
        ("2 days of battery or more", ["battery_life >= 48"]),
        ("priced from 20 to 40", ["price >= 20", "price <= 40"]),
    ],
)
def test_amounts_of_a_shop(text: str, constraints: list[str], worlds: dict[str, World]) -> None:
    assert read(text, worlds["shop"]) == constraints


def test_a_field_without_a_unit_says_which_was_assumed(worlds: dict[str, World]) -> None:
    described = worlds["films"].description()
    runtime = next(field for field in described["fields"] if field["name"] == "runtime")
    del runtime["unit"]
    words = Vocabulary(CatalogDescription.model_validate(described))
    tokens = tokenize("under two hours")
    amount = amounts(tokens, set(), words)[0]
    field = choose(amount, tokens, words).field
    assert field is not None

    meant = bounds(amount, field, words)

    assert [spelt(c) for c in meant.constraints] == ["runtime < 120"]
    assert meant.notes == ("I took runtime to be in minutes.",)


def test_a_number_that_fits_several_fields_is_left_open(worlds: dict[str, World]) -> None:
    words = Vocabulary(CatalogDescription.model_validate(worlds["shop"].description()))
    tokens = tokenize("more than 40")

    choice = choose(amounts(tokens, set(), words)[0], tokens, words)

    assert choice.field is None
    assert [field.name for field in choice.rivals] == ["price", "battery_life"]


def test_gigabytes_of_either_kind_are_asked_about(worlds: dict[str, World]) -> None:
    words = Vocabulary(CatalogDescription.model_validate(worlds["laptops"].description()))
    tokens = tokenize("at least 64 GB")

    choice = choose(amounts(tokens, set(), words)[0], tokens, words)

    assert choice.field is None
    assert [field.name for field in choice.rivals] == ["ram", "storage"]


def test_a_screen_of_thirteen_inches_has_a_fraction_more(worlds: dict[str, World]) -> None:
    assert read("a 13-inch screen", worlds["laptops"]) == ["screen >= 13", "screen < 14"]


def test_metres_go_to_the_field_that_holds_so_many(worlds: dict[str, World]) -> None:
    assert read("at most 500 m", worlds["trails"]) == ["climb <= 500"]
    assert read("at most 9000 m", worlds["trails"]) == ["length <= 9"]

"""Explanations say what the data shows, with the proof, and nothing else."""

from collections.abc import Mapping

import numpy as np
import pytest

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.phrases import number_words, value_words
from concierge_tools.explain import explain
from concierge_tools.ranking.breakdown import Breakdown, Term
from concierge_tools.reasons import Evidence
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Profile

FIELDS = [
    Field("kind", "tags", "tags"),
    Field("maker", "category", "category"),
    Field("year", "number", "date"),
    Field("weight", "number", "number", unit="kg"),
    Field("price", "number", "price", unit="EUR"),
    Field("on_sale", "boolean", "category"),
    Field("about", "text", "text"),
    Field("mood", "category", "category", generated=True),
]
ROWS: list[Mapping[str, FieldValue]] = [
    {"id": "a", "title": "Oak Table", "kind": ["table", "oak", "wood"], "maker": "Ash", "year": 1999, "weight": 12.5,
     "price": 149.5, "on_sale": True, "about": "A table for six people.", "mood": "cosy"},
    {"id": "b", "title": "Oak Chair", "kind": ["chair", "oak", "wood"], "maker": "Elm", "year": 2001, "weight": 4,
     "price": 49, "on_sale": False, "about": None, "mood": "cosy"},
    {"id": "c", "title": "Iron Bed", "kind": ["bed", "iron"], "maker": "Ash", "year": 2005, "weight": None,
     "price": None, "on_sale": None, "about": "", "mood": None},
    {"id": "d", "title": "Rug", "kind": [], "maker": "Elm", "year": 2020, "weight": 2, "price": 20, "on_sale": False},
    {"id": "e", "title": "Lamp", "kind": ["lamp"], "maker": "Fir", "year": 2020, "weight": 2, "price": 20},
]  # fmt: skip


@pytest.fixture
def catalog() -> Catalog:
    return Catalog.of("furniture", FIELDS, ROWS)


def of(field: str, op: str, value: object) -> Constraint:
    return Constraint.model_validate({"field": field, "op": op, "value": value})


@pytest.mark.parametrize(
    ("constraints", "text"),
    [
        ([of("weight", "<", 20)], "weight: 12.5 kg (under 20 kg)"),
        ([of("price", "<=", 150)], "price: 149.50 EUR (at most 150 EUR)"),
        ([of("year", ">=", 1990), of("year", "<=", 1999)], "year: 1999 (1990 to 1999)"),
        ([of("year", "<", 2000)], "year: 1999 (before 2000)"),
        ([of("kind", "contains", "oak"), of("kind", "not_contains", "bed")], "kind: oak, not bed"),
        ([of("kind", "contains_any", ["oak", "iron"])], "kind: oak"),
        ([of("maker", "in", ["Ash", "Elm"])], "maker: Ash (one of Ash, Elm)"),
        ([of("maker", "==", "Ash")], "maker: Ash"),
        ([of("on_sale", "==", True)], "on sale: yes"),
        ([of("mood", "==", "cosy")], "mood: cosy, as a model described it"),
    ],
)
def test_each_field_that_meets_what_was_asked_is_said_once(
    catalog: Catalog, constraints: list[Constraint], text: str
) -> None:
    (reason,) = explain(catalog, 0, constraints=constraints).reasons
    name = constraints[0].field
    assert (reason.kind, reason.text) == ("matches", text)
    assert reason.evidence == (Evidence("a", "field", name, catalog.value(name, 0)),)


def test_a_constraint_that_is_not_met_is_said_not_to_be_and_comes_first(catalog: Catalog) -> None:
    asked = [of("weight", "<", 20), of("kind", "contains", "bed"), of("year", "<", 2000), of("kind", "contains", "oak")]
    found = explain(catalog, 2, constraints=asked)
    assert [(reason.kind, reason.text) for reason in found.reasons] == [
        ("unmet", "does not meet weight: under 20 kg (it is unknown)"),
        ("unmet", "does not meet year: before 2000 (it is 2005)"),
        ("unmet", "does not meet kind: oak (it is bed, iron)"),
        ("matches", "kind: bed"),
    ]
    assert found.short.startswith("Does not meet weight: under 20 kg (it is unknown); does not meet year")


def blended(item: int, profile: Profile, shares: list[float]) -> Breakdown:
    pairs = tuple(zip(profile.items.tolist(), shares, strict=True))
    return Breakdown(
        item, 1 / 61, "neighbours", (Term("neighbours", 1, 1 / 61),), {"neighbours": sum(shares)}, {"neighbours": pairs}
    )


def test_the_liked_items_that_weigh_most_are_named(catalog: Catalog) -> None:
    profile = Profile.of(liked=[1, 3], disliked=[4], history=[2])
    found = explain(catalog, 0, breakdown=blended(0, profile, [0.5, 0.01, 0.4, 0.5]), profile=profile)
    (reason,) = found.reasons
    assert reason.kind == "because_you_liked"
    assert reason.text == "because you liked Oak Chair (50%) and because of Iron Bed (50%) in your history"
    assert Evidence("a", "contribution", "b", round(1 / 61 / 1.01 * 0.5, 8)) in reason.evidence
    assert Evidence("b", "field", "title", "Oak Chair") in reason.evidence
    assert found.short == "Because you liked Oak Chair (50%) and because of Iron Bed (50%) in your history."


def test_an_item_is_no_reason_for_itself(catalog: Catalog) -> None:
    both = Profile.of(liked=[0, 1])
    found = explain(catalog, 0, breakdown=blended(0, both, [0.5, 0.5]), profile=both)
    assert found.short == "Because you liked Oak Chair (50%)."
    alone = Profile.of(liked=[0])
    assert explain(catalog, 0, breakdown=blended(0, alone, [0.5]), profile=alone).reasons == ()
    assert explain(catalog, 0, seeds=[0]).reasons == ()


def test_of_an_item_that_nothing_speaks_for_no_place_is_told(catalog: Catalog) -> None:
    found = explain(catalog, 0, breakdown=Breakdown(0, None, "als"), profile=Profile.of(liked=[1]))
    assert found.short == "Nothing in your taste speaks for it."


def test_an_item_that_nothing_speaks_for_is_called_a_filler(catalog: Catalog) -> None:
    profile = Profile.of(liked=[1])
    asked = [of("year", "<", 2000)]
    found = explain(catalog, 0, breakdown=Breakdown(0, None, "als"), profile=profile, constraints=asked)
    assert [reason.kind for reason in found.reasons] == ["filler", "matches"]
    assert found.short == "Nothing in your taste speaks for it; it meets what you asked."
    assert explain(catalog, 0, breakdown=Breakdown(0, None, "als"), profile=Profile.empty()).reasons == ()


def test_popularity_is_told_in_people_and_rank(catalog: Catalog) -> None:
    counts = np.array([2, 1, 0, 3, 0])
    ever = counts.astype(np.float32)
    popularity = Popularity(people=counts, ever=ever, recent=ever, window_days=0)
    texts = [explain(catalog, i, popularity=popularity, verb="bought").short for i in range(3)]
    assert texts == [
        "Bought by 2 people, number 2 of 5 of all time.",
        "Bought by 1 person, number 3 of 5 of all time.",
        "",
    ]
    evidence = explain(catalog, 0, popularity=popularity, verb="bought").evidence
    assert evidence[:2] == (
        Evidence("a", "statistic", "bought_by", 2),
        Evidence("a", "statistic", "popularity_rank", 2),
    )


def test_popularity_is_no_reason_for_an_item_that_few_like_and_something_else_speaks_for(catalog: Catalog) -> None:
    counts = np.array([1, 5, 0, 9, 0])
    ever = counts.astype(np.float32)
    popularity = Popularity(people=counts, ever=ever, recent=ever, window_days=0)
    found = explain(catalog, 0, seeds=[1], popularity=popularity)
    assert [reason.kind for reason in found.reasons] == ["similar_to"]
    assert [reason.kind for reason in explain(catalog, 0, popularity=popularity).reasons] == ["popular"]


def test_similar_items_are_so_by_the_values_they_share(catalog: Catalog) -> None:
    (reason,) = explain(catalog, 0, seeds=[1]).reasons
    assert reason.text == "similar to Oak Chair: oak, wood"
    assert Evidence("a", "field", "kind", ["table", "oak", "wood"]) in reason.evidence
    assert explain(catalog, 0, seeds=[4]).short == "Similar to Lamp."


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("oak table", "found “oak” in title and “table” in title"),
        ("tables for people", "found “table” for “tables” in title and “people” in about"),
        ("wodd", "found “wood” for “wodd” in kind"),
    ],
)
def test_the_words_that_were_found_are_shown_where_they_stand(catalog: Catalog, query: str, text: str) -> None:
    (reason,) = explain(catalog, 0, query=query).reasons
    assert reason.text == text


def test_words_that_stand_nowhere_are_not_claimed(catalog: Catalog) -> None:
    assert explain(catalog, 3, query="oak for the people").reasons == ()


@pytest.mark.parametrize(
    ("number", "price", "words"),
    [(1999, False, "1999"), (12345, False, "12,345"), (2.50, False, "2.5"), (2.5, True, "2.50"), (3.0, True, "3")],
)
def test_numbers_have_no_needless_digits(number: float, price: bool, words: str) -> None:
    assert number_words(number, price=price) == words


def test_values_carry_their_unit() -> None:
    assert value_words(Field("score", "number", "number", unit="%"), 93) == "93%"
    assert value_words(Field("score", "number", "number"), None) == "unknown"


def test_what_an_item_is_not_is_no_short_reason_beside_another(catalog: Catalog) -> None:
    no_beds = of("kind", "not_contains", "bed")
    found = explain(catalog, 0, constraints=[no_beds, of("weight", "<", 20)])
    assert found.short == "Weight: 12.5 kg (under 20 kg)."
    assert "Kind: not bed." in found.detailed
    assert explain(catalog, 0, constraints=[no_beds]).short == "Kind: not bed."

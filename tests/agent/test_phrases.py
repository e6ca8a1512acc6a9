from typing import Any

import pytest

from concierge_agent.phrases import listing, phrase, phrases, shorten, value_words
from concierge_agent.values import CatalogDescription, Constraint

FIELDS = [
    {"name": "genres", "role": "tags", "type": "tags"},
    {"name": "runtime", "role": "number", "type": "number", "unit": "min"},
    {"name": "year", "role": "number", "type": "number"},
    {"name": "released", "role": "date", "type": "date"},
    {"name": "made", "role": "date", "type": "number"},
    {"name": "content_rating", "role": "category", "type": "category"},
    {"name": "overview", "role": "text", "type": "text"},
    {"name": "sponsored", "role": "boolean", "type": "boolean"},
]
CATALOG = CatalogDescription.model_validate(
    {"name": "films", "items": 3, "fields": FIELDS, "policy": {}, "models": [], "artifact": "a"}
)


def constraint(field: str, op: str, value: Any) -> Constraint:
    return Constraint.model_validate({"field": field, "op": op, "value": value})


@pytest.mark.parametrize(
    ("field", "op", "value", "words"),
    [
        ("genres", "contains", "Animation", "genres include Animation"),
        ("genres", "contains_any", ["Comedy", "Drama"], "genres include Comedy or Drama"),
        ("genres", "contains_all", ["Comedy", "Drama", "War"], "genres include Comedy, Drama and War"),
        ("genres", "not_contains", "Musical", "no Musical in genres"),
        ("runtime", "<=", 90, "runtime at most 90 min"),
        ("runtime", "<", 90.0, "runtime under 90 min"),
        ("year", "==", 1999, "year is 1999"),
        ("released", "<", "2000", "released before 2000"),
        ("made", ">=", 1990, "made from 1990"),
        ("content_rating", "in", ["PG", "G"], "content rating is PG or G"),
        ("content_rating", "not_in", ["R", "NC-17"], "content rating is not R or NC-17"),
        ("overview", "contains", "heist", 'overview mentions "heist"'),
        ("sponsored", "==", False, "not sponsored"),
        ("sponsored", "!=", False, "sponsored"),
    ],
)
def test_a_constraint_is_said_in_words(field: str, op: str, value: object, words: str) -> None:
    assert phrase(constraint(field, op, value), CATALOG) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (("year", ">=", 1990), ("year", "<=", 1999), "year 1990 to 1999"),
        (("runtime", ">=", 80), ("runtime", "<=", 100), "runtime 80 to 100 min"),
        (("released", ">=", "1990-01-01"), ("released", "<=", "1999-12-31"), "released 1990 to 1999"),
        (("released", ">=", "1990"), ("released", "<", "2000"), "released from 1990 and before 2000"),
    ],
)
def test_two_bounds_on_one_field_are_one_range(
    low: tuple[str, str, Any], high: tuple[str, str, Any], words: str
) -> None:
    between = constraint("genres", "contains", "Drama")

    for bounds in ((low, high), (high, low)):
        said = phrases([constraint(*bounds[0]), between, constraint(*bounds[1])], CATALOG)
        assert said == [words, "genres include Drama"]


def test_the_same_constraint_is_said_once() -> None:
    assert phrases([constraint("year", ">", 1990), constraint("year", ">", 1990)], CATALOG) == ["year over 1990"]


def test_constraints_on_unknown_fields_are_still_words() -> None:
    assert phrase(constraint("page_count", "<", 100)) == "page count under 100"


def test_values_and_lists_are_spoken() -> None:
    assert [value_words(v) for v in (None, [], True, 90.0, 4.25, ["a", "b"])] == [
        "unknown",
        "unknown",
        "yes",
        "90",
        "4.25",
        "a and b",
    ]
    assert [listing(words) for words in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b and c"]


def test_long_text_is_cut_at_a_word() -> None:
    assert shorten("one  two, three", 10) == "one two…"

"""What a query says of fields is read from the catalog's own values, units, roles and names."""

import numpy as np
import pytest

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.text.mentions import Vocabulary
from concierge_tools.text.passage import Passage
from concierge_tools.text.quantities import read_quantities
from concierge_tools.text.terms import TermIndex
from concierge_tools.text.understanding import Understanding, understand
from concierge_tools.text.words import Stemmer

FIELDS = (
    Field("genres", "tags", "tags", synonyms={"Romance": ("romantic",)}),
    Field("year", "number", "date"),
    Field("runtime", "number", "number", unit="min"),
    Field("price", "number", "price", unit="EUR"),
    Field("weight", "number", "number", unit="kg"),
    Field("critics_score", "number", "number", unit="%", aliases=("reviews",)),
    Field("rating", "number", "number"),
    Field("signed", "boolean", "category"),
)
ROWS: list[dict[str, FieldValue]] = [
    {"id": "a", "title": "Paper Moon Rising", "genres": ["Romance", "Comedy"], "year": 1985, "runtime": 80},
    {"id": "b", "title": "Inkwell Nine", "genres": ["Sci-Fi"], "year": 2010, "runtime": 150, "signed": True},
    {"id": "c", "title": "Some Like Storms", "genres": ["Horror"], "year": 2021, "runtime": 95},
]
CATALOG = Catalog.of("shelf", FIELDS, ROWS)
VOCABULARY = Vocabulary(CATALOG)
TERMS = TermIndex(CATALOG, Stemmer(), np.ones(len(CATALOG)))


def read(query: str) -> Understanding:
    return understand(query, CATALOG, TERMS, lambda: VOCABULARY)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("under 90 minutes", ["runtime < 90"]),
        ("no more than two hours", ["runtime <= 120"]),
        ("at least 1.5 hours", ["runtime >= 90"]),
        ("longer than 90min", ["runtime > 90"]),
        ("between 80 and 100 minutes", ["runtime >= 80", "runtime <= 100"]),
        ("lighter than 900 g", ["weight < 0.9"]),
        ("below €50", ["price < 50"]),
        ("under 50 euros", ["price < 50"]),
        ("cheaper than 50", ["price < 50"]),
        ("from the 80s", ["year >= 1980", "year <= 1989"]),
        ("1980s", ["year >= 1980", "year <= 1989"]),
        ("the eighties", ["year >= 1980", "year <= 1989"]),
        ("20s", ["year >= 2020", "year <= 2029"]),
        ("before 2000", ["year < 2000"]),
        ("since 2010", ["year >= 2010"]),
        ("in 2010", ["year == 2010"]),
        ("2005-2015", ["year >= 2005", "year <= 2015"]),
        ("a critics score above 95", ["critics_score > 95"]),
        ("reviews over 80 %", ["critics_score > 80"]),
        ("a rating of at least 4", ["rating >= 4"]),
        ("inkwell nine", []),
        ("part 2", []),
        ("84739201847", []),
        ("room 1408", []),
        ("the one with the shark", []),
    ],
)
def test_a_quantity_is_asked_of_the_field_that_its_unit_name_or_role_tells(query: str, asked: list[str]) -> None:
    stated = read_quantities(Passage(query), CATALOG, Stemmer())

    assert [f"{c.field} {c.op} {c.value}" for one in stated for c in one.constraints] == asked


def test_values_and_quantities_are_taken_apart_from_the_words() -> None:
    found = read("romantic comedies from the 80s with a moon")

    assert found.words(CATALOG) == "genres Romance, Comedy; year 1980 to 1989"
    assert found.text == "romantic comedies with a moon"
    assert [part.kind for part in found.parts] == ["value", "value", "quantity"]


def test_a_value_behind_a_negation_is_unwanted() -> None:
    (part,) = read("no horror").parts

    assert part.constraints == (Constraint(field="genres", op="not_contains", value="Horror"),)
    assert read("not signed").parts[0].constraints == (Constraint(field="signed", op="==", value=False),)
    assert read("no horror").text == ""


@pytest.mark.parametrize(
    ("query", "likes", "text"),
    [
        ("like Inkwell Nine but funnier", (1,), "but funnier"),
        ("something similar to inkwell nine", (1,), "something"),
        ("I like Inkwell Nine", (), "I like Inkwell Nine"),
        ("some like storms", (), "some like storms"),
        ("like nothing else", (), "like nothing else"),
    ],
)
def test_what_is_named_behind_a_word_of_likeness_is_what_to_be_like(
    query: str, likes: tuple[int, ...], text: str
) -> None:
    found = read(query)

    assert (found.likes, found.text) == (likes, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("runtime under 90", ""),
        ("storms with a runtime of under 90 minutes", "storms with a of"),
        ("critics score over 90", ""),
        ("year 1985", ""),
        ("year of storms 1985", "year of storms"),
    ],
)
def test_the_words_that_name_the_field_of_a_bound_are_no_words_to_search_for(query: str, text: str) -> None:
    found = read(query)

    assert [part.kind for part in found.parts] == ["quantity"]
    assert found.text == text


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("not a comedy", "genres not Comedy"),
        ("I don't want horror", "genres not Horror"),
        ("I hate horror", "genres not Horror"),
        ("neither horror nor comedy", "genres not Horror, not Comedy"),
        ("no horror or comedy", "genres not Horror, not Comedy"),
        ("romance other than comedy", "genres Romance, not Comedy"),
        ("anything but horror", "genres not Horror"),
        ("no items with horror", "genres Horror"),
        ("no items of horror", "genres not Horror"),
        ("not shorter than 90 minutes", "runtime at least 90 min"),
        ("not only horror", "genres Horror"),
        ("nothing but horror", "genres Horror"),
        ("why not a comedy", "genres Comedy"),
        ("Dr. No by horror", "genres Horror"),
        ("no storms. horror", "genres Horror"),
    ],
)
def test_a_negation_is_read_as_one_over_the_small_words_before_a_value(query: str, asked: str) -> None:
    assert understand(query, CATALOG, TERMS, lambda: VOCABULARY, {"items"}).words(CATALOG) == asked


@pytest.mark.parametrize(
    ("query", "text", "missed"),
    [
        ("storms but not lucas", "storms", ("but not lucas",)),
        ("storms other than lucas from paris", "storms from paris", ("other than lucas",)),
        ("storms not from the 80s", "storms", ("not from the 80s",)),
        ("shorter than Inkwell Nine", "", ("shorter than Inkwell Nine",)),
        ("like Inkwell Nine but shorter", "but", ("shorter",)),
        ("a house without a view", "a house without a view", ()),
        ("no country for old men", "no country for old men", ()),
    ],
)
def test_what_is_not_wanted_or_compared_beyond_the_catalogs_values_is_said_and_not_searched(
    query: str, text: str, missed: tuple[str, ...]
) -> None:
    found = read(query)

    assert (found.text, found.missed) == (text, missed)
    assert all(part.kind != "value" for part in found.parts)

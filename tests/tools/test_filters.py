"""Constraints are checked against the catalog: spelling, synonyms, types, and errors that say what to do."""

import pytest

from concierge_tools.data import filters
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint, Op
from concierge_tools.data.fields import Field, Scalar
from concierge_tools.errors import InputError

FIELDS = (
    Field("genres", "tags", "tags", synonyms={"Sci-Fi": ("science fiction",), "Western": ("cowboy",)}),
    Field("price", "number", "price"),
    Field("released", "date", "date"),
    Field("in_stock", "boolean", "availability"),
    Field("colour", "category", "category"),
)


@pytest.fixture
def catalog() -> Catalog:
    return Catalog.of(
        "toy",
        FIELDS,
        [
            {"id": "a", "title": "Alien", "genres": ["Horror", "Sci-Fi"], "price": 9.5, "colour": "Red"},
            {"id": "b", "title": "Brazil", "genres": ["Comedy", "Sci-Fi"], "released": "1985", "in_stock": True},
            {"id": "c", "title": "Casper", "price": 3, "released": "1995-05-26", "colour": "Blue"},
        ],
    )


def meeting(catalog: Catalog, field: str, op: Op, value: Scalar | list[Scalar]) -> str:
    checked = filters.check(catalog, [Constraint(field=field, op=op, value=value)])
    return "".join(catalog.ids[i] for i in filters.mask(catalog, checked).nonzero()[0].tolist())


@pytest.mark.parametrize(
    ("field", "op", "value", "ids"),
    [
        ("genres", "contains", "SCIENCE FICTION", "ab"),
        ("genres", "contains_any", ["horror", "no such"], "a"),
        ("genres", "not_contains", "Comedy", "ac"),
        ("price", "<", "9.5", "c"),
        ("price", "not_in", [3], "a"),
        ("price", "in", 3, "c"),
        ("released", ">", 1985, "c"),
        ("released", "<=", "1995-05", "bc"),
        ("in_stock", "==", "yes", "b"),
        ("colour", "!=", "red", "c"),
        ("title", "contains", "AL", "a"),
        ("title", "==", ["brazil"], "b"),
        ("id", "in", ["c", "z"], "c"),
    ],
)
def test_values_are_understood_as_people_write_them(
    catalog: Catalog, field: str, op: Op, value: Scalar | list[Scalar], ids: str
) -> None:
    assert meeting(catalog, field, op, value) == ids


def test_checked_constraints_carry_the_catalogs_spelling(catalog: Catalog) -> None:
    asked = [
        Constraint(field="genres", op="contains_any", value=["scifi?", "science fiction", "HORROR"]),
        Constraint(field="price", op="<", value="10"),
        Constraint(field="released", op="==", value=1985),
    ]
    assert [c.value for c in filters.check(catalog, asked)] == [["Sci-Fi", "Horror"], 10, "1985"]


@pytest.mark.parametrize(
    ("field", "op", "value", "message"),
    [
        ("genres", "contains", "horor", "No value 'horor' in 'genres'; did you mean 'Horror'?"),
        ("genres", "contains", "xyz", "No value 'xyz' in 'genres'; its values are Comedy, Horror, Sci-Fi."),
        ("genres", "contains", "cowboy", "No value 'cowboy' in 'genres'; its values are Comedy, Horror, Sci-Fi."),
        ("genres", "contains_any", ["xyz", "zyx"], "No value 'xyz' in 'genres'; its values are"),
        ("genres", "contains_all", ["Horror", "horor"], "No value 'horor' in 'genres'; did you mean 'Horror'?"),
        (
            "genres",
            "==",
            "Horror",
            "Field 'genres' holds several values; use contains, not_contains, contains_any or contains_all.",
        ),
        ("price2", "<", 3, "No field 'price2'; did you mean 'price'? The fields are id, title, genres, price"),
        ("weight", "<", 3, "No field 'weight'; the fields are id, title, genres, price"),
        ("price", "<", "cheap", "Field 'price' holds numbers; 'cheap' is not a number."),
        ("price", "==", True, "Field 'price' holds numbers; True is not a number."),
        ("price", "<", float("nan"), "Field 'price' holds numbers; nan is not a finite number."),
        ("price", "==", [1, 2], "Operator '==' on field 'price' takes one value; use in for any of them."),
        ("released", ">", "1995-13", "Field 'released' holds dates; '1995-13' is not a date; write 2001-05-31"),
        ("in_stock", "==", "perhaps", "Field 'in_stock' holds true or false; 'perhaps' is neither true nor false."),
    ],
)
def test_an_error_names_what_is_wrong_and_what_to_do(
    catalog: Catalog, field: str, op: Op, value: Scalar | list[Scalar], message: str
) -> None:
    with pytest.raises(InputError) as error:
        filters.check(catalog, [Constraint(field=field, op=op, value=value)])
    assert str(error.value).startswith(message)


def test_a_mask_without_constraints_holds_every_item(catalog: Catalog) -> None:
    assert filters.mask(catalog, []).all()


def test_unknown_values_match_nothing_and_their_negation_every_item_with_a_value(catalog: Catalog) -> None:
    equal, different = (
        filters.mask(catalog, [Constraint(field="colour", op=op, value="mauve")]) for op in ("==", "!=")
    )
    assert equal.tolist() == [False, False, False]
    assert different.tolist() == [True, False, True]

"""The filter engine answers as the oracle does, for every type and operator."""

from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from concierge_tools.data import filters
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import OPERATORS, Constraint
from concierge_tools.data.fields import Field, FieldType, FieldValue, Scalar
from tests.tools.filter_oracle import meets

TYPES: tuple[FieldType, ...] = get_args(FieldType)
FIELDS = tuple(Field(kind, kind, "category" if kind == "boolean" else kind) for kind in TYPES)

words = st.sampled_from(["Red", "red", "ROT", "Straße", "STRASSE", "blue sea", "sea"])
numbers = st.sampled_from([-1, 0, 0.5, 1, 2, 2.5, 1e9])
dates = st.sampled_from(["1999", "2000", "2000-02", "2000-02-29", "2000-12", "2000-12-31", "2001-01-01", "1969-12-31"])
SCALARS: dict[FieldType, st.SearchStrategy[Scalar]] = {
    "number": numbers,
    "date": dates | st.just(2000),
    "boolean": st.booleans(),
}


def values(kind: FieldType) -> st.SearchStrategy[FieldValue]:
    if kind == "tags":
        return st.one_of(st.none(), st.lists(words, max_size=4, unique=True))
    known: dict[FieldType, st.SearchStrategy[FieldValue]] = {"number": numbers, "date": dates, "boolean": st.booleans()}
    return st.one_of(st.none(), known.get(kind, words))


@st.composite
def constraints(draw: st.DrawFn) -> Constraint:
    kind = draw(st.sampled_from(TYPES))
    op = draw(st.sampled_from(OPERATORS[kind]))
    scalar = SCALARS.get(kind, words | st.just("of no item"))
    many = op in ("in", "not_in", "contains_any", "contains_all")
    return Constraint(field=kind, op=op, value=draw(st.lists(scalar, max_size=3) if many else scalar))


rows = st.lists(st.fixed_dictionaries({kind: values(kind) for kind in TYPES}), max_size=8)


@settings(max_examples=1_000, deadline=None)
@given(rows, st.lists(constraints(), max_size=3))
def test_the_engine_agrees_with_the_oracle(rows: list[dict[str, FieldValue]], asked: list[Constraint]) -> None:
    named: list[dict[str, FieldValue]] = [{"id": str(i), "title": f"Item {i}", **row} for i, row in enumerate(rows)]
    catalog = Catalog.of("any", FIELDS, named)

    def holds(row: dict[str, FieldValue], constraint: Constraint) -> bool:
        return meets(catalog.field(constraint.field).type, row[constraint.field], constraint.op, constraint.value)

    expected = [all(holds(row, constraint) for constraint in asked) for row in rows]
    assert filters.mask(catalog, asked).tolist() == expected
    for i, row in enumerate(rows):
        assert filters.unmet(catalog, i, asked) == [c for c in asked if not holds(row, c)]

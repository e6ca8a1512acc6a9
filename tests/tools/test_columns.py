"""Columns hold what they were given and describe it."""

import pytest

from concierge_tools.data.columns import column_of
from concierge_tools.data.fields import FieldType, FieldValue
from concierge_tools.data.quantity_columns import DateColumn, NumberColumn
from concierge_tools.data.word_columns import CategoryColumn, TagsColumn
from concierge_tools.errors import InputError


@pytest.mark.parametrize(
    ("kind", "given", "shown"),
    [
        ("number", [3.0, 2.5, None], [3, 2.5, None]),
        ("date", ["1999", "2001-5-3", None, 2000], ["1999", "2001-05-03", None, "2000"]),
        ("date", ["2001-05-03T10:00:00Z"], ["2001-05-03"]),
        ("boolean", [True, False, None], [True, False, None]),
        ("category", ["b", "a", None, ""], ["b", "a", None, None]),
        ("tags", [["z", "a", "z"], None, []], [["z", "a"], [], []]),
        ("text", ["Words.", None, ""], ["Words.", None, None]),
    ],
)
def test_a_column_shows_what_it_was_given(kind: FieldType, given: list[FieldValue], shown: list[FieldValue]) -> None:
    column = column_of(kind, given)
    assert [column.value(i) for i in range(len(column))] == shown
    assert [column.at(i).value(0) for i in range(len(column))] == shown


@pytest.mark.parametrize(("kind", "value"), [("number", "many"), ("date", "May"), ("boolean", 7), ("category", ["a"])])
def test_a_column_refuses_what_is_not_of_its_type(kind: FieldType, value: FieldValue) -> None:
    with pytest.raises(InputError):
        column_of(kind, [value])


def test_an_integral_number_is_an_int() -> None:
    assert isinstance(NumberColumn.of([3.0]).value(0), int)


def test_numbers_and_dates_know_their_range() -> None:
    numbers = NumberColumn.of([1, 2, 3, 4, 5, None])
    assert (numbers.minimum, numbers.maximum, numbers.quartiles, numbers.missing) == (1, 5, (2, 3, 4), 1)
    dates = DateColumn.of(["1999", "2001-05", "2000", "1998-12-31", "2002", None])
    assert (dates.minimum, dates.maximum, dates.missing) == ("1998-12-31", "2002", 1)
    assert dates.quartiles == ("1999", "2000", "2001-05")


@pytest.mark.parametrize("column", [NumberColumn.of([None]), DateColumn.of([None]), NumberColumn.of([])])
def test_a_column_without_values_has_no_range(column: NumberColumn | DateColumn) -> None:
    assert (column.minimum, column.maximum, column.quartiles) == (None, None, None)


@pytest.mark.parametrize(
    "column", [CategoryColumn.of(["b", "a", "b", None]), TagsColumn.of([["b"], ["a", "b"], None, []])]
)
def test_vocabularies_are_sorted_and_counted(column: CategoryColumn | TagsColumn) -> None:
    assert column.values == ["a", "b"]
    assert column.counts.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("number", 1, 2),
        ("category", "a", "new"),
        ("tags", ["a"], ["b"]),
        ("date", "2001", None),
        ("boolean", True, False),
        ("text", "a", None),
    ],
)
def test_values_are_replaced_in_a_copy(kind: FieldType, before: FieldValue, after: FieldValue) -> None:
    column = column_of(kind, [before, before])
    changed = column.replaced({1: after})
    assert [changed.value(i) for i in (0, 1)] == [before, after]
    assert column.value(1) == before

"""The next question is the one whose answer tells most, in bits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldType, FieldValue
from concierge_tools.data.filters import mask
from concierge_tools.elicitation.questions import next_question


def catalog_of(**columns: list[FieldValue]) -> Catalog:
    """Build a catalog whose fields' types follow from their values."""
    kinds: dict[type, FieldType] = {bool: "boolean", int: "number", list: "tags", str: "category"}
    fields = [
        Field(name, "date" if name == "day" else kinds[type(next(v for v in values if v is not None))], "number")
        for name, values in columns.items()
    ]
    count = len(next(iter(columns.values())))
    rows: list[dict[str, FieldValue]] = [
        {"id": str(i), "title": str(i), **{name: values[i] for name, values in columns.items()}} for i in range(count)
    ]
    return Catalog.of("toy", fields, rows)


def entropy(values: list[str]) -> float:
    shares = [values.count(value) / len(values) for value in set(values)]
    return -sum(share * math.log2(share) for share in shares)


@given(st.lists(st.sampled_from("abcd"), min_size=2, max_size=20))
def test_the_gain_of_a_category_is_its_entropy(values: list[str]) -> None:
    found = next_question(catalog_of(colour=[*values]), np.arange(len(values)))
    if entropy(values) < 0.3:
        assert found.stop is not None
    else:
        assert found.gain == pytest.approx(entropy(values))
        assert [option.count for option in found.options] == sorted(map(values.count, set(values)), reverse=True)


@given(st.lists(st.lists(st.sampled_from("abcd"), unique=True), min_size=2, max_size=20))
def test_several_values_per_item_tell_the_information_an_answer_has_of_the_item(values: list[list[str]]) -> None:
    if not any(values):
        return
    found = next_question(catalog_of(kind=[*values]), np.arange(len(values)), ask_first=["kind"])
    n = len(values)
    joint = {(i, tag): 1 / n / len(tags) for i, tags in enumerate(values) for tag in tags}
    told = sum(joint.values())
    answer = {tag: sum(p for (_, t), p in joint.items() if t == tag) for tag in "abcd"}
    expected = sum(p * math.log2(p * told / ((1 / n) * answer[tag])) for (_, tag), p in joint.items())
    assert found.gain == pytest.approx(max(0.0, expected), abs=1e-9)


def test_the_field_that_tells_most_is_asked() -> None:
    catalog = catalog_of(size=["S", "S", "S", "L"], colour=["red", "red", "blue", "blue"])
    found = next_question(catalog, [0, 1, 2, 3])
    assert (found.field, found.text, found.gain) == ("colour", "Which colour would you like?", 1.0)
    assert [(o.value, o.count) for o in found.options] == [("blue", 2), ("red", 2)]


def test_known_fields_are_not_asked_again() -> None:
    catalog = catalog_of(size=["S", "S", "S", "L"], colour=["red", "red", "blue", "blue"])
    assert next_question(catalog, [0, 1, 2, 3], known=["colour"]).field == "size"
    assert next_question(catalog, [0, 1, 2, 3], known=["colour", "size"]).stop is not None


def test_what_the_owner_wants_asked_first_comes_first_until_it_is_known() -> None:
    catalog = catalog_of(size=["S", "S", "S", "S"], colour=["red", "red", "blue", "blue"])
    assert next_question(catalog, [0, 1, 2, 3], ask_first=["size"]).field == "size"
    assert next_question(catalog, [0, 1, 2, 3], ask_first=["size"], known=["size"]).field == "colour"


@pytest.mark.parametrize(
    ("positions", "words"), [([], "No candidates"), ([1], "One candidate"), ([0, 1], "too much alike")]
)
def test_there_is_nothing_to_ask_when_an_answer_changes_nothing(positions: list[int], words: str) -> None:
    found = next_question(catalog_of(colour=["red", "red", "blue"]), positions)
    assert found.field is None
    assert words in (found.stop or "")


def test_likelier_candidates_count_for_more() -> None:
    catalog = catalog_of(colour=["red", "red", "blue", "blue"])
    even = next_question(catalog, [0, 1, 2, 3]).gain
    skewed = next_question(catalog, [0, 1, 2, 3], [9, 9, 1, 1]).gain
    assert even == pytest.approx(1.0)
    assert skewed == pytest.approx(-(0.9 * math.log2(0.9) + 0.1 * math.log2(0.1)))


def test_numbers_are_asked_in_ranges_that_part_the_candidates() -> None:
    numbers: list[FieldValue] = [*range(70, 170), None]
    catalog = catalog_of(length=numbers)
    found = next_question(catalog, np.arange(101))
    assert [o.value for o in found.options] == ["under 100", "100 to 119", "120 to 139", "at least 140"]
    assert [o.count for o in found.options] == [30, 20, 20, 30]
    for option in found.options:
        assert np.count_nonzero(mask(catalog, option.constraints)) == option.count


def test_dates_are_asked_in_years() -> None:
    catalog = catalog_of(day=[f"{year}-05-01" for year in range(1960, 2020)])
    found = next_question(catalog, np.arange(60))
    assert [o.value for o in found.options] == ["before 1970", "1970 to 1989", "1990 to 1999", "from 2000"]
    for option in found.options:
        assert np.count_nonzero(mask(catalog, option.constraints)) == option.count


def test_few_numbers_are_asked_one_by_one() -> None:
    found = next_question(catalog_of(seats=[2, 4, 4, 6]), np.arange(4))
    assert [(o.value, o.count) for o in found.options] == [(2, 1), (4, 2), (6, 1)]


def test_a_yes_or_no_field_is_a_question_of_its_own() -> None:
    found = next_question(catalog_of(on_sale=[True, False, False, True]), np.arange(4))
    assert found.text == "Should it be on sale?"
    assert sorted((o.value, o.count) for o in found.options) == [(False, 2), (True, 2)]


def test_a_field_that_names_nearly_every_candidate_is_not_asked() -> None:
    names: list[FieldValue] = [f"name {i}" for i in range(100)]
    assert next_question(catalog_of(maker=names), np.arange(100)).stop is not None


def test_a_field_of_many_values_is_asked_when_most_candidates_share_a_few() -> None:
    values: list[FieldValue] = [*(f"name {i}" for i in range(60)), *["usual"] * 140]
    assert next_question(catalog_of(maker=values), np.arange(200)).field == "maker"
    flat: list[FieldValue] = [f"name {i % 60}" for i in range(200)]
    assert next_question(catalog_of(maker=flat), np.arange(200)).stop is not None

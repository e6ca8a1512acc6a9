"""A condition is loosened just so far that a value which fails it is let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import FieldValue
from concierge_tools.data.relaxing import relaxed


def of(op: str, value: object) -> Constraint:
    return Constraint.model_validate({"field": "f", "op": op, "value": value})


@pytest.mark.parametrize(
    ("asked", "value", "instead"),
    [
        (of("<", 90), 101, of("<=", 101)),
        (of(">=", 1990), 1985, of(">=", 1985)),
        (of("==", "Ash"), "Elm", of("in", ["Ash", "Elm"])),
        (of("in", ["Ash", "Fir"]), "Elm", of("in", ["Ash", "Fir", "Elm"])),
        (of("not_in", ["Ash", "Elm"]), "Elm", of("not_in", ["Ash"])),
        (of("not_in", ["Elm"]), "Elm", None),
        (of("!=", "Elm"), "Elm", None),
        (of("contains", "oak"), ["iron"], None),
        (of("contains_all", ["oak", "iron"]), ["iron", "bed"], of("contains_all", ["iron"])),
        (of("contains_all", ["oak"]), ["bed"], None),
        (of("<", 90), None, None),
        (of("==", True), False, None),
    ],
)
def test_the_loosened_condition_is_the_nearest(
    asked: Constraint, value: FieldValue, instead: Constraint | None
) -> None:
    assert relaxed(asked, value) == instead


@given(bound=st.integers(), value=st.integers(), op=st.sampled_from(["<", "<=", ">", ">="]))
def test_a_loosened_bound_is_met_by_the_value_alone_at_its_edge(bound: int, value: int, op: str) -> None:
    loose = relaxed(of(op, bound), value)
    assert loose is not None
    assert loose.value == value
    assert loose.op == op[0] + "="

"""A column that compares a narrow copy of its numbers answers as the numbers themselves do."""

import operator
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concierge_tools.data.constraints import Op
from concierge_tools.data.quantity_columns import MANY, WIDE, NumberColumn

OPERATORS: dict[Op, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
NUMBERS = [3.0, 0.5, float("nan"), WIDE, WIDE + 1, -7.0, 1970.0, 1e300, 0.1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=6),
    st.sampled_from([0.1, 0.5, 3, -7, 1970, WIDE - 1, WIDE, WIDE + 1, 1e200]),
)
@pytest.mark.parametrize("op", OPERATORS)
def test_bounds_mean_the_same_to_many_numbers_as_to_few(op: Op, numbers: list[float], bound: float) -> None:
    held = np.resize(np.array(numbers), MANY)

    found = NumberColumn(held).mask(op, bound)

    assert found.tolist() == [OPERATORS[op](number, bound) for number in held.tolist()]

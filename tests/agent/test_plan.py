import pytest
from pydantic import ValidationError

from concierge_agent.plan import Plan, Step


def step(name: str, **arguments: object) -> Step:
    return Step(id=name, tool="any", arguments=arguments)


def test_a_step_needs_the_steps_whose_candidates_or_ids_it_takes() -> None:
    taken = step("s4", candidates=["$s1", "$s2"], item_ids="$s3.ids", query="$sad songs", n=3)

    assert taken.needs == ["s1", "s2", "s3"]


def test_a_step_may_only_take_earlier_steps() -> None:
    with pytest.raises(ValidationError, match="'s2', which is not an earlier step"):
        Plan(steps=(step("s1", candidates="$s2"), step("s2")))


def test_a_step_id_is_used_once() -> None:
    with pytest.raises(ValidationError, match="used twice"):
        Plan(steps=(step("s1"), step("s1")))


def test_one_tool_may_appear_many_times() -> None:
    assert len(Plan(steps=(step("s1"), step("s2"), step("s3", candidates=["$s1", "$s2"]))).steps) == 3

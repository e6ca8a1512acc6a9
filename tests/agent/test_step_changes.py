import pytest

from concierge_agent.plan import Plan, Step
from concierge_agent.step_changes import changed, read_changes

PLAN = Plan(
    steps=(
        Step(id="s1", tool="search_catalog", arguments={"query": "sea", "n": 5}),
        Step(id="s2", tool="rank_candidates", arguments={"candidates": "$s1", "by": "personal"}),
    )
)


def steps_after(*texts: str) -> list[tuple[str, dict[str, object]]]:
    return [(step.tool, step.arguments) for step in changed(PLAN, read_changes(texts)).steps]


def test_arguments_are_merged_and_null_removes_one() -> None:
    after = steps_after('s2.arguments={"by": "price"}', 's1.arguments={"n": null}')

    assert after == [
        ("search_catalog", {"query": "sea"}),
        ("rank_candidates", {"candidates": "$s1", "by": "price"}),
    ]


def test_one_argument_and_the_tool_are_reached_by_their_path() -> None:
    after = steps_after("s1.arguments.n=3", 's2.tool="filter_candidates"', 's2.arguments={"by": null}')

    assert after == [("search_catalog", {"query": "sea", "n": 3}), ("filter_candidates", {"candidates": "$s1"})]


def test_a_later_change_of_the_same_argument_counts() -> None:
    assert steps_after("s1.arguments.n=3", "s1.arguments.n=4")[0][1]["n"] == 4


@pytest.mark.parametrize("text", ["", "s1", "s1=3", "s1.id=3", "x.arguments={}", "s1.arguments=", "s1.arguments={"])
def test_what_is_no_change_of_a_step_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no change of a step|not JSON"):
        read_changes([text])


def test_a_plan_that_is_none_any_more_is_refused() -> None:
    with pytest.raises(ValueError, match="not an earlier step"):
        steps_after('s1.arguments.query="$s2"')
    with pytest.raises(ValueError, match=r"No step 's3' in the plan; its steps are s1, s2"):
        steps_after("s3.arguments={}")

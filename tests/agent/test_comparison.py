from typing import Any

import pytest

from concierge_agent.comparison import differences, normalised
from concierge_agent.trace import Call, Trace


def handle(digit: str, kind: str = "cs") -> str:
    return f"{kind}_{digit * 32}"


def trace(*calls: Call, reply: str = "Here.", **changes: Any) -> Trace:
    answer = {"reply": reply, "trace_id": handle("f", "tr"), "usage": {"model_calls": 1, "seconds": 0.1}}
    return Trace(
        **{"id": "t", "conversation": "c", "turn": 1, "text": "x", "calls": calls, "answer": answer, **changes}
    )


def listed(made: str, used: str | None = None, *, seconds: float = 0.1) -> tuple[Call, ...]:
    return (
        Call(step="s1", tool="search_catalog", arguments={}, result={"candidates": made}, seconds=seconds),
        Call(step="s2", tool="rank_candidates", arguments={"candidates": used or made}, result={}),
    )


def test_durations_and_minted_ids_are_set_aside() -> None:
    one, other = trace(*listed(handle("a"))), trace(*listed(handle("b"), seconds=9.0))

    assert differences(one, other) == []


def test_an_id_that_is_used_in_another_place_is_a_difference() -> None:
    one, other = trace(*listed(handle("a"))), trace(*listed(handle("b"), handle("c")))

    assert differences(one, other)


@pytest.mark.parametrize(
    ("tool", "one", "other"),
    [
        ("record_feedback", {"status": "stored", "time": "now"}, {"status": "stored", "time": "then"}),
        ("show_recommendations", {"confirmation": {"expires_at": "1"}}, {"confirmation": {"expires_at": "2"}}),
    ],
)
def test_times_that_the_server_sets_are_set_aside(tool: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = (trace(Call(step="s1", tool=tool, arguments={}, result=result)) for result in (one, other))

    assert normalised(first) == normalised(second)


@pytest.mark.parametrize(
    "other",
    [
        trace(reply="There."),
        trace(notes=("cut",)),
        trace(Call(step="s1", tool="search_catalog", arguments={})),
    ],
    ids=["reply", "notes", "calls"],
)
def test_everything_else_counts(other: Trace) -> None:
    assert differences(trace(), other)


def test_a_reply_is_compared_line_by_line() -> None:
    rows = differences(trace(reply="One.\nTwo."), trace(reply="One.\nThree."))

    assert [row for row in rows if row.startswith(("- ", "+ "))] == ['-   "Two."', '+   "Three."']

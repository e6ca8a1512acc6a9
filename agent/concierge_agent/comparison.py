"""Comparison: whether two runs of a turn came to the same, byte for byte, and where they part.

Compared are the answer, the plan, every call with its arguments and result, and the notes. What cannot be the same is
set aside first: durations, the trace's id, the ids that the server mints at random (candidate sets, confirmations,
feedback events: numbered in the order they appear), when a confirmation expires, and when feedback was stored.
"""

import difflib
import json
import re
from typing import Any

from concierge_agent.trace import Call, Trace, Usage

_MINTED = re.compile(r"\b(?P<kind>cs|cf|fb)_[0-9a-f]{32}\b")
_CONTEXT = 2
TRIAL = "check"
"""The step of a call that only tries new constraints out."""


def normalised(trace: Trace, *, before_step: str | None = None) -> str:
    """Return what is compared of a turn, as JSON; with `before_step`, only the calls before that step's first."""
    if before_step is not None:
        steps = [call.step for call in trace.calls]
        end = steps.index(before_step) if before_step in steps else len(steps)
        # A plan made step by step has its constraints tried before its first step, the same plan as a whole has not.
        return _numbered(_json([_call(call) for call in trace.calls[:end] if call.step != TRIAL]))
    answer = dict(trace.answer or {})
    answer.pop("trace_id", None)
    answer["usage"] = Usage.model_validate(answer.get("usage") or {}).model_dump(exclude={"seconds"})
    body = {
        "answer": answer,
        "plan": trace.plan.model_dump(mode="json"),
        "calls": [_call(call) for call in trace.calls],
        "aside": [_call(call) for call in trace.aside],
        "notes": list(trace.notes),
    }
    return _numbered(_json(body))


def differences(recorded: Trace, replayed: Trace) -> list[str]:
    """Return a unified diff of the two turns, empty when they are the same."""
    one, other = normalised(recorded), normalised(replayed)
    if one == other:
        return []
    return [
        row.rstrip("\n")
        for row in difflib.unified_diff(_rows(one), _rows(other), "recorded", "replayed", n=_CONTEXT, lineterm="")
    ]


def _call(call: Call) -> dict[str, Any]:
    body = call.model_dump(mode="json", exclude={"seconds"})
    result = body["result"]
    if result is not None and isinstance(result.get("confirmation"), dict):
        result["confirmation"].pop("expires_at", None)
    if result is not None and call.tool == "record_feedback":
        result.pop("time", None)
    return body


def _numbered(text: str) -> str:
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"{found['kind']}_{len(names) + 1}")

    return _MINTED.sub(name, text)


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)


def _rows(text: str) -> list[str]:
    """Return a turn as many short lines: the reply line by line, everything else one value a line."""
    body = json.loads(text)
    if isinstance(body["answer"].get("reply"), str):
        body["answer"]["reply"] = body["answer"]["reply"].split("\n")
    return json.dumps(body, ensure_ascii=False, indent=1).split("\n")

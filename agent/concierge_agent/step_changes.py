"""Changes to a recorded plan's steps, as they are written on a command line: `s2.arguments={"by": "price"}`."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from concierge_agent.plan import Plan, Step

_PATH = re.compile(r"(?P<step>s[0-9]+)\.(?P<path>(tool|arguments)(\.\w+)*)=(?P<value>.*)", re.DOTALL)

Patches = dict[str, dict[str, Any]]
"""By step id, what changes in the step: a JSON merge patch (RFC 7396), in which null removes a key."""


def read_changes(texts: Iterable[str]) -> Patches:
    """Read changes such as `s2.arguments={"by": "price"}`, `s2.arguments.n=3` and `s1.tool="get_trending_items"`.

    Raises:
        ValueError: A text is not one; the message says how to write it.
    """
    patches: Patches = {}
    for text in texts:
        match = _PATH.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no change of a step; write for instance 's2.arguments={{\"n\": 3}}'.")
        try:
            value = json.loads(match["value"])
        except json.JSONDecodeError as error:
            raise ValueError(f"What {text!r} sets is not JSON: {error}.") from None
        for key in reversed(match["path"].split(".")):
            value = {key: value}
        patches[match["step"]] = _merged(patches.get(match["step"], {}), value, keep_nulls=True)
    return patches


def changed(plan: Plan, patches: Mapping[str, Mapping[str, Any]]) -> Plan:
    """Return the plan with its steps changed.

    Raises:
        ValueError: The plan has no such step, or is none any more.
    """
    known = [step.id for step in plan.steps]
    for step_id in patches:
        if step_id not in known:
            has = f"its steps are {', '.join(known)}" if known else "it has none"
            raise ValueError(f"No step {step_id!r} in the plan; {has}.")
    try:
        steps = [Step.model_validate(_merged(step.model_dump(), patches.get(step.id, {}))) for step in plan.steps]
        return Plan(steps=tuple(steps))
    except ValidationError as error:
        raise ValueError(f"The changed plan is none: {error.errors(include_url=False)[0]['msg']}.") from None


def _merged(target: Any, patch: Any, *, keep_nulls: bool = False) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None and not keep_nulls:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value, keep_nulls=keep_nulls)
    return merged

"""The executor: runs a plan's steps in order over the toolbox; a step's `$s1` becomes what step s1 returned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from concierge_agent.errors import ToolCallError
from concierge_agent.plan import REFERENCE, Plan, Step
from concierge_agent.tools import Toolbox

Results = Mapping[str, dict[str, Any]]
"""What each step returned, by step id."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """A candidate set that a step made."""

    step: Step
    handle: str
    total: int
    result: dict[str, Any]


async def run(
    plan: Plan, toolbox: Toolbox, *, on_progress: Callable[[str], None] | None = None
) -> dict[str, dict[str, Any]]:
    """Run every step and return the results by step id.

    Raises `ToolCallError` at the first step a tool refuses, with the step named in the message, and `BudgetExceeded`.
    """
    results: dict[str, dict[str, Any]] = {}
    for step in plan.steps:
        if on_progress is not None:
            on_progress(step.purpose or step.tool.replace("_", " "))
        try:
            arguments = substitute(step, results)
            results[step.id] = await toolbox.call(step.tool, arguments, step=step.id)
        except ToolCallError as error:
            raise ToolCallError(step.tool, f"Step {step.id} ({step.tool}): {error}") from error
    return results


def substitute(step: Step, results: Results) -> dict[str, Any]:
    """Return the step's arguments with references to earlier steps replaced by handles or item ids.

    Raises `ToolCallError` when an earlier step returned no candidates or no items to refer to.
    """
    return {name: _replaced(step.tool, value, results) for name, value in step.arguments.items()}


def final_candidates(plan: Plan, results: Results) -> tuple[Candidates | None, list[Step]]:
    """Return the candidates to present, and the later steps that were left aside because they came out empty.

    The last set that holds anything counts. A set that went into an empty combination does not: the combination,
    not its parts, is what was asked for. None when every set is empty or there is none.
    """
    made = candidate_sets(plan, results)
    aside: list[Step] = []
    barred: set[str] = set()
    for found in reversed(made):
        if found.step.id not in barred and found.total > 0:
            return found, aside
        if found.total == 0:
            aside.append(found.step)
        if found.step.id in barred or (found.total == 0 and found.step.tool == "combine_candidates"):
            barred |= set(found.step.needs)
    return None, aside


def candidate_sets(plan: Plan, results: Results) -> list[Candidates]:
    """Return every candidate set that a plan's steps made, in their order."""
    made = []
    for step in plan.steps:
        result = results.get(step.id, {})
        handle = result.get("candidates")
        if isinstance(handle, str) and isinstance(result.get("total"), int):
            made.append(Candidates(step, handle, result["total"], result))
    return made


def chain(plan: Plan, step_id: str) -> Plan:
    """Return the steps that `step_id` rests on, and itself last."""
    needed = {step_id}
    for step in reversed(plan.steps):
        if step.id in needed:
            needed |= set(step.needs)
    return Plan(steps=tuple(step for step in plan.steps if step.id in needed))


def _replaced(tool: str, value: Any, results: Results) -> Any:
    if isinstance(value, str) and (reference := REFERENCE.fullmatch(value)):
        result = results.get(reference[1], {})
        if reference[2]:
            if "items" not in result:
                raise ToolCallError(tool, f"Step {reference[1]} returned no items, so {value!r} means nothing.")
            return [item["id"] for item in result["items"]]
        if not isinstance(result.get("candidates"), str):
            raise ToolCallError(tool, f"Step {reference[1]} returned no candidates, so {value!r} means nothing.")
        return result["candidates"]
    if isinstance(value, list):
        flat: list[Any] = []
        for part in value:
            new = _replaced(tool, part, results)
            flat += new if isinstance(new, list) and isinstance(part, str) else [new]
        return flat
    return value

"""The executor: runs a plan over the toolbox, wave by wave; a step's `$s1` becomes what step s1 returned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concierge_agent.compiler import Compiled, as_planned
from concierge_agent.errors import ToolCallError
from concierge_agent.phrases import listing
from concierge_agent.plan import REFERENCE, Plan, Step
from concierge_agent.tools import Toolbox, Wanted, returned

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
    plan: Plan | Compiled, toolbox: Toolbox, *, on_progress: Callable[[str], None] | None = None
) -> dict[str, dict[str, Any]]:
    """Run a plan, compiled or step by step as it was written, and return the results by step id.

    A step that another one stands for has that one's result. Calls are recorded in the order of the plan. What was kept
    in reserve runs when no set that ran holds anything, until one does.
    Raises `ToolCallError` at the first step a tool refuses, with the step named in the message, and `BudgetExceeded`.
    """
    compiled = as_planned(plan) if isinstance(plan, Plan) else plan
    results: dict[str, dict[str, Any]] = {}
    first = len(toolbox.calls)
    try:
        for wave in compiled.waves:
            await _wave(compiled, wave, toolbox, results, on_progress)
        await _reserve(compiled, toolbox, results, on_progress)
    finally:
        places = {step.id: place for place, step in enumerate(compiled.plan.steps)}
        toolbox.calls[first:] = sorted(toolbox.calls[first:], key=lambda call: places[call.step])
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


async def _wave(
    compiled: Compiled,
    wave: Sequence[Step],
    toolbox: Toolbox,
    results: dict[str, dict[str, Any]],
    on_progress: Callable[[str], None] | None,
) -> None:
    wanted: list[Wanted] = []
    unmet: ToolCallError | None = None
    for step in wave:
        try:
            wanted.append((step.tool, substitute(step, results), step.id))
        except ToolCallError as error:  # what comes before it runs, as it would have step by step
            unmet = _named(step, error, compiled)
            break
        if on_progress is not None:
            on_progress(step.purpose or step.tool.replace("_", " "))
    for step, call in zip(wave, await toolbox.call_at_once(wanted), strict=False):
        try:
            results[step.id] = returned(call)
        except ToolCallError as error:
            raise _named(step, error, compiled) from error
    if unmet is not None:
        raise unmet
    results |= {one: results[other] for one, other in compiled.same.items() if other in results}


async def _reserve(
    compiled: Compiled,
    toolbox: Toolbox,
    results: dict[str, dict[str, Any]],
    on_progress: Callable[[str], None] | None,
) -> None:
    """Run what was kept in reserve, the last first and each after what it rests on, until a later set counts."""
    order = [step.id for step in compiled.plan.steps]
    places = {step_id: place for place, step_id in enumerate(order)}
    for place, step_id in enumerate(order):  # where a set counts: at the last step that it stands for
        places[compiled.same.get(step_id, step_id)] = place
    left = {step.id: step for step in sorted(compiled.spare, key=lambda step: places[step.id])}
    while left:
        latest = next(reversed(left))
        found = final_candidates(compiled.plan, results)[0]
        if found is not None and order.index(found.step.id) > places[latest]:
            return
        needed = {latest}
        for step in reversed(compiled.plan.steps):
            if step.id in needed:
                needed |= {compiled.same.get(need, need) for need in step.needs}
        for step_id in [step_id for step_id in order if step_id in needed and step_id in left]:
            await _wave(compiled, (left.pop(step_id),), toolbox, results, on_progress)


def _named(step: Step, error: ToolCallError, compiled: Compiled) -> ToolCallError:
    """Return the error with the step named, and those that became part of it."""
    parts = [one for one, other in compiled.into.items() if other == step.id and step not in compiled.spare]
    name = f"{step.id} with {listing(parts)}" if parts else step.id
    return ToolCallError(step.tool, f"Step {name} ({step.tool}): {error}")

"""The plan compiler: a plan as it was written becomes one that makes fewer calls and comes to the same.

Three things are done, and each only where the result is the same. Steps that ask for the same are asked once, and a
step that changes nothing stands for the one before it. A condition put to a set is put to the retrieval the set came
from, whose pool it then no longer thins out. Steps that need nothing of each other run at the same time.

Sets that are only looked at when what was planned after them comes out empty are kept in reserve: they run, as they
were planned, when that happens. So no plan ever makes more calls than it has steps.

"The same" is what is presented: the same items in the same order, as long as no pool was cut at its thousand best. Of a
pool that was cut, the compiled plan finds the items beyond the cut as well.

Why it may do no more than this is in docs/decisions/0010.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from concierge_agent.enforcement import RETRIEVAL
from concierge_agent.equivalence import FILTER, keeps_all, keeps_order, page_size, scores_alone, union
from concierge_agent.plan import REFERENCE, Plan, Step

SETS = RETRIEVAL | {"combine_candidates", "rank_candidates"}
"""Tools that make candidate sets."""
LOOKING = SETS | {
    "check_availability",
    "describe_catalog",
    "explain_recommendation",
    "get_item_details",
    "get_user_history",
    "resolve_mentions",
    "suggest_question",
}
"""Tools that change nothing. Whatever else a plan calls runs in its place, and nothing is moved past it."""
_MOST_FILTERS, _MOST_EXCLUDED = 50, 1000
_PAGE = ("n", "detail")

Takes = Callable[[str, str], bool]
"""Whether a tool has a parameter."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What runs of a plan, and when."""

    plan: Plan
    """As it was written."""
    waves: tuple[tuple[Step, ...], ...]
    """The steps of a wave need nothing of each other; waves run one after the other."""
    same: Mapping[str, str] = field(default_factory=dict)
    """Steps that do not run, by the step whose result is theirs as well."""
    into: Mapping[str, str] = field(default_factory=dict)
    """Steps that became part of a later one."""
    spare: tuple[Step, ...] = ()
    """As they were written; they run when no set that ran holds anything, the last first."""

    @property
    def merged(self) -> dict[str, str]:
        """The steps that do not run, by the step that stands for them; "" for those kept in reserve."""
        return {step.id: self.into.get(step.id, "") for step in self.spare} | dict(self.same)


def as_planned(plan: Plan) -> Compiled:
    """Return the plan as it was written: one step after the other."""
    return Compiled(plan, tuple((step,) for step in plan.steps))


def compile_plan(plan: Plan, takes: Takes, *, presented: bool) -> Compiled:
    """Return what is to run of an enforced plan.

    Args:
        plan: With everything enforced.
        takes: Whether a tool has a parameter.
        presented: Whether the plan's last set is shown. Otherwise every set may be spoken of, and none is dropped.
    """
    work = _Compilation(plan, takes)
    work.merge_equal()
    if presented:
        work.drop_needless()
        work.reserve()
        work.push_filters_down()
    written = {step.id: step for step in plan.steps}
    spare = tuple(written[step_id] for step_id in written if step_id in work.spare)
    return Compiled(plan, work.waves(), work.same, work.into, spare)


class _Compilation:
    """A plan on its way."""

    def __init__(self, plan: Plan, takes: Takes) -> None:
        self._takes = takes
        self._stage: dict[str, int] = {}
        """By step, how many steps that may change something come before it."""
        changing = 0
        for step in plan.steps:
            self._stage[step.id] = changing
            changing += step.tool not in LOOKING
        self._stages = changing
        self.steps = {step.id: step for step in plan.steps}
        self.same: dict[str, str] = {}
        self.into: dict[str, str] = {}
        self.spare: set[str] = set()

    def merge_equal(self) -> None:
        """Ask once for what several steps ask."""
        first: dict[tuple[int, str, str], str] = {}
        for step in list(self.steps.values()):
            step = self._renamed(step)
            if step.tool not in LOOKING:
                continue
            stated = {name: value for name, value in step.arguments.items() if value is not None}
            key = (self._stage[step.id], step.tool, json.dumps(stated, sort_keys=True, default=str))
            if key in first:
                self._stand(step.id, first[key])
            else:
                first[key] = step.id

    def drop_needless(self) -> None:
        """Let a step that keeps its set as it is stand for that set."""
        for step in list(self.steps.values()):
            step = self._renamed(step)
            base = self._base(step)
            if base is None or not (keeps_all(step, base) or keeps_order(step, base)):
                continue
            pages = [page_size(step), page_size(base)]
            listed = pages[0] != pages[1] and (self._lists(step.id) or self._lists(base.id))
            if pages[0] is None or pages[1] is None or listed:
                continue
            wider = {"n": max(pages[0], pages[1])} if pages[0] != pages[1] else {}
            fuller = {"detail": "full"} if step.arguments.get("detail") == "full" else {}
            self.steps[base.id] = base.model_copy(update={"arguments": {**base.arguments, **wider, **fuller}})
            self._stand(step.id, base.id)

    def reserve(self) -> None:
        """Keep back the sets that matter only when later ones are empty."""
        sets = [step_id for step_id, step in self.steps.items() if step.tool in SETS]
        needed: set[str] = set()
        for step_id, step in reversed(self.steps.items()):
            looked_at = step.tool not in SETS or self._stage[step_id] < self._stages
            if looked_at or step_id in needed or step_id == self._shown:
                needed |= {step_id, *step.needs}
        for step_id in sets:
            if step_id not in needed:
                del self.steps[step_id]
                self.spare.add(step_id)

    def push_filters_down(self) -> None:
        """Put conditions to the retrieval that a set came from, when the set serves nothing else."""
        for step in list(self.steps.values()):
            base = self._base(step)
            if base is None or step.tool != FILTER or self._users(base.id) != [step.id]:
                continue
            arguments = self._joined(step, base)
            if arguments is not None:
                self.steps[step.id] = base.model_copy(
                    update={"id": step.id, "arguments": arguments, "purpose": step.purpose or base.purpose}
                )
                del self.steps[base.id]
                self.spare.add(base.id)
                self.into[base.id] = step.id
                self.into |= {one: step.id for one, other in self.into.items() if other == base.id}

    def waves(self) -> tuple[tuple[Step, ...], ...]:
        """Return the steps that are left, each in the first wave that has everything before it that it needs."""
        placed: dict[str, int] = {}
        floor = 0
        waves: list[list[Step]] = []
        for step in self.steps.values():
            step = self._renamed(step)
            alone = step.tool not in LOOKING
            place = len(waves) if alone else max([floor, *(placed[need] + 1 for need in step.needs)])
            while len(waves) <= place:
                waves.append([])
            waves[place].append(step)
            placed[step.id] = place
            floor = place + 1 if alone else floor
        return tuple(tuple(wave) for wave in waves)

    @property
    def _shown(self) -> str | None:
        """The step whose set is shown when it holds anything: the last one that was written, or what stands for it."""
        last = next((i for i in reversed(self._stage) if self._tool(i) in SETS), None)
        return self.same.get(last, last) if last is not None else None

    def _tool(self, step_id: str) -> str:
        return self.steps[self.same.get(step_id, step_id)].tool

    def _stand(self, step_id: str, other: str) -> None:
        del self.steps[step_id]
        self.same |= {one: other for one, stood in self.same.items() if stood == step_id} | {step_id: other}

    def _renamed(self, step: Step) -> Step:
        """Return the step with its references to steps that were dropped turned to those that stand for them."""
        renamed = step.model_copy(update={"arguments": {k: self._reference(v) for k, v in step.arguments.items()}})
        if renamed != step:
            self.steps[step.id] = renamed
        return renamed

    def _reference(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._reference(part) for part in value]
        if isinstance(value, str) and (found := REFERENCE.fullmatch(value)) and found[1] in self.same:
            return f"${self.same[found[1]]}{found[2] or ''}"
        return value

    def _base(self, step: Step) -> Step | None:
        """Return the step whose set this one takes, when nothing comes between them."""
        found = REFERENCE.fullmatch(str(step.arguments.get("candidates")))
        if step.tool not in (FILTER, "rank_candidates") or found is None or found[2] or "cursor" in step.arguments:
            return None
        base = self.steps.get(self.same.get(found[1], found[1]))
        if base is None or "cursor" in base.arguments or self._stage[base.id] != self._stage[step.id]:
            return None
        return base

    def _users(self, step_id: str) -> list[str]:
        return [step.id for step in self.steps.values() if step_id in self._renamed(step).needs]

    def _lists(self, step_id: str) -> bool:
        """Whether any step takes the ids of this one's page, and not its whole set."""
        return any(f'"${step_id}.ids"' in json.dumps(step.arguments, default=str) for step in self.steps.values())

    def _joined(self, step: Step, base: Step) -> dict[str, Any] | None:
        """Return the arguments of `base` with the conditions of a filter on it; None when that is not the same."""
        if not (base.tool == FILTER or scores_alone(base)) or not self._takes(base.tool, "filters"):
            return None
        arguments = {name: value for name, value in base.arguments.items() if name not in _PAGE}
        arguments |= {name: step.arguments[name] for name in _PAGE if name in step.arguments}
        arguments["filters"] = union(base, step, "filters")
        if step.arguments.get("exclude"):
            if not self._takes(base.tool, "exclude"):
                return None
            arguments["exclude"] = union(base, step, "exclude")
        fits = len(arguments["filters"]) <= _MOST_FILTERS and len(arguments.get("exclude") or ()) <= _MOST_EXCLUDED
        return arguments if fits and set(step.arguments) <= {"candidates", "filters", "exclude", *_PAGE} else None

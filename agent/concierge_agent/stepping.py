"""Stepping: a plan that is made as it runs, each step after seeing what the last one returned.

Every step is checked and completed like a planned one, so that constraints, taste and policy hold equally. What is
wrong with a step is told to whoever took it; it costs one of the turn's steps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from concierge_agent.brain import Stepper, Taken, TurnContext
from concierge_agent.enforcement import Enforcement
from concierge_agent.errors import BrainError, BudgetExceeded, StepsFailed, ToolCallError
from concierge_agent.executor import candidate_sets, substitute
from concierge_agent.plan import Move, Plan, Proposal, Step
from concierge_agent.proposal_check import check

MOST_STEPS = 6
"""How often a turn's brain may look before what there is gets shown."""
Proven = Callable[[Proposal, TurnContext], tuple[Proposal, tuple[str, ...]]]
"""Cuts what is unproven from what a proposal says at once, and returns what was wrong with it."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of the steps."""

    proposal: Proposal
    """With the plan that was taken."""
    plan: Plan
    """As it ran, with everything enforced."""
    results: Mapping[str, dict[str, Any]]


async def walk(
    proposal: Proposal,
    brain: Stepper,
    context: TurnContext,
    enforcement: Enforcement,
    notes: list[str],
    proven: Proven,
    on_progress: Callable[[str], None] | None = None,
) -> Walked:
    """Take steps until the brain is done, or has taken as many as a turn may; then what there is counts.

    `context` has the ledger as the proposal leaves it. What went wrong is added to `notes`.
    Raises `StepsFailed` when the brain failed, or no step came to anything and nothing is to be said.
    """
    walker = _Walker(proposal, context, enforcement)
    taken: list[Taken] = []
    for _ in range(MOST_STEPS):
        try:
            move = await brain.step(context, tuple(taken))
        except BudgetExceeded as error:
            notes.append(f"stopped early: {error}")
            break
        except BrainError as error:
            raise StepsFailed(str(error)) from error
        if move.step is None:
            finished, problems = _finished(walker, move, proven)
            if not problems:
                return finished
            taken.append(Taken(move, problems=problems))
        else:
            if on_progress is not None:
                on_progress(move.step.purpose or move.step.tool.replace("_", " "))
            taken.append(await walker.take(move, move.step))
        notes.extend(f"step {len(taken)}: {problem}" for problem in taken[-1].problems)
    else:
        notes.append(f"stopped after {MOST_STEPS} steps")
    if not candidate_sets(walker.plan, walker.results):
        raise StepsFailed("The steps came to nothing.")
    return walker.walked(Move())


class _Walker:
    """The steps taken so far."""

    def __init__(self, proposal: Proposal, context: TurnContext, enforcement: Enforcement) -> None:
        self._proposal = proposal
        self.context = context
        self._enforcement = enforcement
        self._asked: list[Step] = []
        self._ran: list[Step] = []
        self.results: dict[str, dict[str, Any]] = {}

    @property
    def plan(self) -> Plan:
        """What ran."""
        return Plan(steps=tuple(self._ran))

    def walked(self, move: Move) -> Walked:
        """Return what came of the steps, with what the last move says."""
        updates = {
            "plan": Plan(steps=tuple(self._asked)),
            "stepwise": False,
            "question": move.question,
            "reply": move.reply,
            "notes": (*self._proposal.notes, *move.notes),
        }
        return Walked(self._proposal.model_copy(update=updates), self.plan, self.results)

    async def take(self, move: Move, step: Step) -> Taken:
        """Check a step, complete it and run it."""
        try:
            planned = Plan(steps=(*self._asked, step))
        except ValidationError as error:
            return Taken(move, problems=(str(error.errors()[0]["msg"]),))
        # Only the step is new: the ledger's changes were checked when they were proposed.
        alone = Proposal(intent=self._proposal.intent, plan=planned)
        if problems := check(alone, self.context):
            return Taken(move, problems=tuple(problems))
        done = self._enforcement.step(step)
        before = next((s.id for s in self._ran if (s.tool, s.arguments) == (done.tool, done.arguments)), None)
        if before is not None:
            return Taken(move, problems=(f"This is what {before} did; go on from its result, or finish.",))
        try:
            arguments = substitute(done, self.results)
            result = await self.context.toolbox.call(done.tool, arguments, step=done.id)
        except ToolCallError as error:
            return Taken(move, problems=(f"{done.tool}: {error}",))
        self._asked.append(step)
        self._ran.append(done)
        self.results[done.id] = result
        return Taken(move, result=result)


def _finished(walker: _Walker, move: Move, proven: Proven) -> tuple[Walked, tuple[str, ...]]:
    """Return what came of the steps, and what is wrong with the last words."""
    walked = walker.walked(move)
    said, unproven = proven(walked.proposal, walker.context)
    made = bool(candidate_sets(walked.plan, walked.results))
    problems = tuple(check(said.model_copy(update={"changes": ()}), walker.context))
    if not (walked.plan.steps or move.question or move.reply):
        problems = ("Nothing was looked up, asked or said; take a step first.",)
    elif move.reply and made and walked.proposal.present:
        said = said.model_copy(update={"reply": None})  # what is shown is worded by the writer
    return replace(walked, proposal=said), (*problems, *unproven)

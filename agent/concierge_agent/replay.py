"""Replay: a recorded turn's brain, which says again what was said then and asks no model."""

import re
from collections.abc import Sequence
from typing import Any

from concierge_agent.answer import Draft
from concierge_agent.ballots import Ballots
from concierge_agent.brain import Material, Slate, Taken, TurnContext
from concierge_agent.errors import BrainError, ReplayRefused, ToolCallError
from concierge_agent.plain_writer import PlainWriter
from concierge_agent.plan import Move, Plan, Proposal
from concierge_agent.tools import Toolbox
from concierge_agent.trace import Call, Reply, Trace, Usage

HANDLE = re.compile(r"\bcs_[0-9a-f]{32}\b")
"""How a candidate set's handle looks."""


class ReplayedBrain:
    """Gives a brain's recorded replies in their order, after making its recorded look-ups again."""

    def __init__(self, name: str, trace: Trace) -> None:
        self.name = name
        self._trace = trace
        self._left = [reply for reply in trace.replies if reply.brain == name]
        self._cost = trace.usage.model_copy(update={"tool_calls": 0, "seconds": 0.0})
        self._usage = Usage()

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Return the next recorded proposal, or fail as the brain failed then."""
        del problems
        return Proposal.model_validate(await self._next("plan", context.toolbox))

    async def step(self, context: TurnContext, taken: tuple[Taken, ...]) -> Move:
        """Return the next recorded step, or fail as the brain failed then."""
        del taken
        return Move.model_validate(await self._next("step", context.toolbox))

    async def write(self, material: Material) -> Draft:
        """Return the next recorded draft, or fail as the brain failed then."""
        return Draft.model_validate(await self._next("write", material.context.toolbox))

    async def rank(self, slate: Slate) -> Ballots:
        """Return the next recorded ballots, or fail as the brain failed then."""
        return Ballots.model_validate(await self._next("rank", slate.context.toolbox))

    def take_usage(self) -> Usage:
        """Return what the turn cost when it was recorded, once and not before the brain was asked."""
        taken, self._usage = self._usage, Usage()
        return taken

    async def _next(self, kind: str, toolbox: Toolbox) -> Any:
        if not self._left or self._left[0].kind != kind:
            raise BrainError(f"The recording holds no further reply to {kind}.")
        reply = self._left.pop(0)
        self._usage, self._cost = self._usage.plus(self._cost), Usage()
        await look_up(self._trace, reply, toolbox)
        then = _calls(self._trace, reply)
        if reply.tool is not None:
            raise ToolCallError(reply.tool, reply.error or "")
        if reply.content is None:
            raise BrainError(reply.error or "")
        return _renamed(reply.content, _handles(then, toolbox.calls))


class ChangedBrain:
    """Proposes the recorded proposal with another plan, and writes plainly: no model has seen what comes of it."""

    name = "changed plan"

    def __init__(self, trace: Trace, plan: Plan) -> None:
        self._trace = trace
        self._proposal = accepted(trace).model_copy(update={"plan": plan})
        self._writer = PlainWriter()
        self._looked_up = False

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Return the changed proposal; what is wrong with it cannot be repaired here."""
        del problems
        if not self._looked_up:
            self._looked_up = True
            for reply in (reply for reply in self._trace.replies if not reply.aside):
                await look_up(self._trace, reply, context.toolbox)
        names = _handles(self._trace.calls, context.toolbox.calls)
        return Proposal.model_validate(_renamed(self._proposal.model_dump(mode="json"), names))

    async def write(self, material: Material) -> Draft:
        """Draft an answer in plain sentences."""
        return await self._writer.write(material)

    def take_usage(self) -> Usage:
        """Return no usage: nothing is spent."""
        return Usage()


def accepted(trace: Trace) -> Proposal:
    """Return the proposal that the turn was answered by: the last one, with the steps that were taken after it.

    Raises:
        ReplayRefused: No brain proposed anything.
    """
    plans = (r.content for r in reversed(trace.replies) if r.kind == "plan" and not r.aside)
    found = next((content for content in plans if content is not None), None)
    if found is None:
        raise ReplayRefused(f"The trace {trace.id!r} holds no plan to change.")
    proposal = Proposal.model_validate(found)
    if not proposal.stepwise:
        return proposal
    moves = [Move.model_validate(r.content) for r in trace.replies if r.kind == "step" and r.content is not None]
    ran = {step.id for step in trace.plan.steps}
    steps = tuple(move.step for move in moves if move.step is not None and move.step.id in ran)
    return proposal.model_copy(update={"plan": Plan(steps=steps), "stepwise": False})


async def look_up(trace: Trace, reply: Reply, toolbox: Toolbox) -> None:
    """Make again the calls that a brain made on its own before it replied."""
    then = _calls(trace, reply)
    for call in then[reply.first_call : reply.first_call + reply.calls]:
        arguments = _renamed(call.arguments, _handles(then, toolbox.calls))
        try:
            await toolbox.call(call.tool, arguments, step=call.step)
        except ToolCallError:
            continue  # it was refused then, too, or the comparison will show that it was not


def _calls(trace: Trace, reply: Reply) -> tuple[Call, ...]:
    """Return the calls among which the reply's own look-ups are."""
    return trace.aside if reply.aside else trace.calls


def _handles(then: Sequence[Call], now: Sequence[Call]) -> dict[str, str]:
    """Return the handles of this run by those of the recorded one."""
    names: dict[str, str] = {}
    for old, new in zip(then, now, strict=False):
        one, other = (old.result or {}).get("candidates"), (new.result or {}).get("candidates")
        if isinstance(one, str) and isinstance(other, str):
            names[one] = other
    return names


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return HANDLE.sub(lambda found: names.get(found[0], found[0]), value)
    if isinstance(value, list):
        return [_renamed(part, names) for part in value]
    if isinstance(value, dict):
        return {key: _renamed(part, names) for key, part in value.items()}
    return value

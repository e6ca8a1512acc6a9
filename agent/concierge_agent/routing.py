"""Routing: the rules read every turn, free of charge; a model takes what they do not make sense of, and some more.

The model gets what the rules are not certain of, explanations, and every turn of users whom the owner marks so. Each of
the two works with a toolbox of its own, so that what one looked up is no ground for what the other says.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from concierge_agent.answer import Draft, Preview
from concierge_agent.brain import Brain, Material, TurnContext
from concierge_agent.errors import BrainError, ToolCallError
from concierge_agent.outcome import Outcome
from concierge_agent.phrases import shorten
from concierge_agent.plan import Proposal
from concierge_agent.recording import recorder
from concierge_agent.rendering import question_text
from concierge_agent.tools import Toolbox
from concierge_agent.trace import Call, Reply, Routing, Usage

Answering = Callable[[TurnContext, Brain, Brain | None, list[str]], Awaitable[Outcome]]
"""Answers a turn with a brain and its fallback, and adds to the notes what went wrong."""
_REASON = 100


@dataclass(frozen=True, slots=True)
class Routed:
    """What a turn came to, and what of all that ran the answer rests on."""

    outcome: Outcome
    context: TurnContext
    """Its toolbox holds the calls that the answer rests on."""
    notes: tuple[str, ...]
    replies: tuple[Reply, ...]
    aside: tuple[Call, ...] = ()
    """What ran for the brain whose answer was not used."""


async def route(
    routing: Routing,
    context: TurnContext,
    brains: tuple[Brain, Brain],
    answer: Answering,
    toolbox: Callable[[], Toolbox],
    on_preview: Callable[[Preview], None] | None = None,
) -> Routed:
    """Answer with the first of `brains`, the rules, or with the second, the model, and fall back on the rules.

    What the rules would answer is worked out before the model begins, unless it changed something: it is the preview,
    and the answer should the model fail.
    """
    replies: list[Reply] = []
    rules, model = recorder(brains[0], replies), recorder(brains[1], replies)
    heard = await _heard(rules, context)
    why = _why_the_model(heard, routing)
    notes: list[str] = []
    if why is None:
        outcome = await answer(context, heard or rules, None, notes)
        _tell(outcome, rules, "tier offline" if routing == "offline" else "")
        return Routed(outcome, context, tuple(notes), tuple(replies))
    first: Outcome | None = None
    if heard is not None and not heard.acts:
        first = await answer(context, heard, None, notes)
        if on_preview is not None and first.items:
            on_preview(_preview(first))
    begun = len(replies)
    own = replace(context, toolbox=toolbox())
    said: list[str] = []
    outcome = await answer(own, model, None, said)
    tried = len(replies)
    if outcome.error is None:
        _tell(outcome, model, why)
        return Routed(outcome, own, tuple(said), _set_aside(replies, 0, begun), tuple(context.toolbox.calls))
    failed = f"{why}; {model.name} failed: {shorten(outcome.error, _REASON)}"
    if first is None:
        first = await answer(context, heard or rules, None, notes)
    _tell(first, rules, failed)
    return Routed(first, context, (*said, *notes), _set_aside(replies, begun, tried), tuple(own.toolbox.calls))


class _Heard:
    """A brain whose proposal for this turn is known; it is asked again only to repair it."""

    def __init__(self, brain: Brain, proposal: Proposal) -> None:
        self.name = brain.name
        self.proposal = proposal
        self._brain = brain

    @property
    def acts(self) -> bool:
        """Whether the plan changes more than this conversation."""
        return any(step.tool == "record_feedback" for step in self.proposal.plan.steps)

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        return await self._brain.plan(context, problems) if problems else self.proposal

    async def write(self, material: Material) -> Draft:
        return await self._brain.write(material)

    def take_usage(self) -> Usage:
        return self._brain.take_usage()


async def _heard(rules: Brain, context: TurnContext) -> _Heard | None:
    """Return the rules with their proposal; None when a tool refused what they looked up."""
    try:
        return _Heard(rules, await rules.plan(context))
    except (BrainError, ToolCallError):
        return None


def _why_the_model(heard: _Heard | None, routing: Routing) -> str | None:
    """Return why a turn is for the model; None when it is for the rules."""
    if routing == "offline":
        return None
    if routing == "model":
        return "tier model"
    if heard is None or not heard.proposal.certain:
        return "not everything was understood"
    return "an explanation was asked for" if heard.proposal.intent == "explanation" else None


def _preview(first: Outcome) -> Preview:
    """Return first ideas without the question that came with them: only an answer's can be answered."""
    asked = question_text(first.pending.question) if first.pending is not None else None
    return Preview(reply="\n\n".join(block for block in first.blocks if block != asked), items=first.items)


def _tell(outcome: Outcome, brain: Brain, why: str) -> None:
    """Say in the method that the turn was routed, and why."""
    routed = f"auto: {why}" if why else "auto"
    outcome.method = f"{brain.name} ({routed}){outcome.method.removeprefix(brain.name)}"


def _set_aside(replies: list[Reply], start: int, end: int) -> tuple[Reply, ...]:
    """Return the replies with those from `start` up to `end` marked as not used."""
    return tuple(
        reply.model_copy(update={"aside": True}) if start <= place < end else reply
        for place, reply in enumerate(replies)
    )

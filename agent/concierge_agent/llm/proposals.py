"""Turns a plan as the model wrote it into a proposal.

What any planner may get wrong (tools, arguments, the ledger) is for the shared check of proposals. Checked here is what
only a model would do: call tools it must not call, and name items from its memory, whose ids may well exist.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import ValidationError

from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Pending
from concierge_agent.ledger import GUESSED, INFERRED, SAID, Change, Entry, Scope
from concierge_agent.llm.parsing import UnusableReply, readable
from concierge_agent.llm.signatures import NOT_PLANNED
from concierge_agent.llm.wire import WireEntry, WireFilter, WireProposal, WireStep
from concierge_agent.own_words import agrees_in_words, for_good
from concierge_agent.plan import REFERENCE, Plan, Proposal, Step
from concierge_agent.proposal_check import known_items
from concierge_agent.values import Constraint, Question

_CONFIDENCE = MappingProxyType({"said": SAID, "inferred": INFERRED, "guessed": GUESSED})
_NO_CONSENT = "The user's message does not agree to what is pending; leave the consent out, and ask again or go on."
_ITEM_ARGUMENTS = ("item_ids", "item_id", "liked", "disliked", "exclude")


def to_proposal(wire: WireProposal, context: TurnContext) -> Proposal:
    """Return the proposal that `wire` means.

    A consent gets the token that is pending: models never see one. What stands in the user's profile is taken back for
    good only where the user's own words say so.

    Raises:
        UnusableReply: A step calls a tool that is not a planner's, names an item no result of the conversation holds or
            takes a step that does not come before it, or a consent is given that the user's words do not give.
    """
    known = known_items(context)
    if problems := tuple(p for step in wire.steps for p in _step_problems(step, context, known)):
        raise UnusableReply(problems)
    if any(entry.kind == "consent" for entry in wire.add) and not agrees_in_words(context.text):
        raise UnusableReply((_NO_CONSENT,))
    reach: Scope = "user" if for_good(context.text) else "conversation"
    retracted = [Change(op="retract", entry_id=entry_id, scope=reach) for entry_id in dict.fromkeys(wire.retract)]
    added = [Change(op="add", entry=_entry(entry, context, known)) for entry in wire.add]
    question = Question(field=wire.question.field or None, text=wire.question.text) if wire.question else None
    try:
        return Proposal(
            intent=wire.intent,
            changes=(*retracted, *added),
            plan=Plan(steps=tuple(_step(step) for step in wire.steps)),
            present=wire.present,
            question=question,
            reply=wire.reply or None,
            notes=tuple(wire.notes),
        )
    except ValidationError as error:
        raise UnusableReply(readable(error)) from None


def to_step(wire: WireStep, context: TurnContext) -> Step:
    """Return the step that `wire` means. Raises `UnusableReply` as `to_proposal` does."""
    if problems := tuple(_step_problems(wire, context, known_items(context))):
        raise UnusableReply(problems)
    try:
        return _step(wire)
    except ValidationError as error:
        raise UnusableReply(readable(error)) from None


def _step_problems(step: WireStep, context: TurnContext, known: Mapping[str, str]) -> Iterator[str]:
    if step.tool in NOT_PLANNED:
        yield f"{step.id}: {step.tool} is not a planner's to call; end with the candidates to be shown."
    for argument in step.arguments:
        if argument.name in _ITEM_ARGUMENTS:
            for item_id in _strings(argument.value):
                if item_id not in known and not REFERENCE.fullmatch(item_id) and not _typed(item_id, context.text):
                    yield f"{step.id}: {argument.name!r} holds {item_id!r}, which no result of this conversation holds."


def _entry(wire: WireEntry, context: TurnContext, known: Mapping[str, str]) -> Entry:
    predicate = wire.constraint if wire.kind == "constraint" else None
    item_id = wire.item_id if wire.kind in ("like", "dislike") else None
    return Entry(
        id="",
        kind=wire.kind,
        turn=0,
        text=wire.text or context.text,
        constraint=Constraint(**predicate.model_dump()) if predicate is not None else None,
        hard=wire.hard,
        scope=wire.scope,
        confidence=_CONFIDENCE[wire.sure],
        item_id=item_id,
        title=known.get(item_id) if item_id is not None else None,
        field=wire.field if wire.kind == "answer" else None,
        value=_token(context.conversation.pending) if wire.kind == "consent" else _answer(wire),
    )


def _answer(wire: WireEntry) -> bool | int | float | str | list[str] | None:
    return wire.value if wire.kind == "answer" else None


def _token(pending: Pending | None) -> str | None:
    return pending.confirmation if pending is not None and pending.kind == "consent" else None


def _step(wire: WireStep) -> Step:
    arguments = {argument.name: _plain(argument.value) for argument in wire.arguments if argument.value is not None}
    return Step(id=wire.id, tool=wire.tool, arguments=arguments, purpose=wire.purpose)


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [part.model_dump() if isinstance(part, WireFilter) else part for part in value]
    return value


def _strings(value: object) -> list[str]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, str)]


def _typed(item_id: str, text: str) -> bool:
    """Return whether the user wrote this id themselves."""
    return re.search(rf"(?<!\w){re.escape(item_id)}(?!\w)", text) is not None

"""What a turn came to, and how it is remembered: as a turn of the conversation, an answer and a trace."""

from dataclasses import dataclass, field
from uuid import uuid4

from concierge_agent.answer import Answer, AnswerItem
from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation, Pending, Turn
from concierge_agent.ledger import Entry
from concierge_agent.phrases import listing, phrase
from concierge_agent.plan import Plan
from concierge_agent.planning import Decision
from concierge_agent.proposal_check import steps_of
from concierge_agent.rendering import answer_json, ledger_json
from concierge_agent.trace import Call, Reply, Start, Trace, Usage
from concierge_agent.values import CatalogDescription


@dataclass(slots=True)
class Outcome:
    """What a turn came to, before it is remembered."""

    blocks: list[str]
    items: tuple[AnswerItem, ...] = ()
    candidates: str | None = None
    """Handle of the list that the items are of."""
    pending: Pending | None = None
    abstained: bool = False
    method: str = ""
    error: str | None = None
    decision: Decision | None = None
    notes: list[str] = field(default_factory=list)


def remember(
    context: TurnContext,
    outcome: Outcome,
    reply: str,
    notes: tuple[str, ...],
    usage: Usage,
    *,
    start: Start,
    replies: tuple[Reply, ...],
    aside: tuple[Call, ...] = (),
) -> tuple[Conversation, Answer]:
    """Return the conversation after the turn, and the answer with its trace."""
    before, decision = context.conversation, outcome.decision
    number = len(before.turns) + 1
    plan = decision.plan if decision is not None else Plan()
    ledger = decision.context.conversation.ledger if decision is not None else before.ledger
    seeds = [
        seed
        for call in context.toolbox.calls
        if call.tool == "get_similar_items" and call.result is not None and not call.step.startswith("relax")
        for seed in call.arguments.get("item_ids", ())
    ]
    turn = Turn(
        number=number,
        text=context.text,
        reply=reply,
        intent=decision.proposal.intent if decision is not None else "general",
        items=outcome.items,
        asked=_asked(outcome),
        seeds=tuple(dict.fromkeys(seeds)),
        candidates=outcome.candidates,
    )
    told = {*before.shown, *ledger.liked, *ledger.disliked}
    left_out = [i for i in decision.enforcement.also_excluded if i not in told] if decision is not None else []
    after = before.model_copy(
        update={
            "turns": (*before.turns, turn),
            "ledger": ledger,
            "pending": _still_pending(context, outcome),
            "shown": tuple(dict.fromkeys([*before.shown, *(item.id for item in outcome.items)])),
            "rejected": tuple(dict.fromkeys([*before.rejected, *left_out])),
        }
    ).trimmed
    trace = Trace(
        id=f"tr_{uuid4().hex}",
        conversation=before.id,
        turn=number,
        text=context.text,
        method=outcome.method,
        plan=plan,
        merged=dict(decision.merged) if decision is not None else {},
        calls=tuple(context.toolbox.calls),
        aside=aside,
        notes=notes,
        usage=usage,
        start=start,
        replies=replies,
    )
    answer = Answer(
        turn=number,
        reply=reply,
        items=outcome.items,
        question=outcome.pending.question if outcome.pending is not None and outcome.error is None else None,
        abstained=outcome.abstained,
        method=outcome.method,
        ledger=tuple(ledger_json(ledger)),
        plan=tuple(steps_of(plan)),
        trace_id=trace.id,
        usage=usage,
        error=outcome.error,
        trace=trace,
    )
    kept = turn.model_dump(mode="json", exclude_defaults=True)
    complete = trace.model_copy(update={"answer": answer_json(answer), "remembered": kept})
    return after, answer.model_copy(update={"trace": complete})


def standing_notes(decision: Decision, *, lasting: bool) -> list[str]:
    """Say what this turn changed of what holds for the user in general; `lasting` is whether that outlives it."""
    context = decision.context
    now, catalog = len(context.conversation.turns) + 1, context.catalog
    entries = [entry for entry in context.conversation.ledger.entries if entry.scope == "user"]
    said = [entry_words(e, catalog) for e in entries if e.active and e.turn == now]
    gone = [entry_words(e, catalog) for e in entries if e.retracted == now and e.retracted_for == "user"]
    aside = [entry_words(e, catalog) for e in entries if e.retracted == now and e.retracted_for != "user"]
    notes = []
    if said and lasting:
        notes.append(f"I'll remember that: {listing(said)}. `concierge profile` shows and removes it.")
    elif said:
        notes.append(f"I keep that for this conversation alone: {listing(said)}.")
    if gone and lasting:
        notes.append(f"I no longer remember that: {listing(gone)}.")
    if aside and lasting:
        notes.append(
            f"For this conversation I leave this aside: {listing(aside)}. It stays in your profile; "
            'say "forget that I ..." to take it back for good.'
        )
    return notes


def entry_words(entry: Entry, catalog: CatalogDescription) -> str:
    """Return what an entry says, in words: a condition, or a taste with the item's title."""
    if entry.constraint is not None:
        return phrase(entry.constraint, catalog) + ("" if entry.hard else " if possible")
    return f"you {entry.kind} {entry.title or entry.text}"


def _asked(outcome: Outcome) -> bool:
    """Whether the user was asked something and shown nothing."""
    if outcome.items or outcome.error is not None:
        return False
    said = outcome.decision.proposal.reply if outcome.decision is not None else None
    return outcome.pending is not None or (said is not None and said.rstrip().endswith("?"))


def _still_pending(context: TurnContext, outcome: Outcome) -> Pending | None:
    """Return what waits for the user now: what was asked in this turn, or before it when this was a mere look-up."""
    if outcome.pending is not None:
        return outcome.pending
    decision = outcome.decision
    changed = decision is None or bool(decision.proposal.changes) or decision.consent
    aside = not outcome.items and not outcome.abstained and not changed
    return context.conversation.pending if aside else None

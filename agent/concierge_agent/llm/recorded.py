"""A recorded turn as a demonstration of its own user's: the request, its state and the plan that served it.

Only turns that went well are any use: planned by a brain at the first try, run without repair, cut or fallback, and not
taken back by what the user did next.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from concierge_agent.conversation import Conversation
from concierge_agent.demonstrations import Demonstration
from concierge_agent.errors import ReplayRefused
from concierge_agent.ledger import Change, Entry
from concierge_agent.llm.signatures import NOT_PLANNED
from concierge_agent.llm.state import state_of
from concierge_agent.llm.wire import WireProposal
from concierge_agent.plan import Proposal
from concierge_agent.replay import HANDLE
from concierge_agent.rewind import rewound
from concierge_agent.trace import Trace
from concierge_agent.values import Mention

_UNSHOWN = ("recent_turns", "shown_so_far")


def demonstrations_of(conversation: Conversation, traces: Sequence[Trace]) -> list[Demonstration]:
    """Return what the traces of one conversation, in the order of their turns, demonstrate."""
    shown = []
    for place, trace in enumerate(traces):
        following = traces[place + 1] if place + 1 < len(traces) else None
        if went_well(trace) and not (following is not None and _complains(following, conversation, trace.turn)):
            demonstration = _demonstration(conversation, trace)
            if demonstration is not None:
                shown.append(demonstration)
    return shown


def went_well(trace: Trace) -> bool:
    """Return whether a turn came from one plan, which ran as it was, and from one draft, whoever ordered the items."""
    answer, replies = trace.answer or {}, [reply for reply in trace.replies if not reply.aside]
    failed = answer.get("error") is not None or answer.get("abstained") or any(reply.error for reply in replies)
    kinds = Counter(reply.kind for reply in replies)
    return not trace.notes and not failed and kinds["plan"] == 1 and kinds["write"] <= 1 and not kinds["step"]


def _complains(following: Trace, conversation: Conversation, turn: int) -> bool:
    """Return whether the next turn disliked something, or took back what the turn had understood."""
    proposal = _proposal(following)
    if proposal is None:
        return False
    made = {entry.id for entry in conversation.ledger.entries if entry.turn == turn}
    disliked = any(change.entry is not None and change.entry.kind == "dislike" for change in proposal.changes)
    return disliked or any(change.op == "retract" and change.entry_id in made for change in proposal.changes)


def _demonstration(conversation: Conversation, trace: Trace) -> Demonstration | None:
    proposal = _proposal(trace)
    if proposal is None or HANDLE.search(proposal.model_dump_json()):
        return None
    if any(step.tool in NOT_PLANNED for step in proposal.plan.steps):
        return None
    try:
        state = state_of(rewound(conversation, trace), _mentions(trace))
        kept = {name: value for name, value in state.items() if name not in _UNSHOWN}
        return Demonstration(
            id=trace.id, state=kept, user=trace.text, plan=WireProposal.model_validate(_wire(proposal))
        )
    except (ReplayRefused, ValidationError):
        return None  # recorded by another version, or of a form that no model may write


def _proposal(trace: Trace) -> Proposal | None:
    plans = (reply.content for reply in reversed(trace.replies) if reply.kind == "plan" and not reply.aside)
    found = next((content for content in plans if content is not None), None)
    try:
        return Proposal.model_validate(found) if found is not None else None
    except ValidationError:
        return None


def _mentions(trace: Trace) -> tuple[Mention, ...]:
    linked = next((call.result for call in trace.calls if call.tool == "resolve_mentions" and call.result), {})
    return tuple(Mention.model_validate(mention) for mention in linked.get("mentions", ()))


def _wire(proposal: Proposal) -> dict[str, Any]:
    return {
        "intent": proposal.intent,
        "add": [_entry(change.entry) for change in proposal.changes if change.entry is not None],
        "retract": [change.entry_id for change in proposal.changes if _retracts(change)],
        "steps": [
            {"id": step.id, "tool": step.tool, "arguments": step.arguments, "purpose": step.purpose}
            for step in proposal.plan.steps
        ],
        "present": proposal.present,
        "question": {"field": proposal.question.field, "text": proposal.question.text} if proposal.question else None,
        "reply": proposal.reply,
        "notes": list(proposal.notes),
    }


def _retracts(change: Change) -> bool:
    return change.op == "retract" and change.entry_id is not None


def _entry(entry: Entry) -> dict[str, Any]:
    """Return an entry as a model writes it; a consent's token stays out."""
    told = {
        "kind": entry.kind,
        "text": entry.text,
        "hard": entry.hard,
        "constraint": entry.constraint.model_dump() if entry.constraint is not None else None,
        "item_id": entry.item_id,
        "field": entry.field,
    }
    return told | ({"value": entry.value} if entry.kind == "answer" else {})

"""Rewinding: the conversation as it was before one of its turns, rebuilt from its present form and the turn's trace.

Turns and ledger entries are only ever added, and carry the number of their turn, so that their past needs no copies;
the prose that old turns lose is in their traces.
"""

import hashlib
from collections.abc import Iterable

from pydantic import BaseModel

from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation, Pending, Turn
from concierge_agent.errors import ReplayRefused
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.trace import Routing, Start, Trace


def digest(model: BaseModel) -> str:
    """Return the SHA-256 of a model's JSON; defaults are left out, so that a new field changes nothing."""
    return hashlib.sha256(model.model_dump_json(exclude_defaults=True).encode()).hexdigest()


def start_of(
    context: TurnContext, store: dict[str, int | str], routing: Routing | None = None, *, max_questions: int
) -> Start:
    """Return where a turn begins; `store` is what the store noted of its state."""
    conversation = context.conversation
    pending = conversation.pending
    return Start(
        artifact=context.catalog.artifact,
        catalog=digest(context.catalog),
        conversation=digest(conversation),
        pending=pending.model_dump(mode="json", exclude_defaults=True) if pending is not None else None,
        max_questions=max_questions,
        rejected=len(conversation.rejected),
        ranking=context.ranking,
        store=store,
        routing=routing,
    )


def rewound(conversation: Conversation, trace: Trace, earlier: Iterable[Trace] = ()) -> Conversation:
    """Return the conversation as it was before the traced turn.

    Turns that the conversation has trimmed since are taken from `earlier`, the traces of turns before this one.

    Raises:
        ReplayRefused: The trace is of an older version, or the conversation is not a continuation of that turn.
    """
    start = trace.start
    if start is None:
        raise ReplayRefused(f"The trace {trace.id!r} was recorded by a version that kept too little to replay it.")
    whole = {t.turn: Turn.model_validate(t.remembered) for t in earlier if t.remembered is not None}
    turns = tuple(whole.get(turn.number, turn) for turn in conversation.turns[: trace.turn - 1])
    entries = tuple(_as_before(entry, trace.turn) for entry in conversation.ledger.entries if entry.turn < trace.turn)
    before = conversation.model_copy(
        update={
            "turns": turns,
            "ledger": Ledger(entries=entries),
            "pending": Pending.model_validate(start.pending) if start.pending is not None else None,
            "shown": tuple(dict.fromkeys(item.id for turn in turns for item in turn.items)),
            "rejected": conversation.rejected[: start.rejected],
        }
    ).trimmed
    if digest(before) != start.conversation:
        raise ReplayRefused(
            f"The conversation {conversation.id!r} went another way since: what came before turn {trace.turn} is no "
            "longer what it was. Two programs that continue one conversation at a time replace each other's turns."
        )
    return before


def _as_before(entry: Entry, turn: int) -> Entry:
    taken_back_since = entry.retracted is not None and entry.retracted >= turn
    return entry.model_copy(update={"retracted": None, "retracted_for": "conversation"}) if taken_back_since else entry

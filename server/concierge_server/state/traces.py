"""Traces in the state database: found, listed and read; `DatabaseConversations` writes them with their turns."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Engine, select

from concierge_agent.trace import Trace
from concierge_server.state.database import CONVERSATIONS, TRACES
from concierge_tools.errors import InputError


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """A trace as a list shows it."""

    trace: Trace
    user_id: str | None
    created_at: str


class TraceLog:
    """Reads the traces of all conversations."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, trace_id: str) -> Trace:
        """Return the trace with this id, or with the only id that begins so.

        Raises:
            InputError: There is none, or more than one.
        """
        query = select(TRACES.c.id, TRACES.c.body).where(TRACES.c.id.startswith(trace_id, autoescape=True)).limit(2)
        with self._engine.connect() as connection:
            found = {row.id: row.body for row in connection.execute(query)} if trace_id else {}
        if len(found) > 1 and trace_id not in found:
            raise InputError(f"{trace_id!r} begins the ids of several traces; write more of it.")
        if not found:
            raise InputError(f"No trace {trace_id!r} in this store; `concierge traces list` shows those there are.")
        return Trace.model_validate(found.get(trace_id) or next(iter(found.values())))

    def of_turns(self, conversation_id: str, turns: Collection[int]) -> list[Trace]:
        """Return the traces of these turns of a conversation, in their order."""
        query = (
            select(TRACES.c.body)
            .where(TRACES.c.conversation_id == conversation_id, TRACES.c.turn.in_(list(turns)))
            .order_by(TRACES.c.turn)
        )
        with self._engine.connect() as connection:
            return [Trace.model_validate(body) for body in connection.execute(query).scalars()]

    def newest(self, n: int, *, user_id: str | None = None, conversation_id: str | None = None) -> list[TraceEntry]:
        """Return the newest `n` traces, the newest first; of one user or conversation when they are named."""
        query = (
            select(TRACES.c.body, TRACES.c.created_at, CONVERSATIONS.c.user_id)
            .join(CONVERSATIONS, CONVERSATIONS.c.id == TRACES.c.conversation_id)
            .order_by(TRACES.c.created_at.desc())
            .limit(n)
        )
        if user_id is not None:
            query = query.where(CONVERSATIONS.c.user_id == user_id)
        if conversation_id is not None:
            query = query.where(TRACES.c.conversation_id == conversation_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [TraceEntry(Trace.model_validate(row.body), row.user_id, row.created_at) for row in rows]

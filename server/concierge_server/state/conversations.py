"""Conversations and traces in the state database: the agent's `ConversationStore`."""

from typing import Literal

from sqlalchemy import Connection, Engine, delete, insert, select

from concierge_agent.conversation import Conversation
from concierge_agent.ledger import Entry
from concierge_agent.lessons import Lesson, learned, lesson_of, reduced
from concierge_agent.trace import Trace
from concierge_agent.values import CatalogDescription
from concierge_server.state.database import CONVERSATIONS, TRACES, now
from concierge_server.state.lessons import LessonBook, learn
from concierge_server.state.profiles import Profiles, keep

Mode = Literal["off", "own", "shared"]


class DatabaseConversations:
    """Keeps conversations and the traces of their turns."""

    def __init__(self, engine: Engine, *, lessons: Mode = "off") -> None:
        """Open them; `lessons` says whether turns teach, and whose lessons are given out again."""
        self._engine = engine
        self._lessons = lessons

    def load(self, conversation_id: str) -> Conversation | None:
        """Return the conversation, or None."""
        with self._engine.connect() as connection:
            body = connection.execute(
                select(CONVERSATIONS.c.body).where(CONVERSATIONS.c.id == conversation_id)
            ).scalar_one_or_none()
        return None if body is None else Conversation.model_validate(body)

    def latest(self, user_id: str | None) -> Conversation | None:
        """Return the conversation of this user (None: of guests) that was saved last, or None."""
        query = (
            select(CONVERSATIONS.c.body)
            .where(CONVERSATIONS.c.user_id == user_id)
            .order_by(CONVERSATIONS.c.updated_at.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            body = connection.execute(query).scalar_one_or_none()
        return None if body is None else Conversation.model_validate(body)

    def edit(self, conversation: Conversation) -> None:
        """Store a conversation that was changed between two turns."""
        with self._engine.begin() as connection:
            _put(connection, conversation, now())

    def save(self, conversation: Conversation, trace: Trace) -> None:
        """Store the conversation, its latest turn's trace and what that turn changed of what stands: all or nothing."""
        moment, lasting = now(), [e for e in conversation.ledger.entries if e.scope == "user"]
        said = [entry for entry in lasting if entry.active and entry.turn == trace.turn]
        taken_back = [e for e in lasting if e.retracted == trace.turn and e.retracted_for == "user"]
        with self._engine.begin() as connection:
            _put(connection, conversation, moment)
            connection.execute(
                insert(TRACES).values(
                    id=trace.id,
                    conversation_id=conversation.id,
                    turn=trace.turn,
                    created_at=moment,
                    body=trace.model_dump(mode="json"),
                )
            )
            if conversation.user_id is not None and (said or taken_back):
                keep(connection, conversation.user_id, said, taken_back, conversation_id=conversation.id)
            if self._lessons != "off" and conversation.user_id is not None and trace.start is not None:
                lesson = lesson_of(conversation, trace.start.rejected)
                if lesson is not None:
                    learn(connection, conversation.user_id, lesson)

    def standing(self, user_id: str | None) -> tuple[Entry, ...] | None:
        """Return what holds for the user in every conversation, oldest first; None for guests, who have no profile."""
        if user_id is None:
            return None
        return tuple(standing.entry for standing in Profiles(self._engine).of(user_id))

    def lessons(self, user_id: str | None, catalog: CatalogDescription) -> tuple[Lesson, ...]:
        """Return what may help with the user's requests: their own lessons and, reduced to slots, those of others."""
        if self._lessons == "off" or user_id is None:
            return ()
        book = LessonBook(self._engine)
        others = book.of_others(user_id) if self._lessons == "shared" else []
        shared = (reduced(lesson, catalog) for lesson in others)
        return (*(lesson for lesson in shared if lesson is not None), *book.of(user_id))

    def take_feedback(self, user_id: str, item_id: str, *, good: bool) -> None:
        """Learn from feedback about an item that the user's latest conversation last showed."""
        latest = self.latest(user_id) if self._lessons != "off" else None
        if latest is None:
            return
        verdict = ([item_id], []) if good else ([], [item_id])
        lesson = learned(latest.ledger.constraints, latest.last_items, *verdict)
        if lesson is not None:
            with self._engine.begin() as connection:
                learn(connection, user_id, lesson)

    def forget(self, user_id: str) -> int:
        """Delete the user's conversations with their traces; return how many conversations there were."""
        theirs = select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.user_id == user_id)
        with self._engine.begin() as connection:
            connection.execute(delete(TRACES).where(TRACES.c.conversation_id.in_(theirs)))
            return connection.execute(delete(CONVERSATIONS).where(CONVERSATIONS.c.user_id == user_id)).rowcount


def _put(connection: Connection, conversation: Conversation, moment: str) -> None:
    connection.execute(delete(CONVERSATIONS).where(CONVERSATIONS.c.id == conversation.id))
    connection.execute(
        insert(CONVERSATIONS).values(
            id=conversation.id,
            user_id=conversation.user_id,
            updated_at=moment,
            body=conversation.model_dump(mode="json"),
        )
    )

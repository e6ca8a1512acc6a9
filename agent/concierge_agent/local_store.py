"""A conversation store without a database: in memory, or as JSON files in a folder."""

import os
import re
import tempfile
from pathlib import Path

from pydantic import BaseModel

from concierge_agent.conversation import Conversation
from concierge_agent.ledger import Entry
from concierge_agent.lessons import Lesson
from concierge_agent.trace import Trace
from concierge_agent.values import CatalogDescription

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


class LocalConversations:
    """Keeps conversations and traces for as long as the process lives."""

    def __init__(self, *, lasting: bool = False) -> None:
        """Start empty; `lasting` takes what stands for a known user as a database would, to run its turns again."""
        self._lasting = lasting
        self._conversations: dict[str, Conversation] = {}
        self.traces: dict[str, Trace] = {}

    def load(self, conversation_id: str) -> Conversation | None:
        """Return the conversation, or None."""
        return self._conversations.get(conversation_id)

    def latest(self, user_id: str | None) -> Conversation | None:
        """Return the user's conversation that was saved last, or None."""
        return next((c for c in reversed(self._conversations.values()) if c.user_id == user_id), None)

    def save(self, conversation: Conversation, trace: Trace) -> None:
        """Keep the conversation and the trace of its latest turn."""
        self._conversations.pop(conversation.id, None)
        self._conversations[conversation.id] = conversation
        self.traces[trace.id] = trace

    def standing(self, user_id: str | None) -> tuple[Entry, ...] | None:
        """Return nothing that stands: what is said here ends with the process."""
        return () if self._lasting and user_id is not None else None

    def lessons(self, user_id: str | None, catalog: CatalogDescription) -> tuple[Lesson, ...]:
        """Return none: nothing is learned here."""
        del user_id, catalog
        return ()


class FolderConversations:
    """Keeps each conversation in a folder of its own, readable by its owner alone.

    A save is one atomic replacement of `conversation.json`; the trace is written before it, so a conversation never
    has a turn without its trace.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, conversation_id: str) -> Conversation | None:
        """Return the conversation, or None. Raises `ValueError` for an id that could not be a file's name."""
        path = self._home(conversation_id) / "conversation.json"
        try:
            return Conversation.model_validate_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def latest(self, user_id: str | None) -> Conversation | None:
        """Return the user's conversation that was saved last, or None."""
        saved = sorted(self._folder.glob("*/conversation.json"), key=lambda path: path.stat().st_mtime_ns)
        found = (Conversation.model_validate_json(path.read_text(encoding="utf-8")) for path in reversed(saved))
        return next((conversation for conversation in found if conversation.user_id == user_id), None)

    def save(self, conversation: Conversation, trace: Trace) -> None:
        """Store the conversation and the trace of its latest turn."""
        home = self._home(conversation.id)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(home / f"trace-{trace.turn}.json", trace)
        _replace(home / "conversation.json", conversation)

    def standing(self, user_id: str | None) -> None:
        """Return None: nothing outlives its conversation."""
        del user_id

    def lessons(self, user_id: str | None, catalog: CatalogDescription) -> tuple[Lesson, ...]:
        """Return none: nothing is learned here."""
        del user_id, catalog
        return ()

    def _home(self, conversation_id: str) -> Path:
        if _SAFE.fullmatch(conversation_id) is None:
            raise ValueError(f"{conversation_id!r} cannot be the name of a conversation's folder.")
        return self._folder / conversation_id


def _replace(path: Path, model: BaseModel) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    written = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(model.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)

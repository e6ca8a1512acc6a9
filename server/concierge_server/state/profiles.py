"""Profiles: what holds for a user in every conversation, because they said so or put it there themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select

from concierge_agent.ledger import Entry
from concierge_server.state.database import STANDING, now

PREFIX = "p"
"""What the ids of standing entries begin with; those of a ledger's begin with "e"."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing entry with its id, and where it was said (None: the user put it there themselves)."""

    id: str
    entry: Entry
    conversation_id: str | None
    since: str
    """ISO 8601."""


class Profiles:
    """Keeps the standing entries of users."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, user_id: str) -> list[Standing]:
        """Return what stands for the user, oldest first."""
        with self._engine.connect() as connection:
            return _of(connection, user_id)

    def add(self, user_id: str, entry: Entry) -> None:
        """Let an entry stand for the user; what stands already is not doubled."""
        with self._engine.begin() as connection:
            keep(connection, user_id, [entry], [], conversation_id=None)

    def remove(self, user_id: str, standing_id: str) -> bool:
        """Delete a standing entry of the user; return whether there was one."""
        number = standing_id.removeprefix(PREFIX)
        if not number.isdecimal():
            return False
        query = delete(STANDING).where(STANDING.c.user_id == user_id, STANDING.c.number == int(number))
        with self._engine.begin() as connection:
            return connection.execute(query).rowcount > 0

    def forget(self, user_id: str) -> int:
        """Delete everything that stands for the user; return how much there was."""
        with self._engine.begin() as connection:
            return connection.execute(delete(STANDING).where(STANDING.c.user_id == user_id)).rowcount


def keep(
    connection: Connection,
    user_id: str,
    said: Sequence[Entry],
    taken_back: Sequence[Entry],
    *,
    conversation_id: str | None,
) -> None:
    """Let what was said stand for the user, and what was taken back for good stand no more."""
    stands = _of(connection, user_id)
    gone = [int(s.id.removeprefix(PREFIX)) for s in stands if any(s.entry.says(entry) for entry in taken_back)]
    if gone:
        connection.execute(delete(STANDING).where(STANDING.c.number.in_(gone)))
    for entry in said:
        if not any(s.entry.says(entry) for s in stands if int(s.id.removeprefix(PREFIX)) not in gone):
            body = entry.model_copy(update={"id": "", "turn": 0, "scope": "user", "retracted": None})
            connection.execute(
                insert(STANDING).values(
                    user_id=user_id,
                    conversation_id=conversation_id,
                    created_at=now(),
                    body=body.model_dump(mode="json", exclude_defaults=True),
                )
            )


def _of(connection: Connection, user_id: str) -> list[Standing]:
    query = select(STANDING).where(STANDING.c.user_id == user_id).order_by(STANDING.c.number)
    return [
        Standing(f"{PREFIX}{row.number}", Entry.model_validate(row.body), row.conversation_id, row.created_at)
        for row in connection.execute(query)
    ]

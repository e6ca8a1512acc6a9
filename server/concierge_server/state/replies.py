"""Replies of models in the state database, until they expire: the agent's `Replies`."""

import time

from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from concierge_server.state.database import REPLIES

MOST = 10_000
"""How many replies are kept; the oldest make room."""
LONGEST = 100_000
"""Characters of a reply that is worth keeping."""


class DatabaseReplies:
    """Keeps the replies that a user's turns (None: guests') were answered by, for `lifetime` seconds."""

    def __init__(self, engine: Engine, user_id: str | None, *, lifetime: float, most: int = MOST) -> None:
        self._engine = engine
        self._user_id = user_id
        self._lifetime = lifetime
        self._most = most

    def find(self, key: str) -> str | None:
        """Return the text kept under `key`, or None when there is none or it has expired."""
        query = select(REPLIES.c.text).where(REPLIES.c.key == key, REPLIES.c.expires_at > time.time())
        with self._engine.connect() as connection:
            text: str | None = connection.execute(query).scalar_one_or_none()
        return text

    def keep(self, key: str, text: str) -> None:
        """Keep a text under `key`; what has expired, and the oldest beyond the bound, go."""
        if len(text) > LONGEST:
            return
        now = time.time()
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(REPLIES).where((REPLIES.c.key == key) | (REPLIES.c.expires_at <= now)))
                _make_room(connection, self._most - 1)
                connection.execute(
                    insert(REPLIES).values(key=key, user_id=self._user_id, expires_at=now + self._lifetime, text=text)
                )
        except IntegrityError:  # another process kept the same at this very moment
            return

    def drop(self, key: str) -> None:
        """Let go of what is kept under `key`, if anything is."""
        with self._engine.begin() as connection:
            connection.execute(delete(REPLIES).where(REPLIES.c.key == key))


def forget_replies(engine: Engine, user_id: str) -> int:
    """Delete every reply to a turn of the user; return how many there were."""
    with engine.begin() as connection:
        return connection.execute(delete(REPLIES).where(REPLIES.c.user_id == user_id)).rowcount


def _make_room(connection: Connection, most: int) -> None:
    """Delete the replies that expire first until `most` are left."""
    over = connection.execute(select(func.count()).select_from(REPLIES)).scalar_one() - most
    if over > 0:
        oldest = select(REPLIES.c.key).order_by(REPLIES.c.expires_at, REPLIES.c.key).limit(over)
        keys = list(connection.execute(oldest).scalars())
        connection.execute(delete(REPLIES).where(REPLIES.c.key.in_(keys)))

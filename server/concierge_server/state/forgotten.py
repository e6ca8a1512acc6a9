"""Forgotten users: whose rows in the log are no longer read, and are left out of the next fit."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from concierge_server.state.database import FORGOTTEN


class Forgotten:
    """Remembers whom to forget, by the SHA-256 of the id alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, user_id: str) -> None:
        """Note that the user is to be forgotten; once is enough."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(FORGOTTEN).values(user_hash=_hash(user_id)))
        except IntegrityError:
            return

    def __contains__(self, user_id: str) -> bool:
        query = select(FORGOTTEN.c.user_hash).where(FORGOTTEN.c.user_hash == _hash(user_id))
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def among(self, user_ids: Sequence[str]) -> set[str]:
        """Return those of `user_ids` that are to be forgotten."""
        with self._engine.connect() as connection:
            hashes = set(connection.execute(select(FORGOTTEN.c.user_hash)).scalars())
        return {user_id for user_id in user_ids if _hash(user_id) in hashes} if hashes else set()


def _hash(user_id: str) -> str:
    return hashlib.sha256(user_id.encode()).hexdigest()

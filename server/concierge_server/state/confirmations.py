"""Confirmations: server-minted tokens for items that may be shown only once the user has agreed."""

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select

from concierge_server.state.database import CONFIRMATIONS

LIFETIME_SECONDS = 3600.0


class Confirmations:
    """Mints and checks confirmation tokens, each bound to items, principal, user and expiry."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def mint(self, principal: str, user_id: str | None, item_ids: Sequence[str]) -> tuple[str, str]:
        """Return a new token and when it expires (ISO 8601)."""
        token = f"cf_{secrets.token_hex(16)}"
        expires = time.time() + LIFETIME_SECONDS
        with self._engine.begin() as connection:
            connection.execute(delete(CONFIRMATIONS).where(CONFIRMATIONS.c.expires_at < time.time()))
            connection.execute(
                insert(CONFIRMATIONS).values(
                    token=token, principal=principal, user_id=user_id, item_ids=list(item_ids), expires_at=expires
                )
            )
        return token, datetime.fromtimestamp(expires, UTC).isoformat(timespec="seconds")

    def confirmed(self, principal: str, user_id: str | None, token: str) -> frozenset[str] | None:
        """Return the item ids that `token` confirms, or None when it is unknown, expired or somebody else's."""
        query = select(CONFIRMATIONS.c.user_id, CONFIRMATIONS.c.item_ids).where(
            CONFIRMATIONS.c.token == token,
            CONFIRMATIONS.c.principal == principal,
            CONFIRMATIONS.c.expires_at >= time.time(),
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return frozenset(row.item_ids) if row is not None and row.user_id == user_id else None

    def forget(self, user_id: str) -> int:
        """Delete every confirmation of the user; return how many there were."""
        with self._engine.begin() as connection:
            return connection.execute(delete(CONFIRMATIONS).where(CONFIRMATIONS.c.user_id == user_id)).rowcount

"""Feedback: what users did since the last fit, kept so that no acknowledged event is lost or doubled."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from concierge_server.state.database import FEEDBACK, now


@dataclass(frozen=True, slots=True)
class Event:
    """One stored feedback event."""

    id: str
    user_id: str
    item_id: str
    event: str
    value: float | None
    time: str


class FeedbackLog:
    """Records and reads feedback events."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(
        self, principal: str, user_id: str, item_id: str, event: str, value: float | None, key: str | None
    ) -> tuple[Event, bool]:
        """Store an event; return it and whether it is new. A repeated `key` returns the event stored first."""
        row = Event(f"fb_{secrets.token_hex(16)}", user_id, item_id, event, value, now())
        values = {name: getattr(row, name) for name in Event.__slots__}
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(FEEDBACK).values(**values, principal=principal, idempotency_key=key, undone=False)
                )
        except IntegrityError:
            found = self.keyed(principal, user_id, key)
            if found is None:
                raise
            return found, False
        return row, True

    def keyed(self, principal: str, user_id: str, key: str | None) -> Event | None:
        """Return the event that was stored under an idempotency key, or None."""
        if key is None:
            return None
        query = select(*_COLUMNS).where(
            FEEDBACK.c.principal == principal, FEEDBACK.c.user_id == user_id, FEEDBACK.c.idempotency_key == key
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).first()
        return None if found is None else Event(*found)

    def undo(self, principal: str, user_id: str, item_id: str, event: str, key: str | None) -> Event:
        """Take back the newest such event and return it, with an empty id when there is none.

        With a key, the taking back is stored as well, so that a repeat takes back nothing more.
        """
        nothing = Event("", user_id, item_id, event, None, now())
        with self._engine.begin() as connection:
            found = connection.execute(
                select(*_COLUMNS)
                .where(
                    FEEDBACK.c.user_id == user_id,
                    FEEDBACK.c.item_id == item_id,
                    FEEDBACK.c.event == event,
                    FEEDBACK.c.undone.is_(False),
                )
                .order_by(FEEDBACK.c.number.desc())
                .limit(1)
            ).first()
            taken = nothing if found is None else Event(*found)
            connection.execute(update(FEEDBACK).where(FEEDBACK.c.id == taken.id).values(undone=True))
            if key is not None:
                marker = Event(f"fb_{secrets.token_hex(16)}", user_id, item_id, f"undo {event}", taken.value, now())
                values = {name: getattr(marker, name) for name in Event.__slots__}
                connection.execute(
                    insert(FEEDBACK).values(**values, principal=principal, idempotency_key=key, undone=True)
                )
        return taken

    def of(self, user_id: str) -> list[Event]:
        """Return the user's standing events, newest first."""
        query = select(*_COLUMNS).where(FEEDBACK.c.user_id == user_id, FEEDBACK.c.undone.is_(False))
        with self._engine.connect() as connection:
            return [Event(*row) for row in connection.execute(query.order_by(FEEDBACK.c.number.desc()))]

    def forget_item(self, user_id: str, item_id: str) -> int:
        """Delete every event of the user about one item, standing or taken back; return how many stood."""
        about = (FEEDBACK.c.user_id == user_id, FEEDBACK.c.item_id == item_id)
        with self._engine.begin() as connection:
            standing = connection.execute(delete(FEEDBACK).where(*about, FEEDBACK.c.undone.is_(False))).rowcount
            connection.execute(delete(FEEDBACK).where(*about))
        return standing

    def forget(self, user_id: str) -> int:
        """Delete every event of the user; return how many there were."""
        with self._engine.begin() as connection:
            return connection.execute(delete(FEEDBACK).where(FEEDBACK.c.user_id == user_id)).rowcount


_COLUMNS = [FEEDBACK.c[name] for name in Event.__slots__]

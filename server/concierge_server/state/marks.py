"""Marks: what a turn's answer depends on in the state, noted before the turn and compared before it runs again.

A mark names the revision of the live values and the standing feedback of the one the answer is for. Feedback that came
later is told apart by its number, so it does not make an earlier turn another one; feedback that was taken back does.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import Engine, func, select

from concierge_server.principal import OWNER
from concierge_server.state.database import FEEDBACK
from concierge_server.state.overlay import LiveValues

Mark = dict[str, int | str]


def mark(engine: Engine, user_id: str | None) -> Mark:
    """Note the state that an answer for this user (None: a guest) would depend on now."""
    user = user_id if user_id is not None else OWNER
    with engine.connect() as connection:
        last = connection.execute(select(func.max(FEEDBACK.c.number)).where(FEEDBACK.c.user_id == user)).scalar_one()
    events = _standing(engine, user, last or 0)
    return {
        "live_values": LiveValues(engine).revision(),
        "last_feedback": last or 0,
        "feedback": len(events),
        "feedback_sha256": _digest(events),
    }


def changes(engine: Engine, user_id: str | None, noted: Mark) -> list[str]:
    """Return in words what a mark's answer depended on and is no longer as it was; nothing when all still is."""
    user = user_id if user_id is not None else OWNER
    if not noted:
        return ["its state was not noted when it was recorded"]
    found = []
    revision = LiveValues(engine).revision()
    if revision != noted["live_values"]:
        found.append(f"live values have changed (revision {noted['live_values']} then, {revision} now)")
    events = _standing(engine, user, int(noted["last_feedback"]))
    if _digest(events) != noted["feedback_sha256"]:
        found.append(f"the feedback of {user!r} has changed (of {noted['feedback']} events then, {len(events)} stand)")
    return found


def _standing(engine: Engine, user: str, last: int) -> list[list[Any]]:
    query = (
        select(FEEDBACK.c.item_id, FEEDBACK.c.event, FEEDBACK.c.value, FEEDBACK.c.time)
        .where(FEEDBACK.c.user_id == user, FEEDBACK.c.undone.is_(False), FEEDBACK.c.number <= last)
        .order_by(FEEDBACK.c.number)
    )
    with engine.connect() as connection:
        return [list(row) for row in connection.execute(query)]


def _digest(events: list[list[Any]]) -> str:
    return hashlib.sha256(json.dumps(events).encode()).hexdigest()

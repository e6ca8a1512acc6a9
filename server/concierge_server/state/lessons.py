"""Lessons in the state database: each belongs to its user and is erased with them."""

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select

from concierge_agent.lessons import Lesson
from concierge_server.state.database import LESSONS, now

_LATEST = 500


class LessonBook:
    """Keeps and reads lessons."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, user_id: str) -> list[Lesson]:
        """Return the user's latest lessons, oldest first."""
        return self._read(LESSONS.c.user_id == user_id)

    def of_others(self, user_id: str) -> list[Lesson]:
        """Return the latest lessons of everybody else, oldest first; they hold what users typed until `reduced`."""
        return self._read(LESSONS.c.user_id != user_id)

    def forget(self, user_id: str) -> int:
        """Delete the user's lessons; return how many there were."""
        with self._engine.begin() as connection:
            return connection.execute(delete(LESSONS).where(LESSONS.c.user_id == user_id)).rowcount

    def _read(self, whose: ColumnElement[bool]) -> list[Lesson]:
        query = select(LESSONS.c.body).where(whose).order_by(LESSONS.c.number.desc()).limit(_LATEST)
        with self._engine.connect() as connection:
            return [Lesson.model_validate(body) for body in connection.execute(query).scalars()][::-1]


def learn(connection: Connection, user_id: str, lesson: Lesson) -> None:
    """Store a lesson of the user."""
    connection.execute(insert(LESSONS).values(user_id=user_id, created_at=now(), body=lesson.model_dump(mode="json")))

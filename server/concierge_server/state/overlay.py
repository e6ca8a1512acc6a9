"""The overlay: live values of fields, read by filters, availability and presentation without a refit."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select

from concierge_server.state.database import OVERLAY, now
from concierge_tools.data.fields import FieldValue


@dataclass(frozen=True, slots=True)
class Overlay:
    """The live values at one revision: {item_id: {field: value}}."""

    revision: int
    values: dict[str, dict[str, FieldValue]]
    as_of: str | None


class LiveValues:
    """Reads and changes the overlay."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def revision(self) -> int:
        """Return the number of the latest change, 0 when there was none."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.coalesce(func.max(OVERLAY.c.revision), 0))).scalar_one())

    def read(self, *, since: str = "") -> Overlay:
        """Return every live value that was set after `since` (ISO 8601): the catalog's file has the older ones."""
        values: dict[str, dict[str, FieldValue]] = {}
        revision, as_of = 0, None
        with self._engine.connect() as connection:
            for row in connection.execute(select(OVERLAY)):
                revision = max(revision, row.revision)
                if row.updated_at <= since:
                    continue
                values.setdefault(row.item_id, {})[row.field] = row.value
                as_of = max(as_of or row.updated_at, row.updated_at)
        return Overlay(revision, values, as_of)

    def update(self, values: Mapping[str, Mapping[str, FieldValue]]) -> int:
        """Set live values, all or none; return how many values were set."""
        moment = now()
        with self._engine.begin() as connection:
            revision = connection.execute(select(func.coalesce(func.max(OVERLAY.c.revision), 0))).scalar_one() + 1
            rows = [
                {"item_id": item_id, "field": field, "value": value, "updated_at": moment, "revision": revision}
                for item_id, fields in values.items()
                for field, value in fields.items()
            ]
            for row in rows:
                connection.execute(
                    delete(OVERLAY).where(OVERLAY.c.item_id == row["item_id"], OVERLAY.c.field == row["field"])
                )
            if rows:
                connection.execute(insert(OVERLAY), rows)
        return len(rows)

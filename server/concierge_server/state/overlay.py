"""The overlay: what changed in the catalog since its file was read, for every process that serves the store.

Beside the fields of items it keeps their titles, which add items, and whether they were withdrawn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine, bindparam, delete, func, insert, select

from concierge_server.state.database import OVERLAY, now
from concierge_tools.data.catalog import ID
from concierge_tools.data.fields import FieldValue


@dataclass(frozen=True, slots=True)
class Overlay:
    """The live values at one revision."""

    revision: int = 0
    values: dict[str, dict[str, FieldValue]] = field(default_factory=dict)
    """{item_id: {field: value}}; `title` is the title, `id` marks an item that was added, or None: withdrawn."""
    set_at: dict[str, dict[str, str]] = field(default_factory=dict)
    """{item_id: {field: ISO 8601}}."""
    as_of: str | None = None

    @property
    def withdrawn(self) -> frozenset[str]:
        """The ids of withdrawn items."""
        return frozenset(item_id for item_id, values in self.values.items() if values.get(ID.name, "") is None)


class LiveValues:
    """Reads and changes the overlay."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def revision(self) -> int:
        """Return the number of the latest change, 0 when there was none."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.coalesce(func.max(OVERLAY.c.revision), 0))).scalar_one())

    def read(self, *, since: str = "", after: Overlay | None = None) -> Overlay:
        """Return every live value that was set after `since` (ISO 8601): the catalog's file has the older ones.

        Of what an earlier call with the same `since` returned, as `after`, only later changes are read.
        """
        held = after or Overlay()
        values, set_at = {**held.values}, {**held.set_at}
        revision, as_of = held.revision, held.as_of
        query = select(OVERLAY).where(OVERLAY.c.revision > held.revision)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        told = [row for row in rows if row.updated_at > since]
        anew = {row.item_id for row in told if row.field == ID.name}  # whatever was known of them before is gone
        for item in {row.item_id for row in told}:
            values[item] = {} if item in anew else {**values.get(item, {})}
            set_at[item] = {} if item in anew else {**set_at.get(item, {})}
        for row in told:
            values[row.item_id][row.field] = row.value
            set_at[row.item_id][row.field] = row.updated_at
            as_of = max(as_of or row.updated_at, row.updated_at)
        revision = max([revision, *(row.revision for row in rows)])
        return Overlay(revision, values, set_at, as_of)

    def update(self, values: Mapping[str, Mapping[str, FieldValue]]) -> int:
        """Set live values, all or none; return how many values were set."""
        return self._set(values)

    def withdraw(self, item_ids: Iterable[str]) -> None:
        """Withdraw items; what was set of them before goes with them."""
        self._set({item_id: {ID.name: None} for item_id in item_ids}, alone=True)

    def _set(self, values: Mapping[str, Mapping[str, FieldValue]], *, alone: bool = False) -> int:
        moment = now()
        rows = [
            {"item_id": item_id, "field": name, "value": value, "updated_at": moment}
            for item_id, fields in values.items()
            for name, value in fields.items()
        ]
        if not rows:
            return 0
        gone = delete(OVERLAY).where(OVERLAY.c.item_id == bindparam("of_item"))
        gone = gone if alone else gone.where(OVERLAY.c.field == bindparam("of_field"))
        with self._engine.begin() as connection:
            revision = connection.execute(select(func.coalesce(func.max(OVERLAY.c.revision), 0))).scalar_one() + 1
            connection.execute(gone, [{"of_item": row["item_id"], "of_field": row["field"]} for row in rows])
            connection.execute(insert(OVERLAY), [{**row, "revision": revision} for row in rows])
        return len(rows)

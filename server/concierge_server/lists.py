"""Lists: a ranking becomes a candidate set with a handle, and pages of items with reasons."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from mcp.types import CallToolResult
from numpy.typing import NDArray

from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import policy_breach
from concierge_server.explanations import explain_items
from concierge_server.policy import disclosures, needs_confirmation
from concierge_server.principal import principal
from concierge_server.results import FieldValue, ItemList, ItemResult
from concierge_server.state.candidates import CandidateSet
from concierge_server.subject import subject_of
from concierge_server.text import reply
from concierge_tools.data.constraints import Constraint
from concierge_tools.errors import InputError
from concierge_tools.ranking.ranking import POOL, Ranking

Detail = Literal["concise", "full"]
CONCISE_FIELDS = 6
CONCISE_DISTINCT = 200
TEXT_LIMIT = 500
LIST_LIMIT = 8
DIGITS = re.compile("[0-9]{1,9}")
"""What an offset in a cursor looks like."""


class Lists:
    """Publishes rankings as candidate sets for the principal of the call, and pages through them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def publish(
        self,
        snapshot: Snapshot,
        ranking: Ranking,
        recipe: dict[str, Any],
        *,
        n: int,
        detail: Detail,
        notes: Sequence[str] = (),
    ) -> CallToolResult:
        """Store `ranking` as a candidate set and return its first page."""
        scores = [None if np.isnan(score) else round(float(score), 8) for score in ranking.scores]
        found = self._desk.bus.put(
            principal(),
            snapshot.artifact.version,
            [snapshot.catalog.ids[i] for i in ranking.items],
            scores,
            matched=ranking.matched,
            basis=ranking.basis,
            recipe=recipe,
        )
        cut = [f"The set holds the best {POOL} of {ranking.matched}; filter first to reach the others."]
        notes = [*notes, *ranking.notes, *(cut if ranking.matched > len(ranking.items) else [])]
        return reply(page(self._desk, snapshot, found, 0, n, detail, notes=notes))

    def follow(self, cursor: str, *, n: int, detail: Detail) -> CallToolResult:
        """Return the page that `cursor` points to.

        Raises:
            InputError: The cursor is not one, or its set is gone.
        """
        handle, _, offset = cursor.rpartition(".")
        if not handle or not DIGITS.fullmatch(offset):
            raise InputError(f"{cursor!r} is not a cursor; pass next_cursor of an earlier result unchanged.")
        found = self._desk.bus.get(principal(), handle)
        return reply(page(self._desk, self._desk.snapshot(), found, int(offset), n, detail))

    def positions(self, snapshot: Snapshot, handle: str) -> tuple[NDArray[np.int32], CandidateSet, list[str]]:
        """Return a set's catalog positions in its order, the set itself, and a note on items that vanished.

        Raises:
            InputError: The handle is unknown, expired or somebody else's.
        """
        found = self._desk.bus.get(principal(), handle)
        positions = [snapshot.catalog.position(item_id) for item_id in found.item_ids if item_id in snapshot.catalog]
        vanished = len(found.item_ids) - len(positions)
        notes = [f"{vanished} items of {handle} are no longer in the catalog."] if vanished else []
        return np.asarray(positions, dtype=np.int32), found, notes

    def narrowed(self, snapshot: Snapshot, handle: str) -> tuple[NDArray[np.int32], CandidateSet, list[str]]:
        """Return what `positions` returns, for a tool that goes on from the set: it is told what the set leaves out.

        Raises:
            InputError: The handle is unknown, expired or somebody else's.
        """
        positions, found, notes = self.positions(snapshot, handle)
        if found.matched > len(found.item_ids):
            notes.append(
                f"{handle} holds the best {len(found.item_ids)} of {found.matched}; the others are not reached."
            )
        return positions, found, notes


def page(
    desk: Desk,
    snapshot: Snapshot,
    found: CandidateSet,
    offset: int,
    n: int,
    detail: Detail,
    *,
    notes: Sequence[str] = (),
) -> ItemList:
    """Return `n` items of a stored set from `offset`, each with its reasons."""
    shown = found.item_ids[offset : offset + n]
    scores = dict(zip(found.item_ids, found.scores, strict=True))
    held = [snapshot.catalog.position(item_id) for item_id in shown if item_id in snapshot.catalog]
    vanished = len(shown) - len(held)
    notes = [*notes, *([f"{vanished} items of this set are no longer in the catalog."] if vanished else [])]
    subject = subject_of(desk, snapshot, found.recipe.get("user_id"))
    positions = [position for position in held if policy_breach(snapshot, position, subject) is None]
    if len(positions) < len(held):
        notes.append(f"{len(held) - len(positions)} items of this page may no longer be recommended.")
    used = [Constraint.model_validate(c) for c in found.recipe.get("filters", [])]
    by = found.recipe.get("ordered_by", "")
    explanations = explain_items(desk, snapshot, positions, found.recipe)
    items = [
        describe_item(snapshot, position, detail=detail, filters=used, also=[by]).model_copy(
            update={"score": scores[snapshot.catalog.ids[position]], "reasons": [explanation.short]}
        )
        for position, explanation in zip(positions, explanations, strict=True)
    ]
    end = offset + n
    return ItemList(
        candidates=found.handle,
        total=len(found.item_ids),
        matched=found.matched,
        items=items,
        next_cursor=f"{found.handle}.{end}" if end < len(found.item_ids) else None,
        artifact=snapshot.artifact.version,
        basis=found.basis,
        notes=notes,
    )


def describe_item(
    snapshot: Snapshot,
    position: int,
    *,
    detail: Detail,
    filters: Sequence[Constraint] = (),
    also: Sequence[str] = (),
) -> ItemResult:
    """Return an item with the fields that `detail` asks for, its disclosures and whether it needs consent.

    Fields that are filtered by, and those named in `also`, are always among them.
    """
    catalog = snapshot.catalog
    full = detail == "full"
    names = [f.name for f in catalog.fields] if full else key_fields(snapshot, [*(c.field for c in filters), *also])
    wanted = {str(v) for c in filters for v in (c.value if isinstance(c.value, list) else [c.value])}
    return ItemResult(
        id=catalog.ids[position],
        title=catalog.titles[position],
        fields={name: _cut(catalog.value(name, position), None if full else wanted) for name in names},
        disclosures=disclosures(snapshot, position),
        needs_confirmation=needs_confirmation(snapshot, position),
        as_of=snapshot.changed_at(catalog.ids[position], ("title", *names)),
    )


def key_fields(snapshot: Snapshot, wanted: Sequence[str] = ()) -> list[str]:
    """Return the fields that concise lists show: those filtered by, then the first telling ones in declared order."""
    declared = [f.name for f in snapshot.catalog.fields]
    telling = [
        f.name
        for f in snapshot.catalog.fields
        if f.role in ("price", "availability", "date")
        or f.type in ("number", "boolean", "date")
        or (f.type in ("category", "tags") and f.role != "image" and _distinct(snapshot, f.name) <= CONCISE_DISTINCT)
    ]
    chosen = {name for name in wanted if name in declared} | set(telling[:CONCISE_FIELDS])
    return [name for name in declared if name in chosen]


def _distinct(snapshot: Snapshot, name: str) -> int:
    return len(getattr(snapshot.catalog.column(name), "values", ()))


def _cut(value: FieldValue, wanted: set[str] | None) -> FieldValue:
    """Shorten a long text; unless `wanted` is None, also a long list, whose wanted values stay."""
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        return value[: TEXT_LIMIT - 1].rstrip() + "…"
    if isinstance(value, list) and wanted is not None and len(value) > LIST_LIMIT:
        return sorted(value, key=lambda v: v not in wanted)[:LIST_LIMIT]
    return value

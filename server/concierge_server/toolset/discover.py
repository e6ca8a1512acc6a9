"""Tools that describe the catalog, search it, link text to it and look items and users up."""

from datetime import UTC, datetime
from typing import Annotated

import numpy as np
from mcp.types import CallToolResult
from pydantic import Field

from concierge_server.description import describe
from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import eligible
from concierge_server.lists import DIGITS, Lists, describe_item, key_fields
from concierge_server.principal import may_read
from concierge_server.results import (
    Alternative,
    AvailabilityEntry,
    AvailabilityResult,
    CatalogResult,
    ConstraintResult,
    DetailsResult,
    HistoryEntry,
    HistoryResult,
    ItemList,
    Mention,
    MentionsResult,
    UnknownItem,
)
from concierge_server.subject import subject_of
from concierge_server.text import reply
from concierge_server.toolset.parameters import (
    Cursor,
    Detail,
    Exclude,
    Filters,
    ItemIds,
    Liked,
    N,
    OptionalHandle,
    Query,
    UserId,
    dump,
)
from concierge_tools.data import filters as filter_engine
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.errors import InputError


class DiscoverTools:
    """What a client calls first: the catalog's description, search, linking and look-ups."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lists = Lists(desk)

    def describe_catalog(self) -> Annotated[CallToolResult, CatalogResult]:
        """Describe the catalog: its fields, the store's policy and the recommenders at hand.

        Fields come with type, unit, range, operators and top values. Call it once, before filtering; no arguments.
        """
        return reply(describe(self._desk.snapshot()))

    def search_catalog(
        self,
        query: Query,
        filters: Filters = [],
        candidates: OptionalHandle = None,
        exclude: Exclude = [],
        user_id: UserId = None,
        liked: Liked = [],
        n: N = 10,
        cursor: Cursor = None,
        detail: Detail = "concise",
    ) -> Annotated[CallToolResult, ItemList]:
        """Find items by a title, a topic or a description in the user's words; tolerates typos and unfinished words.

        Values, numbers and "like X but ..." in the query are wishes: what meets more of them comes first, and `notes`
        say what was understood. What must hold belongs in `filters`. With `user_id` or `liked`, equal matches come in
        the order of that taste, and what the user has had or dislikes is left out, which `notes` tell. For taste alone
        use recommend_for_user. An empty query with filters lists what meets them, most popular first. Returns
        a ranked page and a `candidates` handle that filter_candidates, rank_candidates and show_recommendations take.
        """
        if cursor is not None:
            return self._lists.follow(cursor, n=n, detail=detail)
        snapshot = self._desk.snapshot()
        within, notes = None, list[str]()
        if candidates is not None:
            within, _, notes = self._lists.narrowed(snapshot, candidates)
        personal = user_id is not None or bool(liked)
        subject = subject_of(self._desk, snapshot, user_id, liked) if personal else None
        mask, kept_out = eligible(snapshot, filters, exclude=exclude, subject=subject, within=within)
        ranking = snapshot.retrieval.search(query, mask, subject.profile if subject is not None else None)
        if subject is not None and (subject.consumed or subject.disliked):
            everyone, _ = eligible(snapshot, filters, exclude=exclude, within=within)
            if left := snapshot.retrieval.search(query, everyone).matched - ranking.matched:
                which = "1 found item is" if left == 1 else f"{left:,} found items are"
                kept_out.append(f"{which} left out, which the user has had or dislikes.")
        recipe = {
            "ordered_by": "search",
            "query": query,
            "filters": dump(filters),
            "exclude": exclude,
            "user_id": user_id,
            "liked": liked,
            "personal": personal,
            "within": candidates,
        }
        return self._lists.publish(snapshot, ranking, recipe, n=n, detail=detail, notes=notes + kept_out)

    def resolve_mentions(
        self, text: Annotated[str, Field(max_length=2000, description="Anything the user wrote.")]
    ) -> Annotated[CallToolResult, MentionsResult]:
        """Link the words of a text to items and to values of fields, through typos, synonyms and inflections.

        Use it to get ids for titles the user names ("Alladin") and field values for words ("sci-fi"). Offsets are in
        characters. Overlapping readings are all given, with alternatives; you decide which one is meant.
        """
        snapshot = self._desk.snapshot()
        found = [
            Mention(
                span=m.span,
                text=m.text,
                kind=m.kind,
                item_id=m.item_id,
                title=m.title,
                field=m.field,
                value=m.value,
                score=round(m.score, 3),
                match=m.match,
                alternatives=[
                    Alternative(item_id=a.item_id, field=a.field, value=a.value, title=a.title, score=round(a.score, 3))
                    for a in m.alternatives
                ],
            )
            for m in snapshot.artifact.vocabulary.resolve(text)
        ]
        return reply(MentionsResult(mentions=found))

    def get_item_details(self, item_ids: ItemIds, detail: Detail = "full") -> Annotated[CallToolResult, DetailsResult]:
        """Return every field of items whose ids you know; ids that do not exist come back with close matches."""
        snapshot = self._desk.snapshot()
        known = [item_id for item_id in dict.fromkeys(item_ids) if item_id in snapshot.catalog]
        return reply(
            DetailsResult(
                items=[describe_item(snapshot, snapshot.catalog.position(item_id), detail=detail) for item_id in known],
                unknown=unknown_items(snapshot, item_ids),
                artifact=snapshot.artifact.version,
            )
        )

    def get_user_history(
        self,
        user_id: Annotated[str, Field(max_length=200, description="Whose history; yours unless you may read others'.")],
        n: N = 20,
        cursor: Cursor = None,
    ) -> Annotated[CallToolResult, HistoryResult]:
        """Return what a user did, newest first: the log the models were trained on, and feedback since.

        A stranger has an empty history; that is not an error.
        """
        snapshot = self._desk.snapshot()
        may_read(user_id)
        entries = _history(self._desk, snapshot, user_id)
        if cursor is not None and not DIGITS.fullmatch(cursor):
            raise InputError(f"{cursor!r} is not a cursor; pass next_cursor of an earlier result unchanged.")
        start = int(cursor or 0)
        end = start + n
        return reply(
            HistoryResult(
                user_id=user_id,
                total=len(entries),
                interactions=entries[start:end],
                next_cursor=str(end) if end < len(entries) else None,
                notes=[] if entries else ["Nothing is known of this user; trending items are the way to start."],
            )
        )

    def check_availability(
        self, item_ids: ItemIds, filters: Filters = []
    ) -> Annotated[CallToolResult, AvailabilityResult]:
        """Say for each item whether it can be had now: the store's requirements and your filters, on live values.

        Returns the fields behind the answer, which conditions are unmet, and how fresh the values are.
        """
        snapshot = self._desk.snapshot()
        checked = [*snapshot.policy.require, *filter_engine.check(snapshot.catalog, filters)]
        entries = []
        for item_id in dict.fromkeys(item_ids):
            if item_id in snapshot.catalog:
                entries.append(_availability(snapshot, snapshot.catalog.position(item_id), checked))
        return reply(AvailabilityResult(items=entries, unknown=unknown_items(snapshot, item_ids), as_of=snapshot.as_of))


def unknown_items(snapshot: Snapshot, item_ids: list[str]) -> list[UnknownItem]:
    """Return the ids that the catalog lacks, each with the nearest items."""
    unknown = []
    for item_id in dict.fromkeys(item_ids):
        if item_id not in snapshot.catalog:
            near = [describe_item(snapshot, i, detail="concise") for i in _nearest(snapshot, item_id)]
            unknown.append(UnknownItem(id=item_id, close_matches=near))
    return unknown


def _nearest(snapshot: Snapshot, item_id: str) -> list[int]:
    from rapidfuzz import process  # 40 ms that most calls never need

    close = [
        snapshot.catalog.position(str(m[0]))
        for m in process.extract(item_id, list(snapshot.catalog.known_ids), limit=3, score_cutoff=80)
    ]
    ranking = snapshot.retrieval.search(item_id[:512], eligible(snapshot, [])[0])
    return list(dict.fromkeys([*close, *(int(i) for i in ranking.items[:3])]))[:3]


def _availability(snapshot: Snapshot, position: int, checked: list[Constraint]) -> AvailabilityEntry:
    catalog: Catalog = snapshot.catalog
    unmet = filter_engine.unmet(catalog, position, checked)
    roles = {f.name for f in catalog.fields if f.role in ("availability", "price")}
    names = [f.name for f in catalog.fields if f.name in roles | {c.field for c in checked}] or key_fields(snapshot)
    return AvailabilityEntry(
        id=catalog.ids[position],
        title=catalog.titles[position],
        available=not unmet,
        fields={name: catalog.value(name, position) for name in names},
        unmet=[ConstraintResult.model_validate(c.model_dump(include={"field", "op", "value"})) for c in unmet],
        as_of=snapshot.changed_at(catalog.ids[position], names),
    )


def _iso(seconds: int) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds >= 0 else None


def _history(desk: Desk, snapshot: Snapshot, user_id: str) -> list[HistoryEntry]:
    catalog, interactions = snapshot.catalog, snapshot.artifact.interactions
    entries = [
        HistoryEntry(
            item_id=e.item_id,
            title=catalog.titles[catalog.position(e.item_id)] if e.item_id in catalog else e.item_id,
            event=e.event,
            value=e.value,
            time=e.time,
            source="feedback",
        )
        for e in desk.feedback.of(user_id)
    ]
    if interactions is None or user_id in desk.forgotten:
        return entries
    for row in interactions.history(user_id)[::-1]:
        position = int(interactions.items[row])
        entries.append(
            HistoryEntry(
                item_id=catalog.ids[position],
                title=catalog.titles[position],
                event=interactions.events[code] if (code := int(interactions.event_codes[row])) >= 0 else None,
                value=None if np.isnan(value := float(interactions.values[row])) else value,
                time=_iso(int(interactions.times[row])),
                source="log",
            )
        )
    return entries

"""Tools that narrow, combine and reorder candidate sets."""

from collections.abc import Sequence
from functools import reduce
from typing import Annotated, Any, Literal

import numpy as np
from mcp.types import CallToolResult
from numpy.typing import NDArray
from pydantic import Field

from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import eligible
from concierge_server.lists import Lists
from concierge_server.results import ItemList
from concierge_server.risk import barred_for
from concierge_server.subject import subject_of
from concierge_server.toolset.parameters import (
    Calibration,
    Cursor,
    Detail,
    Disliked,
    Diversity,
    Exclude,
    Filters,
    Handle,
    ItemId,
    Liked,
    N,
    UserId,
    dump,
)
from concierge_tools.errors import InputError
from concierge_tools.ranking.ranking import POOL, Ranking

_ORDERS = {"personal": "taste", "query": "query", "popularity": "popularity"}


class CandidateTools:
    """Work on sets behind handles; a set is never changed, each call makes a new one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lists = Lists(desk)

    def filter_candidates(
        self,
        candidates: Handle,
        filters: Filters,
        exclude: Exclude = [],
        n: N = 10,
        cursor: Cursor = None,
        detail: Detail = "concise",
    ) -> Annotated[CallToolResult, ItemList]:
        """Keep those items of a candidate set that meet more conditions, in the set's order.

        Use it to narrow a result further; where you know the conditions beforehand, pass `filters` to the retrieval
        tool itself, which then ranks the whole catalog under them. Returns a new handle.
        """
        if cursor is not None:
            return self._lists.follow(cursor, n=n, detail=detail)
        snapshot = self._desk.snapshot()
        positions, found, notes = self._lists.narrowed(snapshot, candidates)
        user_id = found.recipe.get("user_id")  # of a set made for nobody, nobody's history is to be left out
        subject = subject_of(self._desk, snapshot, user_id) if user_id is not None else None
        mask, kept_out = eligible(snapshot, filters, exclude=exclude, subject=subject, within=positions)
        scores = dict(zip(found.item_ids, found.scores, strict=True))
        kept = positions[mask[positions]]
        kept_scores = [scores[snapshot.catalog.ids[i]] for i in kept]
        ranking = Ranking(kept, _array(kept_scores), len(kept), found.basis, ())
        earlier = found.recipe.get("narrowed") or {}
        recipe = {
            **found.recipe,
            "filters": [*found.recipe.get("filters", []), *dump(filters)],
            "narrowed": {
                "filters": [*earlier.get("filters", []), *dump(filters)],
                "exclude": [*earlier.get("exclude", []), *exclude],
            },
        }
        return self._lists.publish(snapshot, ranking, recipe, n=n, detail=detail, notes=notes + kept_out)

    def combine_candidates(
        self,
        operation: Annotated[
            Literal["union", "intersection", "difference"],
            Field(description="difference keeps items of the first set that are in none of the others."),
        ],
        candidates: Annotated[
            list[Handle], Field(min_length=2, max_length=10, description="Handles of two or more candidate sets.")
        ],
        n: N = 10,
        cursor: Cursor = None,
        detail: Detail = "concise",
    ) -> Annotated[CallToolResult, ItemList]:
        """Combine candidate sets: either (union), both (intersection), or the first without the others (difference).

        A union or intersection is ordered by reciprocal rank over the sets, a difference keeps the first set's order.
        """
        if cursor is not None:
            return self._lists.follow(cursor, n=n, detail=detail)
        snapshot = self._desk.snapshot()
        loaded = [self._lists.narrowed(snapshot, handle) for handle in candidates]
        members = [set(map(int, positions)) for positions, _, _ in loaded]
        fused: dict[int, float] = {}
        for positions, _, _ in loaded if operation != "difference" else loaded[:1]:
            for rank, position in enumerate(map(int, positions), start=1):
                fused[position] = fused.get(position, 0.0) + 1.0 / (60 + rank)
        if operation == "intersection":
            kept = reduce(set.intersection, members)
        elif operation == "difference":
            kept = members[0].difference(*members[1:])
        else:
            kept = set(fused)
        mask, kept_out = eligible(snapshot, [])
        ordered = sorted((p for p in kept if mask[p]), key=lambda p: (-fused[p], snapshot.catalog.ids[p]))
        basis = f"{operation} of {len(candidates)} sets"
        chosen = np.asarray(ordered[:POOL], dtype=np.int32)
        ranking = Ranking(chosen, _array([fused[p] for p in ordered[:POOL]]), len(ordered), basis, ())
        recipe = self._shared_recipe([found.recipe for _, found, _ in loaded], operation)
        recipe["sets"] = candidates[:1] if operation == "difference" else candidates
        notes = [note for _, _, own in loaded for note in own]
        return self._lists.publish(snapshot, ranking, recipe, n=n, detail=detail, notes=notes + kept_out)

    def rank_candidates(
        self,
        candidates: Handle,
        by: Annotated[
            str,
            Field(
                max_length=200,
                description="'personal', 'query', 'popularity', 'given', or the name of a field to sort by.",
            ),
        ] = "personal",
        descending: Annotated[bool, Field(description="For a field: largest first.")] = True,
        user_id: UserId = None,
        liked: Liked = [],
        disliked: Disliked = [],
        query: Annotated[str | None, Field(max_length=512, description="The words, when `by` is 'query'.")] = None,
        order: Annotated[
            list[ItemId],
            Field(max_length=1000, description="When `by` is 'given': ids of the set, best first; the others follow."),
        ] = [],
        diversity: Diversity = 0.0,
        calibration: Calibration = 0.0,
        n: N = 10,
        cursor: Cursor = None,
        detail: Detail = "concise",
    ) -> Annotated[CallToolResult, ItemList]:
        """Reorder a candidate set by taste, by words, by popularity or by a field such as price; returns a new handle.

        With `by` 'given' the order is your own, out of what the set holds. Items without a value in a field come last.
        Items the user disliked or has had are dropped.
        """
        if cursor is not None:
            return self._lists.follow(cursor, n=n, detail=detail)
        if by == "query" and not query:
            raise InputError("Ranking by 'query' needs `query`, the words to rank by.")
        if (by == "given") != bool(order):
            raise InputError("Ranking by 'given' needs `order`, the ids best first, and nothing else takes it.")
        snapshot = self._desk.snapshot()
        positions, found, notes = self._lists.narrowed(snapshot, candidates)
        members = set(found.item_ids)
        if foreign := [item_id for item_id in order if item_id not in members]:
            raise InputError(f"{foreign[0]!r} is not in {candidates}; order only items that the set holds.")
        user_id = found.recipe.get("user_id") if by == "given" and user_id is None else user_id
        subject = subject_of(self._desk, snapshot, user_id, liked, disliked)
        mask, kept_out = eligible(snapshot, [], subject=subject, within=positions)
        if by != "personal" and (diversity or calibration):
            notes.append("Diversity and calibration take part only where `by` is 'personal'; here they were ignored.")
        if by == "given":
            ranking = _given(snapshot, positions[mask[positions]], order, found.basis)
            recipe = {**found.recipe, "given": True}
            return self._lists.publish(snapshot, ranking, recipe, n=n, detail=detail, notes=notes + kept_out)
        ranking = snapshot.retrieval.rank(
            positions[mask[positions]],
            by=by,
            descending=descending,
            profile=subject.profile,
            query=query,
            diversity=diversity,
            calibration=calibration,
            barred=barred_for(self._desk, snapshot, subject) if by == "personal" else None,
        )
        recipe = {
            "ordered_by": _ORDERS.get(by, "field"),
            "descending": descending,
            "user_id": user_id,
            "users": found.recipe.get("users", []),
            "seeds": found.recipe.get("seeds", []),
            "liked": liked,
            "disliked": disliked,
            "filters": found.recipe.get("filters", []),
            "query": query if query is not None else found.recipe.get("query"),
            "diversity": diversity,
            "calibration": calibration,
            "within": candidates,
        }
        return self._lists.publish(snapshot, ranking, recipe, n=n, detail=detail, notes=notes + kept_out)

    @staticmethod
    def _shared_recipe(recipes: list[dict[str, Any]], operation: str) -> dict[str, Any]:
        """Return what holds of every item of the combined set: shared conditions and seeds, whose sets, any words.

        Words may be any set's, for an explanation tells them only of the items that they are found in.
        """
        filters = recipes[0].get("filters", [])
        if operation == "union":
            filters = [c for c in filters if all(c in recipe.get("filters", []) for recipe in recipes)]
        elif operation == "intersection":
            filters = [c for recipe in recipes for c in recipe.get("filters", [])]
        users = {user for recipe in recipes for user in (recipe.get("user_id"), *recipe.get("users", ())) if user}
        told = recipes[:1] if operation == "difference" else recipes
        words = dict.fromkeys(query for recipe in told if (query := recipe.get("query")))
        seeds = recipes[0].get("seeds", [])
        if operation == "union" and any(recipe.get("seeds", []) != seeds for recipe in recipes):
            seeds = []
        return {
            "ordered_by": "combination",
            "filters": filters,
            "users": sorted(users),
            "query": " ".join(words) or None,
            "seeds": seeds,
        }


def _given(snapshot: Snapshot, kept: NDArray[np.int32], order: Sequence[str], basis: str) -> Ranking:
    """Return `kept` with the items of `order` first. Nothing has a score: no arithmetic stands behind a given order."""
    places = {item_id: place for place, item_id in reversed(list(enumerate(order)))}
    ids = snapshot.catalog.ids
    first = sorted((p for p in kept.tolist() if ids[p] in places), key=lambda p: places[ids[p]])
    rest = [p for p in kept.tolist() if ids[p] not in places]
    items = np.asarray([*first, *rest], dtype=np.int32)
    return Ranking(items, np.full(len(items), np.nan, np.float32), len(items), f"a given order of {basis}", ())


def _array(scores: list[float | None] | list[float]) -> NDArray[np.float32]:
    return np.asarray([np.nan if score is None else score for score in scores], dtype=np.float32)

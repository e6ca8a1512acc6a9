"""Tools that retrieve by taste, by likeness and by popularity."""

from typing import Annotated, Any

from mcp.types import CallToolResult
from pydantic import Field

from concierge_server.desk import Desk
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
    ItemIds,
    Liked,
    Model,
    N,
    OptionalHandle,
    UserId,
    dump,
)
from concierge_server.worth_asking import hint


class RecommendTools:
    """Personal recommendations, similar items and what is trending."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lists = Lists(desk)

    def recommend_for_user(
        self,
        user_id: UserId = None,
        liked: Liked = [],
        disliked: Disliked = [],
        filters: Filters = [],
        candidates: OptionalHandle = None,
        exclude: Exclude = [],
        model: Model = "blend",
        diversity: Diversity = 0.0,
        calibration: Calibration = 0.0,
        n: N = 10,
        cursor: Cursor = None,
        detail: Detail = "concise",
    ) -> Annotated[CallToolResult, ItemList]:
        """Recommend items to someone: a known user by their history and feedback, a stranger by what they like now.

        The main tool whenever taste matters; pass what the user just praised as `liked` and every stated condition in
        `filters`. With nothing to go on it returns what is trending, not all alike; `basis` says so, and a note which
        question would help most. Never returns what the user has had, disliked or excluded, nor what risk control
        leaves out, which `notes` tell. Returns a ranked page with reasons and a `candidates` handle.
        """
        if cursor is not None:
            return self._lists.follow(cursor, n=n, detail=detail)
        snapshot = self._desk.snapshot()
        subject = subject_of(self._desk, snapshot, user_id, liked, disliked)
        within, notes = None, list[str]()
        if candidates is not None:
            within, _, notes = self._lists.narrowed(snapshot, candidates)
        mask, kept_out = eligible(snapshot, filters, exclude=[*exclude, *liked], subject=subject, within=within)
        ranking = snapshot.retrieval.recommend(
            subject.profile,
            mask,
            model=model,
            diversity=diversity,
            calibration=calibration,
            barred=barred_for(self._desk, snapshot, subject),
        )
        recipe: dict[str, Any] = {
            "ordered_by": "taste",
            "user_id": user_id,
            "liked": liked,
            "disliked": disliked,
            "filters": dump(filters),
            "exclude": exclude,
            "without_liked": True,
            "model": model,
            "diversity": diversity,
            "calibration": calibration,
            "within": candidates,
        }
        if not len(subject.profile):
            kept_out += hint(snapshot, ranking, answered={constraint.field for constraint in filters})
        return self._lists.publish(snapshot, ranking, recipe, n=n, detail=detail, notes=notes + kept_out)

    def get_similar_items(
        self,
        item_ids: ItemIds,
        filters: Filters = [],
        exclude: Exclude = [],
        model: Model = "blend",
        n: N = 10,
        cursor: Cursor = None,
        detail: Detail = "concise",
    ) -> Annotated[CallToolResult, ItemList]:
        """Find items like the given ones, by who chose them together and by what they are; the seeds are left out.

        Use it for "more like X" or "X, but ..." with the "but" in `filters`. For a person's whole taste use
        recommend_for_user. Returns a ranked page with reasons and a `candidates` handle.
        """
        if cursor is not None:
            return self._lists.follow(cursor, n=n, detail=detail)
        snapshot = self._desk.snapshot()
        seeds = [snapshot.catalog.position(item_id) for item_id in dict.fromkeys(item_ids)]
        mask, kept_out = eligible(snapshot, filters, exclude=[*exclude, *item_ids])
        ranking = snapshot.retrieval.similar(seeds, mask, model=model)
        recipe: dict[str, Any] = {
            "ordered_by": "likeness",
            "seeds": list(dict.fromkeys(item_ids)),
            "filters": dump(filters),
            "exclude": [*exclude, *item_ids],
            "model": model,
        }
        return self._lists.publish(snapshot, ranking, recipe, n=n, detail=detail, notes=kept_out)

    def get_trending_items(
        self,
        filters: Filters = [],
        window_days: Annotated[
            int | None,
            Field(ge=1, le=36500, description="Count interactions of the log's last days; null for the default."),
        ] = None,
        exclude: Exclude = [],
        n: N = 10,
        cursor: Cursor = None,
        detail: Detail = "concise",
    ) -> Annotated[CallToolResult, ItemList]:
        """List what most people chose lately (or over all time where the log has no times), the same for everyone.

        Use it when nothing is known of the user's taste, or when they ask what is popular.
        """
        if cursor is not None:
            return self._lists.follow(cursor, n=n, detail=detail)
        snapshot = self._desk.snapshot()
        mask, kept_out = eligible(snapshot, filters, exclude=exclude)
        ranking = snapshot.retrieval.trending(mask, window_days=window_days)
        recipe: dict[str, Any] = {
            "ordered_by": "trending",
            "filters": dump(filters),
            "exclude": exclude,
            "window_days": window_days,
        }
        return self._lists.publish(snapshot, ranking, recipe, n=n, detail=detail, notes=kept_out)

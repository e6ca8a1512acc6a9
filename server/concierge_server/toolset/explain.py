"""Tools that say why an item was recommended and what is worth asking next."""

import re
from typing import Annotated, Any

import numpy as np
from mcp.types import CallToolResult
from pydantic import Field

from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import eligible
from concierge_server.explained import ExplanationsResult
from concierge_server.explaining import Explaining
from concierge_server.lists import Lists
from concierge_server.policy_questions import as_question
from concierge_server.results import QuestionResult
from concierge_server.text import reply
from concierge_server.toolset.discover import unknown_items
from concierge_server.toolset.parameters import (
    Calibration,
    Disliked,
    Diversity,
    Exclude,
    Filters,
    ItemIds,
    Liked,
    Model,
    OptionalHandle,
    UserId,
    dump,
)
from concierge_server.toolset.present import DEFAULT_SHOWN
from concierge_server.worth_asking import worth_asking
from concierge_tools.data import filters as filter_engine
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.phrases import either
from concierge_tools.elicitation.value import Horizon
from concierge_tools.errors import InputError

HANDLE = re.compile("cs_[0-9a-f]{32}")
"""What the handle of a list looks like that may have been there once."""


class ExplainTools:
    """Explanations as arithmetic with evidence, and the question with the most information."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lists = Lists(desk)

    def explain_recommendation(
        self,
        item_ids: ItemIds,
        user_id: UserId = None,
        liked: Liked = [],
        disliked: Disliked = [],
        filters: Filters = [],
        query: Annotated[
            str | None, Field(max_length=512, description="The words the items were searched by, if any.")
        ] = None,
        candidates: Annotated[
            str | None,
            Field(
                max_length=60,
                description="Handle of the list in question: explains its own scores and places, and goes before the "
                "other arguments.",
            ),
        ] = None,
        exclude: Exclude = [],
        model: Model = "blend",
        diversity: Diversity = 0.0,
        calibration: Calibration = 0.0,
        n: Annotated[int, Field(ge=1, le=100, description="How many items of the list count as recommended.")] = 10,
        standing: Annotated[
            list[Constraint],
            Field(max_length=50, description="Those of the filters that always hold for the user, such as an allergy."),
        ] = [],
    ) -> Annotated[CallToolResult, ExplanationsResult]:
        """Explain why these items suit this user, or why one was not recommended, with evidence and the arithmetic.

        Pass the handle of the list that was shown, or the arguments that the items were retrieved with. Reasons are the
        conditions met, the liked items that point to it (with their part of the score), popularity and matching words;
        `unmet` is a condition not met. An item outside the first n has `why_not`: what kept it out, and the smallest
        change of at most two conditions and one like or dislike that brings it in, tried out, with the rank it then
        has. State only what comes back.
        """
        snapshot = self._desk.snapshot()
        known = [item_id for item_id in dict.fromkeys(item_ids) if item_id in snapshot.catalog]
        filter_engine.check(snapshot.catalog, [*filters, *standing])
        for item_id in (*liked, *disliked):
            snapshot.catalog.position(item_id)
        recorded: dict[str, Any] = {
            "user_id": user_id,
            "liked": liked,
            "disliked": disliked,
            "filters": dump(filters),
            "query": query,
            "exclude": exclude,
        }
        model = self._model(snapshot, model)
        if query is not None and query.strip():
            recorded |= {"ordered_by": "search", "personal": user_id is not None or bool(liked)}
        else:
            recorded |= {"ordered_by": "taste", "without_liked": True, "model": model}
            recorded |= {"diversity": diversity, "calibration": calibration}
        kept, notes = None, list[str]()
        if candidates is not None:
            try:
                _, kept, _ = self._lists.positions(snapshot, candidates)
            except InputError:  # lists expire, and what was in them is asked about later still
                if not HANDLE.fullmatch(candidates):
                    raise
                notes = [f"No candidate set {candidates!r}, or it has expired: explained by the other arguments alone."]
                if not (user_id or liked or disliked or filters or exclude or (query and query.strip())):
                    recorded["ordered_by"] = "gone"
                    notes = [f"No candidate set {candidates!r}, or it has expired: no place in it can be told."]
            else:
                recorded = kept.recipe
                listed = set(kept.item_ids)
                foreign = [item_id for item_id in known if item_id not in listed]
                notes = [f"Not in {candidates}: {', '.join(foreign)}."] if foreign else []
                of = recorded.get("user_id")
                if user_id is not None and user_id != of and (of is not None or recorded["ordered_by"] == "taste"):
                    whose = f"the user {of!r}" if of is not None else "a stranger"
                    notes.append(f"{candidates} was made for {whose}, and is explained so; {user_id!r} took no part.")
        explaining = Explaining(self._desk, snapshot, recorded, kept, n=n, standing=standing)
        return reply(
            ExplanationsResult(
                items=explaining.items([snapshot.catalog.position(item_id) for item_id in known]),
                unknown=unknown_items(snapshot, item_ids),
                artifact=snapshot.artifact.version,
                notes=notes,
            )
        )

    @staticmethod
    def _model(snapshot: Snapshot, model: str) -> str:
        if model not in snapshot.retrieval.models:
            raise InputError(f"No model {model!r} here; use {either(snapshot.retrieval.models)}.")
        return model

    def suggest_question(
        self,
        candidates: OptionalHandle = None,
        filters: Filters = [],
        known: Annotated[
            list[str], Field(max_length=100, description="Fields the user has already spoken about; never asked again.")
        ] = [],
    ) -> Annotated[CallToolResult, QuestionResult]:
        """Say which question would help most to find what the user wants, with answers to offer and what each leaves.

        Use it when too much fits. It allows for wrong answers and weighs candidates by their order, or by popularity
        when there is no handle. When asking is not worth a turn, `stop` says why: show what there is instead.
        """
        snapshot = self._desk.snapshot()
        liking = snapshot.artifact.popularity.ever.astype(np.float64)
        within, horizon = None, None
        if candidates is not None:
            within, _, _ = self._lists.positions(snapshot, candidates)
            liking[within] = 1 / np.arange(1, len(within) + 1)
            horizon = Horizon(shown=snapshot.policy.max_items or DEFAULT_SHOWN)
        mask, _ = eligible(snapshot, filters, within=within)
        answered = {*known, *(constraint.field for constraint in filters)}
        return reply(as_question(worth_asking(snapshot, mask, answered=answered, liking=liking, horizon=horizon)))

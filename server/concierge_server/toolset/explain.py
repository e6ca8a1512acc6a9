"""Tools that say why an item was recommended and what is worth asking next."""

from typing import Annotated, Any

import numpy as np
from mcp.types import CallToolResult
from pydantic import Field

from concierge_server.desk import Desk
from concierge_server.eligibility import eligible
from concierge_server.explanations import explain_items
from concierge_server.lists import Lists
from concierge_server.policy_questions import as_question, settled_fields
from concierge_server.results import ExplanationsResult, QuestionResult
from concierge_server.text import reply
from concierge_server.toolset.discover import unknown_items
from concierge_server.toolset.parameters import Disliked, Filters, ItemIds, Liked, OptionalHandle, UserId, dump
from concierge_server.toolset.present import DEFAULT_SHOWN
from concierge_tools.data import filters as filter_engine
from concierge_tools.elicitation.belief import Belief
from concierge_tools.elicitation.questions import next_question
from concierge_tools.elicitation.value import Horizon
from concierge_tools.errors import InputError


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
                max_length=60, description="Handle of the list the items come from: explains that list's own scores."
            ),
        ] = None,
    ) -> Annotated[CallToolResult, ExplanationsResult]:
        """Explain why these items suit this user, with evidence and the arithmetic of the score.

        Reasons are the conditions they meet, the liked items that point to them, their popularity and matching words;
        `unmet` is a condition that an item does not meet. Pass the handle of the list that was shown, or the same user,
        likes, filters and query as when the items were retrieved. State only what comes back.
        """
        snapshot = self._desk.snapshot()
        known = [item_id for item_id in dict.fromkeys(item_ids) if item_id in snapshot.catalog]
        recipe: dict[str, Any] = {
            "user_id": user_id,
            "liked": liked,
            "disliked": disliked,
            "filters": dump(filters),
            "query": query,
            "exclude": liked,
            "ordered_by": "taste",
        }
        notes: list[str] = []
        if candidates is not None:
            try:
                _, found, _ = self._lists.positions(snapshot, candidates)
            except InputError:  # lists expire, and what was in them is asked about later still
                notes = [f"No candidate set {candidates!r}, or it has expired: explained by the other arguments alone."]
            else:
                recipe = found.recipe
                members = set(found.item_ids)
                foreign = [item_id for item_id in known if item_id not in members]
                notes = [f"Not in {candidates}: {', '.join(foreign)}."] if foreign else []
        filter_engine.check(snapshot.catalog, filters)
        for item_id in (*liked, *disliked):
            snapshot.catalog.position(item_id)
        positions = [snapshot.catalog.position(item_id) for item_id in known]
        return reply(
            ExplanationsResult(
                items=explain_items(self._desk, snapshot, positions, recipe),
                unknown=unknown_items(snapshot, item_ids),
                artifact=snapshot.artifact.version,
                notes=notes,
            )
        )

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
        positions = mask.nonzero()[0]
        answered = {*known, *(constraint.field for constraint in filters)}
        owed = [field for field in snapshot.policy.ask_first if field not in answered]
        found = next_question(
            snapshot.catalog,
            positions,
            Belief.prior(liking[positions]).chances,
            known=answered | (settled_fields(snapshot.policy, snapshot.catalog) - set(owed)),
            ask_first=owed,
            horizon=horizon,
        )
        return reply(as_question(found))

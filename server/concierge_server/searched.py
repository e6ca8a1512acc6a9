"""Searched: a list's query, answered again as it was, so that scores and reasons are those of the list."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import eligible
from concierge_server.listing import Recipe, members
from concierge_server.subject import subject_of
from concierge_tools.catalog_search import Answer
from concierge_tools.ranking.breakdown import Breakdown

SEARCHES = frozenset({"search", "query"})
"""Orders that a query's scores make."""


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """An answer and who was in the race."""

    answer: Answer
    eligible: NDArray[np.bool_]
    """Shape (items,)."""

    def breakdown(self, position: int) -> Breakdown:
        """Break down the score of an item."""
        return self.answer.signals.breakdown(position, self.eligible)


def searched(desk: Desk, snapshot: Snapshot, asked: Recipe) -> Searched | None:
    """Answer a recipe's query, or return None when it has none or several lists' words."""
    if asked.query is None or not asked.query.strip() or asked.ordered_by == "combination":
        return None
    subject = subject_of(desk, snapshot, asked.user_id, asked.liked) if asked.personal else None
    within = members(desk, snapshot, asked.within)
    mask, _ = eligible(snapshot, asked.constraints, exclude=asked.left_out, subject=subject, within=within)
    answer = snapshot.retrieval.by_query.answer(asked.query, subject.profile if subject is not None else None)
    return Searched(answer, mask)

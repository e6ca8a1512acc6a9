"""The question worth asking: which answer would help most to find what a user wants, and a hint at it."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from concierge_server.desk import Snapshot
from concierge_server.policy_questions import settled_fields
from concierge_tools.data.phrases import either, field_words
from concierge_tools.elicitation.belief import Belief
from concierge_tools.elicitation.questions import Question, next_question
from concierge_tools.elicitation.value import Horizon
from concierge_tools.ranking.ranking import Ranking

OFFERED = 3
"""How many answers a hint names."""


def worth_asking(
    snapshot: Snapshot,
    eligible: NDArray[np.bool_],
    *,
    answered: Collection[str],
    liking: NDArray[np.float64] | None = None,
    horizon: Horizon | None = None,
) -> Question:
    """Return the question that would help most to choose among the eligible items, or why there is none.

    Args:
        snapshot: What is served.
        eligible: Shape (items,).
        answered: Fields that are settled, which are never asked about.
        liking: How likely each item is wanted, up to a factor, shape (items,); by popularity when omitted.
        horizon: How many items are about to be shown, where there is an order.
    """
    weights = snapshot.artifact.popularity.ever.astype(np.float64) if liking is None else liking
    positions = eligible.nonzero()[0]
    owed = [field for field in snapshot.policy.ask_first if field not in answered]
    return next_question(
        snapshot.catalog,
        positions,
        Belief.prior(weights[positions]).chances,
        known={*answered} | (settled_fields(snapshot.policy, snapshot.catalog) - set(owed)),
        ask_first=owed,
        horizon=horizon,
    )


def hint(snapshot: Snapshot, ranking: Ranking, *, answered: Collection[str]) -> list[str]:
    """Return a note on the question that would help most with somebody of whom nothing is known; none without one.

    It is chosen over the items of a ranking alone, which are few and what would be shown.
    """
    listed = np.zeros(len(snapshot.catalog), np.bool_)
    listed[ranking.items] = True
    found = worth_asking(snapshot, listed, answered=answered)
    if found.field is None:
        return []
    values = [str(option.value) for option in found.options[:OFFERED]]
    offered = f", for instance {either(values)}" if values else ""
    return [
        f"Nothing is known of this user's taste. What would help most to know: {field_words(found.field)}{offered} "
        "(suggest_question has the whole question)."
    ]

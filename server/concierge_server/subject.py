"""The subject of a recommendation: who it is for, and all that is known of their taste right now."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from concierge_server.desk import Desk, Snapshot
from concierge_server.principal import principal
from concierge_server.state.feedback import Event
from concierge_tools.ingest.positives import comparison
from concierge_tools.recommenders.recommender import Profile

FEEDBACK_WEIGHTS = {
    "like": 1.0,
    "purchase": 1.0,
    "watch": 1.0,
    "cart": 0.5,
    "click": 0.2,
    "view": 0.1,
    "dislike": -1.0,
    "not_interested": -0.5,
}
"""What feedback says about taste, where the owner's `[interactions.weights]` do not name the event."""
BROWSING = frozenset({"view", "click", "cart"})
"""Feedback after which an item may still be recommended, where the owner's `consumed` does not say."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A user, known or not, as retrieval sees them."""

    user_id: str | None
    profile: Profile
    consumed: frozenset[int]
    """Catalog positions of what the owner's policy counts as consumed."""
    disliked: frozenset[int]


def subject_of(
    desk: Desk, snapshot: Snapshot, user_id: str | None, liked: Sequence[str] = (), disliked: Sequence[str] = ()
) -> Subject:
    """Gather a user's log, feedback and the tastes just spoken of; known users and strangers share this path.

    Raises:
        UnknownItem: A liked or disliked id is not in the catalog.
    """
    catalog = snapshot.catalog
    loved = [catalog.position(item_id) for item_id in liked]
    loathed = [catalog.position(item_id) for item_id in disliked]
    history: list[tuple[int, float]] = []
    consumed: set[int] = set()
    for event in desk.feedback.of(user_id if user_id is not None else principal()):
        if event.item_id in catalog:
            position = catalog.position(event.item_id)
            weight = feedback_weight(snapshot, event)
            if weight < 0:
                loathed.append(position)
                continue
            if weight > 0:
                history.append((position, weight))
            if counts_as_consumed(snapshot, event.event):
                consumed.add(position)
    log = snapshot.artifact.interactions
    if user_id is not None and log is not None and user_id not in desk.forgotten:
        rows = log.history(user_id)[::-1]
        history += [(int(log.items[row]), float(log.weights[row])) for row in rows if log.weights[row] > 0]
        consumed |= {int(log.items[row]) for row in rows if log.consumed[row]}
    recency = log is None or log.has_times
    profile = Profile.of(
        liked=loved[::-1],
        disliked=loathed,
        history=[position for position, _ in history],
        weights=[weight for _, weight in history],
        recency=recency,
    )
    return Subject(user_id, profile, frozenset(consumed), frozenset(loathed))


def feedback_weight(snapshot: Snapshot, event: Event) -> float:
    """Return what a feedback event says about taste, from -1 to 1; 0 says nothing."""
    log = snapshot.artifact.config.interactions
    if log is not None and event.event in log.weights:
        return log.weights[event.event]
    if event.event == "rating" and event.value is not None:
        if log is None or log.positive is None:
            return 1.0
        return float(comparison(log.positive, np.array([event.value], dtype=np.float32))[0])
    return FEEDBACK_WEIGHTS.get(event.event, 0.0)


def counts_as_consumed(snapshot: Snapshot, event: str) -> bool:
    """Return whether a feedback event means that the user has had the item: the owner says, else all but browsing."""
    log = snapshot.artifact.config.interactions
    return event in log.consumed if log is not None and log.consumed else event not in BROWSING

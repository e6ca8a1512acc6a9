"""Holding out: each user's last positive is set aside, with all they did since, and the rest is left to train on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from concierge_tools.data.interactions import Interactions

LEAST_POSITIVES = 5
"""Users with fewer are not asked about: there is too little left to know them by."""


@dataclass(frozen=True, slots=True)
class Holdout:
    """What was set aside, and what is left."""

    targets: Mapping[str, int]
    """By user id, the catalog position of their last positive. In the order of the user ids."""
    training: Interactions


def last_positives(log: Interactions, *, users: int, rng: np.random.Generator) -> Holdout:
    """Set aside the last positive of `users` users drawn at random, or of all who qualify when they are fewer.

    Of several last ones at the same time one is drawn. A user qualifies with at least `LEAST_POSITIVES` positives and
    a last one that is an item they had not had before. Without times the order of the log counts.
    """
    kept = np.ones(len(log), np.bool_)
    targets: dict[str, int] = {}
    for user in rng.permutation(len(log.user_ids)).tolist():
        if len(targets) == users:
            break
        rows = log.history(log.user_ids[user])
        positives = rows[log.weights[rows] > 0]
        if len(positives) < LEAST_POSITIVES:
            continue
        time = log.times[positives[-1]]
        row = positives[-1] if time < 0 else rng.choice(positives[log.times[positives] == time])
        if np.count_nonzero(log.items[rows] == log.items[row]) > 1:
            continue
        later = rows > row if time < 0 else log.times[rows] > time
        kept[rows[later | (rows == row)]] = False
        targets[log.user_ids[user]] = int(log.items[row])
    return Holdout(dict(sorted(targets.items())), _rows(log, kept))


def _rows(log: Interactions, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Interactions:
    """Return some of a log's rows. Every user keeps one at least, so that they keep their numbers."""
    return Interactions(
        user_ids=log.user_ids,
        users=log.users[kept],
        items=log.items[kept],
        weights=log.weights[kept],
        values=log.values[kept],
        events=log.events,
        event_codes=log.event_codes[kept],
        times=log.times[kept],
        consumed=log.consumed[kept],
    )

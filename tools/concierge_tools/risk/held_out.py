"""Held-out users: what they would have been recommended by models that never saw them, and how they judged it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from concierge_tools.data.interactions import Interactions
from concierge_tools.recommenders.blend import fuse
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Positions, Profile
from concierge_tools.risk.judgements import Judged, Judgements
from concierge_tools.risk.lists import LONGEST, Rankings
from concierge_tools.risk.unwantedness import Unwantedness
from concierge_tools.training.members import Log, fit_member, unfit

FEWEST = 2
"""Judgements that a held-out user has at least: one to go by, and one to be tried on."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """The rankings of users that no model was trained on, from the earlier half of what they judged."""

    condensed: Rankings
    """Of the items they judged later."""
    whole: Rankings
    """Of the catalog, where an item that they did not judge counts as neither wanted nor unwanted."""
    base: float
    """The share of negatives in what was trained on."""
    trained: int
    """Users the models were trained on."""


@dataclass(frozen=True, slots=True, eq=False)
class _Models:
    members: Mapping[str, LinearRecommender]
    popularity: Popularity
    unwantedness: Unwantedness
    rows: csr_array


def held_out_users(known: Judgements, *, share: float, most: int | None = None) -> int:
    """Return how many users `hold_out` holds out."""
    able = int(np.count_nonzero(np.bincount(known.users) >= FEWEST))
    return min(int(share * able), able if most is None else most)


def hold_out(
    interactions: Interactions,
    known: Judgements,
    rows: csr_array,
    blend: Sequence[str],
    *,
    share: float,
    most: int | None = None,
    seed: int = 0,
) -> tuple[HeldOut, Unwantedness]:
    """Draw users, train on all the others, and rank for the drawn ones.

    Args:
        interactions: The whole log.
        known: What it judges.
        rows: What items are like, shape (items, terms).
        blend: The members of the blend that is served; those that the smaller log does not allow are left out.
        share: Of the users who judged two items or more, how many are held out.
        most: And never more than this many.
        seed: Draws the users.

    Returns:
        The held-out users' rankings, and the scorer that was trained without them.
    """
    able = np.flatnonzero(np.bincount(known.users) >= FEWEST)
    number = held_out_users(known, share=share, most=most)
    held = np.sort(np.random.default_rng(seed).permutation(able)[:number])
    kept_rows = ~np.isin(interactions.users, held)
    train, kept = interactions.only(kept_rows), ~np.isin(known.users, held)
    items = rows.shape[0]
    skipped, log = unfit(train), Log(train, items)
    scorer = Unwantedness.fit(
        Judgements(known.users[kept], known.items[kept], known.unwanted[kept], known.rows[kept]), items
    )
    members = {name: fit_member(name, log) for name in blend if name not in skipped}
    models = _Models(members, Popularity.fit(train, items), scorer, rows)
    condensed: list[tuple[Floats, Mask, Mask]] = []
    whole: list[tuple[Floats, Mask, Mask]] = []
    wanted: list[int] = []
    with threadpool_limits(1, "blas"):
        for user in held.tolist():
            own = slice(*np.searchsorted(known.users, [user, user + 1]).tolist())
            order, odds, unwanted, liked, later = _ranked(models, interactions, known, own)
            judged = order[later[order]]
            condensed.append((odds[judged], unwanted[judged], liked[judged]))
            first = order[:LONGEST]
            whole.append((odds[first], unwanted[first], liked[first]))
            wanted.append(int(liked.sum()))
    trained = len(interactions.user_ids) - len(held)
    return HeldOut(Rankings.of(condensed), Rankings.of(whole, wanted), scorer.base, trained), scorer


def _ranked(
    models: _Models, interactions: Interactions, known: Judgements, own: slice
) -> tuple[Positions, Floats, Mask, Mask, Mask]:
    """Return a user's ranking from their earlier half, and odds, unwanted, liked and judged in the later, by item."""
    pairs = known.rows[own]
    half = len(pairs) // 2
    past, later_items = known.items[own][:half], known.items[own][half:]
    items = models.rows.shape[0]
    liked_rows = pairs[:half][interactions.weights[pairs[:half]] > 0][::-1]
    profile = Profile.of(
        history=interactions.items[liked_rows].tolist(),
        weights=interactions.weights[liked_rows].tolist(),
        recency=interactions.has_times,
    )
    eligible = np.ones(items, np.bool_)
    eligible[past] = False
    scores = {name: m.scores(profile) for name, m in models.members.items() if m.knows(profile)}
    order = by_taste(fuse(scores, eligible), models.popularity, eligible)
    unwanted, liked, later = np.zeros((3, items), np.bool_)
    unwanted[later_items] = known.unwanted[own][half:]
    liked[later_items] = interactions.weights[pairs[half:]] > 0
    later[later_items] = True
    odds = models.unwantedness.odds(Judged(past, known.unwanted[own][:half]), models.rows)
    return order, odds, unwanted, liked, later


def by_taste(scores: Floats, popularity: Popularity, eligible: Mask) -> NDArray[np.int32]:
    """Sort the eligible items as they are served: by score, then those without one by popularity."""
    scored = np.flatnonzero(eligible & ~np.isnan(scores))
    rest = popularity.order(eligible & np.isnan(scores))
    return np.concatenate([scored[np.argsort(-scores[scored], kind="stable")], rest]).astype(np.int32)

"""A ranking: catalog items in an order, with what the order rests on."""

from dataclasses import dataclass, replace

import numpy as np

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Scalar
from concierge_tools.errors import InputError
from concierge_tools.ranking.ordering import best, candidates, within
from concierge_tools.recommenders.recommender import Floats, Mask, Positions

POOL = 1000
"""The most items a ranking holds: enough to filter and rank on, few enough to keep behind a handle."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Items best first, and how they came to be in this order."""

    items: Positions
    """Catalog positions, best first, at most POOL."""
    scores: Floats
    """One per item, NaN where no model scored it."""
    matched: int
    """How many items were eligible before the cut."""
    basis: str
    """What the order rests on."""
    notes: tuple[str, ...] = ()
    """What was substituted or ignored, and why."""

    def __len__(self) -> int:
        return len(self.items)


def ranked(
    scores: Floats,
    eligible: Mask,
    *,
    ties: Positions | None = None,
    fillers: Positions | None = None,
    basis: str,
    notes: tuple[str, ...] = (),
    limit: int | None = POOL,
) -> Ranking:
    """Put the eligible items that have a score first, best first, and then the fillers.

    Args:
        scores: Shape (items,), NaN for items without one.
        eligible: Shape (items,).
        ties: All positions in the order that settles equal scores; their own when omitted.
        fillers: Positions in their order, each once; those that have a score or are not eligible are passed over.
        basis: What the scores rest on.
        notes: What the reader should know of them.
        limit: How many items to keep; None for all of them.
    """
    own = within(scores, eligible)
    scored = np.count_nonzero(own == own)  # NaN alone is not itself, which is quicker to see
    most = len(own) if limit is None else limit
    if ties is None:
        order = best(own, most)
    else:
        likely = candidates(own, most)
        chosen = ties[(~np.isnan(own) if likely is None else likely)[ties]]
        order = chosen[np.argsort(-own[chosen], kind="stable")][:most]
    rest, left = np.empty(0, np.int32), 0
    if fillers is not None and scored < (possible := np.count_nonzero(eligible)):
        unscored = eligible & np.isnan(own)
        left = int(possible - scored if len(fillers) == len(eligible) else np.count_nonzero(unscored[fillers]))
        rest = _first(fillers, unscored, most - len(order))
    items = np.concatenate([order, rest])
    return Ranking(items, scores[items], int(scored + left), basis, notes)


def by_field(catalog: Catalog, positions: Positions, name: str, *, descending: bool) -> Ranking:
    """Order items by the value of a field; equal values keep their order, items without one come last both ways.

    Raises:
        InputError: There is no such field, or it holds several values per item.
    """
    field = catalog.field(name)
    if field.type == "tags":
        raise InputError(f"Field {name!r} holds several values per item, which gives no order; filter by it instead.")
    keys = {item: _key(catalog, name, item) for item in positions.tolist()}
    present = [item for item, key in keys.items() if key is not None]
    missing = [item for item, key in keys.items() if key is None]
    order = sorted(present, key=lambda item: (keys[item],), reverse=descending) + missing
    notes = (f"{len(missing):,} of them have no {name} and come last.",) if missing else ()
    scores = np.full(min(len(order), POOL), np.nan, np.float32)
    basis = f"{name}, {'descending' if descending else 'ascending'}"
    return Ranking(np.array(order[:POOL], np.int32), scores, len(order), basis, notes)


def worst_first(ranking: Ranking) -> Ranking:
    """Turn the scored items of a ranking round; items without a score stay last."""
    scored = int(np.count_nonzero(~np.isnan(ranking.scores)))
    order = np.concatenate([np.arange(scored)[::-1], np.arange(scored, len(ranking))])
    basis = f"{ranking.basis}, ascending"
    return replace(ranking, items=ranking.items[order], scores=ranking.scores[order], basis=basis)


def _key(catalog: Catalog, name: str, item: int) -> Scalar | None:
    value = catalog.value(name, item)
    return value.casefold() if isinstance(value, str) else None if isinstance(value, list) else value


def _first(positions: Positions, wanted: Mask, most: int) -> Positions:
    """Return the first of the positions that are wanted."""
    found, step = np.empty(0, np.int32), 4 * POOL
    for start in range(0, len(positions), step):
        if len(found) >= most:
            break
        part = positions[start : start + step]
        found = np.concatenate([found, part[wanted[part]]])
    return found[:most]

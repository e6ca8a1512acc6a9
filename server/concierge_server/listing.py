"""Listings: what a candidate set's recipe lists, ranked anew, so that a list can be repeated with something changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import eligible
from concierge_server.principal import principal
from concierge_server.risk import barred_for
from concierge_server.subject import Subject, subject_of
from concierge_tools.data import filters as filter_engine
from concierge_tools.data.constraints import Constraint
from concierge_tools.errors import InputError
from concierge_tools.ranking.ranking import Ranking

REPEATABLE = frozenset({"taste", "likeness", "popularity", "trending", "search", "query"})
"""Orders that can be made anew. A combined, given or sorted list is only what was kept of it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a list was asked for, in the catalog's spelling, without what a newer catalog no longer has."""

    ordered_by: str = "taste"
    user_id: str | None = None
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    narrowing: tuple[Constraint, ...] = ()
    """Conditions that were laid on the finished ranking and took no part in it."""
    exclude: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Items taken out of the finished ranking."""
    without_liked: bool = False
    """Whether the liked items are left out as well."""
    query: str | None = None
    personal: bool = False
    """Whether the taste of the user and the liked items ordered what a search found."""
    seeds: tuple[str, ...] = ()
    model: str = "blend"
    diversity: float = 0.0
    calibration: float = 0.0
    within: str | None = None
    window_days: int | None = None
    as_ranked: bool = True
    """Whether the list still stands in the order that the ranking gave it, best first."""

    @classmethod
    def of(cls, snapshot: Snapshot, recorded: Mapping[str, Any]) -> "Recipe":
        """Read a recorded recipe."""
        stated = list(recorded.get("filters", []))
        narrowed = recorded.get("narrowed") or {}
        late = len(narrowed.get("filters", []))
        model = recorded.get("model", "blend")
        return cls(
            ordered_by=recorded["ordered_by"],
            user_id=recorded.get("user_id"),
            liked=_known(snapshot, recorded.get("liked", [])),
            disliked=_known(snapshot, recorded.get("disliked", [])),
            constraints=_still_valid(snapshot, stated[: len(stated) - late]),
            narrowing=_still_valid(snapshot, stated[len(stated) - late :]),
            exclude=_known(snapshot, recorded.get("exclude", [])),
            without=_known(snapshot, narrowed.get("exclude", [])),
            without_liked=recorded.get("without_liked", False),
            query=recorded.get("query"),
            personal=recorded.get("personal", False),
            seeds=_known(snapshot, recorded.get("seeds", [])),
            model=model if model in snapshot.retrieval.models else "blend",
            diversity=recorded.get("diversity", 0.0),
            calibration=recorded.get("calibration", 0.0),
            within=recorded.get("within"),
            window_days=recorded.get("window_days"),
            as_ranked=recorded.get("descending", True) and not recorded.get("given", False),
        )

    @property
    def stated(self) -> tuple[Constraint, ...]:
        """Every condition that the list was asked to meet."""
        return (*self.constraints, *self.narrowing)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What takes no part in the ranking by name."""
        return (*self.exclude, *self.liked) if self.without_liked else self.exclude

    @property
    def repeatable(self) -> bool:
        """Whether `listing` can make the list, if what it was ranked within is still there."""
        return self.ordered_by in REPEATABLE and self.as_ranked


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A list made from a recipe."""

    ranking: Ranking
    eligible: NDArray[np.bool_]
    """Which items were in the race, shape (items,)."""
    subject: Subject | None
    """Whose tastes and history counted."""
    barred: NDArray[np.bool_] | None = None
    """Which items risk control left out, shape (items,)."""

    @property
    def total(self) -> int:
        """How many items the list would hold without a cut: those of the race that it found."""
        return min(int(self.eligible.sum()), self.ranking.matched)

    def place(self, position: int) -> int | None:
        """Return an item's place, from 1, or None when it is not in the list."""
        found = np.flatnonzero(self.ranking.items == position)
        return int(found[0]) + 1 if len(found) else None


def listing(desk: Desk, snapshot: Snapshot, recipe: Recipe) -> Listing | None:
    """Make the list that a recipe describes, as its tool made it; None where that cannot be repeated."""
    retrieval = snapshot.retrieval
    within = members(desk, snapshot, recipe.within)
    if not recipe.repeatable or (recipe.within is not None and within is None):
        return None
    subject, barred = None, None
    if recipe.ordered_by == "taste" or recipe.within is not None or recipe.personal:
        subject = subject_of(desk, snapshot, recipe.user_id, recipe.liked, recipe.disliked)
    who = None if recipe.ordered_by == "search" and not recipe.personal else subject
    mask, _ = eligible(snapshot, recipe.constraints, exclude=recipe.left_out, subject=who, within=within)
    match recipe.ordered_by:
        case "taste" if subject is not None:
            barred = barred_for(desk, snapshot, subject)
            ranking = retrieval.recommend(
                subject.profile,
                mask,
                model=recipe.model,
                diversity=recipe.diversity,
                calibration=recipe.calibration,
                barred=barred,
            )
            mask = mask if barred is None else mask & ~barred
        case "likeness":
            seeds = [snapshot.catalog.position(item_id) for item_id in recipe.seeds]
            ranking = retrieval.similar(seeds, mask, model=recipe.model)
        case "trending":
            ranking = retrieval.trending(mask, window_days=recipe.window_days)
        case "query" if within is not None:
            ranking = retrieval.rank(within[mask[within]], by="query", query=recipe.query)
        case "popularity" if within is not None:
            ranking = retrieval.rank(within[mask[within]], by="popularity")
        case _:
            profile = subject.profile if subject is not None and recipe.personal else None
            ranking = retrieval.search(recipe.query or "", mask, profile)
    if recipe.narrowing or recipe.without:
        late, _ = eligible(snapshot, recipe.narrowing, exclude=recipe.without)
        kept = late[ranking.items]
        items = ranking.items[kept]
        ranking = replace(ranking, items=items, scores=ranking.scores[kept], matched=len(items))
        mask = mask & late
    return Listing(ranking, mask, who, barred)


def members(desk: Desk, snapshot: Snapshot, handle: str | None) -> NDArray[np.int32] | None:
    """Return the positions of a set that a list was ranked within, or None for the whole catalog."""
    if handle is None:
        return None
    try:
        ids = desk.bus.get(principal(), handle).item_ids
    except InputError:  # it has expired since
        return None
    return np.asarray([snapshot.catalog.position(i) for i in ids if i in snapshot.catalog], dtype=np.int32)


def _known(snapshot: Snapshot, item_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(item_id for item_id in item_ids if item_id in snapshot.catalog)


def _still_valid(snapshot: Snapshot, recorded: Sequence[Mapping[str, Any]]) -> tuple[Constraint, ...]:
    """Return recorded filters in the catalog's spelling, without those that a newer catalog no longer knows."""
    valid: list[Constraint] = []
    for constraint in recorded:
        try:
            valid += filter_engine.check(snapshot.catalog, [Constraint.model_validate(constraint)])
        except InputError:
            continue
    return tuple(valid)

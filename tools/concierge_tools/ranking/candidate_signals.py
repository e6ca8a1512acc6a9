"""Signals: what speaks for each candidate, as numbers that a ranker weighs.

Candidates are the first items of every recommender, ranked after filtering. Beside each recommender's ranks and scores
stand how sought-after an item is, when it was liked, and how far its numbers are from those of what was liked last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import DateColumn, NumberColumn
from concierge_tools.data.interactions import Interactions
from concierge_tools.data.quantity_columns import NO_DATE
from concierge_tools.ranking.ordering import best
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Positions, Profile

DEPTH = 150
"""How many of each recommender's first items are candidates."""
SHALLOW = 50
"""How many of the most sought-after ones are."""
LATEST = 5
"""How many of the newest items an item is compared with."""
NEAR = 20
"""The constant of reciprocal ranks here: smaller than the fusion's, since the first places matter most."""
TIME = "time"
_OF_MEMBER = ("near the top", "rank", "score", "root of score", "score by length of history")
_OF_POPULARITY = ("ever", "recent", "trend", "apart from the usual", "above the usual")
_OF_NUMBER = ("apart from the usual", "above the usual")


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """The candidates of one request and what speaks for each."""

    items: Positions
    """Eligible positions, ascending."""
    values: NDArray[np.float64]
    """Shape (candidates, names)."""
    own: Mapping[str, Floats]
    """Each recommender's own scores, shape (items,), of those that know the taste."""
    ranks: Mapping[str, Positions]
    """Each recommender's ranks of the candidates, from 1; 0 where it ranks an item not or not among its first."""


class SignalReader:
    """Reads the signals for any request on one set of recommenders and items."""

    def __init__(
        self,
        members: Mapping[str, LinearRecommender],
        popularity: Popularity,
        catalog: Catalog,
        interactions: Interactions,
    ) -> None:
        """Hold what is asked; `interactions` are those that the recommenders were fitted on."""
        self.members = members
        self.popularity = popularity
        self._catalog = catalog
        self._interactions = interactions

    @cached_property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Every signal as its group and its name, in the order of the columns; a group is one term of a score."""
        names = [(member, name) for member in self.members for name in _OF_MEMBER]
        names += [(Popularity.name, name) for name in _OF_POPULARITY]
        return (*names, *((group, name) for group in self._numbers for name in _OF_NUMBER))

    def read(
        self,
        profile: Profile,
        eligible: Mask,
        *,
        unwanted: Mask | None = None,
        own: Mapping[str, Floats] | None = None,
    ) -> Signals:
        """Return the candidates among the eligible items, with their signals.

        Args:
            profile: The taste, not empty.
            eligible: Shape (items,).
            unwanted: Shape (items,): what is no candidate for being sought-after alone.
            own: The scores of the recommenders that know the taste, where they are at hand.
        """
        if own is None:
            own = {name: member.scores(profile) for name, member in self.members.items() if member.knows(profile)}
        tops = {name: _first(scores, eligible, DEPTH) for name, scores in own.items()}
        wanted = eligible if unwanted is None else eligible & ~unwanted
        among = np.zeros(len(eligible), np.bool_)
        for order in (*tops.values(), *(order[wanted[order]][:SHALLOW] for order in self._sought)):
            among[order] = True
        items = np.flatnonzero(among).astype(np.int32)
        ranks = {name: _places(top, items) for name, top in tops.items()}
        columns: list[NDArray[np.floating]] = []
        length = np.log(len(profile)) / np.log(100)
        for name in self.members:
            columns += _member(own.get(name), tops.get(name), ranks.get(name), items, length)
        columns += self._popular(profile, items)
        for values in self._numbers.values():
            columns += _apart(values, items, _latest(profile))
        return Signals(items, np.stack(columns, axis=1).astype(np.float64), own, ranks)

    def _popular(self, profile: Profile, items: Positions) -> list[NDArray[np.floating]]:
        ever, recent = self._popularities
        apart = _apart(ever, items, _latest(profile))
        return [ever[items], recent[items], recent[items] - ever[items], *apart]

    @cached_property
    def _popularities(self) -> tuple[Floats, Floats]:
        return np.log1p(self.popularity.ever), np.log1p(self.popularity.recent)

    @cached_property
    def _sought(self) -> tuple[Positions, Positions]:
        """The positions of all items that are sought-after, ever and lately, in order; ties go by position."""
        ever, recent = (best(weight, len(weight)) for weight in (self.popularity.ever, self.popularity.recent))
        return ever[self.popularity.ever[ever] > 0], recent[self.popularity.recent[recent] > 0]

    @cached_property
    def _numbers(self) -> dict[str, Floats]:
        """Return numbers of the items on a scale of deviations, NaN where unknown: when they were liked, and fields."""
        found = {TIME: _liked_at(self._interactions, len(self._catalog))}
        for field in self._catalog.fields:
            column = self._catalog.column(field.name)
            if isinstance(column, NumberColumn | DateColumn) and field.role != "availability" and not field.generated:
                found[f"field {field.name}"] = _values(column)
        return {name: scaled for name, values in found.items() if (scaled := _scaled(values)) is not None}


def _values(column: NumberColumn | DateColumn) -> Floats:
    if isinstance(column, NumberColumn):
        return column.numbers.astype(np.float32)
    days: Floats = np.where(column.days == NO_DATE, np.nan, column.days).astype(np.float32)
    return days


def _first(scores: Floats, eligible: Mask, depth: int) -> Positions:
    """Return the eligible positions with the highest scores above zero, best first; ties go by position."""
    with np.errstate(invalid="ignore"):
        chosen = np.flatnonzero(eligible & (scores > 0))
    if len(chosen) > depth:
        least = np.partition(scores[chosen], len(chosen) - depth)[len(chosen) - depth]
        chosen = chosen[scores[chosen] >= least]
    best: Positions = chosen[np.argsort(-scores[chosen], kind="stable")][:depth].astype(np.int32)
    return best


def _places(top: Positions, items: Positions) -> Positions:
    result = np.zeros(len(items), np.int32)
    result[np.searchsorted(items, top)] = np.arange(1, len(top) + 1)
    return result


def _member(
    scores: Floats | None, top: Positions | None, ranks: Positions | None, items: Positions, length: float
) -> list[NDArray[np.floating]]:
    if scores is None or top is None or ranks is None or not len(top):
        return [np.zeros(len(items))] * len(_OF_MEMBER)
    ranked = np.maximum(ranks, 1)
    near = np.where(ranks > 0, NEAR / (NEAR + ranked), 0.0)
    rank = np.where(ranks > 0, np.log((DEPTH + 1) / ranked), 0.0)
    relative = _relative(scores[items], float(scores[top[0]]))
    return [near, rank, relative, np.sqrt(np.maximum(relative, 0)), relative * length]


def _relative(scores: Floats, best: float) -> NDArray[np.float64]:
    """Return scores as parts of the best one, from -1 to 1, zero where there are none."""
    if best <= 0:
        return np.zeros(len(scores))
    return np.clip(np.nan_to_num(scores.astype(np.float64) / best), -1.0, 1.0)


def _apart(values: Floats, items: Positions, latest: Positions) -> list[NDArray[np.floating]]:
    """Return how far the items are from the mean of the latest ones, without and with sign; zero where unknown."""
    known = values[latest]
    known = known[~np.isnan(known)]
    if not len(known):
        return [np.zeros(len(items))] * len(_OF_NUMBER)
    above = np.nan_to_num(values[items] - known.mean(dtype=np.float64))
    return [np.abs(above), above]


def _latest(profile: Profile) -> Positions:
    return profile.items[profile.weights > 0][:LATEST]


def _liked_at(interactions: Interactions, items: int) -> Floats:
    """Return the mean time at which each item was liked, shape (items,), NaN where that is unknown."""
    timed = (interactions.weights > 0) & (interactions.times >= 0)
    places, times = interactions.items[timed], interactions.times[timed]
    counts = np.bincount(places, minlength=items)
    sums = np.bincount(places, times - (times.min() if len(times) else 0), minlength=items)
    means: Floats = np.divide(sums, counts, out=np.full(items, np.nan), where=counts > 0).astype(np.float32)
    return means


def _scaled(values: Floats) -> Floats | None:
    """Return values less their median over their spread, within 5 either way; None where they hardly differ."""
    known: Sequence[float] | Floats = values[~np.isnan(values)]
    if not len(known):
        return None
    low, middle, high = np.percentile(known, (10, 50, 90))
    if not high > low:
        return None
    scaled: Floats = np.clip((values - middle) / (high - low) * 2, -5, 5).astype(np.float32)
    return scaled

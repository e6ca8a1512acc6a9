"""Explaining a list: each item's reasons, arithmetic and place, and for those that are not recommended, why not."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from concierge_server.desk import Desk, Snapshot
from concierge_server.explained import Contribution, Explanation
from concierge_server.explanations import break_down, explain_items
from concierge_server.listing import Listing, Recipe, listing
from concierge_server.principal import principal
from concierge_server.state.candidates import CandidateSet
from concierge_server.subject import subject_of
from concierge_server.why_not import Asked, why_not
from concierge_tools.data import filters as filter_engine
from concierge_tools.data.constraints import Constraint
from concierge_tools.errors import InputError
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.ranking.ranking import Ranking
from concierge_tools.recommenders.blend import FUSION

SEARCHED = 5
"""For so many items of one call a change is searched: each takes some dozens of lists."""
SINGLE = ("trending", "popularity", "search", "query")
"""Orders whose score is one number, of one signal."""


class Explaining:
    """Explains items of one list, or as one list would have them."""

    def __init__(
        self,
        desk: Desk,
        snapshot: Snapshot,
        recorded: Mapping[str, Any],
        kept: CandidateSet | None,
        *,
        n: int,
        standing: Sequence[Constraint] = (),
    ) -> None:
        """Take a recorded recipe, the set it made where that is kept, and how many items count as recommended."""
        self._desk, self._snapshot, self._recorded, self._kept = desk, snapshot, recorded, kept
        self._recipe = Recipe.of(snapshot, recorded)
        self._n = n
        self._standing = standing
        self._listing = self._stored(kept) if kept is not None else None

    def items(self, positions: Sequence[int]) -> list[Explanation]:
        """Explain items at catalog positions."""
        if not positions:
            return []
        listed = self._listing or listing(self._desk, self._snapshot, self._recipe)
        breakdowns = break_down(self._desk, self._snapshot, positions, self._recipe)
        explained = explain_items(self._desk, self._snapshot, positions, self._recipe, breakdowns)
        result: list[Explanation] = []
        searched = 0
        asked: Asked | None = None
        for position, explanation in zip(positions, explained, strict=True):
            place = listed.place(position) if listed is not None else None
            found = breakdowns.get(position)
            if place is None and listed is not None and found is not None and listed.eligible[position]:
                place = found.rank
            recommended = place is not None and place <= self._n
            changes: dict[str, Any] = {"recommended": recommended, "rank": place}
            if listed is not None and not explanation.contributions:
                changes |= self._single(listed, position)
            if not recommended and listed is not None:
                asked = asked or self._asked(listed)
                changes["why_not"] = why_not(
                    self._desk, self._snapshot, asked, position, _in(asked, found), search=searched < SEARCHED
                )
                searched += changes["why_not"].tried > 0
            result.append(explanation.model_copy(update=changes))
        return result

    def _asked(self, listed: Listing) -> Asked:
        anew = listed if self._kept is None else listing(self._desk, self._snapshot, self._recipe)
        return Asked(self._recipe, listed, anew, self._n, self._always())

    def _always(self) -> list[Constraint]:
        """Return what holds for the user in every conversation: as the caller says, and as the store keeps it."""
        user = self._recipe.user_id
        kept = self._desk.profiles.of(user) if user is not None else []
        said = [*self._standing, *(s.entry.constraint for s in kept if s.entry.constraint is not None)]
        found: list[Constraint] = []
        for one in said:
            try:
                constraint = Constraint.model_validate(one.model_dump())
                found += filter_engine.check(self._snapshot.catalog, [constraint])
            except InputError:  # of a field or value that the catalog no longer has
                continue
        return found

    def _stored(self, kept: CandidateSet) -> Listing:
        """Return a kept set as a listing, of which every item still in the catalog is in the race."""
        catalog = self._snapshot.catalog
        pairs = [(catalog.position(i), s) for i, s in zip(kept.item_ids, kept.scores, strict=True) if i in catalog]
        items = np.array([position for position, _ in pairs], np.int32)
        scores = np.array([np.nan if score is None else score for _, score in pairs], np.float32)
        mask = np.zeros(len(catalog), np.bool_)
        mask[items] = True
        user = self._recipe.user_id
        subject = subject_of(self._desk, self._snapshot, user, self._recipe.liked, self._recipe.disliked)
        return Listing(Ranking(items, scores, kept.matched, kept.basis), mask, subject)

    def _single(self, listed: Listing, position: int) -> dict[str, Any]:
        """Return the score and its terms where no recommender's terms make it: one signal, or places in sets."""
        place = listed.place(position)
        if place is None or np.isnan(listed.ranking.scores[place - 1]):
            return {}
        score = round(float(listed.ranking.scores[place - 1]), 8)
        if self._recipe.ordered_by in SINGLE:
            name = self._recipe.ordered_by
            terms = [Contribution(layer="fusion", signal=name, model=name, value=score, rank=place, own=score)]
        elif self._recipe.ordered_by == "combination":
            terms = self._sets(self._snapshot.catalog.ids[position])
        else:
            terms = []
        return {"score": score, "contributions": terms}

    def _sets(self, item_id: str) -> list[Contribution]:
        """Return what an item's place in each combined set adds, where the sets are kept still."""
        terms = []
        for handle in self._recorded.get("sets", []):
            try:
                ids = self._desk.bus.get(principal(), handle).item_ids
            except InputError:  # it has expired since
                continue
            ids = [i for i in ids if i in self._snapshot.catalog]
            if item_id in ids:
                rank = ids.index(item_id) + 1
                value = round(1 / (FUSION + rank), 8)
                terms.append(Contribution(layer="fusion", signal=handle, model="combination", value=value, rank=rank))
        return terms


def _in(asked: Asked, breakdown: Breakdown | None) -> Breakdown | None:
    """Return a breakdown where the list is made of such."""
    return breakdown if asked.anew is not None else None

"""Scoring: items' scores as sums of one term per recommender, kept apart so that each score can be explained."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from concierge_tools.ranking.breakdown import Breakdown, Term
from concierge_tools.ranking.ranking import POOL, Ranking, ranked
from concierge_tools.recommenders.blend import Share, alone, fused, total
from concierge_tools.recommenders.recommender import Floats, Mask, Positions, Profile, Splits


@dataclass(frozen=True, slots=True, eq=False)
class Scoring:
    """The scores of the eligible items and the order of the rest. Arrays have shape (items,)."""

    eligible: Mask
    shares: Mapping[str, Share]
    """What each recommender adds."""
    basis: str
    members: Mapping[str, Splits] = field(default_factory=dict)
    """Those of them that can split their own scores over the profile."""
    own: Mapping[str, Floats] = field(default_factory=dict)
    """The members' own scores."""
    ties: Positions | None = None
    """All positions in the order that settles equal scores."""
    fillers: Positions | None = None
    """All positions in the order of the items without a score."""
    notes: tuple[str, ...] = ()

    def ranking(self, *, limit: int | None = POOL) -> Ranking:
        """Return the first `limit` items (None: all) in order, those without a score last."""
        return ranked(
            self.scores(),
            self.eligible,
            ties=self.ties,
            fillers=self.fillers,
            basis=self.basis,
            notes=self.notes,
            limit=limit,
        )

    def scores(self) -> Floats:
        """Return the sums of the terms, shape (items,), NaN for items that have none."""
        return total(self.shares.values(), len(self.eligible))

    def placed(self, found: Breakdown, ranking: Ranking) -> Breakdown:
        """Return a breakdown with the item's place in the finished ranking, and how many were in the race."""
        return replace(found, rank=self.place(found.item, ranking), matched=ranking.matched)

    def place(self, item: int, ranking: Ranking) -> int | None:
        """Return an item's place from 1, in `ranking` or, when it was cut off there, behind it; None out of the race.

        Args:
            item: Its position.
            ranking: What became of this scoring, in whatever order of the items kept.
        """
        if not self.eligible[item]:
            return None
        items = ranking.items if item in ranking.items else self.ranking(limit=None).items
        found = np.flatnonzero(items == item)
        return int(found[0]) + 1 if len(found) else None

    def breakdown(self, item: int, profile: Profile) -> Breakdown:
        """Break down the score of one item."""
        terms = [
            Term(name, share.rank(item), float(share.terms[item]))
            for name, share in self.shares.items()
            if not np.isnan(share.terms[item])
        ]
        spoken = {term.member: self.members[term.member] for term in terms if term.member in self.members}
        positions = profile.items.tolist()
        return Breakdown(
            item=item,
            score=sum(term.value for term in terms) if terms else None,
            basis=self.basis,
            terms=tuple(terms),
            members={name: float(self.own[name][item]) for name in spoken},
            contributions={
                name: tuple(zip(positions, member.contributions(profile, item).tolist(), strict=True))
                for name, member in spoken.items()
            },
        )


def shares_of(
    own: Mapping[str, Floats], eligible: Mask, *, fuse: bool, weights: Mapping[str, float] | None = None
) -> dict[str, Share]:
    """Return what each recommender adds, fused or as it is, without those that say nothing of any eligible item."""
    shares = {
        name: fused(scores, eligible, weight=(weights or {}).get(name, 1.0)) if fuse else alone(scores, eligible)
        for name, scores in own.items()
    }
    return {name: share for name, share in shares.items() if share.speaks}

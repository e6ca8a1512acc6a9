"""Reranking: candidates ordered by the learned ranker, the rest behind them as the blend has it.

A candidate's score is the sum of what each group of signals adds, and a base, the same for all candidates of a request,
that lifts the least of them above the rest. The rest keep the scores of the blend.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.interactions import Interactions
from concierge_tools.ranking.breakdown import Breakdown, Term
from concierge_tools.ranking.candidate_signals import SignalReader, Signals
from concierge_tools.ranking.ranker import Name, Ranker
from concierge_tools.ranking.scoring import Scoring
from concierge_tools.recommenders.blend import total
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.recommender import Floats, Mask, Profile, Splits
from concierge_tools.storage.artifact import Artifact

BASE = "base"
MARGIN = 0.01
"""How far the least candidate is above the best of the rest."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Reranking(Scoring):
    """The blend's scoring, with the candidates that a ranker orders."""

    ranker: Ranker
    signals: Signals
    names: tuple[Name, ...]
    """Of the signals."""
    asked: Mapping[str, Splits]
    """The recommenders behind the signals that know the taste."""
    untouched: Mapping[int, float]
    """What content adds to items that nobody has touched, by position: they take the places they have in the blend."""

    def breakdown(self, item: int, profile: Profile) -> Breakdown:
        """Break down the score of one item."""
        if item in self.untouched:
            found = super(Reranking, self).breakdown(item, profile)  # slots: a bare super() has no class to go by
            terms = [Term(BASE, 0, self._base()), *(replace(t, value=self.untouched[item]) for t in found.terms)]
            return replace(found, terms=tuple(terms), score=sum(term.value for term in terms), layer="ranker")
        place = int(np.searchsorted(self.signals.items, item))
        if place == len(self.signals.items) or self.signals.items[place] != item:
            return super(Reranking, self).breakdown(item, profile)
        added = self.ranker.contributions(self.signals.values[place], self.names)
        terms = [Term(BASE, 0, self._base())]
        for group, value in added.items():
            ranks = self.signals.ranks.get(group)
            terms.append(Term(group, int(ranks[place]) if ranks is not None else 0, value))
        positions = profile.items.tolist()
        return Breakdown(
            item=item,
            score=sum(term.value for term in terms),
            basis=self.basis,
            terms=tuple(terms),
            members={name: float(np.nan_to_num(self.signals.own[name][item])) for name in self.asked},
            contributions={
                name: tuple(zip(positions, member.contributions(profile, item).tolist(), strict=True))
                for name, member in self.asked.items()
            },
            layer="ranker",
        )

    def scores(self) -> Floats:
        """Return the ranker's scores of the candidates, and the blend's of the rest behind them."""
        scores = total(self.shares.values(), len(self.eligible)).copy()
        own = self.ranker.scores(self.signals.values, self.names)
        scores[self.signals.items] = own + self._base()
        scores[list(self.untouched)] = np.array([*self.untouched.values()]) + self._base()
        return scores

    def _base(self) -> float:
        rest = total(self.shares.values(), len(self.eligible)).copy()
        rest[self.signals.items] = np.nan
        rest[list(self.untouched)] = np.nan
        own = self.ranker.scores(self.signals.values, self.names)
        return float(np.nan_to_num(rest).max(initial=0.0)) + MARGIN - float(own.min(initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Reranker:
    """A ranker with what reads its signals."""

    ranker: Ranker
    reader: SignalReader

    @classmethod
    def of(cls, artifact: Artifact, catalog: Catalog) -> Self | None:
        """Return that of an artifact, None where it has none; `catalog` has live values laid over."""
        ranker = artifact.ranker
        if ranker is None:
            return None
        members = {name: artifact.members[name] for name in ranker.members}
        log = artifact.interactions or Interactions.empty()
        return cls(ranker, SignalReader(members, artifact.popularity, catalog, log))

    def over(self, scoring: Scoring, profile: Profile, unwanted: Mask | None = None) -> Scoring:
        """Put the ranker's order over the blend's scoring; that itself where the profile is too short for it.

        `unwanted`, shape (items,), is no candidate for being sought-after alone.
        """
        if np.count_nonzero(profile.weights > 0) < self.ranker.shortest:
            return scoring
        cold = _cold(scoring)
        eligible = scoring.eligible.copy()
        eligible[cold] = False  # nobody ever chose one, which is all that the ranker could have learned of them
        signals = self.reader.read(profile, eligible, unwanted=unwanted)
        if not len(signals.items):
            return scoring
        return Reranking(
            scoring.eligible,
            scoring.shares,
            f"learned ranker over {', '.join(signals.own)}",
            scoring.members,
            scoring.own,
            fillers=scoring.fillers,
            notes=scoring.notes,
            ranker=self.ranker,
            signals=signals,
            names=self.reader.names,
            asked={name: self.reader.members[name] for name in signals.own},
            untouched=self._placed(cold, scoring, signals),
        )

    def _placed(self, cold: NDArray[np.intp], scoring: Scoring, signals: Signals) -> dict[int, float]:
        """Return the score of each cold item that the blend has among the candidates.

        It is that of the candidate at the place which the item has in the blend, so that it shares its place.
        """
        blend = scoring.scores()
        level = np.sort(np.nan_to_num(blend[signals.items]))
        places = len(level) - np.searchsorted(level, blend[cold], side="right")
        ordered = -np.sort(-self.ranker.scores(signals.values, self.reader.names))
        among = places < len(ordered)
        return dict(zip(cold[among].tolist(), ordered[places[among]].tolist(), strict=True))


def _cold(scoring: Scoring) -> NDArray[np.intp]:
    """Return the items that content alone speaks for, since nobody has touched them."""
    share = scoring.shares.get(Content.name)
    return np.empty(0, np.intp) if share is None else np.flatnonzero(~np.isnan(share.terms))

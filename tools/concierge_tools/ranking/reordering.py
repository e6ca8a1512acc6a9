"""Reordering: the steps after scoring, calibration first and diversity second, and what each added to a score."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from scipy.sparse import csr_array

from concierge_tools.errors import InputError
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.ranking.calibration import calibrate
from concierge_tools.ranking.diversity import diversify
from concierge_tools.ranking.ranking import Ranking
from concierge_tools.recommenders.recommender import Profile


@dataclass(frozen=True, slots=True, eq=False)
class Reordering:
    """A ranking after each step that was asked for; None for one that was not."""

    ranking: Ranking
    calibrated: Ranking | None
    diverse: Ranking | None

    @classmethod
    def of(
        cls,
        ranking: Ranking,
        profile: Profile,
        *,
        tags: Callable[[], csr_array],
        rows: csr_array,
        calibration: float,
        diversity: float,
    ) -> "Reordering":
        """Take the steps that are asked for.

        Args:
            ranking: As it was scored.
            profile: The taste.
            tags: Gives each item's distribution over tags, shape (items, tags).
            rows: Item vectors of length 1, shape (items, terms).
            calibration: See `calibrate`.
            diversity: See `diversify`.

        Raises:
            InputError: Either is out of range.
        """
        for name, value in (("diversity", diversity), ("calibration", calibration)):
            if not 0 <= value <= 1:
                raise InputError(f"A {name} of {value!r} is out of range; give a number from 0 to 1.")
        calibrated = calibrate(ranking, tags(), profile, calibration) if calibration else None
        before = ranking if calibrated is None else calibrated
        return cls(ranking, calibrated, diversify(before, rows, diversity) if diversity else None)

    @property
    def final(self) -> Ranking:
        """The ranking after the last step."""
        return next(step for step in (self.diverse, self.calibrated, self.ranking) if step is not None)

    def shifted(self, breakdown: Breakdown) -> Breakdown:
        """Return a score's breakdown with what the steps added to it."""
        breakdown = replace(breakdown, basis=self.final.basis)
        if breakdown.score is None:
            return breakdown
        score = breakdown.score
        middle = _score(self.calibrated, breakdown.item, score)
        final = _score(self.diverse, breakdown.item, middle)
        return replace(breakdown, score=final, calibration=middle - score, diversity=final - middle)


def _score(ranking: Ranking | None, item: int, otherwise: float) -> float:
    """Return an item's score in a ranking, or another one where there is none or it was cut before the item."""
    if ranking is None:
        return otherwise
    places = (ranking.items == item).nonzero()[0]
    return float(ranking.scores[places[0]]) if len(places) else otherwise

"""Leaving out: what risk control takes from a ranking before it is cut, and the words that say so."""

from dataclasses import replace

from concierge_tools.ranking.scoring import Scoring
from concierge_tools.recommenders.recommender import Mask
from concierge_tools.risk.lists import N


def without(scoring: Scoring, barred: Mask | None) -> Scoring:
    """Take barred items out of a scoring, so that the next ones move up, and note how many.

    Ranks and scores of the others stay what they were.
    """
    if barred is None or not (scoring.eligible & barred).any():
        return scoring
    first = scoring.ranking().items[:N]
    total = int((scoring.eligible & barred).sum())
    note = (
        f"Risk control left out {total:,} items as too likely to be turned down, {int(barred[first].sum())} of them "
        f"from the first {len(first)}."
    )
    return replace(scoring, eligible=scoring.eligible & ~barred, notes=(*scoring.notes, note))

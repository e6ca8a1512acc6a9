"""Explanations: why an item was recommended, as reasons that each point to their proof.

Nothing is said here that the item's fields, the interactions or the arithmetic of its score do not show.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import unmet
from concierge_tools.data.phrases import sentence
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.reasons import (
    Evidence,
    Reason,
    failing,
    likeness,
    liking,
    meant,
    meeting,
    popular,
    text_match,
    trend,
)
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Profile

NEGATIONS = ("!=", "not_in", "not_contains")
"""What an item is not is told in full, and in short only where nothing else speaks for it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an item was recommended."""

    short: str
    """One sentence: what weighs most, and one thing it meets."""
    detailed: str
    """Every reason, a sentence each."""
    reasons: tuple[Reason, ...]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The proof of all the reasons, each once."""
        seen: list[Evidence] = []
        for reason in self.reasons:
            seen += [proof for proof in reason.evidence if proof not in seen]
        return tuple(seen)


def explain(
    catalog: Catalog,
    item: int,
    *,
    breakdown: Breakdown | None = None,
    profile: Profile | None = None,
    constraints: Sequence[Constraint] = (),
    query: str | None = None,
    meaning: float | None = None,
    seeds: Sequence[int] = (),
    popularity: Popularity | None = None,
    verb: str = "liked",
    lately: bool = False,
) -> Explanation:
    """Say why an item was recommended.

    Args:
        catalog: With live values laid over.
        item: Its position.
        breakdown: Of its score, when a taste was gone by.
        profile: The taste.
        constraints: What was asked, checked; those that the item does not meet are told first, as such.
        query: The words it was searched by.
        meaning: Its likeness to the query, where it was found by that and not by words.
        seeds: Positions of the items it should be similar to.
        popularity: How often it was liked.
        verb: What a positive is: "liked", "bought", "chosen".
        lately: Whether it was ranked by the recent window of `popularity`.
    """
    others = [seed for seed in seeds if seed != item]
    found = list(text_match(catalog, item, query or ""))
    leads = [
        *(found or ([meant(catalog, item, meaning)] if meaning is not None else [])),
        *(liking(catalog, item, breakdown, profile) if breakdown and profile else ()),
        *(likeness(catalog, item, others) if others else ()),
    ]
    missed = unmet(catalog, item, constraints)
    matches = list(meeting(catalog, item, constraints, missed))
    wanted = {constraint.field for constraint in constraints if constraint.op not in NEGATIONS}
    telling = [reason for reason in matches if reason.evidence[0].name in wanted]
    failed = list(failing(catalog, item, missed))
    alone = not leads and not telling
    liked_by = list(popular(catalog, item, popularity, verb, alone=alone)) if popularity else []
    if popularity and lately and not leads:
        liked_by = [*trend(catalog, item, popularity, verb), *liked_by]
    filler: list[Reason] = []
    silent = breakdown is not None and not any(term.value > 0 for term in breakdown.terms)
    if silent and not leads and not failed and profile is not None and len(profile):
        what = "; it meets what you asked" if matches else ""
        known = Evidence(catalog.ids[item], "statistic", "score", breakdown.score if breakdown is not None else None)
        filler = [Reason("filler", f"nothing in your taste speaks for it{what}", (known,))]
    reasons = [*failed, *leads, *filler, *matches, *liked_by]
    first = failed or [*leads, *filler, *liked_by][:1]
    also = [] if filler or failed else telling[: 2 - len(first)] or matches[: 1 - len(first)]
    return Explanation(
        sentence([reason.text for reason in [*first, *also]]),
        " ".join(sentence([reason.text]) for reason in reasons),
        tuple(reasons),
    )

"""Breakdowns: the arithmetic behind a score, in layers that add up."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Term:
    """One recommender's term of a score."""

    member: str
    rank: int
    """Among the eligible items, from 1; 0 where there is none."""
    value: float


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Why an item has its score.

    `score` is the sum of the terms plus `calibration` and `diversity`; each member's own score is the sum of its
    contributions.
    """

    item: int
    score: float | None
    """None for an item that no model scored."""
    basis: str
    terms: tuple[Term, ...] = ()
    members: Mapping[str, float] = field(default_factory=dict)
    """Own score of each linear recommender that has a term."""
    contributions: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    """Of each linear recommender that has a term: (position of a profile item, its share of the member's score)."""
    layer: Literal["fusion", "ranker"] = "fusion"
    """What the terms are: of the fusion of ranks, or of the learned ranker, a group of signals each."""
    calibration: float = 0.0
    """What the calibration step added, below zero for what it took."""
    diversity: float = 0.0
    """What the diversity step added, below zero for what it took."""
    rank: int | None = None
    """The item's place in the finished ranking, from 1."""
    matched: int = 0
    """How many items were in the race."""

    def liked(self, positives: Collection[int]) -> dict[int, float]:
        """Return which of the liked items speak for the item: position -> its share of the score, largest first.

        A member's term is divided among the positive contributions of liked items in proportion. A disliked item can
        contribute positively as well, to what is unlike it, but is nothing to thank for a recommendation. Neither is
        anything behind a term that is not above zero.
        """
        shares: dict[int, float] = {}
        for term in self.terms:
            if term.value <= 0:
                continue
            positive = [
                (item, value)
                for item, value in self.contributions.get(term.member, ())
                if value > 0 and item in positives
            ]
            total = sum(value for _, value in positive)
            for item, value in positive:
                shares[item] = shares.get(item, 0.0) + term.value * value / total
        return dict(sorted(shares.items(), key=lambda pair: (-pair[1], pair[0])))

"""The result of `explain_recommendation`: reasons and arithmetic, and for what was not recommended, why not."""

from typing import Literal

from pydantic import Field

from concierge_server.results import ConstraintResult, FieldValue, Result, UnknownItem

Obstacle = Literal[
    "had", "liked", "disliked", "excluded", "seed", "policy", "filter", "set", "words", "risk", "rank", "unknown_taste",
    "earlier",
]  # fmt: skip


class Contribution(Result):
    """One signal's share of a score; the shares of a layer sum to that layer's score."""

    layer: Literal["fusion", "ranker", "member", "calibration", "diversity"]
    signal: str = Field(
        description="A recommender's name in the fusion layer; that or another group of signals in the ranker layer; a "
        "history item's id in the member layer."
    )
    model: str = Field(description="The recommender whose score is split.")
    value: float
    rank: int | None = Field(
        default=None, description="In the fusion and ranker layers: the rank this member gave, from 1."
    )
    own: float | None = Field(
        default=None, description="In those layers: this member's own score, which its member layer sums to."
    )


class Evidence(Result):
    """The pointer that proves a claim: a field of an item, or a statistic with its number."""

    item_id: str
    source: Literal["field", "statistic", "contribution", "history"]
    name: str = Field(description="The field, statistic, recommender or history item.")
    value: FieldValue = None
    as_of: str | None = Field(default=None, description="When the field's live value was set; null: as of the fit.")


class Reason(Result):
    """One sentence about an item with what proves it."""

    kind: Literal[
        "matches", "because_you_liked", "similar_to", "popular", "text_match", "meaning", "filler", "unmet", "risk"
    ]
    text: str
    evidence: list[Evidence]


class MemberRank(Result):
    """Where one recommender ranks an item."""

    model: str
    rank: int | None = Field(description="Among the items in the race, from 1; null when it knows nothing of it.")


class KeptOut(Result):
    """One thing that kept an item out of a list."""

    kind: Obstacle
    text: str
    rule: Literal["store", "user", "request", "ranking"] = Field(
        description="Whose doing it is: the store's policy, what holds for the user always, this request, the ranking."
    )
    constraint: ConstraintResult | None = Field(default=None, description="The condition that is not met.")
    value: FieldValue = Field(default=None, description="The item's value of its field.")
    rank: int | None = None
    of: int | None = Field(default=None, description="How many items were in the race.")
    score: float | None = None
    nth_score: float | None = Field(default=None, description="The score of the last item that is recommended.")
    members: list[MemberRank] = Field(default_factory=list)
    evidence: list[Evidence] = Field(default_factory=list)


class Relaxed(Result):
    """A condition that the change loosens or, where `to` is null, drops."""

    constraint: ConstraintResult
    to: ConstraintResult | None


class TasteChange(Result):
    """The one like or dislike that the change adds or takes back."""

    kind: Literal["like", "dislike", "take_back_like", "take_back_dislike"]
    item_id: str
    title: str


class Change(Result):
    """The smallest change found that brings the item in: it was applied, and `rank` is what came of it."""

    text: str
    relaxed: list[Relaxed] = Field(default_factory=list)
    taste: TasteChange | None = None
    filters: list[ConstraintResult] = Field(description="The conditions as they are with the change.")
    rank: int = Field(description="The item's place with the change.")
    total: int = Field(description="How many items are in the race with the change.")
    evidence: list[Evidence] = Field(default_factory=list)


class WhyNot(Result):
    """Why an item is not recommended, and what would change that."""

    text: str
    kept_out_by: list[KeptOut]
    change: Change | None
    tried: int = Field(description="How many changes were applied to find this one, or to find none.")


class Explanation(Result):
    """Why an item was recommended: sentences, their proof and the arithmetic of its score."""

    id: str
    title: str
    short: str
    detailed: str
    reasons: list[Reason]
    contributions: list[Contribution]
    score: float | None
    evidence: list[Evidence]
    recommended: bool = Field(default=True, description="Whether it is among the first n of the list.")
    rank: int | None = Field(default=None, description="Its place in the list, from 1; null when it is not in it.")
    why_not: WhyNot | None = Field(default=None, description="For an item that is not recommended.")


class ExplanationsResult(Result):
    """Explanations of the items asked for."""

    items: list[Explanation]
    unknown: list[UnknownItem]
    artifact: str
    notes: list[str] = Field(default_factory=list)

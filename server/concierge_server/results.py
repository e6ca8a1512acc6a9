"""The named results of the tools: what every MCP client receives as structured content."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Scalar = bool | int | float | str
FieldValue = Scalar | list[str] | None


class Result(BaseModel):
    """A frozen result with no unnamed parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ConstraintResult(Result):
    """A typed predicate on one field, as it was applied."""

    field: str
    op: str
    value: Scalar | list[Scalar]


class ItemResult(Result):
    """An item as lists show it."""

    id: str
    title: str
    score: float | None = None
    fields: dict[str, FieldValue] = Field(default_factory=dict)
    reasons: list[str] = Field(default_factory=list)
    disclosures: list[str] = Field(default_factory=list)
    needs_confirmation: bool = False
    as_of: str | None = Field(
        default=None, description="When the newest live value among `fields` was set; null: as of the fit."
    )


class ItemList(Result):
    """A ranked list: one page of items and the handle of the whole candidate set."""

    candidates: str = Field(description="Handle of the whole set; pass it to filter, rank, combine or show.")
    total: int = Field(description="How many items the set behind the handle holds (at most 1000).")
    matched: int = Field(description="How many catalog items qualified before the set was cut to 1000.")
    items: list[ItemResult]
    next_cursor: str | None = None
    artifact: str
    basis: str = Field(description="What the ranking rests on, for instance 'blend of als, neighbours' or 'trending'.")
    notes: list[str] = Field(default_factory=list, description="What was dropped, substituted or ignored, and why.")


class ValueCount(Result):
    """A value of a field and how many items carry it."""

    value: Scalar
    count: int


class FieldResult(Result):
    """What a client needs to know of a field to filter by it and to speak about it."""

    name: str
    role: str
    type: str
    unit: str | None = None
    aliases: list[str] = Field(default_factory=list, description="Other words people use for the field.")
    operators: list[str]
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    quartiles: list[float] | None = Field(default=None, description="25th, 50th and 75th percentile of a number.")
    distinct: int | None = Field(default=None, description="How many different values the field has.")
    missing: int = Field(default=0, description="How many items lack the field.")
    top_values: list[ValueCount] = Field(default_factory=list)
    generated: bool = Field(default=False, description="True when a model wrote the values; never state them as fact.")


class PolicyRule(Result):
    """A disclosure or confirmation rule in the owner's words."""

    constraint: ConstraintResult
    text: str


class PolicyResult(Result):
    """The store owner's rules."""

    exclude_history: bool
    require: list[ConstraintResult]
    disclose: list[PolicyRule]
    confirm: list[PolicyRule]
    ask_first: list[str]
    max_items: int | None


class RiskResult(Result):
    """Risk control: what is likely to be turned down is left out of personal recommendations."""

    level: float = Field(description="The most of a list that may be unwanted, in the mean over users.")
    n: int = Field(description="Of lists of this length.")
    users: int = Field(description="How many held-out users the threshold was calibrated on.")
    without: float = Field(description="The same share without control, on those users.")


class CatalogResult(Result):
    """The catalog's description."""

    name: str
    items: int
    users: int
    interactions: int
    fields: list[FieldResult]
    policy: PolicyResult
    risk: RiskResult | None = None
    models: list[str]
    artifact: str
    fitted_at: str
    live_values_as_of: str | None = None


class Alternative(Result):
    """Another reading of a mention."""

    item_id: str | None = None
    field: str | None = None
    value: str | None = None
    title: str | None = None
    score: float


class Mention(Result):
    """A stretch of text that names an item or a field's value."""

    span: tuple[int, int] = Field(description="Start and end offset in the text, in characters, end exclusive.")
    text: str
    kind: Literal["item", "value"]
    item_id: str | None = None
    title: str | None = None
    field: str | None = None
    value: str | None = None
    score: float = Field(description="1 for an exact match; lower for typos, inflections and doubtful titles.")
    match: Literal["exact", "synonym", "inflection", "partial", "typo"]
    alternatives: list[Alternative] = Field(default_factory=list)


class MentionsResult(Result):
    """Everything in a text that names something of the catalog; overlapping mentions are all given."""

    mentions: list[Mention]


class UnknownItem(Result):
    """An id the catalog does not hold, with the nearest things it does."""

    id: str
    close_matches: list[ItemResult]


class DetailsResult(Result):
    """Every field of the items asked for."""

    items: list[ItemResult]
    unknown: list[UnknownItem]
    artifact: str


class HistoryEntry(Result):
    """One interaction of a user."""

    item_id: str
    title: str
    event: str | None = None
    value: float | None = None
    time: str | None = None
    source: Literal["log", "feedback"]


class HistoryResult(Result):
    """A user's interactions, newest first."""

    user_id: str
    total: int
    interactions: list[HistoryEntry]
    next_cursor: str | None = None
    notes: list[str] = Field(default_factory=list)


class AvailabilityEntry(Result):
    """Whether an item can be had now, and what says so."""

    id: str
    title: str
    available: bool
    fields: dict[str, FieldValue]
    unmet: list[ConstraintResult]
    as_of: str | None = Field(
        default=None, description="When the newest live value among `fields` was set; null: as of the fit."
    )


class AvailabilityResult(Result):
    """Availability of items as of the live values."""

    items: list[AvailabilityEntry]
    unknown: list[UnknownItem]
    as_of: str = Field(description="When the values behind the answer were last changed, ISO 8601.")


class Option(Result):
    """An answer to offer, with the number of candidates it would leave."""

    value: Scalar
    count: int
    filters: list[ConstraintResult] = Field(default_factory=list, description="What the answer asks of items.")


class QuestionResult(Result):
    """The question worth asking next, or the reason to stop asking."""

    field: str | None = None
    text: str | None = None
    options: list[Option] = Field(default_factory=list)
    gain: float | None = Field(default=None, description="Expected information of the answer, in bits.")
    stop: str | None = Field(default=None, description="Why no question is worth asking.")


class ConfirmationRequest(Result):
    """What the user must agree to before the withheld items may be shown."""

    token: str = Field(description="Pass it back as `confirmation` once the user has agreed.")
    item_ids: list[str]
    text: str
    expires_at: str


class Withheld(Result):
    """An item that was not presented, and why."""

    id: str
    reason: str


class ShownResult(Result):
    """What may be put before the user now, and what is still owed."""

    status: Literal["shown", "question", "confirmation", "empty"]
    items: list[ItemResult]
    question: QuestionResult | None = None
    confirmation: ConfirmationRequest | None = None
    withheld: list[Withheld] = Field(default_factory=list)
    withheld_total: int = Field(default=0, description="How many were kept back; `withheld` lists the first 20.")
    candidates: str | None = None
    artifact: str
    notes: list[str] = Field(default_factory=list)


class FeedbackResult(Result):
    """What was stored."""

    id: str
    item_id: str
    user_id: str
    event: str
    value: float | None
    time: str
    status: Literal["stored", "duplicate", "undone", "nothing_to_undo"]

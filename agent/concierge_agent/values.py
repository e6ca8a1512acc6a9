"""The values that travel between the agent's parts: constraints and catalog descriptions, as tools spell them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Scalar = bool | int | float | str
FieldValue = Scalar | list[str] | None
Op = Literal[
    "==", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "contains_any", "contains_all", "not_contains"
]


class Frozen(BaseModel):
    """An immutable value; unknown keys from a newer server are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Constraint(Frozen):
    """A typed predicate on one field, exactly as the tools' `filters` take it."""

    field: str
    op: Op
    value: Scalar | list[Scalar]


class ValueCount(Frozen):
    """A value of a field and how many items carry it."""

    value: Scalar
    count: int


class FieldDescription(Frozen):
    """A field as `describe_catalog` describes it."""

    name: str
    role: str
    type: Literal["category", "tags", "number", "boolean", "date", "text"]
    unit: str | None = None
    aliases: list[str] = Field(default_factory=list)
    operators: list[str] = Field(default_factory=list)
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    quartiles: list[float] | None = None
    distinct: int | None = None
    top_values: list[ValueCount] = Field(default_factory=list)
    generated: bool = False


class PolicyRule(Frozen):
    """What the owner discloses, or asks consent for, in the owner's words."""

    constraint: Constraint
    text: str


class PolicyDescription(Frozen):
    """The parts of the owner's policy that a conversation must know."""

    ask_first: list[str] = Field(default_factory=list)
    confirm: list[PolicyRule] = Field(default_factory=list)
    max_items: int | None = None


class CatalogDescription(Frozen):
    """What `describe_catalog` returned."""

    name: str
    items: int
    fields: list[FieldDescription]
    policy: PolicyDescription
    models: list[str]
    artifact: str

    def field(self, name: str) -> FieldDescription | None:
        """Return the field called `name`, or None."""
        return next((field for field in self.fields if field.name == name), None)


class Alternative(Frozen):
    """Another reading of a mention."""

    item_id: str | None = None
    field: str | None = None
    value: str | None = None
    title: str | None = None
    score: float


class Mention(Frozen):
    """A stretch of the user's text that `resolve_mentions` linked to an item or a value."""

    span: tuple[int, int]
    text: str
    kind: Literal["item", "value"]
    item_id: str | None = None
    title: str | None = None
    field: str | None = None
    value: str | None = None
    score: float
    match: Literal["exact", "synonym", "inflection", "partial", "typo"]
    alternatives: list[Alternative] = Field(default_factory=list)


class Option(Frozen):
    """An answer on offer, with the number of candidates it would leave."""

    value: Scalar
    count: int
    filters: list[Constraint] = Field(default_factory=list)
    """What the answer asks of items; empty where the answer is no condition (yes, no, a constraint to drop)."""


class Question(Frozen):
    """A question put to the user about one field (or about consent, when `field` is None)."""

    field: str | None
    text: str
    options: list[Option] = Field(default_factory=list)

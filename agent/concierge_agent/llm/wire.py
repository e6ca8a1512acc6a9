"""What the models write: simplified forms of a proposal and a draft that fit the API's structured output.

Structured output wants closed objects, so a step's arguments, a free mapping in `Step`, travel as name and value pairs.
A JSON string would do too, but leaves quotes in quotes to the model and takes the arguments out of the schema's reach.
Servers without structured output tend to write the plain mapping, which is therefore read as well.

In the schemas that are sent every key is required; in what is read only those that carry meaning are.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from concierge_agent.ledger import Scope
from concierge_agent.plan import Intent
from concierge_agent.values import Op, Scalar


def pairs(value: object) -> object:
    """Return a plain mapping as name and value pairs."""
    if isinstance(value, dict):
        return [{"name": name, "value": given} for name, given in value.items()]
    return value


def _empty(value: object) -> object:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_empty)]
"""A string; null is read as the empty one."""


class WireModel(BaseModel):
    """Anything a model writes."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class WireFilter(WireModel):
    """A constraint on one field."""

    field: str
    op: Op
    value: Scalar | list[Scalar]


class WireEntry(WireModel):
    """Something to remember of what the user just said."""

    kind: Literal["constraint", "like", "dislike", "wish", "answer", "consent"]
    text: Text = ""
    hard: bool = True
    constraint: WireFilter | None = None
    item_id: Text = ""
    field: Text = ""
    value: Scalar | list[str] | None = None
    scope: Scope = "conversation"
    sure: Literal["said", "inferred", "guessed"] = "said"


class WireArgument(WireModel):
    """One argument of a step."""

    name: str
    value: Scalar | list[Scalar] | list[WireFilter] | None


class WireStep(WireModel):
    """One tool call."""

    id: str
    tool: str
    arguments: Annotated[list[WireArgument], BeforeValidator(pairs)] = Field(default_factory=list)
    purpose: Text = ""


class WireQuestion(WireModel):
    """A question back to the user. It has no options: their counts would be the model's guess."""

    field: Text = ""
    text: str


class WireProposal(WireModel):
    """A plan as the model writes it."""

    intent: Intent
    add: list[WireEntry] = Field(default_factory=list)
    retract: list[str] = Field(default_factory=list)
    steps: list[WireStep] = Field(default_factory=list)
    present: bool = True
    question: WireQuestion | None = None
    reply: Text = ""
    notes: list[str] = Field(default_factory=list)


class WireClaim(WireModel):
    """A fact the item's sentence states."""

    name: str
    value: Scalar | list[str]


class WireDraftItem(WireModel):
    """An item with its sentence."""

    id: str
    reason: Text = ""
    claims: list[WireClaim] = Field(default_factory=list)


class WireDraft(WireModel):
    """An answer as the model writes it."""

    opening: str
    items: list[WireDraftItem] = Field(default_factory=list)
    closing: Text = ""


def proposal_schema() -> dict[str, object]:
    """Return the JSON schema of a plan, closed and with every key required."""
    return closed(WireProposal.model_json_schema(mode="serialization"))


def draft_schema(item_ids: Sequence[str]) -> dict[str, object]:
    """Return the JSON schema of a draft that can name these items only, or none when there are none."""
    schema: dict[str, Any] = closed(WireDraft.model_json_schema(mode="serialization"))
    if item_ids:
        schema["$defs"]["WireDraftItem"]["properties"]["id"]["enum"] = list(item_ids)
    else:
        del schema["properties"]["items"], schema["$defs"]
        schema["required"] = [key for key in schema["required"] if key != "items"]
    return schema


def closed_object(properties: dict[str, Any]) -> dict[str, object]:
    """Return the schema of an object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def closed(schema: dict[str, Any]) -> dict[str, object]:
    """Return `schema` without what only decorates it (the API bills it), every object closed."""
    made: dict[str, object] = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            made[key] = {name: closed(part) for name, part in value.items()}
        elif isinstance(value, dict):
            made[key] = closed(value)
        elif key == "anyOf":
            made[key] = [closed(part) for part in value]
        elif key not in ("title", "default", "description"):
            made[key] = value
    return made

"""What the models write when they plan step by step: first what the turn means, then one step at a time.

As in `wire`, every key is required in the schemas that are sent, and only those that carry meaning in what is read.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from concierge_agent.llm.wire import Text, WireArgument, WireEntry, WireModel, WireQuestion, closed, pairs
from concierge_agent.plan import Intent


class WireOpening(WireModel):
    """What the turn means and how it changes the ledger; the steps follow."""

    intent: Intent
    add: list[WireEntry] = Field(default_factory=list)
    retract: list[str] = Field(default_factory=list)
    present: bool = True
    question: WireQuestion | None = None
    reply: Text = ""
    notes: list[str] = Field(default_factory=list)


class WireCall(WireModel):
    """One tool call; its number is given to it."""

    tool: str
    arguments: Annotated[list[WireArgument], BeforeValidator(pairs)] = Field(default_factory=list)
    purpose: Text = ""


class WireFinish(WireModel):
    """The end of the steps: what they found is shown, unless there is something to ask or say instead."""

    question: WireQuestion | None = None
    reply: Text = ""
    notes: list[str] = Field(default_factory=list)


class WireMove(WireModel):
    """A step, or the end of them."""

    step: WireCall | None
    finish: WireFinish | None = None


def opening_schema() -> dict[str, object]:
    """Return the JSON schema of an opening, closed and with every key required."""
    return closed(WireOpening.model_json_schema(mode="serialization"))


def move_schema() -> dict[str, object]:
    """Return the JSON schema of a move, closed and with every key required."""
    return closed(WireMove.model_json_schema(mode="serialization"))

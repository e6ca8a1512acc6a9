"""Drafts and answers: what a writer proposes, and what the user gets once the verifier agrees."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from concierge_agent.trace import Trace, Usage
from concierge_agent.values import FieldValue, Question


class Evidence(BaseModel):
    """The pointer that proves a claim: a call of the trace, the item and what of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    item_id: str
    source: str
    """field, statistic, contribution or history."""
    name: str
    value: FieldValue = None


class Claim(BaseModel):
    """One statement about one item, as data: its field or statistic has this value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: str
    name: str
    value: FieldValue


class DraftItem(BaseModel):
    """An item a writer wants to show, with its sentence and the claims the sentence rests on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    reason: str
    claims: tuple[Claim, ...] = ()


class Draft(BaseModel):
    """An answer before it is verified. `opening` and `closing` are free sentences; facts belong to the items."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opening: str = ""
    items: tuple[DraftItem, ...] = ()
    closing: str = ""


class AnswerItem(BaseModel):
    """An item as it is presented to the user."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    reason: str
    evidence: tuple[Evidence, ...] = ()
    disclosures: tuple[str, ...] = ()
    needs_confirmation: bool = False
    fields: dict[str, FieldValue] = Field(default_factory=dict)
    agreement: float | None = None
    """When a model was asked several times for the order: the share of its replies that put the item in front."""


class Preview(BaseModel):
    """First ideas, verified as an answer is, for the time a model needs; the answer takes their place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reply: str
    items: tuple[AnswerItem, ...]


class Answer(BaseModel):
    """A finished turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    turn: int
    reply: str
    items: tuple[AnswerItem, ...] = ()
    question: Question | None = None
    abstained: bool = False
    method: str = "offline"
    ledger: tuple[dict[str, Any], ...] = ()
    """The active entries."""
    plan: tuple[dict[str, Any], ...] = ()
    trace_id: str
    usage: Usage = Usage()
    error: str | None = None
    trace: Trace
    """Left out of the JSON of `chat --json`; kept by the trace store."""

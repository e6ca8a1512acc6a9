"""The trace: what really ran in a turn, with inputs, outputs and timings; the only ground an answer may stand on."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from concierge_agent.plan import Plan


class Call(BaseModel):
    """One tool call that ran."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    """The plan's step id, or the name of the part of the agent that made the call ("show", "explain", "relax1")."""
    tool: str
    arguments: dict[str, Any]
    result: dict[str, Any] | None = None
    """The structured content; None when the call failed."""
    error: str | None = None
    seconds: float = 0.0


class Usage(BaseModel):
    """What a turn cost a hosted model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    tool_calls: int = 0
    seconds: float = 0.0


class Trace(BaseModel):
    """Everything that happened in one turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    conversation: str
    turn: int
    text: str
    method: str = "offline"
    plan: Plan = Plan()
    calls: tuple[Call, ...] = ()
    notes: tuple[str, ...] = ()
    """Repairs, fallbacks and what the verifier cut."""
    usage: Usage = Field(default_factory=Usage)

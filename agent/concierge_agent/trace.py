"""The trace: what really ran in a turn, with inputs, outputs and timings; the only ground an answer may stand on."""

from typing import Any, Literal

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


class Reply(BaseModel):
    """What a brain returned once, or how it failed: with it a turn runs again without asking a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brain: str
    kind: Literal["plan", "write"]
    content: dict[str, Any] | None = None
    """The proposal or the draft, as JSON; None when there was none."""
    error: str | None = None
    tool: str | None = None
    """The tool whose refusal the brain passed on, when that is why it failed."""
    first_call: int = 0
    calls: int = 0
    """The brain's own look-ups: this many of the trace's calls, from `first_call` on."""


class Start(BaseModel):
    """Where a turn began: what it takes, beside the conversation's own turns, to begin there again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artifact: str
    catalog: str
    """SHA-256 of the catalog's description."""
    conversation: str
    """SHA-256 of the conversation before the turn."""
    pending: dict[str, Any] | None = None
    """What waited for the user's answer, as JSON."""
    rejected: int = 0
    """How many items the user had waved away."""
    store: dict[str, int | str] = Field(default_factory=dict)
    """What the store noted of its live values and feedback; only the store reads it."""


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
    start: Start | None = None
    """None in traces of older versions, which cannot be replayed."""
    replies: tuple[Reply, ...] = ()
    """What the brains returned, in order."""
    answer: dict[str, Any] | None = None
    """The answer as `chat --json` prints it."""

"""The trace: what really ran in a turn, with inputs, outputs and timings; the only ground an answer may stand on."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from concierge_agent.plan import Plan

Routing = Literal["auto", "model", "offline"]
"""Who takes the turns under `--brain auto`: the rules what they understand, always the model, or always the rules."""
HISTORY = "history"
"""The step of look-ups that tell the planner what the user did before; no answer rests on them."""


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
    cached_calls: int = 0
    """Replies that came from the response cache, so that no model was asked."""
    input_tokens: int = 0
    """All of them, also those that the model's maker read from or wrote to its prompt cache."""
    cached_input_tokens: int = 0
    """How many of them were read from the maker's prompt cache."""
    output_tokens: int = 0
    cost: float | None = None
    """In dollars, by the prices that are set; None where the model that was asked has none."""
    tool_calls: int = 0
    seconds: float = 0.0

    def plus(self, other: "Usage") -> "Usage":
        """Return the sum of both; its cost is unknown as soon as that of a model call is."""
        both = (self, other)
        known = [usage.cost for usage in both if usage.cost is not None]
        unknown = any(usage.cost is None and (usage.model_calls or usage.input_tokens) for usage in both)
        return Usage(
            model_calls=self.model_calls + other.model_calls,
            cached_calls=self.cached_calls + other.cached_calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_input_tokens=self.cached_input_tokens + other.cached_input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=round(sum(known), 9) if known and not unknown else None,
            tool_calls=self.tool_calls + other.tool_calls,
            seconds=self.seconds + other.seconds,
        )


class RankingSettings(BaseModel):
    """How what a retrieval found is put in order before it is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidates: int = Field(default=0, ge=0, le=1000)
    """How many of them the brain's model sees and orders; 0 leaves the retrieval's order alone."""
    samples: int = Field(default=1, ge=1, le=9)
    """How often the model is asked; the replies are aggregated."""
    variety: float = Field(default=0.0, ge=0, le=1)
    """Towards 1 lists get more varied: the tools' `diversity`, the candidates' order, and the model's temperature."""


class Reply(BaseModel):
    """What a brain returned once, or how it failed: with it a turn runs again without asking a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brain: str
    kind: Literal["plan", "step", "write", "rank"]
    content: dict[str, Any] | None = None
    """The proposal, the step, the draft or the ballots, as JSON; None when there were none."""
    error: str | None = None
    tool: str | None = None
    """The tool whose refusal the brain passed on, when that is why it failed."""
    first_call: int = 0
    calls: int = 0
    """The brain's own look-ups: this many of the trace's calls, from `first_call` on."""
    aside: bool = False
    """Whether the answer does not rest on it; its look-ups are then among the trace's calls `aside`."""
    prompts: dict[str, int | str] = Field(default_factory=dict)
    """Names and versions of the prompt templates it was asked with."""


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
    max_questions: int = 3
    """How many questions in a row the agent was allowed."""
    rejected: int = 0
    """How many items the user had waved away."""
    ranking: RankingSettings = Field(default_factory=RankingSettings)
    store: dict[str, int | str] = Field(default_factory=dict)
    """What the store noted of its live values and feedback; only the store reads it."""
    routing: Routing | None = None
    """How the turn was to find its brain; None: there was no choice."""


class Trace(BaseModel):
    """Everything that happened in one turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    conversation: str
    turn: int
    text: str
    method: str = "offline"
    plan: Plan = Plan()
    """As it was planned, with everything enforced."""
    merged: dict[str, str] = Field(default_factory=dict)
    """Steps of the plan that did not run, by the step that stood for them; "" for those that were not needed."""
    calls: tuple[Call, ...] = ()
    """What ran, compiled."""
    aside: tuple[Call, ...] = ()
    """What ran as well, for the brain whose answer was not used; no ground for anything that was said."""
    notes: tuple[str, ...] = ()
    """Repairs, fallbacks and what the verifier cut."""
    usage: Usage = Field(default_factory=Usage)
    start: Start | None = None
    """None in traces of older versions, which cannot be replayed."""
    replies: tuple[Reply, ...] = ()
    """What the brains returned, in order."""
    answer: dict[str, Any] | None = None
    """The answer as `chat --json` prints it."""
    remembered: dict[str, Any] | None = None
    """The turn as the conversation remembered it, as JSON; there its prose is trimmed one day, here it stays."""

    @property
    def prompts(self) -> dict[str, int | str]:
        """Names and versions of all prompt templates that the turn was thought and worded with."""
        return {name: version for reply in self.replies for name, version in reply.prompts.items()}

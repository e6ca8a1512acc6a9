"""What any model's brain is told: which models, where they are, and how much they may spend."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from concierge_agent.llm.prices import Price

Url = Annotated[str, Field(pattern=r"^https?://[^@]+$")]

Strategy = Literal["plan", "react"]
"""How a turn is planned: all steps at once, or each after seeing what the last one returned."""


class ModelSettings(BaseModel):
    """Settings of a brain. The environment is not read here: whoever composes the program passes values in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_model: str
    """Plans are short and follow a schema: a small, quick model does."""
    write_model: str
    """Answers are read by people: a larger model writes better ones."""
    base_url: Url | None = None
    """Where the server is; the maker's own when None. Without credentials in the address."""
    api_key: SecretStr | None = None
    """May be left out when `base_url` is given: servers on one's own machine ask for none."""
    structured_output: bool = True
    """Whether to send the reply's JSON schema. False for servers that refuse it; replies are validated either way."""
    quick: bool = False
    """Whether to use the quick prompts, which fit a small model's 4096 tokens and leave less to it."""
    strategy: Strategy = "plan"
    """Whether the whole plan is asked for at once, or, at the cost of more calls, one step after another, for which
    there are detailed prompts alone."""
    max_tokens: int = Field(default=4096, ge=256)
    """Output tokens of one call, where its template does not ask for fewer.

    A reply that hits the limit is asked for once more with twice as many.
    """
    timeout: float = Field(default=60.0, gt=0)
    """Seconds one call may take in all, retries and waits included."""
    max_retries: int = Field(default=2, ge=0)
    """How often a request that was refused for load or lost on the way is repeated."""
    max_calls: int = Field(default=8, ge=1)
    """Model calls of one turn, repairs included, the transport's own retries not."""
    max_tokens_per_turn: int = Field(default=150_000, ge=1)
    """Input and output tokens of one turn, cached input counted in full. Checked before each call."""
    prices: dict[str, Price] = Field(default_factory=dict)
    """What the models' tokens cost, by model; without its price, a model's cost is not known."""
    max_cost_per_turn: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Dollars of one turn, for models with a price. Checked before each call."""

    def told(self, message: str) -> str:
        """Return a server's message as it may be shown: without the key, without its end, and not too long."""
        key = self.api_key.get_secret_value() if self.api_key is not None else ""
        message = message.rstrip(".")
        return (message.replace(key, "***") if key else message)[:200]

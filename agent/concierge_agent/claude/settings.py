"""How the Claude brain reaches its models, and how much it may spend."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Url = Annotated[str, Field(pattern=r"^https?://[^@]+$")]


class ClaudeSettings(BaseModel):
    """Settings of the Claude brain. The environment is not read here: whoever composes the program passes values in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_model: str = "claude-haiku-5-5"
    """Plans are short and follow a schema: a small, quick model does."""
    write_model: str = "claude-sonnet-5-5"
    """Answers are read by people: a larger model writes better ones."""
    base_url: Url | None = None
    """Any server that speaks the Messages API; Anthropic's own when None. Without credentials in the address."""
    api_key: SecretStr | None = None
    """May be left out when `base_url` is given: servers on one's own machine ask for none."""
    structured_output: bool = True
    """Whether to send the reply's JSON schema. False for servers that refuse it; replies are validated either way."""
    max_tokens: int = Field(default=4096, ge=256)
    """Output tokens of one call. A reply that hits the limit is asked for once more with twice as many."""
    timeout: float = Field(default=60.0, gt=0)
    """Seconds one call may take in all, the SDK's retries and waits included."""
    max_retries: int = Field(default=2, ge=0)
    """How often the SDK repeats a request that was refused for load or lost on the way."""
    max_calls: int = Field(default=8, ge=1)
    """Model calls of one turn, repairs included, the SDK's own retries not."""
    max_tokens_per_turn: int = Field(default=150_000, ge=1)
    """Input and output tokens of one turn, cached input counted in full. Checked before each call."""

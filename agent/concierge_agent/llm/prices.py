"""Prices: what a model's tokens cost, as its owner says; none are built in, since they change."""

from pydantic import BaseModel, ConfigDict, Field

from concierge_agent.llm.model import Tokens

_MILLION = 1_000_000


class Price(BaseModel):
    """Dollars for a million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)
    cache_read: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """For input that was read from the maker's prompt cache; None: as for any input."""
    cache_write: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """For input that was written to it; None: as for any input."""

    def of(self, tokens: Tokens) -> float:
        """Return what a call cost, in dollars."""
        read = self.input if self.cache_read is None else self.cache_read
        write = self.input if self.cache_write is None else self.cache_write
        plain = tokens.input - tokens.cache_read - tokens.cache_write
        spent = plain * self.input + tokens.cache_read * read + tokens.cache_write * write
        return (spent + tokens.output * self.output) / _MILLION

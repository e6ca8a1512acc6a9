"""Counts what model calls cost, and stops a turn that would run away."""

from collections.abc import Mapping

from concierge_agent.errors import BudgetExceeded
from concierge_agent.llm.model import Tokens
from concierge_agent.llm.prices import Price
from concierge_agent.trace import Usage


class Meter:
    """Sums usage until it is taken, and holds each turn to its budget.

    The two are counted apart, so that a turn that was interrupted before its usage was taken does not eat the next
    one's budget. One meter serves one conversation at a time.
    """

    def __init__(
        self,
        *,
        max_calls: int,
        max_tokens: int,
        prices: Mapping[str, Price] | None = None,
        max_cost: float | None = None,
    ) -> None:
        self._max_calls = max_calls
        self._max_tokens = max_tokens
        self._prices = prices or {}
        self._max_cost = max_cost
        self._turn = Usage()
        self._untaken = Usage()
        self._allowed = 0

    def begin_turn(self) -> None:
        """Give the turn that begins its whole budget."""
        self._turn = Usage()
        self._allowed = 0

    def allow(self, calls: int) -> None:
        """Let the turn make that many more calls than its budget has: samples that its user asked for."""
        self._allowed += calls

    def begin_call(self, model: str) -> None:
        """Count a call of `model` that is about to be made.

        Raises `BudgetExceeded` when the turn has no calls, tokens or money left.
        """
        if self._turn.model_calls >= self._max_calls + self._allowed:
            raise BudgetExceeded(f"The turn used up its {self._max_calls} model calls.")
        if self._turn.input_tokens + self._turn.output_tokens >= self._max_tokens:
            raise BudgetExceeded(f"The turn used up its {self._max_tokens} tokens.")
        if self._max_cost is not None and (self._turn.cost or 0.0) >= self._max_cost:
            raise BudgetExceeded(f"The turn used up its ${self._max_cost:g}.")
        self._add(Usage(model_calls=1, cost=0.0 if model in self._prices else None))

    def reuse(self) -> None:
        """Count the call that was begun as one that the response cache answered."""
        free = 0.0 if self._turn.cost is not None else None
        self._add(Usage(model_calls=-1, cached_calls=1, cost=free))

    def spend(self, model: str, tokens: Tokens) -> None:
        """Add what a call of `model` cost."""
        price = self._prices.get(model)
        self._add(
            Usage(
                input_tokens=tokens.input,
                cached_input_tokens=tokens.cache_read,
                output_tokens=tokens.output,
                cost=price.of(tokens) if price is not None else None,
            )
        )

    def take(self) -> Usage:
        """Return what was spent since the last take, and start again from zero."""
        taken, self._untaken = self._untaken, Usage()
        return taken

    def _add(self, spent: Usage) -> None:
        self._turn = self._turn.plus(spent)
        self._untaken = self._untaken.plus(spent)

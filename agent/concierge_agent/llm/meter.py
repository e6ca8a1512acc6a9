"""Counts what model calls cost, and stops a turn that would run away."""

from concierge_agent.errors import BudgetExceeded
from concierge_agent.trace import Usage


class Meter:
    """Sums usage until it is taken, and holds each turn to its budget.

    The two are counted apart, so that a turn that was interrupted before its usage was taken does not eat the next
    one's budget. One meter serves one conversation at a time.
    """

    def __init__(self, *, max_calls: int, max_tokens: int) -> None:
        self._max_calls = max_calls
        self._max_tokens = max_tokens
        self._turn = Usage()
        self._untaken = Usage()

    def begin_turn(self) -> None:
        """Give the turn that begins its whole budget."""
        self._turn = Usage()

    def begin_call(self) -> None:
        """Count a call that is about to be made. Raises `BudgetExceeded` when the turn has no calls or tokens left."""
        if self._turn.model_calls >= self._max_calls:
            raise BudgetExceeded(f"The turn used up its {self._max_calls} model calls.")
        if self._turn.input_tokens + self._turn.output_tokens >= self._max_tokens:
            raise BudgetExceeded(f"The turn used up its {self._max_tokens} tokens.")
        self._add(Usage(model_calls=1))

    def spend(self, input_tokens: int, output_tokens: int) -> None:
        """Add what a call cost."""
        self._add(Usage(input_tokens=input_tokens, output_tokens=output_tokens))

    def take(self) -> Usage:
        """Return what was spent since the last take, and start again from zero."""
        taken, self._untaken = self._untaken, Usage()
        return taken

    def _add(self, spent: Usage) -> None:
        self._turn = _sum(self._turn, spent)
        self._untaken = _sum(self._untaken, spent)


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        model_calls=one.model_calls + other.model_calls,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
    )

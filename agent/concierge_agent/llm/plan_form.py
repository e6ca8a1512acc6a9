"""The form in which a model is asked for a plan: what it is shown, and how its reply is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from concierge_agent.brain import TurnContext
from concierge_agent.llm.model import Prompt
from concierge_agent.llm.state import Findings
from concierge_agent.plan import Proposal


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for one turn's plan."""

    prompt: Prompt
    read: Callable[[str], Proposal]
    """Returns the proposal that a reply means; raises `UnusableReply`."""
    templates: tuple[str, ...]
    """The names of the templates it was made of."""


class PlanForm(Protocol):
    """A way to ask for plans."""

    def asked(self, context: TurnContext, findings: Findings, model: str) -> Asked:
        """Return the request to `model` for the plan of this turn."""
        ...

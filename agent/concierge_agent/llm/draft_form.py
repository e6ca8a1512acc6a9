"""The form in which a model is asked for a draft: what it is shown, and how its reply is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from concierge_agent.answer import Draft
from concierge_agent.brain import Material
from concierge_agent.llm.model import Prompt


@dataclass(frozen=True, slots=True)
class AskedDraft:
    """A request for one turn's draft."""

    prompt: Prompt
    read: Callable[[str], Draft]
    """Returns the draft that a reply means; raises `UnusableReply`."""
    templates: tuple[str, ...]
    """The names of the templates it was made of."""


class DraftForm(Protocol):
    """A way to ask for drafts."""

    def asked(self, material: Material, model: str) -> AskedDraft:
        """Return the request to `model` for the draft of this turn."""
        ...

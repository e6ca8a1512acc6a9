"""A language model as the brain sees it: one protocol, which every transport implements.

What the protocol does not know: budgets, repairs and what a reply means. Those are the same for every model.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from concierge_agent.errors import BrainError


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call cost."""

    input: int
    """All input, cached or not."""
    output: int
    cache_read: int = 0
    """How much of the input the model's maker read from its prompt cache."""
    cache_write: int = 0
    """How much of the input it wrote there."""


Spend = Callable[[Tokens], None]
"""Told what a call cost: also of a call that failed or was interrupted half way."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: blocks of text, the first `cached` of which each end a prefix worth caching."""

    role: Literal["user", "assistant"]
    blocks: tuple[str, ...]
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked: the model, the system prompt's blocks, the messages, and the reply's JSON schema."""

    model: str
    system: tuple[str, ...]
    """Each block ends a cacheable prefix, so the most stable comes first."""
    messages: tuple[Message, ...]
    schema: dict[str, object]
    objections: int = 0
    """How many replies were sent back before: the last two messages for each, the reply and what is wrong with it."""
    max_tokens: int | None = None
    """Output tokens of a reply, where the template asks for fewer than the brain allows."""
    variety: float | None = None
    """The temperature that is asked for, on servers that have one; None leaves it to the settings."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said, and why it stopped: it was done, its room was used up, or it paused to be continued."""

    text: str
    ending: Literal["complete", "length", "paused"] = "complete"
    cached: bool = False
    """Whether it was said before, and no model was asked."""


class CutStream(BrainError):  # noqa: N818  (reads as what happened)
    """A reply ended before the model did; asking again may help."""


class Model(Protocol):
    """A way to reach a model, open for one `with` block."""

    async def reply(self, prompt: Prompt, *, room: int, spend: Spend) -> Reply:
        """Ask once, for at most `room` tokens. Load and lost connections are retried in here, within the timeout.

        Raises:
            CutStream: The reply broke off.
            BrainError: The model could not be reached, or refused.
        """
        ...


OpenModel = Callable[[], AbstractAsyncContextManager[Model]]
"""Opens a model for one exchange; connections never outlive the turn's event loop or an interruption."""

"""What the terminal needs of an agent."""

from collections.abc import Callable
from typing import Protocol

from concierge_agent.answer import Answer, Preview
from concierge_agent.conversation import Conversation


class Speaker(Protocol):
    """Answers the turns of a conversation."""

    async def turn(
        self,
        conversation: Conversation,
        text: str,
        *,
        on_progress: Callable[[str], None] | None = None,
        on_sentence: Callable[[str], None] | None = None,
        on_preview: Callable[[Preview], None] | None = None,
    ) -> tuple[Conversation, Answer]:
        """Run one turn and return the conversation after it with the answer."""
        ...

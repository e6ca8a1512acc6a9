"""An exchange with a model until its reply can be used: one request, and at most one repair."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from concierge_agent.errors import BrainError
from concierge_agent.llm.client import ModelClient
from concierge_agent.llm.model import Message, Prompt
from concierge_agent.llm.parsing import UnusableReply
from concierge_agent.prompts.templates import Template

Read = TypeVar("Read")


async def ask_until_usable(
    client: ModelClient, prompt: Prompt, read: Callable[[str], Read], repair: Template
) -> tuple[Read, Prompt]:
    """Return what `read` makes of the reply, and the exchange that led to it, for a later objection.

    A reply that `read` finds unusable goes back once, in the words of `repair`, with its exact problems. Raises
    `BrainError` when the second is unusable as well, or the model could not be reached.
    """
    text = await client.ask(prompt)
    try:
        return read(text), _replied(prompt, text)
    except UnusableReply as unusable:
        prompt = objected(_replied(prompt, text), unusable.problems, repair)
    text = await client.ask(prompt)
    try:
        return read(text), _replied(prompt, text)
    except UnusableReply as unusable:
        raise BrainError(f"The model's reply cannot be used: {unusable.problems[0][:200]}") from None


def objected(prompt: Prompt, problems: Sequence[str], repair: Template) -> Prompt:
    """Return the exchange with an objection to its last reply."""
    text = repair.fill(problems="\n".join(f"- {problem}" for problem in problems))
    said = Message("user", (text,))
    return replace(prompt, messages=(*prompt.messages, said), objections=prompt.objections + 1)


def _replied(prompt: Prompt, text: str) -> Prompt:
    # The Messages API refuses an empty assistant message, and one that ends in white space.
    return replace(prompt, messages=(*prompt.messages, Message("assistant", (text.strip() or "(nothing)",))))

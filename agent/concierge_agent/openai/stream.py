"""Reads the events of a streamed chat completion into one reply."""

import json
from collections.abc import AsyncIterator
from typing import Any

from concierge_agent.errors import BrainError
from concierge_agent.llm.model import CutStream, Reply, Tokens

_TOKEN = 4
"""Characters of a token, roughly; the guess stands in where a server does not count."""


class Completion:
    """What has arrived of a reply."""

    def __init__(self, *, asked: int) -> None:
        """Start with nothing; `asked` is the size of the request in characters."""
        self._asked = asked
        self._parts: list[str] = []
        self._size = 0
        self._finish: str | None = None
        self._refused = False
        self._counted: Tokens | None = None

    @property
    def usage(self) -> Tokens:
        """What it cost: as the server counted it, else guessed from the sizes of both texts."""
        return self._counted or Tokens(self._asked // _TOKEN, self._size // _TOKEN)

    async def read(self, lines: AsyncIterator[str]) -> Reply:
        """Read a body to its end and return the reply.

        Raises `CutStream` when it holds no end, or breaks the protocol, and `BrainError` when the model refused.
        """
        async for line in lines:
            data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
            if data == "[DONE]":
                break
            if data:
                self._take(_event(data))
        return self._reply()

    def _take(self, event: dict[str, Any]) -> None:
        if error := event.get("error"):
            kind = error.get("type") or error.get("code") if isinstance(error, dict) else None
            raise CutStream(str(kind or "error"))
        self._count(event.get("usage"))
        for choice in event.get("choices") or ():
            if not isinstance(choice, dict):
                raise CutStream("broken event")
            delta = choice.get("delta")
            for part in _texts(delta, "content"):
                self._parts.append(part)
            thought = _texts(delta, "reasoning_content")
            self._size += sum(len(part) for part in (*_texts(delta, "content"), *thought))
            self._refused = self._refused or bool(_texts(delta, "refusal"))
            self._finish = choice.get("finish_reason") or self._finish

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            details = usage.get("prompt_tokens_details")
            read = details.get("cached_tokens") if isinstance(details, dict) else None
            counts = (usage.get("prompt_tokens"), usage.get("completion_tokens"), read)
            inputs, outputs, cached = (count if isinstance(count, int) else 0 for count in counts)
            self._counted = Tokens(inputs, outputs, cache_read=min(cached, inputs))

    def _reply(self) -> Reply:
        text = "".join(self._parts)
        if self._refused or self._finish == "content_filter":
            raise BrainError("The model declined to answer this.")
        if self._finish is None:
            raise CutStream("no end")
        if self._finish in ("tool_calls", "function_call"):
            raise BrainError("The model called a tool where an answer was asked for.")
        return Reply(text, "length" if self._finish == "length" else "complete")


def _event(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except ValueError:
        raise CutStream("broken event") from None
    if not isinstance(event, dict):
        raise CutStream("broken event")
    return event


def _texts(delta: object, name: str) -> list[str]:
    text = delta.get(name) if isinstance(delta, dict) else None
    return [text] if isinstance(text, str) and text else []

"""The response cache: what a model said once is said again, without asking it, while nothing it rests on has changed.

A key is the whole prompt and the circumstances, hashed. Nothing similar ever matches: "under 80" is another prompt than
"under 100". Only whole replies are kept that could be read and that nobody has objected to.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import Protocol, Self

from concierge_agent.llm.model import Model, OpenModel, Prompt, Reply, Spend


class Replies(Protocol):
    """Keeps replies by key for a while; implemented by the server's database."""

    def find(self, key: str) -> str | None:
        """Return the text kept under `key`, or None."""
        ...

    def keep(self, key: str, text: str) -> None:
        """Keep a text under `key`."""
        ...

    def drop(self, key: str) -> None:
        """Let go of what is kept under `key`, if anything is."""
        ...


@dataclass(frozen=True, slots=True)
class ReplyCache:
    """Where replies are kept, and what they rest on beside their prompt."""

    replies: Replies
    circumstances: Callable[[], Mapping[str, int | str | None]]
    """The user, the artifact, and what the store notes of live values and feedback, as they are now."""


class CachedModel:
    """Implements `Model` over another one, which it opens only for what was not said before.

    What was said is kept when the `with` block ends well: who cannot use a reply objects to it or leaves by an error.
    """

    def __init__(self, open_model: OpenModel, cache: ReplyCache, about: str) -> None:
        """Cache the replies of one exchange; `about` tells models of the same name on different servers apart."""
        self._open_model = open_model
        self._cache = cache
        self._about = about
        self._stack = AsyncExitStack()
        self._model: Model | None = None
        self._opening = asyncio.Lock()
        self._said: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        if kind is None:  # the exchange came to something: its replies could be used
            for key, text in self._said.items():
                self._cache.replies.keep(key, text)

    async def reply(self, prompt: Prompt, *, room: int, spend: Spend) -> Reply:
        """Return what was said to the same prompt, else ask; see `Model`."""
        key = self._key(_first(prompt))
        if prompt.objections:
            self._said.pop(key, None)
            self._cache.replies.drop(key)
        goes_on = prompt.objections > 0 or prompt.messages[-1].role == "assistant"
        if not goes_on and (text := self._cache.replies.find(key)) is not None:
            return Reply(text, cached=True)
        reply = await (await self._opened()).reply(prompt, room=room, spend=spend)
        if reply.ending == "complete" and not goes_on:
            self._said[key] = reply.text
        return reply

    async def _opened(self) -> Model:
        async with self._opening:
            if self._model is None:
                self._model = await self._stack.enter_async_context(self._open_model())
        return self._model

    def _key(self, prompt: Prompt) -> str:
        rests_on = [self._about, asdict(prompt), dict(self._cache.circumstances())]
        return hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()


def _first(prompt: Prompt) -> Prompt:
    """Return the prompt before anything was objected to."""
    asked = len(prompt.messages) - 2 * prompt.objections
    return replace(prompt, messages=prompt.messages[:asked], objections=0)

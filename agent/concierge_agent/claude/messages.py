"""The Messages API as a model, through the SDK.

Everything is streamed, since a stream tells a finished reply (`message_stop`) from a lost one. The SDK itself does not:
on a body that ends early it returns the part that came, with no stop reason and no error.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.errors import BrainError
from concierge_agent.llm.model import CutStream, Message, Prompt, Reply, Spend, Tokens

if TYPE_CHECKING:  # importing the SDK costs more than a second, which `--help` must not pay
    from anthropic import APIStatusError, AsyncAnthropic
    from anthropic.types import MessageParam, OutputConfigParam, ParsedMessage, TextBlockParam

_ANTHROPIC = "https://api.anthropic.com"
_NO_KEY = "not-needed"


class MessagesModel:
    """Implements `Model` over the Messages API, for the length of a `with` block."""

    def __init__(self, settings: ClaudeSettings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self._client: AsyncAnthropic | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        if settings.api_key is None and settings.base_url is None:
            raise BrainError("There is no API key for the model; set one, or the base URL of a server that needs none.")
        import anthropic

        # Both are always passed: what is left out here, the SDK looks up in the environment and in files.
        key = settings.api_key.get_secret_value() if settings.api_key is not None else _NO_KEY
        client = anthropic.AsyncAnthropic(
            api_key=key,
            base_url=settings.base_url or _ANTHROPIC,
            timeout=settings.timeout,
            max_retries=settings.max_retries,
        )
        self._client = await self._stack.enter_async_context(client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client = None
        await self._stack.aclose()

    async def reply(self, prompt: Prompt, *, room: int, spend: Spend) -> Reply:
        """Ask once; see `Model`."""
        message = await self._call(prompt, room, spend)
        text = "".join(block.text for block in message.content if block.type == "text")
        match message.stop_reason:
            case "max_tokens":
                return Reply(text, "length")
            case "pause_turn":
                return Reply(text, "paused")
            case "refusal":
                raise BrainError("The model declined to answer this.")
            case "model_context_window_exceeded":
                raise BrainError("The conversation no longer fits into the model's context.")
            case "tool_use":
                raise BrainError("The model called a tool where an answer was asked for.")
        return Reply(text)

    async def _call(self, prompt: Prompt, room: int, spend: Spend) -> "ParsedMessage[None]":
        import anthropic
        import httpx2

        if self._client is None:
            raise RuntimeError("Enter the model before asking.")
        config: OutputConfigParam = {"format": {"type": "json_schema", "schema": prompt.schema}}
        manager = self._client.messages.stream(
            model=prompt.model,
            max_tokens=room,
            system=[_block(text, cached=True) for text in prompt.system],
            messages=[_param(message) for message in prompt.messages],
            output_config=config if self._settings.structured_output else anthropic.omit,
        )
        # What a stream that does not follow the protocol makes the SDK raise while it is read.
        broken = (anthropic.APIError, httpx2.HTTPError, ValueError, LookupError, AttributeError, TypeError)
        with self._readable_errors(prompt.model):
            async with asyncio.timeout(self._settings.timeout), manager as stream:
                started = finished = False
                try:
                    async for event in stream:
                        started = started or event.type == "message_start"
                        finished = finished or event.type == "message_stop"
                except broken as error:
                    raise CutStream(_kind(error)) from None
                finally:
                    if started:
                        _spend(stream.current_message_snapshot, spend)
                if not finished:
                    raise CutStream("no end")
                return stream.current_message_snapshot

    @contextmanager
    def _readable_errors(self, model: str) -> Iterator[None]:
        # Never chained (`from None`): the SDK's own messages quote the server's body, which may quote the key.
        import anthropic

        host = self._client.base_url.host if self._client is not None else ""
        try:
            yield
        except (TimeoutError, anthropic.APITimeoutError):
            raise BrainError(f"The model did not answer within {self._settings.timeout:g} seconds.") from None
        except anthropic.APIConnectionError:
            raise BrainError(f"The model's API at {host} cannot be reached.") from None
        except anthropic.OverloadedError:
            raise BrainError("The model is overloaded; try again in a moment.") from None
        except anthropic.RateLimitError:
            raise BrainError("The model's rate limit is used up; try again in a moment.") from None
        except (anthropic.AuthenticationError, anthropic.PermissionDeniedError) as error:
            raise BrainError(f"The model's API refused the key ({error.status_code}); check it.") from None
        except anthropic.NotFoundError:
            raise BrainError(f"The model's API at {host} knows no model {model!r}; check the setting.") from None
        except anthropic.APIStatusError as error:
            raise BrainError(f"The model's API answered {error.status_code}{self._said(error)}.") from None
        except anthropic.AnthropicError as error:
            raise BrainError(f"The model's API failed ({type(error).__name__}).") from None

    def _said(self, error: "APIStatusError") -> str:
        return f": {self._settings.told(error.api_message)}" if error.api_message else ""


def _spend(message: "ParsedMessage[None]", spend: Spend) -> None:
    # The SDK does not validate: counts that a server leaves out are missing attributes.
    usage = getattr(message, "usage", None)
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    plain, written, read, output = (getattr(usage, name, None) or 0 for name in names)
    spend(Tokens(plain + written + read, output, cache_read=read, cache_write=written))


def _kind(error: Exception) -> str:
    kind: Any = getattr(error, "type", None)
    return kind if isinstance(kind, str) else type(error).__name__


def _param(message: Message) -> "MessageParam":
    blocks = [_block(text, cached=place < message.cached) for place, text in enumerate(message.blocks)]
    if message.role == "assistant":
        return {"role": "assistant", "content": blocks}
    return {"role": "user", "content": blocks}


def _block(text: str, *, cached: bool) -> "TextBlockParam":
    if cached:  # at most two blocks of a prompt and one of a message are: the API allows four breakpoints
        return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
    return {"type": "text", "text": text}

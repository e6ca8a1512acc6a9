"""`chat/completions` as a model, over plain HTTP.

Streamed for the same reason as the Messages API: `finish_reason` tells a finished reply from a lost one. Retries are
this module's own: load, a server that still loads its weights, and connections lost before anything was answered.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from concierge_agent.errors import BrainError
from concierge_agent.llm.model import CutStream, Message, Prompt, Reply, Spend
from concierge_agent.openai.settings import OpenAISettings
from concierge_agent.openai.stream import Completion

if TYPE_CHECKING:  # importing it takes a while, which `--help` must not pay
    import httpx2

_OPENAI = "https://api.openai.com/v1"
_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
_LONGEST_ERROR = 20_000


class CompletionsModel:
    """Implements `Model` over `chat/completions`, for the length of a `with` block."""

    def __init__(self, settings: OpenAISettings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        if settings.api_key is None and settings.base_url is None:
            raise BrainError("There is no API key for the model; set one, or the base URL of a server that needs none.")
        import httpx2

        key = settings.api_key.get_secret_value() if settings.api_key is not None else ""
        client = httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"} if key else {}, timeout=settings.timeout)
        self._client = await self._stack.enter_async_context(client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client = None
        await self._stack.aclose()

    async def reply(self, prompt: Prompt, *, room: int, spend: Spend) -> Reply:
        """Ask once; see `Model`."""
        body = json.dumps(self._body(prompt, room), ensure_ascii=False).encode()
        with self._readable_errors():
            async with asyncio.timeout(self._settings.timeout):
                for attempt in range(self._settings.max_retries):
                    try:
                        return await self._attempt(prompt.model, body, spend)
                    except _Refused as refused:
                        wait = refused.wait
                    await asyncio.sleep(min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) if wait is None else wait)
                try:
                    return await self._attempt(prompt.model, body, spend)
                except _Refused as refused:
                    raise BrainError(str(refused)) from None

    def _body(self, prompt: Prompt, room: int) -> dict[str, Any]:
        settings = self._settings
        system = {"role": "system", "content": "\n\n".join(prompt.system)}
        body: dict[str, Any] = {
            "model": prompt.model,
            "messages": [system, *(_message(message) for message in prompt.messages)],
            # OpenAI's newer models refuse the old name of the limit; servers of one's own may not know the new one.
            "max_completion_tokens" if settings.base_url is None else "max_tokens": room,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if settings.temperature is not None:
            body["temperature"] = settings.temperature if prompt.variety is None else prompt.variety
        if settings.structured_output:
            named = {"name": "reply", "strict": True, "schema": prompt.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        return body

    async def _attempt(self, model: str, body: bytes, spend: Spend) -> Reply:
        import httpx2

        if self._client is None:
            raise RuntimeError("Enter the model before asking.")
        url = f"{(self._settings.base_url or _OPENAI).rstrip('/')}/chat/completions"
        request = self._client.build_request("POST", url, content=body, headers={"Content-Type": "application/json"})
        try:
            response = await self._client.send(request, stream=True)
        except httpx2.TimeoutException:
            raise
        except httpx2.TransportError:
            raise _Refused(f"The model's API at {request.url.host} cannot be reached.", None) from None
        try:
            if response.status_code != 200:
                raise await self._refusal(response, model)
            completion = Completion(asked=len(body))
            try:
                return await completion.read(response.aiter_lines())
            except httpx2.TimeoutException:
                raise
            except (httpx2.HTTPError, ValueError) as error:
                raise CutStream(type(error).__name__) from None
            finally:
                spend(completion.usage)
        finally:
            await response.aclose()

    async def _refusal(self, response: "httpx2.Response", model: str) -> "BrainError | _Refused":
        """Return what an answer other than 200 means: an error, or one that may pass."""
        status, host = response.status_code, response.request.url.host
        said = await _error(response)
        if status in (401, 403):
            return BrainError(f"The model's API refused the key ({status}); check it.")
        if "context" in said.kind:
            return BrainError("The conversation no longer fits into the model's context.")
        if status == 404:
            return BrainError(f"The model's API at {host} knows no model {model!r}; check the setting.")
        told = f": {self._settings.told(said.message)}" if said.message else ""
        message = f"The model's API answered {status}{told}."
        if status == 429:
            message = "The model's rate limit is used up; try again in a moment."
        if status in (503, 529):
            message = "The model is overloaded; try again in a moment."
        if status in _RETRIED and response.headers.get("x-should-retry") != "false":
            return _Refused(message, _wait(response))
        return BrainError(message)

    @contextmanager
    def _readable_errors(self) -> Iterator[None]:
        # Never chained (`from None`): the client's own errors hold the request, and with it the key.
        import httpx2

        try:
            yield
        except (TimeoutError, httpx2.TimeoutException):
            raise BrainError(f"The model did not answer within {self._settings.timeout:g} seconds.") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise BrainError(f"The model's API failed ({type(error).__name__}).") from None


class _Refused(Exception):  # noqa: N818  (reads as what happened)
    """A request that was not answered, and after how many seconds it is worth another try."""

    def __init__(self, message: str, wait: float | None) -> None:
        super().__init__(message)
        self.wait = wait


class _Said:
    """An error as the server words it."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        self.message = message


async def _error(response: "httpx2.Response") -> _Said:
    """Read an error body; empty when it is none, since servers and proxies put there what they like."""
    raw = b""
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > _LONGEST_ERROR:
            break
    try:
        body = json.loads(raw)
    except ValueError:
        return _Said("", "")
    error = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(error, str):
        return _Said("", error)
    if not isinstance(error, dict):
        return _Said("", "")
    message = error.get("message")
    return _Said(f"{error.get('type')} {error.get('code')}", message if isinstance(message, str) else "")


def _wait(response: "httpx2.Response") -> float | None:
    """Return the seconds a server asks to wait, when it does so in numbers."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(response.headers.get(name, "")) / unit)
        except ValueError:
            continue
    return None


def _message(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": "\n".join(message.blocks)}

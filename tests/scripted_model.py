"""A scripted model: real HTTP on a loopback port, for driving a real client without a model.

    with ScriptedMessagesApi() as api:      # or ScriptedCompletionsApi: the same script plays on both
        api.script(overloaded(), plan_reply({"intent": "general", "reply": "Hello."}))
        ...                       # point the settings' base_url at api.url
        api.finish()              # fails when the script was not played to its end, or overrun
        api.requests[0].body      # every request as it arrived, refused ones included

A script is a list of steps, one for each request in order of arrival; what a client repeats on its own is a request
too. A step is a `Reply`, `Failure`, `Cut` or `Hang`, or a callable that gets the request's body and returns one of them
(to obey an injected instruction, or to quote an id from the prompt). Replies are streamed (SSE) when the request asks
for it, else sent as JSON. The server does not check schemas, count tokens or authenticate: it plays what it is told to.
How each API words these steps is its own module's; the words used here are the Messages API's.
"""

import json
import socket
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Self

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

_USAGE = {"input_tokens": 100, "output_tokens": 20}


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete message: its content blocks, why it stopped, and what it is said to have cost."""

    content: tuple[dict[str, Any], ...]
    stop_reason: str = "end_turn"
    usage: Mapping[str, int] = field(default_factory=lambda: _USAGE)


@dataclass(frozen=True, slots=True)
class Failure:
    """An HTTP error in the API's form."""

    status: int
    type: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """A stream that ends before the reply does: quietly, or (`abrupt`) with the connection broken in mid-body.

    `error` puts the API's own `error` event where the stream ends.
    """

    reply: Reply
    abrupt: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer until the server is reset or stopped."""


Outcome = Reply | Failure | Cut | Hang
Step = Outcome | Callable[[dict[str, Any]], Outcome]


@dataclass(frozen=True, slots=True)
class Recorded(ABC):
    """A request as it arrived."""

    body: dict[str, Any]
    headers: dict[str, str]
    """Names in lower case."""

    @property
    @abstractmethod
    def system(self) -> str:
        """All text of the system prompt."""

    @property
    @abstractmethod
    def messages(self) -> list[str]:
        """The text of each message, in order; the system prompt is none."""

    @property
    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The JSON schema the reply was asked to follow."""


def text_reply(text: str, *, stop_reason: str = "end_turn", **usage: int) -> Reply:
    """Reply with `text` as it is: prose, wrong JSON, JSON in a code fence. `usage` overrides token counts."""
    return Reply(({"type": "text", "text": text},), stop_reason, _USAGE | usage)


def json_reply(value: Mapping[str, Any], **usage: int) -> Reply:
    """Reply with structured output: `value` as JSON."""
    return Reply(({"type": "text", "text": json.dumps(value)},), usage=_USAGE | usage)


def plan_reply(proposal: Mapping[str, Any], **usage: int) -> Reply:
    """Reply with a plan; `proposal` needs only an intent.

    Arguments may be a plain object here, as models on other servers write them; they are sent as name and value pairs.
    """
    plan: dict[str, Any] = {"add": [], "retract": [], "steps": [], "present": True}
    plan |= {"question": None, "reply": "", "notes": []} | dict(proposal)
    plan["steps"] = [
        {"purpose": "", **step, "arguments": [{"name": k, "value": v} for k, v in step.get("arguments", {}).items()]}
        for step in plan["steps"]
    ]
    return json_reply(plan, **usage)


def draft_reply(draft: Mapping[str, Any], **usage: int) -> Reply:
    """Reply with a draft; every part may be left out."""
    return json_reply({"opening": "", "items": [], "closing": ""} | dict(draft), **usage)


def tool_use(name: str, arguments: Mapping[str, Any]) -> Reply:
    """Reply with a tool call nobody offered."""
    block = {"type": "tool_use", "id": "toolu_scripted", "name": name, "input": dict(arguments)}
    return Reply((block,), "tool_use")


def refusal(text: str = "") -> Reply:
    """Refuse."""
    return text_reply(text, stop_reason="refusal")


def overloaded(*, retry_after_ms: int = 1) -> Failure:
    """Answer 529; the client waits `retry_after_ms` and tries again."""
    return Failure(529, "overloaded_error", "Overloaded", {"retry-after-ms": str(retry_after_ms)})


def rate_limited(*, retry_after_ms: int = 1) -> Failure:
    """Answer 429; the client waits `retry_after_ms` and tries again."""
    return Failure(429, "rate_limit_error", "Too many requests", {"retry-after-ms": str(retry_after_ms)})


def failure(status: int, message: str, *, error_type: str = "invalid_request_error") -> Failure:
    """Answer an error that the client is told not to retry."""
    return Failure(status, error_type, message, {"x-should-retry": "false"})


def cut_stream(reply: Reply, *, at: float = 0.5, abrupt: bool = False, error: str | None = None) -> Cut:
    """Stream the share `at` of a reply's text, then end without its end; see `Cut`."""
    text: str = reply.content[0]["text"]
    return Cut(text_reply(text[: int(len(text) * at)]), abrupt, error)


class ScriptedModel(ABC):
    """The server, as a context manager. It may serve many tests: `script` starts over."""

    path: ClassVar[str]
    """Where requests are posted."""
    under: ClassVar[str] = ""
    """The part of the path that belongs to the base URL."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self._steps: deque[Step] = deque()
        self._always: Callable[[dict[str, Any]], Outcome] | None = None
        self._overrun = 0
        self._release = threading.Event()
        self._socket = socket.socket()
        app = Starlette(routes=[Route(self.path, self._answer, methods=["POST"])])
        config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()  # from here on connections queue, so nobody has to wait for the thread
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release.set()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    @property
    def url(self) -> str:
        """What to give a client as its base URL."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}{self.under}"

    def script(self, *steps: Step) -> None:
        """Play these steps from now on, and forget the requests so far."""
        self._release.set()
        self._release = threading.Event()
        self.requests = []
        self._overrun = 0
        self._steps = deque(steps)
        self._always = None

    def always(self, answer: Callable[[dict[str, Any]], Outcome]) -> None:
        """Answer every request from now on by this rule; requests are not kept."""
        self.script()
        self._always = answer

    def finish(self) -> None:
        """Check that every step was played and no request came after the last."""
        assert not self._steps, f"{len(self._steps)} scripted steps were never asked for"
        assert not self._overrun, f"{self._overrun} requests came after the end of the script"

    @abstractmethod
    def recorded(self, body: dict[str, Any], headers: dict[str, str]) -> Recorded:
        """Return a request as this API's clients write it."""

    @abstractmethod
    def message(self, reply: Reply, model: str) -> dict[str, Any]:
        """Return a whole reply as this API sends it."""

    @abstractmethod
    def events(self, outcome: Reply | Cut, model: str) -> Iterator[str]:
        """Yield the events of a streamed reply; one that is cut ends without its end."""

    def error(self, outcome: Failure) -> JSONResponse:
        """Return an error; both APIs word it the same way."""
        body = {"type": "error", "error": {"type": outcome.type, "message": outcome.message}}
        return JSONResponse(body, status_code=outcome.status, headers=dict(outcome.headers))

    async def _answer(self, request: HttpRequest) -> Response:
        body = await request.json()
        if self._always is not None:
            outcome = self._always(body)
            return self.respond(outcome, body) if isinstance(outcome, Reply | Cut) else JSONResponse({}, 500)
        self.requests.append(self.recorded(body, {name.lower(): value for name, value in request.headers.items()}))
        if not self._steps:
            self._overrun += 1
            return self.error(failure(400, "The script has no more steps."))
        step = self._steps.popleft()
        outcome = step(body) if callable(step) else step
        if isinstance(outcome, Hang):
            await anyio.to_thread.run_sync(self._release.wait, abandon_on_cancel=True)
            return Response(status_code=503)
        if isinstance(outcome, Failure):
            return self.error(outcome)
        return self.respond(outcome, body)

    def respond(self, outcome: Reply | Cut, body: dict[str, Any]) -> Response:
        """Return a reply, streamed when the request asks for it."""
        if body.get("stream"):
            return StreamingResponse(self._stream(outcome, body["model"]), media_type="text/event-stream")
        return JSONResponse(self.message(outcome if isinstance(outcome, Reply) else outcome.reply, body["model"]))

    async def _stream(self, outcome: Reply | Cut, model: str) -> AsyncIterator[str]:
        for event in self.events(outcome, model):
            yield event
        if isinstance(outcome, Cut) and outcome.abrupt:
            raise _Broken


class _Broken(Exception):  # noqa: N818  (not an error: how a connection is broken on purpose)
    """Ends a response in mid-body."""


def bits(text: str, size: int = 40) -> list[str]:
    """Return text in pieces, as streams bring it."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def texts(content: str | list[dict[str, Any]]) -> str:
    """Return the text of a message's content, in either of its forms."""
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text", "") for block in content)

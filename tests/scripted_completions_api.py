"""The scripted model behind `chat/completions`, as llama.cpp, Ollama, vLLM and LM Studio speak it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from tests.scripted_model import Cut, Recorded, Reply, ScriptedModel, bits, failure, texts

_FINISH = {
    "end_turn": "stop",
    "max_tokens": "length",
    "refusal": "content_filter",
    "tool_use": "tool_calls",
}


class CompletionsRequest(Recorded):
    """A request for a chat completion."""

    @property
    def system(self) -> str:
        return "\n".join(texts(m["content"]) for m in self.body["messages"] if m["role"] == "system")

    @property
    def messages(self) -> list[str]:
        return [texts(m["content"]) for m in self.body["messages"] if m["role"] != "system"]

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self.body["response_format"]["json_schema"]["schema"]
        return schema


class ScriptedCompletionsApi(ScriptedModel):
    """Speaks `chat/completions`. With `counts` False it leaves the token counts out, as some servers do."""

    path = "/v1/chat/completions"
    under = "/v1"

    def __init__(self) -> None:
        super().__init__()
        self.counts = True

    def recorded(self, body: dict[str, Any], headers: dict[str, str]) -> Recorded:
        return CompletionsRequest(body, headers)

    def respond(self, outcome: Reply | Cut, body: dict[str, Any]) -> Response:
        if isinstance(outcome, Reply) and outcome.stop_reason == "model_context_window_exceeded":
            said = "the request exceeds the available context size"
            return self.error(failure(400, said, error_type="exceed_context_size_error"))
        return super().respond(outcome, body)

    def message(self, reply: Reply, model: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": texts(list(reply.content))}
        choice = {"index": 0, "message": message, "finish_reason": _FINISH[reply.stop_reason]}
        return {
            "id": "scripted",
            "object": "chat.completion",
            "model": model,
            "choices": [choice],
            "usage": _usage(reply),
        }

    def events(self, outcome: Reply | Cut, model: str) -> Iterator[str]:
        reply = outcome if isinstance(outcome, Reply) else outcome.reply
        yield _chunk(model, {"role": "assistant", "content": None})
        for bit in bits(texts(list(reply.content))):
            yield _chunk(model, {"content": bit})
        if isinstance(outcome, Cut):
            if outcome.error:
                yield _sse({"error": {"type": outcome.error, "message": outcome.error}})
            return
        yield _chunk(model, {}, _FINISH[reply.stop_reason])
        if self.counts:
            yield _sse({"object": "chat.completion.chunk", "model": model, "choices": [], "usage": _usage(reply)})
        yield "data: [DONE]\n\n"


def _usage(reply: Reply) -> dict[str, Any]:
    inputs = sum(count for name, count in reply.usage.items() if name != "output_tokens")
    counts: dict[str, Any] = {"prompt_tokens": inputs, "completion_tokens": reply.usage["output_tokens"]}
    if read := reply.usage.get("cache_read_input_tokens"):
        counts["prompt_tokens_details"] = {"cached_tokens": read}
    return counts


def _chunk(model: str, delta: Mapping[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _sse({"object": "chat.completion.chunk", "model": model, "choices": [choice]})


def _sse(event: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(event)}\n\n"

"""The scripted model behind the Messages API."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.scripted_model import Cut, Recorded, Reply, ScriptedModel, bits, texts


class MessagesRequest(Recorded):
    """A request to the Messages API."""

    @property
    def system(self) -> str:
        return texts(self.body.get("system", ""))

    @property
    def messages(self) -> list[str]:
        return [texts(message["content"]) for message in self.body["messages"]]

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self.body["output_config"]["format"]["schema"]
        return schema


class ScriptedMessagesApi(ScriptedModel):
    """Speaks the Messages API."""

    path = "/v1/messages"

    def recorded(self, body: dict[str, Any], headers: dict[str, str]) -> Recorded:
        return MessagesRequest(body, headers)

    def message(self, reply: Reply, model: str) -> dict[str, Any]:
        return {
            "id": "msg_scripted",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": list(reply.content),
            "stop_reason": reply.stop_reason,
            "stop_sequence": None,
            "usage": dict(reply.usage),
        }

    def events(self, outcome: Reply | Cut, model: str) -> Iterator[str]:
        reply = outcome if isinstance(outcome, Reply) else outcome.reply
        for event in self._events(reply, model):
            if isinstance(outcome, Cut) and event["type"] == "content_block_stop":
                if outcome.error:
                    yield _sse({"type": "error", "error": {"type": outcome.error, "message": outcome.error}})
                return
            yield _sse(event)

    def _events(self, reply: Reply, model: str) -> Iterator[dict[str, Any]]:
        start = self.message(reply, model) | {"content": [], "stop_reason": None}
        yield {"type": "message_start", "message": start | {"usage": dict(reply.usage) | {"output_tokens": 1}}}
        yield {"type": "ping"}
        for index, block in enumerate(reply.content):
            if block["type"] == "text":
                opened = block | {"text": ""}
                deltas = [{"type": "text_delta", "text": bit} for bit in bits(block["text"])]
            else:
                opened = block | {"input": {}}
                deltas = [{"type": "input_json_delta", "partial_json": bit} for bit in bits(json.dumps(block["input"]))]
            yield {"type": "content_block_start", "index": index, "content_block": opened}
            yield from ({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas)
            yield {"type": "content_block_stop", "index": index}
        usage = {"output_tokens": reply.usage["output_tokens"]}
        stop = {"stop_reason": reply.stop_reason, "stop_sequence": None}
        yield {"type": "message_delta", "delta": stop, "usage": usage}
        yield {"type": "message_stop"}


def _sse(event: Mapping[str, Any]) -> str:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"

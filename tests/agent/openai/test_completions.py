"""What `chat/completions` alone has: how the request is worded, and servers that differ."""

from collections.abc import AsyncIterator

import pytest

from concierge_agent.errors import BrainError, BudgetExceeded
from concierge_agent.llm.model import CutStream, Reply
from concierge_agent.openai.brain import OpenAIBrain
from concierge_agent.openai.settings import OpenAISettings
from concierge_agent.openai.stream import Completion
from tests.agent.llm.conftest import turn
from tests.agent.llm.test_failures import GREETING, plan
from tests.scripted_completions_api import ScriptedCompletionsApi
from tests.scripted_model import Failure, failure, text_reply

pytestmark = pytest.mark.anyio


async def read(*lines: str) -> Reply:
    async def body() -> AsyncIterator[str]:
        for line in lines:
            yield line

    return await Completion(asked=0).read(body())


async def test_the_schema_travels_as_the_response_format(api: ScriptedCompletionsApi, brain: OpenAIBrain) -> None:
    api.script(GREETING)

    await plan(brain)

    body = api.requests[0].body
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "temperature" not in body


async def test_a_temperature_is_sent_when_there_is_one(api: ScriptedCompletionsApi, settings: OpenAISettings) -> None:
    api.script(GREETING)

    await plan(OpenAIBrain(settings.model_copy(update={"temperature": 0.0})))

    assert api.requests[0].body["temperature"] == 0.0


async def test_a_server_of_ones_own_gets_no_key(api: ScriptedCompletionsApi, settings: OpenAISettings) -> None:
    api.script(GREETING)

    await plan(OpenAIBrain(settings.model_copy(update={"api_key": None})))

    assert "authorization" not in api.requests[0].headers


async def test_a_base_url_may_end_in_a_slash(api: ScriptedCompletionsApi, settings: OpenAISettings) -> None:
    api.script(GREETING)

    assert await plan(OpenAIBrain(settings.model_copy(update={"base_url": f"{api.url}/"}))) == "Hello."


async def test_a_server_that_still_loads_its_model_is_asked_again(
    api: ScriptedCompletionsApi, brain: OpenAIBrain
) -> None:
    api.script(Failure(503, "unavailable_error", "Loading model", {"retry-after": "0"}), GREETING)

    assert await plan(brain) == "Hello."


async def test_a_refusal_that_will_not_pass_is_not_retried(api: ScriptedCompletionsApi, brain: OpenAIBrain) -> None:
    api.script(failure(500, "broken"))

    with pytest.raises(BrainError, match="answered 500: broken"):
        await plan(brain)


async def test_a_server_that_does_not_count_is_held_to_a_guess(
    api: ScriptedCompletionsApi, settings: OpenAISettings
) -> None:
    api.counts = False
    api.script(text_reply("x" * 4000))
    brain = OpenAIBrain(settings.model_copy(update={"max_tokens_per_turn": 1000}))

    with pytest.raises(BudgetExceeded, match="used up its 1000 tokens"):
        await plan(brain)

    assert brain.take_usage().output_tokens == 1000


async def test_a_thinking_model_is_read_by_what_it_says(api: ScriptedCompletionsApi, brain: OpenAIBrain) -> None:
    api.script(text_reply('<think>Maybe {"intent"}?</think>{"intent": "general", "reply": "Hello."}'))

    assert await plan(brain) == "Hello."


async def test_the_request_follows_the_turn(api: ScriptedCompletionsApi, brain: OpenAIBrain) -> None:
    api.script(GREETING)

    async with turn("a red tent") as context:
        await brain.plan(context)

    assert "a red tent" in api.requests[0].messages[0]
    assert "a red tent" not in api.requests[0].system


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["data: {"], "broken event"),
        (["data: [1]"], "broken event"),
        (['data: {"choices": ["x"]}'], "broken event"),
        (['data: {"error": "overloaded"}'], "error"),
        (["data: [DONE]"], "no end"),
        ([], "no end"),
        (['data: {"choices": [{"delta": {"content": "x"}}]}'], "no end"),
    ],
)
async def test_a_stream_that_breaks_the_protocol_is_cut(lines: list[str], told: str) -> None:
    with pytest.raises(CutStream, match=told):
        await read(*lines)


async def test_comments_and_other_fields_of_the_stream_are_passed_over() -> None:
    reply = await read(
        ": ping", "event: x", 'data: {"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}'
    )

    assert reply == Reply("a")


async def test_a_refusal_in_words_is_a_brain_error() -> None:
    with pytest.raises(BrainError, match="declined"):
        await read('data: {"choices": [{"delta": {"refusal": "No."}, "finish_reason": "stop"}]}')

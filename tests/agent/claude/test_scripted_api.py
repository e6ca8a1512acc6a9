"""The scripted server itself: a fake that plays something else than its script would prove nothing."""

from collections.abc import AsyncIterator

import anthropic
import pytest
from anthropic.types import MessageParam

from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Failure, Reply, overloaded, text_reply, tool_use

pytestmark = pytest.mark.anyio

ASKED: list[MessageParam] = [{"role": "user", "content": "Say something."}]


@pytest.fixture
async def client(api: ScriptedMessagesApi) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(api_key="k", base_url=api.url) as sdk:
        yield sdk


async def test_the_same_reply_arrives_as_json_and_as_a_stream(
    api: ScriptedMessagesApi, client: anthropic.AsyncAnthropic
) -> None:
    api.script(text_reply("Hello, ünïcode."), text_reply("Hello, ünïcode."))

    whole = await client.messages.create(model="m", max_tokens=10, messages=ASKED)
    async with client.messages.stream(model="m", max_tokens=10, messages=ASKED) as stream:
        streamed = await stream.get_final_message()

    assert [block.to_dict() for block in whole.content] == [block.to_dict() for block in streamed.content]
    assert (whole.stop_reason, whole.usage.output_tokens) == (streamed.stop_reason, streamed.usage.output_tokens)


async def test_a_tool_call_is_streamed_with_its_arguments(
    api: ScriptedMessagesApi, client: anthropic.AsyncAnthropic
) -> None:
    api.script(tool_use("search_catalog", {"query": "x" * 100}))

    async with client.messages.stream(model="m", max_tokens=10, messages=ASKED) as stream:
        message = await stream.get_final_message()

    block = message.content[0]
    assert block.type == "tool_use"
    assert block.input == {"query": "x" * 100}


async def test_a_callable_step_sees_the_request(api: ScriptedMessagesApi, client: anthropic.AsyncAnthropic) -> None:
    def echo(body: dict[str, object]) -> Reply | Failure:
        return text_reply(str(body["model"]))

    api.script(overloaded(), echo)

    message = await client.messages.create(model="parrot", max_tokens=10, messages=ASKED)

    assert message.content[0].to_dict()["text"] == "parrot"
    assert len(api.requests) == 2
    assert api.requests[0].headers["anthropic-version"]


async def test_a_script_not_played_to_its_end_fails_the_test(api: ScriptedMessagesApi) -> None:
    api.script(text_reply("never asked for"))

    with pytest.raises(AssertionError, match="1 scripted steps were never asked for"):
        api.finish()

    api.script()


async def test_a_request_beyond_the_script_fails_the_test(
    api: ScriptedMessagesApi, client: anthropic.AsyncAnthropic
) -> None:
    with pytest.raises(anthropic.BadRequestError, match="no more steps"):
        await client.messages.create(model="m", max_tokens=10, messages=ASKED)
    with pytest.raises(AssertionError, match="1 requests came after the end"):
        api.finish()

    api.script()

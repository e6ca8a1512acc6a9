"""What the Messages API alone has: the SDK's retries, pauses, and marks for caching."""

import pytest

from concierge_agent.claude.brain import ClaudeBrain
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.errors import BudgetExceeded
from tests.agent.llm.conftest import turn
from tests.agent.llm.test_failures import GREETING, plan
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import overloaded, text_reply

pytestmark = pytest.mark.anyio


async def test_an_overloaded_model_is_asked_again_by_the_sdk(api: ScriptedMessagesApi, brain: ClaudeBrain) -> None:
    api.script(overloaded(), overloaded(), GREETING)

    assert await plan(brain) == "Hello."
    assert [request.headers["x-stainless-retry-count"] for request in api.requests] == ["0", "1", "2"]
    assert brain.take_usage().model_calls == 1


async def test_a_paused_reply_is_continued(api: ScriptedMessagesApi, brain: ClaudeBrain) -> None:
    api.script(text_reply('{"intent": "general",', stop_reason="pause_turn"), text_reply('"reply": "Hello."}'))

    assert await plan(brain) == "Hello."
    assert api.requests[1].messages[-1] == '{"intent": "general",'
    assert api.requests[1].body["messages"][-1]["role"] == "assistant"


async def test_a_looping_model_stops_at_the_cap_on_calls(api: ScriptedMessagesApi, settings: ClaudeSettings) -> None:
    pause = text_reply("{", stop_reason="pause_turn")
    api.script(*[pause] * 3)
    brain = ClaudeBrain(settings.model_copy(update={"max_calls": 3}))

    with pytest.raises(BudgetExceeded, match="used up its 3 model calls"):
        await plan(brain)

    assert brain.take_usage().model_calls == 3


async def test_the_stable_prefix_is_marked_for_caching_and_the_turn_is_not(
    api: ScriptedMessagesApi, brain: ClaudeBrain
) -> None:
    api.script(GREETING, GREETING)

    for text in ("one", "two"):
        async with turn(text) as context:
            await brain.plan(context)

    first, second = (request.body for request in api.requests)
    assert first["system"] == second["system"]
    assert [block["cache_control"] for block in first["system"]] == [{"type": "ephemeral"}] * 2
    catalog, state = first["messages"][0]["content"]
    assert catalog["cache_control"] == {"type": "ephemeral"}
    assert catalog == second["messages"][0]["content"][0]
    assert "cache_control" not in state

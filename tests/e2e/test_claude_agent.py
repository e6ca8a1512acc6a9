"""The whole agent with the Claude brain: real SDK, real HTTP, real MCP server; only the model is scripted."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from pydantic import SecretStr

from concierge_agent.agent import Agent
from concierge_agent.answer import Answer
from concierge_agent.claude.brain import ClaudeBrain
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.conversation import Conversation
from concierge_agent.local_store import LocalConversations
from concierge_agent.offline.brain import OfflineBrain
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Step, cut_stream, draft_reply, overloaded, plan_reply, text_reply
from tests.server.cinema import fit_cinema

pytestmark = pytest.mark.anyio

NO_ACTION = {
    "kind": "constraint",
    "text": "no action",
    "constraint": {"field": "genres", "op": "not_contains", "value": "Action"},
}
DRAMAS = {"field": "genres", "op": "contains", "value": "Drama"}
PLAN = plan_reply(
    {
        "intent": "ask",
        "add": [NO_ACTION],
        "steps": [
            {"id": "s1", "tool": "search_catalog", "arguments": {"query": "", "filters": [DRAMAS]}},
            {"id": "s2", "tool": "rank_candidates", "arguments": {"candidates": "$s1", "by": "popularity"}},
        ],
    }
)


def draft(*items: tuple[str, str, list[dict[str, Any]]], opening: str = "Here is one for you.") -> Step:
    return draft_reply(
        {"opening": opening, "items": [{"id": i, "reason": reason, "claims": claims} for i, reason, claims in items]}
    )


GOOD = draft(("m1", "It runs 95 minutes.", [{"name": "runtime", "value": 95}]))
INVENTED = draft(("m99", "A gem that nobody knows.", []))
FALSE_CLAIM = draft(("m1", "It runs 45 minutes.", [{"name": "runtime", "value": 45}]))


@pytest.fixture(scope="module")
def api() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


@asynccontextmanager
async def agent_on(store: Path, api: ScriptedMessagesApi) -> AsyncIterator[Agent]:
    brain = ClaudeBrain(ClaudeSettings(api_key=SecretStr("secret-key"), base_url=api.url))
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            yield Agent(client, brain, OfflineBrain(), LocalConversations())


@pytest.fixture
def ask(store: Path, api: ScriptedMessagesApi) -> Callable[..., Any]:
    async def run(*steps: Step, text: str = "A drama, but no action.") -> Answer:
        api.script(*steps)
        async with agent_on(store, api) as agent:
            _, answer = await agent.turn(Conversation(id="c"), text)
        api.finish()
        return answer

    return run


async def test_a_plan_of_several_steps_runs_and_its_items_are_worded_by_the_model(ask: Callable[..., Any]) -> None:
    answer = await ask(PLAN, GOOD)
    assert [step["tool"] for step in answer.plan] == ["search_catalog", "rank_candidates"]
    assert [item.id for item in answer.items] == ["m1"]
    assert answer.method == "anthropic"
    assert "95 min" in answer.items[0].reason
    assert any(e.name == "runtime" and e.value == 95 for e in answer.items[0].evidence)
    assert answer.usage.model_calls == 2


async def test_an_invented_item_is_sent_back_and_the_repaired_draft_is_shown(
    ask: Callable[..., Any], api: ScriptedMessagesApi
) -> None:
    answer = await ask(PLAN, INVENTED, GOOD)
    assert [item.id for item in answer.items] == ["m1"]
    assert any("m99" in message for message in api.requests[2].messages)


@pytest.mark.parametrize("bad", [INVENTED, FALSE_CLAIM], ids=["invented item", "false claim"])
async def test_what_the_trace_does_not_hold_never_reaches_the_user(ask: Callable[..., Any], bad: Step) -> None:
    answer = await ask(PLAN, bad, bad)
    assert [item.id for item in answer.items] == ["m1"]
    said = json.dumps(answer.model_dump(mode="json", exclude={"trace"}))
    assert "m99" not in said
    assert "gem" not in said
    assert "45" not in answer.reply


async def test_an_unknown_tool_is_repaired_with_the_exact_error(
    ask: Callable[..., Any], api: ScriptedMessagesApi
) -> None:
    unknown = plan_reply({"intent": "ask", "steps": [{"id": "s1", "tool": "read_minds", "arguments": {}}]})
    answer = await ask(unknown, PLAN, GOOD)
    assert [item.id for item in answer.items] == ["m1"]
    assert any("read_minds" in message for message in api.requests[1].messages)


async def test_wrong_arguments_are_repaired_with_the_exact_error(
    ask: Callable[..., Any], api: ScriptedMessagesApi
) -> None:
    wrong = plan_reply({"intent": "ask", "steps": [{"id": "s1", "tool": "search_catalog", "arguments": {"q": "x"}}]})
    answer = await ask(wrong, PLAN, GOOD)
    assert [item.id for item in answer.items] == ["m1"]
    assert any("'q'" in message for message in api.requests[1].messages)


async def test_a_plan_that_stays_wrong_is_replaced_by_the_offline_brain_s(ask: Callable[..., Any]) -> None:
    wrong = plan_reply({"intent": "ask", "steps": [{"id": "s1", "tool": "read_minds", "arguments": {}}]})
    answer = await ask(wrong, wrong)
    assert answer.method.startswith("offline (anthropic failed")
    assert [item.id for item in answer.items] == ["m1"]


async def test_an_overloaded_model_is_waited_for(ask: Callable[..., Any]) -> None:
    answer = await ask(overloaded(), PLAN, overloaded(), GOOD)
    assert answer.method == "anthropic"


async def test_a_model_that_stays_overloaded_is_replaced_by_the_offline_brain(ask: Callable[..., Any]) -> None:
    answer = await ask(overloaded(), overloaded(), overloaded())
    assert answer.method.startswith("offline (anthropic failed")
    assert [item.id for item in answer.items] == ["m1"]


async def test_a_stream_cut_half_way_is_asked_for_again_and_nothing_of_it_is_shown(ask: Callable[..., Any]) -> None:
    answer = await ask(PLAN, cut_stream(text_reply('{"opening": "Half a sentence that')), GOOD)
    assert answer.method == "anthropic"
    assert "Half a sentence" not in answer.reply


async def test_conditions_hold_whatever_the_model_plans(ask: Callable[..., Any]) -> None:
    careless = plan_reply(
        {
            "intent": "ask",
            "add": [{**NO_ACTION, "constraint": DRAMAS, "text": "a drama"}, NO_ACTION],
            "steps": [{"id": "s1", "tool": "get_trending_items", "arguments": {"n": 10}}],
        }
    )
    answer = await ask(careless, GOOD)
    assert [item.id for item in answer.items] == ["m1"]


async def test_a_looping_model_stops_at_the_cap_of_calls(store: Path, api: ScriptedMessagesApi) -> None:
    def again(_body: dict[str, Any]) -> Any:
        return text_reply("I need to think about it more.")

    api.script(*[again] * 30)
    async with agent_on(store, api) as agent:
        _, answer = await agent.turn(Conversation(id="c"), "A drama, but no action.")
    assert len(api.requests) <= 8
    assert answer.method.startswith("offline (anthropic failed")

"""Planning step by step with a hosted brain: real SDK, real HTTP, real MCP server; only the model is scripted."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
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
from concierge_agent.offline.brain import OfflineBrain
from concierge_agent.stepping import MOST_STEPS
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from concierge_server.state.conversations import DatabaseConversations
from concierge_server.state.marks import mark
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Reply, Step, draft_reply, failure, json_reply
from tests.server.cinema import fit_cinema
from tests.server.recorded import again

pytestmark = pytest.mark.anyio

NO_ACTION = {
    "kind": "constraint",
    "text": "no action",
    "hard": True,
    "constraint": {"field": "genres", "op": "not_contains", "value": "Action"},
    "item_id": "",
    "field": "",
    "value": None,
}
DRAMAS = {"field": "genres", "op": "contains", "value": "Drama"}
GOOD = draft_reply(
    {
        "opening": "Here is one for you.",
        "items": [{"id": "m1", "reason": "It runs 95 minutes.", "claims": [{"name": "runtime", "value": 95}]}],
    }
)


def opening(**parts: Any) -> Reply:
    said = {"intent": "ask", "add": [NO_ACTION], "retract": [], "present": True, "question": None, "reply": ""}
    return json_reply({**said, "notes": [], **parts})


def step(tool: str, **arguments: Any) -> Reply:
    pairs = [{"name": name, "value": value} for name, value in arguments.items()]
    return json_reply({"step": {"tool": tool, "arguments": pairs, "purpose": ""}, "finish": None})


def finish(**parts: Any) -> Reply:
    return json_reply({"step": None, "finish": {"question": None, "reply": "", "notes": [], **parts}})


SEARCH = step("search_catalog", query="", filters=[DRAMAS])


@pytest.fixture(scope="module")
def api() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


@asynccontextmanager
async def agent_on(store: Path, api: ScriptedMessagesApi) -> AsyncIterator[Agent]:
    brain = ClaudeBrain(ClaudeSettings(api_key=SecretStr("secret-key"), base_url=api.url, strategy="react"))
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            conversations, noted = DatabaseConversations(desk.engine), partial(mark, desk.engine, None)
            yield Agent(client, brain, OfflineBrain(), conversations, mark=noted)


Ask = Callable[..., Any]


@pytest.fixture
def ask(store: Path, api: ScriptedMessagesApi) -> Ask:
    async def run(*script: Step, text: str = "A drama, but no action.") -> Answer:
        api.script(*script)
        async with agent_on(store, api) as agent:
            _, answer = await agent.turn(Conversation(id=f"c{len(script)}"), text)
        api.finish()
        return answer

    return run


async def test_each_step_is_taken_after_seeing_what_the_last_one_returned(ask: Ask, api: ScriptedMessagesApi) -> None:
    answer = await ask(
        opening(),
        SEARCH,
        step("rank_candidates", candidates="$s1", by="runtime", descending=False),
        step("get_item_details", item_ids=["$s2.ids"]),
        finish(),
        GOOD,
    )

    assert [item.id for item in answer.items] == ["m1"]
    assert answer.method == "anthropic"
    assert [(s["id"], s["tool"]) for s in answer.plan] == [
        ("s1", "search_catalog"),
        ("s2", "rank_candidates"),
        ("s3", "get_item_details"),
    ]
    assert answer.usage.model_calls == 6
    assert [entry["text"] for entry in answer.ledger] == ["no action"]
    assert "Quiet Harbour" in api.requests[2].messages[-1]
    assert "no action" in api.requests[1].messages[0]  # the ledger is settled before the first step


async def test_a_turn_of_steps_is_replayed_to_the_same_bytes_and_a_step_of_it_can_be_changed(
    ask: Ask, store: Path
) -> None:
    answer = await ask(opening(), SEARCH, step("rank_candidates", candidates="$s1", by="popularity"), finish(), GOOD)

    assert (await again(store, answer.trace)).differences == ()
    changed = await again(store, answer.trace, 's2.arguments.by="runtime"')
    assert changed.answer.trace.plan.steps[1].arguments["by"] == "runtime"


async def test_a_model_that_never_finishes_is_stopped_and_what_it_found_is_shown(ask: Ask) -> None:
    pages = [step("search_catalog", query="", filters=[DRAMAS], n=n + 1) for n in range(MOST_STEPS)]

    answer = await ask(opening(), *pages, GOOD)

    assert [item.id for item in answer.items] == ["m1"]
    assert f"stopped after {MOST_STEPS} steps" in answer.trace.notes


async def test_a_model_that_repeats_itself_is_told_so_and_what_it_found_is_shown(
    ask: Ask, api: ScriptedMessagesApi
) -> None:
    answer = await ask(opening(), *[SEARCH] * MOST_STEPS, GOOD)

    assert [item.id for item in answer.items] == ["m1"]
    assert [call.tool for call in answer.trace.calls].count("search_catalog") == 1
    assert "This is what s1 did" in api.requests[3].messages[-1]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (step("read_minds"), "no tool 'read_minds'"),
        (step("search_catalog", q="x"), "'q' was unexpected"),
        (step("filter_candidates", candidates="$s7", filters=[]), "'s7', which is not an earlier step"),
        (step("search_catalog", query="", filters=[{"field": "mood", "op": "==", "value": "x"}]), "mood"),
        (step("get_similar_items", item_ids=["m99"]), "'m99', which no result of this conversation holds"),
        (step("show_recommendations", item_ids=["m2"]), "not a planner's to call"),
        (json_reply({"step": None, "finish": None}), "either `step` or `finish`"),
        (finish(reply="Loud Harbour is the best."), "'Harbour' is in no result"),
    ],
    ids=["unknown tool", "wrong argument", "no such step", "refused", "invented id", "presenting", "neither", "claim"],
)
async def test_what_is_wrong_with_a_step_is_told_and_another_one_taken(
    ask: Ask, api: ScriptedMessagesApi, wrong: Reply, told: str
) -> None:
    answer = await ask(opening(), wrong, SEARCH, finish(), GOOD)

    assert [item.id for item in answer.items] == ["m1"]
    assert answer.method == "anthropic"
    assert told in api.requests[2].messages[-1]


async def test_conditions_hold_whatever_steps_are_taken(ask: Ask) -> None:
    everything = [step("get_trending_items", n=20), step("rank_candidates", candidates="$s1", by="popularity")]

    answer = await ask(opening(add=[{**NO_ACTION, "constraint": DRAMAS}, NO_ACTION]), *everything, finish(), GOOD)

    assert [item.id for item in answer.items] == ["m1"]


async def test_when_nothing_fits_the_answer_says_what_is_in_the_way(ask: Ask) -> None:
    never = {**NO_ACTION, "text": "ten minutes", "constraint": {"field": "runtime", "op": "<", "value": 10}}

    answer = await ask(opening(add=[never]), SEARCH, finish())

    assert answer.abstained
    assert answer.items == ()


@pytest.mark.parametrize(
    "script",
    [
        (opening(), failure(400, "The model is not well.")),
        (opening(), SEARCH, failure(400, "The model is not well.")),
        (opening(), *[step("read_minds")] * MOST_STEPS),
        (opening(), json_reply({"next": "?"}), json_reply({"next": "?"})),
    ],
    ids=["before the first step", "after it", "no step runs", "unusable"],
)
async def test_steps_that_fail_give_way_to_the_offline_brain(ask: Ask, script: tuple[Step, ...]) -> None:
    answer = await ask(*script)

    assert answer.method.startswith("offline (anthropic failed")
    assert [item.id for item in answer.items] == ["m1"]
    assert "read_minds" not in json.dumps(answer.plan)


async def test_a_greeting_takes_no_steps(ask: Ask) -> None:
    answer = await ask(opening(intent="general", add=[], reply="Hello there."), text="hi")

    assert answer.reply == "Hello there."
    assert answer.usage.model_calls == 1

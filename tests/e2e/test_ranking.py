"""Ranking by the model: real SDK, real HTTP, real MCP server. Whatever the model names, only candidates are shown."""

import json
import random
import re
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
from concierge_agent.ranking import SAID
from concierge_agent.trace import RankingSettings
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import (
    Hang,
    Step,
    cut_stream,
    draft_reply,
    json_reply,
    overloaded,
    plan_reply,
    refusal,
    text_reply,
)
from tests.server.cinema import fit_cinema

pytestmark = pytest.mark.anyio

NOT_RATED_R = {
    "kind": "constraint",
    "text": "nothing rated R",
    "constraint": {"field": "content_rating", "op": "!=", "value": "R"},
}
CANDIDATES = ["m1", "m6", "m7", "m3"]
"""What meets that, by popularity: m5 is sold out, m2 and m4 are rated R, of m8 the rating is not known."""


def planned(*tools: tuple[str, dict[str, Any]]) -> Step:
    steps = [{"id": f"s{n}", "tool": tool, "arguments": given} for n, (tool, given) in enumerate(tools, start=1)]
    return plan_reply({"intent": "ask", "add": [NOT_RATED_R], "steps": steps})


PLAN = planned(("recommend_for_user", {}))
PLAIN = draft_reply({})


def named(*ids: Any) -> Step:
    return json_reply({"ids": list(ids)})


def rows(body: dict[str, Any]) -> list[str]:
    """Return the ids of the candidates in the order in which a request gives them."""
    text = body["messages"][0]["content"][-1]["text"]
    return [row[0] for row in json.loads(text.removeprefix("<candidates>").removesuffix("</candidates>"))]


def ranks(rule: Callable[[list[str]], list[str]]) -> Step:
    return lambda body: json_reply({"ids": rule(rows(body))})


@pytest.fixture(scope="module")
def api() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


@asynccontextmanager
async def agent_on(store: Path, api: ScriptedMessagesApi, **ranking: Any) -> AsyncIterator[Agent]:
    brain = ClaudeBrain(ClaudeSettings(api_key=SecretStr("secret-key"), base_url=api.url, timeout=5))
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            settings = RankingSettings(**{"candidates": 50} | ranking)
            yield Agent(client, brain, OfflineBrain(), LocalConversations(), ranking=settings)


@pytest.fixture
def ask(store: Path, api: ScriptedMessagesApi) -> Callable[..., Any]:
    async def run(*steps: Step, text: str = "Something nice, not rated R.", user: str | None = None) -> Answer:
        return await turn(store, api, *steps, text=text, user=user)

    return run


async def turn(
    store: Path,
    api: ScriptedMessagesApi,
    *steps: Step,
    text: str = "Something nice, not rated R.",
    user: str | None = None,
    **ranking: Any,
) -> Answer:
    api.script(*steps)
    async with agent_on(store, api, **ranking) as agent:
        _, answer = await agent.turn(Conversation(id="c", user_id=user), text)
    api.finish()
    return answer


def shown(answer: Answer) -> list[str]:
    return [item.id for item in answer.items]


async def test_what_the_model_puts_first_is_shown_first_and_the_reply_says_whose_order_it_is(
    ask: Callable[..., Any],
) -> None:
    answer = await ask(PLAN, ranks(lambda ids: ids[::-1]), PLAIN)

    assert shown(answer) == CANDIDATES[::-1]
    assert SAID in answer.reply
    assert answer.usage.model_calls == 3
    assert all(item.agreement is None for item in answer.items)


async def test_what_the_model_does_not_name_follows_as_it_was_found(ask: Callable[..., Any]) -> None:
    assert shown(await ask(PLAN, named("m7"), PLAIN)) == ["m7", "m1", "m6", "m3"]


async def test_the_schema_and_the_rows_hold_the_eligible_candidates_and_no_others(
    ask: Callable[..., Any], api: ScriptedMessagesApi
) -> None:
    await ask(PLAN, named("m1"), PLAIN)

    request = api.requests[1]
    assert request.schema["properties"]["ids"]["items"]["enum"] == CANDIDATES
    assert rows(request.body) == CANDIDATES
    assert "nothing rated R" in request.messages[0]


@pytest.mark.parametrize(
    ("reply", "kept", "told"),
    [
        (named("m99", "m7"), ["m7", "m1", "m6", "m3"], "'m99'"),
        (named("m5", "m3"), ["m3", "m1", "m6", "m7"], "'m5'"),
        (named("m2", "m4", "m8"), CANDIDATES, "named none of the candidates"),
        (named("m7", "m7", "m3", "m7"), ["m7", "m3", "m1", "m6"], "named before: 'm7'"),
        (named(), CANDIDATES, "named none of the candidates"),
        (text_reply('The best is {"id": "m1"}.'), CANDIDATES, "not ranked by the model: ids: Field required"),
        (text_reply("m1, then m3"), CANDIDATES, "not ranked by the model"),
        (json_reply({"ids": "m1"}), CANDIDATES, "not ranked by the model"),
        (named({"id": "m1"}), CANDIDATES, "not ranked by the model"),
        (refusal(), CANDIDATES, "declined"),
    ],
    ids=["invented", "sold out", "rated R", "twice", "none", "other JSON", "prose", "no list", "objects", "refusal"],
)
async def test_what_is_no_candidate_is_dropped_and_noted(
    reply: Step, kept: list[str], told: str, ask: Callable[..., Any]
) -> None:
    answer = await ask(PLAN, reply, PLAIN)

    assert shown(answer) == kept
    assert any(told in note for note in answer.trace.notes)
    assert "m99" not in answer.reply
    assert answer.method == "anthropic"


@pytest.mark.parametrize(
    "steps",
    [
        [overloaded(), overloaded(), overloaded()],
        [cut_stream(text_reply('{"ids": ["m1"')), cut_stream(text_reply('{"ids": ["m1"'))],
        [text_reply('{"ids": ["m1",', stop_reason="max_tokens")] * 2,
    ],
    ids=["overloaded", "cut", "too long"],
)
async def test_a_ranker_that_fails_leaves_the_retrieval_s_order_and_the_turn_goes_on(
    steps: list[Step], ask: Callable[..., Any]
) -> None:
    answer = await ask(PLAN, *steps, PLAIN)

    assert shown(answer) == CANDIDATES
    assert SAID not in answer.reply
    assert any(note.startswith("not ranked by the model") for note in answer.trace.notes)


async def test_a_ranker_that_does_not_answer_in_time_is_given_up(store: Path, api: ScriptedMessagesApi) -> None:
    api.script(PLAN, Hang(), PLAIN)
    brain = ClaudeBrain(ClaudeSettings(api_key=SecretStr("k"), base_url=api.url, timeout=0.5, max_retries=0))
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            settings = RankingSettings(candidates=50)
            agent = Agent(client, brain, OfflineBrain(), LocalConversations(), ranking=settings)
            _, answer = await agent.turn(Conversation(id="c"), "Something nice, not rated R.")

    assert shown(answer) == CANDIDATES
    assert any("did not answer within 0.5 seconds" in note for note in answer.trace.notes)


async def test_whatever_the_model_names_only_candidates_are_shown_and_each_once(
    store: Path, api: ScriptedMessagesApi
) -> None:
    rng = random.Random(7)  # noqa: S311  (makes up replies, nothing secret)
    pool = [*(f"m{n}" for n in range(1, 12)), "", "M1", " m1", "\U0001f600", "m1\n"]
    for _ in range(12):
        ids = rng.choices(pool, k=rng.randrange(20))
        answer = await turn(store, api, PLAN, named(*ids), PLAIN)

        usable = list(dict.fromkeys(i for i in ids if i in CANDIDATES))
        assert shown(answer) == [*usable, *(c for c in CANDIDATES if c not in usable)]


async def test_an_item_that_needs_consent_is_asked_for_and_not_shown_because_the_model_likes_it(
    ask: Callable[..., Any],
) -> None:
    plan = plan_reply({"intent": "ask", "steps": [{"id": "s1", "tool": "recommend_for_user", "arguments": {}}]})

    answer = await ask(plan, named("m4", "m2", "m1"), PLAIN, text="Something nice.")

    assert not {"m2", "m4"} & set(shown(answer))
    assert shown(answer)[0] == "m1"
    assert answer.question is not None
    assert "2 that fit need your consent" in answer.question.text


@pytest.mark.parametrize(
    "tools",
    [
        [("recommend_for_user", {}), ("rank_candidates", {"candidates": "$s1", "by": "runtime", "descending": False})],
        [("get_trending_items", {})],
    ],
    ids=["by a field", "by popularity"],
)
async def test_an_order_that_the_user_asked_for_is_not_the_model_s_to_change(
    tools: list[tuple[str, dict[str, Any]]], ask: Callable[..., Any], api: ScriptedMessagesApi
) -> None:
    await ask(planned(*tools), PLAIN)

    assert len(api.requests) == 2


async def test_nothing_is_ranked_while_the_store_waits_for_an_answer(tmp_path: Path, api: ScriptedMessagesApi) -> None:
    answer = await turn(fit_cinema(tmp_path, 'ask_first = ["services"]\n'), api, PLAN)

    assert answer.question is not None
    assert answer.question.field == "services"


async def test_a_known_user_s_history_is_told_to_the_model(ask: Callable[..., Any], api: ScriptedMessagesApi) -> None:
    await ask(PLAN, named("m7"), PLAIN, user="v1")

    data = json.loads(re.findall(r"<user>(.*)</user>", api.requests[1].messages[0])[0])
    assert {title for title, *_ in data["history"]} == {"Quiet Harbour", "Loud Harbour"}
    assert "m1" not in rows(api.requests[1].body)


async def test_several_samples_see_other_orders_and_their_agreement_is_told_by_item(
    store: Path, api: ScriptedMessagesApi
) -> None:
    votes = iter([["m3", "m1"], ["m1", "m3"], ["m3", "m7"]])
    vote: Step = lambda _: json_reply({"ids": next(votes)})  # noqa: E731  (a step of the script)

    answer = await turn(store, api, planned(("recommend_for_user", {"n": 2})), vote, vote, vote, PLAIN, samples=3)

    assert shown(answer) == ["m3", "m1"]
    assert [item.agreement for item in answer.items] == [1.0, 0.6667]
    assert answer.usage.model_calls == 5
    orders = [tuple(rows(request.body)) for request in api.requests[1:4]]
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(CANDIDATES))}
    assert len(set(orders)) > 1


async def test_nine_samples_leave_the_writer_its_calls(store: Path, api: ScriptedMessagesApi) -> None:
    answer = await turn(store, api, PLAN, *[named("m7")] * 9, PLAIN, samples=9)

    assert answer.usage.model_calls == 11
    assert answer.method == "anthropic"
    assert {item.agreement for item in answer.items} == {1.0, 0.0}


async def test_a_sample_that_fails_is_noted_and_the_others_count(store: Path, api: ScriptedMessagesApi) -> None:
    answer = await turn(store, api, PLAN, named("m7"), text_reply("No."), named("m7"), PLAIN, samples=3)

    assert shown(answer)[0] == "m7"
    assert any("a sample came to nothing: The reply holds no JSON object" in note for note in answer.trace.notes)


async def test_variety_reaches_the_tools_and_the_order_of_the_candidates(store: Path, api: ScriptedMessagesApi) -> None:
    answer = await turn(store, api, PLAN, named("m1"), PLAIN, variety=0.9)

    found = next(call for call in answer.trace.calls if call.tool == "recommend_for_user")
    assert found.arguments["diversity"] == 0.9
    assert "temperature" not in api.requests[1].body

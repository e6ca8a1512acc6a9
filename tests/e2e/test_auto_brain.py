"""`--brain auto` as users meet it: rules and a scripted model behind the real SDK, over one real store."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from concierge_agent.answer import Answer, Preview
from concierge_agent.plan import Proposal
from concierge_server.brains import BrainChoice, Tier
from concierge_server.opening import open_state
from concierge_server.replaying import replay
from concierge_server.session import open_session
from concierge_server.state.traces import TraceLog
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Step, draft_reply, plan_reply, refusal, text_reply
from tests.server.cinema import fit_cinema

pytestmark = pytest.mark.anyio

PLAN = plan_reply(
    {"intent": "ask", "steps": [{"id": "s1", "tool": "search_catalog", "arguments": {"query": "harbour"}}]},
    input_tokens=1000,
    output_tokens=200,
)
GOOD = draft_reply({"opening": "Here is one.", "items": [{"id": "m1", "reason": "It runs 95 minutes."}]})
MARKED = '\n[routing]\nmodel_users = ["ann", 7]\noffline_users = ["bob"]\n'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"), MARKED)


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        yield scripted


@pytest.fixture
def api(server: ScriptedMessagesApi, monkeypatch: pytest.MonkeyPatch) -> ScriptedMessagesApi:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("CONCIERGE_CACHE_TTL", "0")
    for name in ("PROMPTS", "PRICES", "MAX_COST", "PLAN_MODEL", "WRITE_MODEL"):
        monkeypatch.delenv(f"CONCIERGE_{name}", raising=False)
    return server


async def ask(
    store: Path,
    api: ScriptedMessagesApi,
    *steps: Step,
    user: str | None = None,
    tier: Tier | None = None,
    heard: list[Preview] | None = None,
) -> Answer:
    """Ask for a drama in a new conversation while the model follows this script to its end."""
    api.script(*steps)
    choice = BrainChoice("auto", tier=tier)
    async with open_session(store=store, connect=None, user_id=user, choice=choice) as session:
        listener = heard.append if heard is not None else None
        _, answer = await session.agent.turn(session.conversation, "a drama, please", on_preview=listener)
    api.finish()
    return answer


async def same_again(store: Path, answer: Answer) -> bool:
    """Return whether the turn comes out the same in a replay."""
    with open_state(store) as (opened, engine):
        trace = TraceLog(engine).load(answer.trace_id)
        return (await replay(opened, engine, trace)).differences == ()


async def test_a_turn_that_is_understood_makes_no_request(store: Path, api: ScriptedMessagesApi) -> None:
    answer = await ask(store, api)

    assert [item.id for item in answer.items] == ["m1"]
    assert answer.method == "offline (auto)"
    assert await same_again(store, answer)


@pytest.mark.parametrize(("user", "tier"), [("ann", None), ("7", None), ("bob", "model"), (None, "model")])
async def test_the_model_takes_every_turn_of_whom_the_owner_or_the_command_line_marks(
    user: str | None, tier: Tier | None, store: Path, api: ScriptedMessagesApi
) -> None:
    heard: list[Preview] = []

    answer = await ask(store, api, PLAN, GOOD, user=user, tier=tier, heard=heard)

    assert answer.method == "anthropic (auto: tier model)"
    assert [[item.id for item in preview.items] for preview in heard] == [["m1"]]
    assert {call.step for call in answer.trace.aside} >= {"show", "explain"}
    assert await same_again(store, answer)


@pytest.mark.parametrize(("user", "tier"), [("bob", None), ("ann", "offline")])
async def test_the_model_never_takes_a_turn_of_whom_they_mark_so(
    user: str, tier: Tier | None, store: Path, api: ScriptedMessagesApi
) -> None:
    assert (await ask(store, api, user=user, tier=tier)).method == "offline (auto: tier offline)"


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ((refusal(),), "The model declined to answer this."),
        ((plan_reply({"intent": "ask", "steps": [{"id": "s1", "tool": "read_minds"}]}), refusal()), "read_minds"),
    ],
    ids=["refused", "a plan of invented tools"],
)
async def test_a_model_that_fails_leaves_the_first_ideas_as_the_answer(
    steps: tuple[Step, ...], why: str, store: Path, api: ScriptedMessagesApi
) -> None:
    heard: list[Preview] = []

    answer = await ask(store, api, *steps, user="ann", heard=heard)

    assert answer.method.startswith("offline (auto: tier model; anthropic failed: ")
    assert any(why in note for note in answer.trace.notes)
    assert answer.items == heard[0].items
    assert await same_again(store, answer)


async def test_a_turn_that_used_up_its_money_goes_on_with_the_rules_and_says_so(
    store: Path, api: ScriptedMessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCIERGE_PRICES", '{"claude-haiku-5-5": [1, 5], "claude-sonnet-5-5": [3, 15]}')
    monkeypatch.setenv("CONCIERGE_MAX_COST", "0.001")
    garbage = text_reply("no JSON", input_tokens=1000)

    planning = await ask(store, api, garbage, user="ann")
    writing = await ask(store, api, PLAN, user="ann")

    assert "anthropic failed: The turn used up its $0.001." in planning.method
    assert writing.method.endswith("plain answer (anthropic failed: The turn used up its $0.001.)")
    assert writing.usage.cost == pytest.approx(0.002)
    assert [item.id for item in planning.items] == ["m1"]
    assert await same_again(store, planning)
    assert await same_again(store, writing)


def test_a_stream_of_json_holds_one_object_a_turn_and_no_first_ideas(store: Path, api: ScriptedMessagesApi) -> None:
    api.script(PLAN, GOOD)
    command = [sys.executable, "-m", "concierge_server", "chat", "--store", str(store), "--brain", "auto"]

    done = subprocess.run(
        [*command, "--user", "ann", "--jsonl"],
        input="a drama, please\n",
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )

    [body] = [json.loads(row) for row in done.stdout.splitlines()]
    assert body["method"] == "anthropic (auto: tier model)"
    assert body["usage"]["model_calls"] == 2
    api.finish()


def test_a_proposal_is_certain_unless_it_says_otherwise() -> None:
    assert Proposal(intent="general", reply="Hello.").certain

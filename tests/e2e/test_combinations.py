"""Options of a conversation together: who answers, how it plans, who orders, what is kept; the model is scripted."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from concierge_agent.answer import Answer
from concierge_server.brains import BrainChoice
from concierge_server.opening import open_state
from concierge_server.replaying import replay
from concierge_server.session import open_session
from concierge_server.state.traces import TraceLog
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Step, draft_reply, json_reply, plan_reply
from tests.server.cinema import fit_cinema

pytestmark = pytest.mark.anyio

AGENT = '\n[agent]\nlessons = "own"\ndemonstrations = "own"\npersona = "warm"\n'
AUTO = BrainChoice("auto", tier="model")
PLAN = plan_reply({"intent": "ask", "steps": [{"id": "s1", "tool": "recommend_for_user", "arguments": {}}]})
ASKS = plan_reply({"intent": "ask", "question": {"field": "genres", "text": "Which genre?"}})
RANK = json_reply({"ids": ["m1"]})
WORDS = draft_reply({"opening": "Here is one.", "items": [{"id": "m1", "reason": "It runs 95 minutes."}]})


def opening() -> Step:
    said: dict[str, Any] = {"intent": "ask", "add": [], "retract": [], "present": True, "question": None}
    return json_reply({**said, "reply": "", "notes": []})


TAKEN = json_reply({"step": {"tool": "recommend_for_user", "arguments": [], "purpose": ""}, "finish": None})
DONE = json_reply({"step": None, "finish": {"question": None, "reply": "", "notes": []}})
STEPS = (opening(), TAKEN, DONE)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"), AGENT)


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        yield scripted


@pytest.fixture
def api(server: ScriptedMessagesApi, monkeypatch: pytest.MonkeyPatch) -> ScriptedMessagesApi:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    for name in ("PROMPTS", "PRICES", "MAX_COST", "PLAN_MODEL", "WRITE_MODEL", "CACHE_TTL", "MAX_QUESTIONS"):
        monkeypatch.delenv(f"CONCIERGE_{name}", raising=False)
    return server


async def ask(
    store: Path, api: ScriptedMessagesApi, choice: BrainChoice, *steps: Step, user: str, text: str = "a drama, please"
) -> Answer:
    """Ask in a new conversation while the model follows this script to its end."""
    api.script(*steps)
    async with open_session(store=store, connect=None, user_id=user, choice=choice) as session:
        _, answer = await session.agent.turn(session.conversation, text)
    api.finish()
    return answer


async def same_again(store: Path, answer: Answer) -> bool:
    """Return whether the turn comes out the same in a replay."""
    with open_state(store) as (opened, engine):
        return (await replay(opened, engine, TraceLog(engine).load(answer.trace_id))).differences == ()


@pytest.mark.parametrize(
    ("choice", "script", "kinds"),
    [
        (replace(AUTO, strategy="react"), (*STEPS, WORDS), "plan step step write"),
        (replace(AUTO, rank=True, samples=2, variety=0.3), (PLAN, RANK, RANK, WORDS), "plan rank write"),
        (replace(AUTO, rank=True, strategy="react"), (*STEPS, RANK, WORDS), "plan step step rank write"),
        (replace(AUTO, rank=True, max_questions=0), (ASKS, RANK, WORDS), "plan rank write"),
        (BrainChoice("anthropic", rank=True, strategy="react"), (*STEPS, RANK, WORDS), "plan step step rank write"),
        (BrainChoice("auto", rank=True, strategy="react", max_questions=0), (), "plan write"),
    ],
    ids=["auto react", "auto rank", "auto react rank", "auto rank no questions", "react rank", "auto by the rules"],
)
async def test_options_go_together_and_their_turns_are_replayed_alike(
    choice: BrainChoice, script: tuple[Step, ...], kinds: str, store: Path, api: ScriptedMessagesApi
) -> None:
    answer = await ask(store, api, replace(choice, fresh=True), *script, user="eve")

    assert " ".join(reply.kind for reply in answer.trace.replies if not reply.aside) == kinds
    assert answer.items
    assert answer.trace.notes == ()
    assert await same_again(store, answer)


async def test_a_turn_of_steps_that_a_model_ordered_is_answered_from_the_cache(
    tmp_path: Path, api: ScriptedMessagesApi
) -> None:
    store = fit_cinema(tmp_path)  # without lessons or examples, which would make the second request another one
    choice = replace(AUTO, rank=True, strategy="react", samples=2)

    first = await ask(store, api, choice, *STEPS, RANK, RANK, WORDS, user="ann")
    second = await ask(store, api, choice, user="ann")

    assert (first.usage.model_calls, second.usage.model_calls, second.usage.cached_calls) == (6, 0, 6)
    assert second.items == first.items
    assert await same_again(store, second)


async def test_a_routed_turn_that_a_model_ordered_is_an_example_for_the_next_in_the_store_s_tone(
    store: Path, api: ScriptedMessagesApi
) -> None:
    choice = replace(AUTO, rank=True)

    await ask(store, api, choice, PLAN, RANK, WORDS, user="ann", text="a drama with sesame")
    await ask(store, api, choice, PLAN, RANK, WORDS, user="ann", text="a drama with robots")

    planned, _, written = api.requests
    assert "a drama with sesame" in "".join(planned.messages)
    assert "like a friend who works here" in str(written.system)


async def test_a_history_is_looked_up_once_however_many_ask_for_it_and_is_no_ground(
    store: Path, api: ScriptedMessagesApi
) -> None:
    answer = await ask(store, api, replace(AUTO, rank=True), PLAN, RANK, WORDS, user="carl")

    looked_up = [call.step for call in answer.trace.calls if call.tool == "get_user_history"]
    assert looked_up == ["history"]

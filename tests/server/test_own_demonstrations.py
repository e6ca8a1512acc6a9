"""A user's own turns as demonstrations: only theirs, only those that went well, only where the owner wants it."""

from pathlib import Path

import anyio
import pytest

from concierge_agent.claude.brain import ClaudeBrain
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.demonstrations import Demonstration
from concierge_server.brains import BrainChoice
from concierge_server.opening import open_desk, open_state
from concierge_server.session import open_session
from concierge_server.state.demonstrations import own_demonstrations
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import draft_reply, plan_reply
from tests.server.cinema import fit_cinema
from tests.server.recorded import stored, talk

GREETING = plan_reply({"intent": "general", "reply": "Hello."})


def own(store: Path, user: str | None) -> tuple[Demonstration, ...]:
    with open_state(store) as (_, engine):
        return own_demonstrations(engine, user)


def test_a_user_s_turns_are_theirs_alone_and_nobody_s_when_they_are_a_guest_s(tmp_path: Path) -> None:
    store = fit_cinema(tmp_path)
    talk(store, "a secret drama of ann's", conversation="c1", user="ann")
    talk(store, "something animated", conversation="c2", user="bob")
    talk(store, "a comedy", conversation="c3", user=None)

    assert [one.user for one in own(store, "bob")] == ["something animated"]
    assert "secret" not in str(own(store, "bob"))
    assert own(store, "carl") == own(store, None) == ()


def test_a_demonstration_holds_the_state_and_the_plan_but_no_handle_and_no_token(tmp_path: Path) -> None:
    store = fit_cinema(tmp_path)
    talk(store, "something animated", "but shorter than 82 minutes", user="ann")

    first, second = own(store, "ann")

    assert first.tools == ("recommend_for_user",)
    assert [entry["kind"] for entry in second.state["ledger"]] == ["constraint"]
    assert second.state["last_shown"]["rows"][0][1] in ("m6", "m7")
    assert second.plan.add[0].constraint is not None
    assert not any(text in str(second.told()) for text in ("cs_", "cf_", "recent_turns"))


def test_turns_that_were_taken_back_or_disliked_are_left_out(tmp_path: Path) -> None:
    store = fit_cinema(tmp_path)
    talk(store, "something animated", "actually a comedy, not animated", conversation="c1", user="ann")
    talk(store, "something animated", "I hate the first one", conversation="c2", user="bob")
    talk(store, "something animated", conversation="c3", user="eve")
    with open_desk(store) as desk:
        desk.feedback.record("owner", "eve", "m7", "dislike", None, None)
        desk.feedback.record("owner", "eve", "m6", "dislike", None, None)

    assert "something animated" not in [one.user for user in ("ann", "bob", "eve") for one in own(store, user)]


def test_a_plan_whose_steps_ran_as_fewer_calls_is_a_demonstration_as_it_was_written(tmp_path: Path) -> None:
    store = fit_cinema(tmp_path)
    short = {"field": "runtime", "op": "<", "value": 100}
    steps = [
        {"id": "s1", "tool": "search_catalog", "arguments": {"query": "animation"}},
        {"id": "s2", "tool": "filter_candidates", "arguments": {"candidates": "$s1", "filters": [short]}},
    ]
    with ScriptedMessagesApi() as api:
        api.script(
            plan_reply({"intent": "ask", "steps": steps}),
            draft_reply(
                {"items": [{"id": "m7", "reason": "It runs 84 minutes.", "claims": [{"name": "runtime", "value": 84}]}]}
            ),
        )
        brain = ClaudeBrain(ClaudeSettings(base_url=api.url, api_key="secret-key"))
        (answer,) = talk(store, "short animation", brain=brain)
    with open_state(store) as (_, engine):
        trace = stored(engine, answer.trace_id)

    (shown,) = own(store, "ann")
    assert trace.merged == {"s1": "s2"}
    assert shown.tools == ("search_catalog", "filter_candidates")


@pytest.mark.parametrize(("wanted", "told"), [("own", True), ("off", False)])
def test_they_are_shown_to_a_model_only_where_the_owner_opts_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, told: bool
) -> None:
    store = fit_cinema(tmp_path, f'[agent]\ndemonstrations = "{wanted}"\n')
    talk(store, "something animated with sesame", user="ann")

    async def ask() -> None:
        async with open_session(store=store, connect=None, user_id="ann", choice=BrainChoice("anthropic")) as session:
            await session.agent.turn(session.conversation, "something animated with robots")

    with ScriptedMessagesApi() as api:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "secret-key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        api.script(GREETING)
        anyio.run(ask)
        said, system = api.requests[0].messages[0], api.requests[0].system

    assert ("sesame" in said) is told
    assert "sesame" not in system

"""`concierge explanations warm` asks once about each popular item, and leaves nothing behind but kept replies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from concierge_server.cli import main
from concierge_server.opening import open_state
from concierge_server.state.conversations import DatabaseConversations
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Step, draft_reply, failure, plan_reply
from tests.server.cinema import fit_cinema


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "secret-key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", scripted.url)
        yield scripted


def warm(store: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["explanations", "warm", "--store", str(store), *options])


def looked_up(body: dict[str, Any]) -> Any:
    """Plan to look up the first item that the server linked to the message."""
    state = body["messages"][0]["content"][1]["text"].split("<state>")[1].split("</state>")[0]
    linked = json.loads(state)["mentions"][0]["item_id"]
    step = {"id": "s1", "tool": "get_item_details", "arguments": {"item_ids": [linked]}}
    return plan_reply({"intent": "explanation", "steps": [step], "present": False})


PITCH: Step = draft_reply({"opening": "Here is what it is."})


def test_each_popular_item_is_asked_about_once_in_a_conversation_of_its_own(
    store: Path, api: ScriptedMessagesApi
) -> None:
    api.script(looked_up, PITCH, looked_up, PITCH)

    told = warm(store, "--popular", "2", "--question", "What is {title} like?")

    api.finish()
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("2 of 2 items; 4 model calls")
    asked = [request.messages[0].split("<user_message>")[1] for request in api.requests[::2]]
    assert asked == ['"What is Quiet Harbour like?"</user_message>', '"What is Loud Harbour like?"</user_message>']
    assert "recent_turns" not in api.requests[2].messages[0]
    with open_state(store) as (_, engine):
        assert DatabaseConversations(engine).latest(None) is None


def test_what_was_asked_beforehand_asks_no_model_again(store: Path, api: ScriptedMessagesApi) -> None:
    api.script(looked_up, PITCH)
    warm(store, "--popular", "1")

    api.script()
    told = warm(store, "--popular", "1")

    api.finish()
    assert told.stdout.startswith("1 of 1 items; 0 model calls, 0 tokens")


def test_a_model_that_fails_is_told_and_the_exit_code_says_so(store: Path, api: ScriptedMessagesApi) -> None:
    api.script(*[failure(500, "broken")] * 2)

    told = warm(store, "--popular", "1", "--question", "Why {title}?")

    assert told.exit_code == 5
    assert told.stdout.startswith("0 of 1 items")
    assert "failed" in told.stderr


@pytest.mark.parametrize("options", [["--question", "What is it like?"], ["--brain", "offline"]])
def test_what_cannot_be_asked_is_a_usage_error(options: list[str], store: Path, api: ScriptedMessagesApi) -> None:
    assert warm(store, *options).exit_code == 2


def test_without_a_model_there_is_nothing_to_warm(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)

    assert "no model to ask" in warm(store).stderr

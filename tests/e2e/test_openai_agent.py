"""The whole agent with the OpenAI-compatible brain, put together as `concierge chat --brain openai` does it."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from concierge_server.brains import BrainChoice
from concierge_server.commands.chat import chat
from concierge_server.session import open_session
from tests.scripted_completions_api import ScriptedCompletionsApi
from tests.scripted_model import Failure, json_reply
from tests.server.cinema import fit_cinema

pytestmark = pytest.mark.anyio

NO_ACTION = {"field": "genres", "op": "not_contains", "value": "Action"}
PLAN = json_reply({"intent": "ask", "filters": [NO_ACTION], "action": "get_trending_items", "text": ""})
DRAFT = json_reply({"items": [{"id": "m1", "tell": ["runtime"]}]})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


def ask(store: Path, *options: str) -> dict[str, object]:
    arguments = ["--store", str(store), "--brain", "openai", "--model", "small", "--json", *options]
    result = CliRunner().invoke(chat, [*arguments, "--once", "No action, please."])
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_a_turn_is_planned_and_worded_by_the_model(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedCompletionsApi() as api:
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        api.script(PLAN, DRAFT)

        answer = ask(store)

        api.finish()
    assert answer["method"] == "openai"
    assert "Runtime: 95 min" in str(answer["reply"])
    assert [request.body["model"] for request in api.requests] == ["small", "small"]
    assert api.requests[0].body["temperature"] == 0.0


def test_the_model_ranks_as_often_as_asked_with_the_temperature_that_variety_asks_for(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = json_reply({"intent": "ask", "filters": [NO_ACTION], "action": "recommend_for_user", "text": ""})
    order = json_reply({"ids": ["m7", "m99"]})
    with ScriptedCompletionsApi() as api:
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        api.script(plan, order, order, DRAFT)

        answer = ask(store, "--rank", "--samples", "2", "--variety", "0.4")

        api.finish()
    items = answer["items"]
    assert isinstance(items, list)
    assert (items[0]["id"], items[0]["agreement"]) == ("m7", 1.0)
    assert [request.body["temperature"] for request in api.requests] == [0.0, 0.4, 0.4, 0.0]
    assert api.requests[1].schema["properties"]["ids"]["maxItems"] == 6


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--brain", "offline", "--rank"], "needs a brain that is a model"),
        (["--brain", "openai", "--model", "small", "--samples", "2"], "give --rank with it"),
    ],
)
def test_ranking_that_cannot_happen_is_a_usage_error(
    options: list[str], told: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    result = CliRunner().invoke(chat, ["--store", str(store), *options, "--once", "A comedy."])

    assert result.exit_code == 2
    assert told in result.stderr


def test_a_turn_is_planned_step_by_step_when_asked_for(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"kind": "constraint", "text": "no action", "constraint": NO_ACTION}
    step = {"tool": "get_trending_items", "arguments": {"n": 5}}
    with ScriptedCompletionsApi() as api:
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        api.script(
            json_reply({"intent": "ask", "add": [told]}),
            json_reply({"step": step}),
            json_reply({"step": None, "finish": {}}),
            DRAFT,
        )

        answer = ask(store, "--strategy", "react")

        api.finish()
    assert answer["method"] == "openai"
    assert "m1" in [item["id"] for item in answer["items"]]  # type: ignore[attr-defined]  # it is JSON
    assert "m2" not in str(answer["items"])


def test_a_model_that_fails_gives_way_to_the_offline_brain(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedCompletionsApi() as api:
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        api.script(Failure(404, "not_found", "no such model"))

        answer = ask(store)

    assert str(answer["method"]).startswith("offline (openai failed")
    assert answer["items"]


@pytest.mark.parametrize(
    ("url", "model", "told"),
    [
        (None, "small", "OPENAI_BASE_URL"),
        ("http://127.0.0.1:9/v1", None, "--model NAME"),
        ("http://ann:hunter2@127.0.0.1:9/v1", "small", "without user and password"),
    ],
)
async def test_a_brain_without_its_settings_is_a_usage_error(
    url: str | None, model: str | None, told: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "CONCIERGE_PLAN_MODEL", "CONCIERGE_WRITE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    if url is not None:
        monkeypatch.setenv("OPENAI_BASE_URL", url)

    with pytest.raises(click.UsageError, match=told) as caught:
        async with open_session(store=store, connect=None, user_id=None, choice=BrainChoice("openai", model)):
            pass

    assert "hunter2" not in str(caught.value)

"""`concierge prompts`, and prompts where they are used: in chats, their traces and evaluations."""

import json
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner, Result

from concierge_agent.prompts.library import Prompts
from concierge_agent.trace import HISTORY
from concierge_server.cli import main
from concierge_server.opening import open_state
from concierge_server.state.traces import TraceLog
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Reply, draft_reply, plan_reply, text_reply
from tests.server.cinema import fit_cinema
from tests.server.playhouse import write_suite
from tests.server.recorded import again

PLAN = plan_reply({"intent": "ask", "steps": [{"id": "s1", "tool": "get_trending_items", "arguments": {}}]})
OWN = '+++\nversion = 7\ndescription = "Mine."\n+++\n'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cinema")
    (folder / "words").mkdir()
    (folder / "words" / "persona_dry.md").write_text(f"{OWN}As dry as dust.\n")
    return fit_cinema(folder, '[agent]\nprompts = "words"\npersona = "dry"\n')


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "secret-key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", scripted.url)
        yield scripted


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_list_has_every_template_with_its_slots_and_where_it_comes_from(store: Path) -> None:
    listed = json.loads(run("prompts", "--store", store, "--json").stdout)

    told = {one["name"]: one for one in listed["prompts"]}
    assert {"plan", "plan_quick", "plan_cold_start", "write_explanation", "persona_warm", "repair"} <= set(told)
    assert told["plan_turn"]["slots"] == ["guidance", "examples", "history", "state", "message"]
    assert told["plan_quick"]["max_tokens"] == 512
    assert (listed["persona"], told["persona_dry"]["path"] is not None) == ("dry", True)
    assert str(told["persona_dry"]["version"]).startswith("7-")


def test_the_list_for_people_names_what_the_owner_put_in_place(store: Path) -> None:
    text = run("prompts", "--store", store).stdout

    assert "cold start" in text
    assert "persona_dry" in text
    assert "persona dry, " in text


def test_a_template_is_shown_as_it_is_and_as_it_is_sent(store: Path) -> None:
    plain = run("prompts", "--store", store, "show", "catalog").stdout
    filled = run("prompts", "show", "catalog", "--filled", "--store", store).stdout
    turn = run("prompts", "--store", store, "show", "plan_turn", "--filled", "--user", "u1", "--text", "a drama").stdout

    assert "{{fields}}" in plain
    assert "{{" not in filled
    assert '"runtime" (attribute, number, min)' in filled or '"runtime"' in filled
    assert "search_catalog(query: string" in filled
    assert '<user_message>"a drama"</user_message>' in turn
    assert "Robots at Sea" in turn, "of this user's history"


@pytest.mark.parametrize("name", ["plan", "plan_quick", "write", "repair", "persona_warm"])
def test_every_kind_of_template_can_be_filled(store: Path, name: str) -> None:
    shown = json.loads(run("prompts", "--store", store, "show", name, "--filled", "--json").stdout)

    assert "{{" not in shown["text"]
    assert shown["name"] == name


def test_what_is_not_there_or_is_malformed_is_a_clear_error(store: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text("no front matter\n")

    unknown = run("prompts", "--store", store, "show", "plans")
    malformed = run("prompts", "--prompts", tmp_path)
    chat = run("chat", "--store", store, "--prompts", tmp_path, "--brain", "offline", "--once", "hi")

    assert (unknown.exit_code, "No prompt 'plans'" in unknown.stderr) == (2, True)
    assert (malformed.exit_code, "plan.md:1: a template begins" in malformed.stderr) == (3, True)
    assert (chat.exit_code, "--prompts and --persona are for a brain" in chat.stderr) == (2, True)


def test_a_turn_s_trace_says_which_prompts_it_was_thought_and_worded_with(
    store: Path, api: ScriptedMessagesApi
) -> None:
    api.script(PLAN, draft_reply({"opening": "Here you are."}))
    done = run("chat", "--store", store, "--once", "what is popular?", "--json")

    trace_id = json.loads(done.stdout)["trace_id"]
    shown = run("traces", "show", trace_id, "--store", store).stdout
    recorded = json.loads(run("traces", "show", trace_id, "--store", store, "--json").stdout)

    versions = [reply["prompts"] for reply in recorded["replies"]]
    built_in = Prompts.open()
    assert versions[0] == built_in.versions(("plan", "catalog", "plan_turn", "plan_cold_start"))
    assert set(versions[1]) == {"write", "write_example", "persona_dry", "write_cold_start"}
    assert versions[1]["persona_dry"].startswith("7-")
    assert f"prompts plan {built_in['plan'].version}, catalog {built_in['catalog'].version}, plan_turn" in shown
    assert "As dry as dust." in api.requests[1].system


def test_a_replay_looks_into_the_user_s_history_again(store: Path, api: ScriptedMessagesApi) -> None:
    api.script(PLAN, draft_reply({"opening": "Here you are."}))
    done = run("chat", "--store", store, "--user", "u1", "--once", "what is popular?", "--json")

    with open_state(store) as (_, engine):
        trace = TraceLog(engine).load(json.loads(done.stdout)["trace_id"])
    replayed = anyio.run(again, store, trace).answer.trace

    then, now = ([(c.tool, c.result) for c in run_.calls if c.step == HISTORY] for run_ in (trace, replayed))
    assert [tool for tool, _ in then] == ["get_user_history", "get_item_details"]
    assert then == now


def test_a_user_who_asks_why_is_answered_with_the_template_for_that(store: Path, api: ScriptedMessagesApi) -> None:
    steps = [{"id": "s1", "tool": "explain_recommendation", "arguments": {"item_ids": ["m1"]}}]
    why: Reply = plan_reply({"intent": "explanation", "steps": steps, "present": False})
    api.script(why, draft_reply({"opening": "This is why."}))

    run("chat", "--store", store, "--once", "why m1?", "--json", "--persona", "expert")

    assert "The user asks why" in api.requests[1].messages[0]
    assert "Precisely, like a specialist" in api.requests[1].system


def test_two_versions_are_compared_on_the_same_tasks(tmp_path: Path, api: ScriptedMessagesApi) -> None:
    data, mine = write_suite(tmp_path / "data"), tmp_path / "mine"
    mine.mkdir()
    (mine / "plan.md").write_text(f"{OWN}Plan as I say. {{{{schema}}}}\n")
    api.script(*[text_reply("no plan")] * 400)

    options = ["--suite", "tau-rec", "--data", str(data), "--trials", "1", "--typos", "0", "--json"]
    done = run("evaluate", "agent", *options, "--prompts", mine, "--against", "builtin")

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["prompts"]["versions"]["plan"].startswith("7-")
    ours, theirs = report["comparison"]["prompts"], report["comparison"]["against"]
    assert (theirs["folder"], theirs["versions"]["plan"]) == ("builtin", Prompts.open()["plan"].version)
    assert ours["digest"] != theirs["digest"]
    assert ours["input_tokens"] == theirs["input_tokens"] > 0
    assert report["comparison"]["difference"] == {"mean": 0.0, "low": 0.0, "high": 0.0}, "rules answered both times"
    asked = ["Plan as I say." in request.system for request in api.requests]
    assert any(asked)
    assert not all(asked)


def test_a_report_for_people_says_which_prompts_were_played_and_what_they_cost(
    tmp_path: Path, api: ScriptedMessagesApi
) -> None:
    data = write_suite(tmp_path / "data")
    api.script(*[text_reply("no plan")] * 100)

    options = ["--suite", "tau-rec", "--data", str(data), "--trials", "1", "--task", "none", "--typos", "0"]
    alone = run("evaluate", "agent", *options)
    both = run("evaluate", "agent", *options, "--against", "builtin")

    assert f"prompts  builtin ({Prompts.open().digest}): " in alone.stdout
    assert "tokens in and" in alone.stdout
    assert "difference in pass^1 +0.0%" in both.stdout


def test_the_offline_brain_has_no_prompts_to_compare(tmp_path: Path) -> None:
    data = write_suite(tmp_path / "data")
    options = ["--suite", "tau-rec", "--data", str(data), "--brain", "offline"]

    assert run("evaluate", "agent", *options, "--against", "builtin").exit_code == 2
    assert run("evaluate", "agent", *options, "--against", "nowhere").exit_code == 2

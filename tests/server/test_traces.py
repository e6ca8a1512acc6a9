"""`concierge traces`, as a person and a program meet it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, update

from concierge_agent.answer import Answer
from concierge_server.cli import main
from concierge_server.opening import open_state
from concierge_server.state.database import TRACES
from tests.server.cinema import fit_cinema
from tests.server.recorded import stored, talk


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


@pytest.fixture(scope="module")
def answers(store: Path) -> list[Answer]:
    """Two turns of ann's and one of bob's."""

    return [
        *talk(store, "something animated", "more", conversation="c1", user="ann"),
        *talk(store, "a drama", conversation="c2", user="bob"),
    ]


@contextmanager
def changed(store: Path, trace_id: str, change: Callable[[dict[str, Any]], None]) -> Iterator[str]:
    """Change what is stored of a trace, and change it back."""
    with open_state(store) as (_, engine):
        whole = stored(engine, trace_id).model_dump(mode="json")
        body = json.loads(json.dumps(whole))
        change(body)
        put(engine, trace_id, body)
        try:
            yield trace_id
        finally:
            put(engine, trace_id, whole)


def put(engine: Engine, trace_id: str, body: dict[str, Any]) -> None:
    with engine.begin() as connection:
        connection.execute(update(TRACES).where(TRACES.c.id == trace_id).values(body=body))


def traces(store: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["traces", *arguments, "--store", str(store)])


def test_the_list_has_the_newest_first_and_can_be_narrowed(store: Path, answers: list[Answer]) -> None:
    first, second, third = (answer.trace_id for answer in answers)

    def listed(*options: str) -> list[str]:
        done = traces(store, "list", *options)
        assert done.exit_code == 0, done.output
        return [word for word in done.stdout.split() if word.startswith("tr_")]

    assert listed() == [third, second, first]
    assert listed("-n", "1") == [third]
    assert listed("--user", "ann") == [second, first]
    assert listed("--conversation", "c2") == [third]
    assert listed("--user", "nobody") == []


def test_a_trace_shows_its_plan_calls_and_the_recorded_value_behind_each_claim(
    store: Path, answers: list[Answer]
) -> None:
    text = traces(store, "show", answers[0].trace_id).stdout

    assert "turn 1 of conversation c1" in text
    assert "recommend_for_user" in text
    assert " ms" in text
    assert "offline: proposal" in text
    assert answers[0].items[0].title in text
    assert "field genres of m6 in explain: Animation" in text
    assert "not in that step's result" not in text


def test_a_pointer_to_what_was_not_recorded_is_marked(store: Path, answers: list[Answer]) -> None:
    def forge(body: dict[str, Any]) -> None:
        body["answer"]["items"][0]["evidence"][0]["value"] = "Made up"

    with changed(store, answers[2].trace_id, forge) as trace_id:
        text = traces(store, "show", trace_id).stdout

    assert "Made up (not in that step's result)" in text


def test_a_trace_is_found_by_the_beginning_of_its_id_and_printed_whole_as_json(
    store: Path, answers: list[Answer]
) -> None:
    body = json.loads(traces(store, "show", answers[0].trace_id[:20], "--json").stdout)

    assert body["id"] == answers[0].trace_id
    assert {"start", "replies", "answer", "calls"} <= set(body)


def test_unknown_and_ambiguous_ids_are_usage_errors(store: Path, answers: list[Answer]) -> None:
    for command in ("show", "replay"):
        unknown, ambiguous = traces(store, command, "tr_nope"), traces(store, command, "tr_")
        assert (unknown.exit_code, ambiguous.exit_code) == (2, 2)
        assert "No trace 'tr_nope'" in unknown.stderr
        assert "several traces" in ambiguous.stderr


def test_a_replay_that_is_the_same_exits_with_0_and_another_with_1(store: Path, answers: list[Answer]) -> None:
    same = traces(store, "replay", answers[1].trace_id, "--json")

    def forge(body: dict[str, Any]) -> None:
        body["answer"]["reply"] = "Something else."

    with changed(store, answers[1].trace_id, forge) as trace_id:
        other = traces(store, "replay", trace_id)

    assert same.exit_code == 0
    assert json.loads(same.stdout)["same"]
    assert other.exit_code == 1
    assert "Something else." in other.stdout


def test_a_changed_replay_prints_its_answer_and_how_it_differs(store: Path, answers: list[Answer]) -> None:
    done = traces(store, "replay", answers[0].trace_id, "--from", "s1", "--set", "s1.arguments.n=1")

    assert done.exit_code == 0, done.output
    assert "1. **" in done.stdout
    assert "2. **" not in done.stdout.partition("comes out differently")[0]
    assert "comes out differently" in done.stdout


@pytest.mark.parametrize(
    "options",
    [
        ["--from", "s1"],
        ["--set", "nonsense"],
        ["--set", "s1.arguments=n"],
        ["--set", "s9.arguments.n=1"],
        ["--set", "s1.arguments.n=1", "--from", "s9"],
        ["--set", "s1.arguments.bogus=1"],
    ],
)
def test_a_change_that_cannot_be_made_is_a_usage_error(store: Path, answers: list[Answer], options: list[str]) -> None:
    done = traces(store, "replay", answers[0].trace_id, *options)
    assert (done.exit_code, done.stdout) == (2, "")

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from concierge_server.commands.evaluate import evaluate
from concierge_server.evaluation.report import LABEL
from concierge_server.evaluation.tau_rec import disliked, read_suite
from concierge_tools.errors import DataError
from tests.server.playhouse import items, task, write_suite

COMMAND = ["agent", "--suite", "tau-rec", "--brain", "offline", "--trials", "2", "--typos", "0"]


def test_the_miniature_suite_is_played_end_to_end(tmp_path: Path) -> None:
    data = write_suite(tmp_path / "data")
    pages = tmp_path / "pages"

    done = CliRunner().invoke(evaluate, [*COMMAND, "--data", str(data), "--transcripts", str(pages), "--json"])

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["label"] == LABEL
    assert [(row["id"], row["rewards"]) for row in report["tasks"]] == [("none", [1, 1]), ("one", [1, 1])]
    assert report["pass"] == {"1": {"mean": 1.0, "low": 1.0, "high": 1.0}}
    accepted = [json.loads((pages / f"one-{n}.json").read_text())["accepted"] for n in (1, 2)]
    assert accepted == ["p9", "p9"]
    assert "This is a promoted title." in (pages / "one-1.md").read_text()


def test_the_table_says_what_it_is_and_that_it_compares_with_nothing(tmp_path: Path) -> None:
    data = write_suite(tmp_path / "data")

    done = CliRunner().invoke(evaluate, [*COMMAND, "--data", str(data), "--task", "none"])

    assert done.exit_code == 0, done.output
    assert "τ-Rec tasks, scripted user" in done.stdout
    assert "Not comparable" in done.stdout
    assert "pass^1" in done.stdout


def test_a_folder_without_the_suite_is_a_data_error(tmp_path: Path) -> None:
    assert CliRunner().invoke(evaluate, [*COMMAND, "--data", str(tmp_path)]).exit_code == 3


def test_a_task_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="task_77"):
        read_suite(write_suite(tmp_path / "data"), only=["task_77"])


@pytest.mark.parametrize(
    ("services", "watched", "solvable"),
    [([], [], True), (["Netflix"], [], True), (["MUBI"], [], False), (["Netflix"], ["p7"], False)],
)
def test_what_fits_is_found_item_by_item(
    tmp_path: Path, services: list[str], watched: list[str], solvable: bool
) -> None:
    wanted = task(
        "t",
        ("genres", "contains", "Horror", "hidden"),
        user_services=services,
        user_history={"user_1": {"watched": watched}},
    )
    suite = read_suite(write_suite(tmp_path / "data", wanted))

    assert suite.solvable(suite.tasks[0]) is solvable


def test_a_persona_s_dislike_is_read_from_what_it_says_on_the_first_rejection() -> None:
    told = "You want a thriller. On your first rejection, say that you dislike any Horror element. You remain firm."

    found = disliked(told, items().values())

    assert [(p.field, p.op, p.value) for p in found] == [("genres", "not_contains", "Horror")]
    assert disliked("You dislike Horror.", items().values()) == []

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from concierge_server.commands.chat import chat

LAZY = """
import sys
import concierge_server.commands.chat, concierge_server.commands.install, concierge_server.commands.doctor
heavy = {"mcp", "anthropic", "rich", "prompt_toolkit", "faiss", "implicit", "numpy", "sqlalchemy", "pydantic"}
print(sorted(heavy & set(sys.modules)))
"""
KEYS = [
    "turn",
    "reply",
    "items",
    "question",
    "abstained",
    "method",
    "ledger",
    "plan",
    "trace_id",
    "usage",
    "error",
]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--store", ".", "--connect", "http://127.0.0.1:1/mcp"],
        ["--jsonl", "--once", "hello"],
        ["--jsonl", "--json"],
        ["--once", "   "],
        ["--show-plan"],
        ["--brain", "magic"],
    ],
)
def test_arguments_that_contradict_each_other_are_usage_errors(arguments: list[str]) -> None:
    assert CliRunner().invoke(chat, arguments).exit_code == 2


def test_a_missing_store_exits_with_its_own_code(tmp_path: Path) -> None:
    result = CliRunner().invoke(chat, ["--store", str(tmp_path / "nowhere"), "--brain", "offline", "--once", "hello"])

    assert result.exit_code == 4
    assert "concierge fit" in result.stderr


def test_help_needs_no_heavy_import() -> None:
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def run(store: Path, *arguments: str, said: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "concierge_server", "chat", "--store", str(store), "--brain", "offline"]
    return subprocess.run(
        [*command, *arguments], input=said, capture_output=True, encoding="utf-8", env=environment, check=False
    )


def test_jsonl_keeps_the_conversation_and_prints_one_object_per_line(cinema_store: Path) -> None:
    done = run(cinema_store, "--jsonl", said='Something animated, please.\n\n{"text": "why?"}\n')

    turns = [json.loads(row) for row in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [list(turn) for turn in turns] == [KEYS, KEYS]
    assert [turn["turn"] for turn in turns] == [1, 2]
    assert turns[0]["items"]
    assert turns[0]["error"] is None


def test_once_prints_one_json_object_or_a_readable_answer(cinema_store: Path) -> None:
    as_json = run(cinema_store, "--once", "Something animated, please.", "--json")
    readable = run(cinema_store, "--once", "Something animated, please.", "--show-plan")

    body = json.loads(as_json.stdout)
    assert list(body) == KEYS
    assert all(item["title"] in readable.stdout for item in body["items"])
    assert "The plan that ran" in readable.stdout


def test_the_message_may_come_on_standard_input(cinema_store: Path) -> None:
    done = run(cinema_store, "--json", said="Something animated, please.")

    assert json.loads(done.stdout)["turn"] == 1


def test_a_conversation_can_be_piped_in(cinema_store: Path) -> None:
    done = run(cinema_store, said="Something animated, please.\n/ledger\n")

    assert done.returncode == 0, done.stderr
    assert "> Something animated, please." in done.stdout
    assert "turn 1" in done.stdout


@pytest.mark.parametrize("form", [["--jsonl"], []])
def test_a_reader_that_goes_away_ends_the_conversation_quietly(cinema_store: Path, form: list[str]) -> None:
    start = [sys.executable, "-m", "concierge_server", "chat", "--brain", "offline"]
    command = [*start, "--store", str(cinema_store), *form]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write("Something animated, please.\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write("more\nmore\n")
        process.stdin.close()

        assert process.stderr.read() == ""

"""A conversation goes on where it ended, in another process too."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from concierge_agent.conversation import Conversation
from concierge_server.cli import main
from concierge_server.session import Resume, found_conversation
from concierge_server.state.conversations import DatabaseConversations
from concierge_server.state.database import open_database
from concierge_tools.errors import InputError
from tests.server.cinema import fit_cinema
from tests.server.recorded import kept, talk


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


def chat(store: Path, *options: str, said: str | None = None) -> Result:
    command = ["chat", "--store", str(store), "--brain", "offline", *options]
    return CliRunner().invoke(main, command, input=said)


def test_a_resumed_conversation_keeps_its_ledger_and_never_shows_an_item_twice(store: Path) -> None:
    [first] = talk(store, "something animated", user="ann")

    goes_on = chat(store, "--user", "ann", "--continue", "--once", "more", "--json")
    by_id = chat(store, "--conversation", "c1", "--jsonl", said="more\n")

    second, third = json.loads(goes_on.stdout), json.loads(by_id.stdout)
    assert (second["turn"], third["turn"]) == (2, 3)
    assert second["ledger"] == third["ledger"] == list(first.ledger)
    assert "conversation" not in second
    shown = [item.id for item in first.items] + [item["id"] for turn in (second, third) for item in turn["items"]]
    assert len(shown) == len(set(shown))
    assert len(kept(store).turns) == 3


def test_the_terminal_says_that_it_goes_on_and_how_to_go_on_later(store: Path) -> None:
    talk(store, "something animated", conversation="c7", user="bob")

    text = chat(store, "--user", "bob", "--continue", said="/ledger\n").stdout

    assert "Going on after 1 turn" in text
    assert "genres include Animation" in text
    assert "--conversation c7" in text


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--conversation", "c99"], "No conversation 'c99' in this store"),
        (["--user", "stranger", "--continue"], "No conversation to continue of user 'stranger'"),
        (["--continue", "--conversation", "c1"], "exclude each other"),
    ],
)
def test_what_cannot_be_resumed_is_a_usage_error(store: Path, options: list[str], complaint: str) -> None:
    done = chat(store, *options, "--once", "more")

    assert done.exit_code == 2
    assert complaint in done.stderr


@pytest.mark.parametrize("option", [["--continue"], ["--conversation", "c1"]])
def test_what_was_said_to_a_server_elsewhere_cannot_be_resumed(option: list[str]) -> None:
    done = CliRunner().invoke(main, ["chat", "--connect", "http://127.0.0.1:1/mcp", "--once", "more", *option])

    assert done.exit_code == 2
    assert "ends with its process" in done.stderr


def test_a_conversation_is_resumed_for_its_own_user_alone_and_the_latest_is_the_user_s_own(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'state.db'}")
    conversations = DatabaseConversations(engine)
    for name, user in (("a1", "ann"), ("a2", "ann"), ("b1", "bob"), ("g1", None)):
        conversations.edit(Conversation(id=name, user_id=user))

    assert found_conversation(conversations, Resume(), "ann").id == "a2"
    assert found_conversation(conversations, Resume(), None).id == "g1"
    assert found_conversation(conversations, Resume("a1"), None).user_id == "ann"
    with pytest.raises(InputError, match="No conversation 'b1' of user 'ann'"):
        found_conversation(conversations, Resume("b1"), "ann")
    engine.dispose()

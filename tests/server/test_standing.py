"""What users say of themselves in general holds in their later conversations, and theirs alone, until taken back."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from concierge_agent.answer import Answer
from concierge_server.cli import main
from concierge_server.opening import open_desk, open_state
from concierge_server.state.database import METADATA
from tests.server.cinema import fit_cinema
from tests.server.recorded import again, converse, talk

pytestmark = pytest.mark.anyio
NO_COMEDY, NO_DRAMA = ("genres", "not_contains", "Comedy"), ("genres", "not_contains", "Drama")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


def said(answer: Answer, scope: str | None = None) -> list[tuple[Any, ...]]:
    entries = [e for e in answer.ledger if e["kind"] == "constraint" and (scope is None or e.get("scope") == scope)]
    return [(e["field"], e["op"], e["value"]) for e in entries]


def concierge(store: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, [*arguments, "--store", str(store)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_what_is_never_wanted_is_not_wanted_in_the_next_conversation_either(store: Path) -> None:
    [first] = talk(store, "I never watch comedies. Something on Netflix, please", conversation="a1", user="ann")
    [second] = talk(store, "recommend me something", conversation="a2", user="ann")

    assert "I'll remember that: no Comedy in genres." in first.reply
    assert said(first) == [NO_COMEDY, ("services", "contains", "Netflix")]
    assert said(second) == said(second, "user") == [NO_COMEDY]
    assert {item.id for item in second.items} <= {"m1", "m7", "m8"}


def test_nobody_else_and_no_guest_is_held_to_it(store: Path) -> None:
    [_, guest] = talk(store, "I never watch comedies", "anything else?", conversation="b1", user=None)
    [other] = talk(store, "recommend me something", conversation="b2", user="bob")
    [next_guest] = talk(store, "recommend me something", conversation="b3", user=None)

    assert said(guest) == [NO_COMEDY]
    assert said(other) == said(next_guest) == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("I'm allergic to drama", [NO_DRAMA]),
        ("I hate dramas altogether", [NO_DRAMA]),
        ("please remember that I have Netflix", [("services", "contains", "Netflix")]),
        ("From now on I want no drama", [NO_DRAMA]),
        ("Never show me dramas", [NO_DRAMA]),
        ("I never watch anything over 90 minutes", [("runtime", "<=", 90)]),
        ("no drama", []),
        ("I hate dramas", []),
        ("I'm not allergic to drama", []),
        ("never mind the drama", []),
        ("I have never seen a drama", []),
        ("do you always show dramas?", []),
        ("my son never watches dramas", []),
        ("I always wanted to see a drama", []),
    ],
)
def test_only_clear_words_make_a_statement_one_for_every_conversation(
    store: Path, text: str, kept: list[tuple[str, str, Any]]
) -> None:
    [answer] = talk(store, text, conversation=text[:40], user=None)

    assert said(answer, "user") == kept


def test_an_exception_counts_once_and_forgetting_counts_for_good(store: Path) -> None:
    once = talk(store, "I never watch comedies", "comedies are fine just this once", conversation="d1", user="dan")[-1]
    kept, forgotten = talk(store, "hello", "forget that I never watch comedies", conversation="d2", user="dan")
    [after] = talk(store, "hello", conversation="d3", user="dan")

    assert said(once) == []
    assert "It stays in your profile" in once.reply
    assert said(kept) == [NO_COMEDY]
    assert "I no longer remember that: no Comedy in genres." in forgotten.reply
    assert said(forgotten) == said(after) == []


def test_starting_over_keeps_what_holds_in_general(store: Path) -> None:
    answers = talk(store, "I never watch comedies. Something on Hulu", "start over", conversation="e1", user="eve")

    assert said(answers[-1]) == [NO_COMEDY]
    assert "I set that aside" in answers[-1].reply


def test_a_resumed_conversation_takes_up_what_was_added_and_lets_go_of_what_was_removed(store: Path) -> None:
    talk(store, "I never watch comedies", conversation="f1", user="fay")
    page = concierge(store, "profile", "--user", "fay")
    kept = next(line.split()[0] for line in page.splitlines() if "always: no Comedy in genres" in line)
    concierge(store, "profile", "remove", kept, "--user", "fay")
    concierge(store, "profile", "add", "runtime", "<=", "90", "--user", "fay")

    [answer] = talk(store, "recommend me something", conversation="f1", user="fay")

    assert said(answer) == [("runtime", "<=", 90)]
    assert all(item.fields["runtime"] <= 90 for item in answer.items)  # type: ignore[operator]  # every film has one


def test_a_condition_the_catalog_does_not_know_is_not_kept(store: Path) -> None:
    done = CliRunner().invoke(main, ["profile", "add", "colour", "==", "red", "--user", "gus", "--store", str(store)])

    assert done.exit_code == 2
    assert "colour" in done.stderr


def test_a_forgotten_user_leaves_no_word_in_any_table(store: Path) -> None:
    talk(store, "I'm allergic to drama", conversation="h1", user="helen-of-troy")

    assert "1 standing entries" in concierge(store, "forget", "--user", "helen-of-troy")
    with open_state(store) as (_, engine), engine.connect() as connection:
        rows = [str(row) for table in METADATA.sorted_tables for row in connection.execute(table.select())]
    assert not [row for row in rows if "helen-of-troy" in row]


async def test_a_turn_under_standing_conditions_replays_to_the_same_bytes(tmp_path: Path) -> None:
    place = fit_cinema(tmp_path / "own")
    answers = await converse(place, "I never watch comedies", "more", conversation="i1")
    answers += await converse(place, "recommend me something", "forget that I never watch comedies", conversation="i2")

    assert [(await again(place, answer.trace)).differences for answer in answers] == [()] * 4


def test_the_state_is_kept_with_the_turn_or_not_at_all(store: Path) -> None:
    with open_desk(store) as desk:
        assert desk.profiles.of("nobody") == []
        assert not desk.profiles.remove("nobody", "p1")
        assert not desk.profiles.remove("nobody", "px")

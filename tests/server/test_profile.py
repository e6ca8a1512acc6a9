"""What is kept of a user is shown, and parts of it are taken back."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from concierge_server.cli import main
from concierge_server.opening import open_desk
from concierge_server.profile import forget_feedback, profile_of, remove_entry
from concierge_tools.errors import InputError
from tests.server.cinema import fit_cinema
from tests.server.recorded import kept, talk


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


def concierge(store: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["profile", *arguments, "--store", str(store)])


def test_the_long_run_counts_the_log_and_the_values_of_what_was_taken_well(store: Path) -> None:
    with open_desk(store) as desk:
        desk.feedback.record("owner", "u1", "m1", "like", None, None)
        desk.feedback.record("owner", "u1", "m2", "dislike", None, None)
        profile = profile_of(desk, "u1")

    assert (profile.logged, profile.positives) == (3, 4)
    assert profile.frequent["genres"] == [("Animation", 2), ("Comedy", 2)]
    assert [(event.event, title) for event, title in profile.feedback] == [
        ("dislike", "Loud Harbour"),
        ("like", "Quiet Harbour"),
    ]
    assert profile.conversation is None


def test_the_page_shows_what_counts_in_the_latest_conversation_and_points_to_forgetting(store: Path) -> None:
    talk(store, "something animated", user="ann")

    page = concierge(store, "--user", "ann").stdout

    assert "genres include Animation" in page
    assert "conversation c1" in page
    assert "concierge forget --user ann" in page


def test_of_a_stranger_nothing_is_kept_and_of_nobody_nothing_is_asked(store: Path) -> None:
    page = concierge(store, "--user", "stranger")

    assert page.exit_code == 0
    assert "0 rows of the log" in page.stdout
    assert "no feedback" in page.stdout
    assert "there is none" in page.stdout
    assert concierge(store).exit_code == 2


def test_the_log_of_a_forgotten_user_is_not_counted(store: Path) -> None:
    with open_desk(store) as desk:
        desk.forgotten.add("v1")
        profile = profile_of(desk, "v1")

    assert profile.forgotten
    assert (profile.logged, profile.positives, profile.frequent) == (0, 0, {})


def test_feedback_about_one_item_is_forgotten_and_the_rest_stays(store: Path) -> None:
    with open_desk(store) as desk:
        for item in ("m1", "m1", "m2"):
            desk.feedback.record("owner", "carl", item, "view", None, None)

    done = concierge(store, "forget-feedback", "m1", "--user", "carl")

    assert done.stdout.startswith("Deleted 2 feedback events")
    with open_desk(store) as desk:
        assert [event.item_id for event in desk.feedback.of("carl")] == ["m2"]
        with pytest.raises(InputError, match="there is some about 'm2'"):
            forget_feedback(desk, "carl", "m1")


def test_a_removed_entry_counts_no_more_when_the_conversation_goes_on(store: Path) -> None:
    talk(store, "something animated", conversation="c5", user="dora")
    with open_desk(store) as desk:
        remove_entry(desk, "dora", "e1")

    [answer] = talk(store, "recommend me something", conversation="c5", user="dora")

    assert kept(store, "c5").ledger.entries[0].retracted == 1
    assert answer.ledger == ()


def test_an_entry_that_is_not_there_is_a_usage_error(store: Path) -> None:
    done = concierge(store, "remove", "e9", "--user", "stranger")

    assert done.exit_code == 2
    assert "No conversation of 'stranger' is kept" in done.stderr

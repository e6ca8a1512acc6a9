"""A chat speaks of what there is: nouns that titles carry, what was withdrawn meanwhile, and single items of a list."""

from pathlib import Path

import pytest

from concierge_agent.answer import Answer
from concierge_server.brains import BrainChoice
from concierge_server.session import open_session
from tests.server.cinema import fit_cinema
from tests.server.recorded import talk
from tests.server.test_live_catalog import remove, update

pytestmark = pytest.mark.anyio

NEW = {"id": "n1", "title": "Moonbeam Waltz", "genres": ["Quuxical"], "services": ["Hulu"], "stock": 2}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return fit_cinema(tmp_path / "cinema")


async def around_a_removal(store: Path, before: str, *after: str) -> list[Answer]:
    """Return the answers of one open chat, in which an item came before the first turn and went after it."""
    update(store, [NEW])
    choice, answers = BrainChoice(name="offline"), list[Answer]()
    async with open_session(store=store, connect=None, user_id=None, choice=choice) as session:
        conversation = session.conversation
        for text in (before, *after):
            conversation, answer = await session.agent.turn(conversation, text)
            answers.append(answer)
            if text == before:
                remove(store, "n1")
    return answers


@pytest.mark.parametrize("text", ["I want a robot", "show me robots", "I'm looking for robots under 90 minutes"])
def test_a_noun_that_titles_carry_is_searched_for(text: str, store: Path) -> None:
    [answer] = talk(store, text)
    assert {item.id for item in answer.items} == {"m6", "m7"}


def test_a_noun_that_nothing_mentions_is_told(store: Path) -> None:
    [answer] = talk(store, "show me submarines")
    assert "Nothing here mentions 'submarines'" in answer.reply


async def test_a_condition_on_a_value_that_is_gone_is_set_aside_and_the_turn_is_answered(store: Path) -> None:
    first, then, later = await around_a_removal(store, "something Quuxical", "on Hulu", "under 85 minutes")
    assert [item.id for item in first.items] == ["n1"]
    assert then.items
    assert "The catalog no longer has this, so I set it aside: genres include Quuxical." in then.reply
    assert "Quuxical" not in later.reply
    assert "work this out" not in later.reply


async def test_a_like_of_an_item_that_is_gone_is_set_aside(store: Path) -> None:
    _, then = await around_a_removal(store, "I like Moonbeam Waltz", "something animated")
    assert then.items
    assert "so I set it aside: Moonbeam Waltz." in then.reply


@pytest.mark.parametrize("text", ["How long is the Moonbeam Waltz?", "is the Moonbeam Waltz available?"])
async def test_a_question_about_an_item_that_is_gone_says_that_nothing_is_called_so(text: str, store: Path) -> None:
    _, then = await around_a_removal(store, "show me a comedy", text)
    assert then.reply == 'Nothing in the catalog is called "Moonbeam Waltz".'


@pytest.mark.parametrize("text", ["why not 2?", "why is 2 first?", "why 2", "but why is number 2 there?"])
def test_a_question_why_about_a_number_explains_that_item_alone(text: str, store: Path) -> None:
    first, then = talk(store, "something animated", text)
    assert f"**{first.items[1].title}**" in then.reply
    assert first.items[0].title not in then.reply

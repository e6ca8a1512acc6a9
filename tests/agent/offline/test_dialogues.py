"""What people say, as tables: the development table must be read without a mistake, the held-out one nearly so.

The held-out table was written together with the other, before the rules; while they were made it was only counted.
"""

from pathlib import Path
from typing import Any

import pytest

from concierge_agent.values import CatalogDescription
from tests.agent.offline.conftest import World, connect
from tests.agent.offline.dialogues import Talk, mistakes, read_table

HERE = Path(__file__).parent
DEVELOPMENT = read_table(HERE / "utterances_dev.jsonl")
HELD_OUT = read_table(HERE / "utterances_held_out.jsonl")

pytestmark = pytest.mark.anyio


async def read(dialogue: dict[str, Any], worlds: dict[str, World]) -> list[str]:
    """Return the mistakes made in a dialogue, each with the words it was made on."""
    world, found = worlds[dialogue["w"]], list[str]()
    async with connect(world) as client:
        talk = Talk(CatalogDescription.model_validate(world.description()), client, world.rows)
        for turn in dialogue["turns"]:
            if "user" in turn:
                talk.conversation = talk.conversation.model_copy(update={"user_id": turn["user"]})
            proposal = await talk.say(turn["say"])
            found += [f"{turn['say']!r}: {m}" for m in mistakes(turn, proposal, talk.conversation.ledger)]
            if turn.get("shown"):
                talk.show(turn["shown"])
            if turn.get("pending"):
                talk.ask(turn["pending"])
    return found


@pytest.mark.parametrize("dialogue", DEVELOPMENT, ids=lambda dialogue: dialogue["turns"][0]["say"][:50])
async def test_the_development_table_is_read_as_labelled(dialogue: dict[str, Any], worlds: dict[str, World]) -> None:
    assert await read(dialogue, worlds) == []


async def test_nine_of_ten_held_out_dialogues_are_read_as_labelled(worlds: dict[str, World]) -> None:
    wrong = [mistakes for dialogue in HELD_OUT if (mistakes := await read(dialogue, worlds))]

    assert len(wrong) <= len(HELD_OUT) // 10, wrong


def test_the_tables_are_large_and_share_nothing() -> None:
    said = {tuple(turn["say"] for turn in dialogue["turns"]) for dialogue in DEVELOPMENT}
    kept_apart = {tuple(turn["say"] for turn in dialogue["turns"]) for dialogue in HELD_OUT}

    assert len(said) + len(kept_apart) >= 170
    assert not said & kept_apart

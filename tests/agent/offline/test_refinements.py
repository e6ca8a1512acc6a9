"""Turns that refine what stands, over eight catalogs: compared with items shown, exchanged, taken back, corrected.

Also refusals after an apology, dates by the day, whom something is for, and what became of an item.
"""

from pathlib import Path
from typing import Any

import pytest

from concierge_agent.values import CatalogDescription
from tests.agent.offline.conftest import World, connect
from tests.agent.offline.dialogues import Talk, mistakes, read_table

TABLE = read_table(Path(__file__).parent / "refinements.jsonl")

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("dialogue", TABLE, ids=lambda dialogue: dialogue["turns"][-1]["say"][:60])
async def test_a_refinement_leaves_just_what_the_table_says(dialogue: dict[str, Any], worlds: dict[str, World]) -> None:
    world, found = worlds[dialogue["w"]], list[str]()
    async with connect(world) as client:
        talk = Talk(CatalogDescription.model_validate(world.description()), client, world.rows)
        for turn in dialogue["turns"]:
            proposal = await talk.say(turn["say"])
            found += mistakes(turn, proposal, talk.conversation.ledger)
            if turn.get("shown"):
                talk.show(turn["shown"])

    assert found == []


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (["laptops under 1000 euros", "a lower price than the first"], {"price < 999"}),
        (["laptops under 900 euros", "a lower price than the first"], {"price < 900", "price < 999"}),
        (["laptops under 900 euros", "a higher weight than the first"], {"price < 900", "weight > 1.1"}),
    ],
)
async def test_a_comparison_with_an_item_never_widens_what_stands(
    turns: list[str], expected: set[str], worlds: dict[str, World]
) -> None:
    async with connect(worlds["shop"]) as client:
        talk = Talk(CatalogDescription.model_validate(worlds["shop"].description()), client, worlds["shop"].rows)
        await talk.say(turns[0])
        talk.show(["p4"])
        await talk.say(turns[1])

    kept = {f"{c.field} {c.op} {c.value}" for c in talk.conversation.ledger.constraints if c.field != "category"}
    assert {text.replace(".0", "") for text in kept} == expected

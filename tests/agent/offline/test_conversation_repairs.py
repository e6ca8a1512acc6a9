"""How a conversation mends itself: refinements of what stands, look-ups between them, and answers to questions."""

from typing import Any

import pytest

from concierge_agent.conversation import Pending
from concierge_agent.plan import Proposal
from concierge_agent.values import CatalogDescription, Question
from tests.agent.offline.conftest import World, connect
from tests.agent.offline.dialogues import Talk, constraint, spelt

pytestmark = pytest.mark.anyio


async def talk(
    world: World, *texts: str, shown: list[str] | None = None, pending: Pending | None = None
) -> tuple[Proposal, Talk]:
    """Say everything in turn; `shown` is what the first turn showed, `pending` what is asked before the last."""
    async with connect(world) as client:
        catalog = CatalogDescription.model_validate(world.description())
        said = Talk(catalog, client, world.rows)
        proposal: Proposal | None = None
        for number, text in enumerate(texts, start=1):
            if number == len(texts) and pending is not None:
                said.conversation = said.conversation.model_copy(update={"pending": pending})
            proposal = await said.say(text)
            if number == 1 and shown:
                said.show(shown)
        assert proposal is not None
        return proposal, said


def left(said: Talk) -> list[str]:
    return sorted(spelt(c) for c in said.conversation.ledger.constraints)


def asks_to_drop(*texts: str) -> Pending:
    rules = tuple(constraint(text) for text in texts)
    return Pending(kind="relax", question=Question(field=None, text="?"), rules=rules, drops=(rules,))


@pytest.mark.parametrize(
    ("world", "texts", "expected"),
    [
        ("shop", ["headphones under 100 euros", "the cheapest one"], ["category == Headphones", "price < 100"]),
        ("shop", ["a keyboard under 50 euros", "no, 90"], ["category == Keyboards", "price < 90"]),
        ("courses", ["at least 20 hours", "thirty then"], ["hours >= 30"]),
        ("shop", ["at least 4.2 stars", "4.5 or more"], ["stars >= 4.5"]),
        ("shop", ["more than 100 euros", "under 100 euros then"], ["price < 100"]),
        ("courses", ["exactly 20 hours", "give or take 5"], ["hours <= 25", "hours >= 15"]),
        ("courses", ["a beginner course", "or advanced"], ["level in Advanced|Beginner"]),
        ("courses", ["in English", "Spanish is fine too"], ["language in English|Spanish"]),
        ("films", ["from 1994", "or 1995"], ["year in 1994|1995"]),
        ("films", ["from the 1970s", "or the 1980s"], ["year <= 1989", "year >= 1970"]),
        ("courses", ["about statistics", "no wait, photography"], ["topics contains Photography"]),
        ("courses", ["not taught by Omar Reyes", "Reyes is okay"], []),
    ],
)  # fmt: skip
async def test_a_refinement_leaves_the_conditions_that_it_means(
    world: str, texts: list[str], expected: list[str], worlds: dict[str, World]
) -> None:
    _, said = await talk(worlds[world], *texts)

    assert left(said) == expected


async def test_two_answers_to_one_question_are_one_answer(worlds: dict[str, World]) -> None:
    _, said = await talk(worlds["films"], "a comedy", "I have got Hulu n Netflix")
    first = said.conversation.ledger.active("answer")
    _, changed = await talk(worlds["films"], "a comedy on Hulu", "only Netflix")

    assert [sorted(e.value or []) for e in first if isinstance(e.value, list)] == [["Hulu", "Netflix"]]
    assert [e.value for e in changed.conversation.ledger.active("answer")] == [["Netflix"]]


@pytest.mark.parametrize(
    ("text", "tool", "items"),
    [
        ("is the first one waterproof?", "check_availability", ["p1"]),
        ("how much does the second one weigh?", "get_item_details", ["p2"]),
        ("how heavy is it?", "get_item_details", ["p1", "p2", "p3"]),
        ("what is the battery life?", "get_item_details", ["p1", "p2", "p3"]),
        ("which of these is the cheapest?", "get_item_details", ["p2"]),
        ("which one has the most stars?", "get_item_details", ["p1"]),
    ],
)
async def test_a_question_about_what_was_shown_is_looked_up_and_changes_nothing(
    text: str, tool: str, items: list[str], worlds: dict[str, World]
) -> None:
    proposal, _ = await talk(worlds["shop"], "headphones", text, shown=["p1", "p2", "p3"])

    assert [(s.tool, s.arguments["item_ids"]) for s in proposal.plan.steps] == [(tool, items)]
    assert proposal.changes == ()
    assert not proposal.present


async def test_a_question_about_the_catalog_is_answered_from_its_description(worlds: dict[str, World]) -> None:
    kinds, _ = await talk(worlds["courses"], "what topics do you have?")
    many, _ = await talk(worlds["courses"], "how many beginner courses do you have?")

    assert [s.tool for s in kinds.plan.steps] == ["describe_catalog"]
    wanted = {"field": "level", "op": "==", "value": "Beginner"}
    assert [(s.tool, s.arguments["filters"]) for s in many.plan.steps] == [("search_catalog", [wanted])]


@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("ok, any price", ["price < 20"]),
        ("no, keep the weight", ["price < 20"]),
        ("sure, go ahead", ["price < 20", "weight < 1"]),
        ("both", ["price < 20", "weight < 1"]),
    ],
)
async def test_letting_go_takes_only_what_was_named(text: str, goes: list[str], worlds: dict[str, World]) -> None:
    pending = asks_to_drop("price < 20", "weight < 1")

    proposal, said = await talk(worlds["shop"], "under 20 euros, lighter than 1 kg", text, pending=pending)

    gone = [e.constraint for e in said.conversation.ledger.entries if not e.active and e.constraint is not None]
    assert sorted(map(spelt, gone)) == goes
    assert proposal.question is None


def question(field: str) -> Pending:
    return Pending(kind="question", question=Question(field=field, text="Where would you see it?"))


@pytest.mark.parametrize(
    "text",
    ["I don't mind where it is", "don't care which", "whatever", "it doesn't matter", "either is fine", "no matter"],
)
async def test_not_minding_is_an_answer(text: str, worlds: dict[str, World]) -> None:
    _, said = await talk(worlds["films"], "a western", text, pending=question("services"))

    assert said.conversation.ledger.answers == {"services": None}


async def test_a_correction_is_one_although_something_else_was_asked(worlds: dict[str, World]) -> None:
    text = "no wait, make it under 100 minutes"

    proposal, said = await talk(worlds["films"], "a comedy", text, pending=question("services"))

    assert sorted(map(spelt, said.conversation.ledger.constraints)) == ["genres contains Comedy", "runtime < 100"]
    assert proposal.notes == ()


@pytest.mark.parametrize("text", ["maybe", "hmm", "let me think"])
async def test_hesitation_is_no_consent_and_changes_nothing(text: str, worlds: dict[str, World]) -> None:
    pending = Pending(
        kind="consent", question=Question(field=None, text="Shall I?"), confirmation="t", item_ids=("f5",)
    )

    proposal, _ = await talk(worlds["films"], "an action film", text, pending=pending)

    assert proposal.changes == ()
    assert proposal.plan.steps == ()
    assert not proposal.present


@pytest.mark.parametrize(("text", "count"), [("two laptops", 2), ("3 more please", 3), ("one more", 1)])
async def test_a_count_needs_no_verb(text: str, count: int, worlds: dict[str, World]) -> None:
    proposal, _ = await talk(worlds["shop"], "something from Kestrel", text, shown=["p4"])

    assert proposal.plan.steps[-1].arguments["n"] == count


@pytest.mark.parametrize("text", ["can you call me a taxi to the station", "what is the capital of Peru?"])
async def test_an_errand_is_answered_with_what_can_be_done(text: str, worlds: dict[str, World]) -> None:
    proposal, _ = await talk(worlds["courses"], text)

    assert proposal.reply is not None
    assert "beyond me" in proposal.reply
    assert proposal.changes == ()


async def test_words_that_only_name_items_take_themselves_out_of_the_ledger(worlds: dict[str, World]) -> None:
    _, said = await talk(worlds["courses"], "programs", "beginner programs")

    assert said.conversation.ledger.wish is None


async def test_a_purchase_is_acknowledged_and_not_invented(worlds: dict[str, World]) -> None:
    proposal, _ = await talk(worlds["shop"], "headphones", "I'll order the first one", shown=["p1", "p2"])

    assert proposal.changes == ()
    assert proposal.reply is not None
    assert "neither sell nor reserve" in proposal.reply


async def test_a_word_without_end_is_cut_and_searched_by_nothing(worlds: dict[str, World]) -> None:
    async with connect(worlds["shop"]) as client:
        catalog = CatalogDescription.model_validate(worlds["shop"].description())
        said = Talk(catalog, client, worlds["shop"].rows)

        await said.say("a bag about " + "y" * 3000)

    assert "y" * 10 not in (said.conversation.ledger.wish or "")


async def test_everything_but_one_thing_asks_about_that_thing(worlds: dict[str, World]) -> None:
    proposal, _ = await talk(worlds["shop"], "headphones", "everything except the price is fine", shown=["p1"])

    told: Any = proposal.question.text if proposal.question is not None else proposal.reply
    assert "Which" not in str(told)

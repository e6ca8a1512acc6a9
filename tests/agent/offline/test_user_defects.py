"""What a new user tripped over: refused answers, counts read as amounts, comparisons, references to nothing."""

import pytest
from mcp.types import Tool

from concierge_agent.brain import Material, TurnContext
from concierge_agent.conversation import Pending
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.offline import had
from concierge_agent.offline.reading import Named, Reading
from concierge_agent.plain_writer import draft
from concierge_agent.plan import Plan
from concierge_agent.tools import Toolbox
from concierge_agent.values import CatalogDescription, Question
from tests.agent.offline.conftest import World, connect
from tests.agent.offline.dialogues import Talk, constraint
from tests.agent.offline.test_conversation_repairs import left, talk

pytestmark = pytest.mark.anyio


def consent(rule: str) -> Pending:
    return Pending(kind="consent", question=Question(field=None, text="?"), confirmation="t", rules=(constraint(rule),))


@pytest.mark.parametrize(
    ("world", "field", "answer", "rule"),
    [
        ("films", "services", ["Hulu"], "services not_contains Hulu"),
        ("shop", "category", "Laptops", "category != Laptops"),
    ],
)
async def test_a_refusal_of_consent_takes_back_the_answer_that_it_rules_out(
    world: str, field: str, answer: str | list[str], rule: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        said = Talk(CatalogDescription.model_validate(worlds[world].description()), client, worlds[world].rows)
        given = Entry(id="e1", kind="answer", turn=1, text="?", field=field, value=answer)
        said.conversation = said.conversation.model_copy(
            update={"ledger": Ledger(entries=(given,)), "pending": consent(rule)}
        )
        await said.say("no")

    assert said.conversation.ledger.answers == {}
    assert left(said) == [rule]


@pytest.mark.parametrize(
    ("world", "first", "text", "expected"),
    [
        ("films", "a comedy", "best rated one of 1994", ["genres contains Comedy", "year == 1994"]),
        (
            "films",
            "a comedy",
            "one from 1995 rated over 8",
            ["genres contains Comedy", "rating > 8", "year == 1995"],
        ),
        ("films", "a comedy", "which of the two is longest?", ["genres contains Comedy"]),
        ("courses", "in English", "which of the two is longer?", ["language == English"]),
        ("shop", "headphones", "one of the two is fine", ["category == Headphones"]),
        ("shop", "headphones", "2 please", ["category == Headphones"]),
        ("shop", "headphones under 100 euros", "2", ["category == Headphones", "price < 100"]),
    ],
)
async def test_years_and_counts_are_no_scores_and_no_prices(
    world: str, first: str, text: str, expected: list[str], worlds: dict[str, World]
) -> None:
    shown = {"films": ["f1", "f7"], "courses": ["c1", "c2"], "shop": ["p1", "p2"]}[world]
    _, said = await talk(worlds[world], first, text, shown=shown)

    assert left(said) == expected


@pytest.mark.parametrize(
    ("world", "text", "items"),
    [
        ("films", "compare 1 and 2", ["f1", "f4"]),
        ("films", "1 vs 3", ["f1", "f5"]),
        ("films", "compare the last two", ["f4", "f5"]),
        ("films", "is Heat longer than Pulp Fiction?", ["f4", "f11"]),
        ("films", "2", ["f4"]),
        ("shop", "what is the difference between 1 and 3?", ["p1", "p3"]),
        ("shop", "which is cheaper, the first or the third?", ["p1", "p3"]),
        ("shop", "compare Lumo Brew and City Sling", ["p7", "p10"]),
        ("shop", "is the second one lighter than the first?", ["p2", "p1"]),
        ("courses", "compare the first two", ["c1", "c2"]),
        ("shop", "who made the second one?", ["p2"]),
    ],
)
async def test_a_comparison_looks_up_the_items_it_means_and_anchors_nothing(
    world: str, text: str, items: list[str], worlds: dict[str, World]
) -> None:
    shown = {"films": ["f1", "f4", "f5"], "courses": ["c1", "c2", "c3"], "shop": ["p1", "p2", "p3"]}[world]
    proposal, said = await talk(worlds[world], "show me something", text, shown=shown)

    assert [(s.tool, s.arguments["item_ids"]) for s in proposal.plan.steps] == [("get_item_details", items)]
    assert proposal.changes == ()
    assert said.conversation.turns[-1].seeds == ()


@pytest.mark.parametrize(
    ("world", "ids", "text", "opening", "told"),
    [
        ("films", ["f4", "f11"], "is Heat longer than Pulp Fiction?", "Yes. Heat has the higher runtime.", "170 min"),
        ("shop", ["p2", "p1"], "is the second cheaper than the first?", "Yes. Nordwind Drift Mini has", "59 EUR"),
        ("shop", ["p1", "p2"], "compare 1 and 2", "This is what differs.", "weight: 0.25 kg"),
        ("films", ["f4"], "who directed it?", "", "director: Michael Mann."),
        ("courses", ["c2"], "how long is the second?", "", "hours: 35."),
        ("shop", ["p1"], "how heavy is the first one?", "", "weight: 0.25 kg."),
    ],
)
async def test_a_comparison_tells_the_field_it_asks_about_and_who_has_more(
    world: str, ids: list[str], text: str, opening: str, told: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        said = Talk(CatalogDescription.model_validate(worlds[world].description()), client, worlds[world].rows)
        listed = await client.list_tools()
        toolbox = Toolbox(client, {tool.name: tool for tool in listed.tools})
        await toolbox.call("get_item_details", {"item_ids": ids}, step="s1")
        context = TurnContext(text=text, conversation=said.conversation, catalog=said.catalog, toolbox=toolbox)
        proposal = await said.say("hello")
        written = draft(Material(context, proposal, tuple(toolbox.calls), shown=None, explained=None))

    assert written.opening.startswith(opening)
    assert told in (written.items[0].reason or "")
    assert "overview" not in (written.items[0].reason or "")


@pytest.mark.parametrize(
    ("world", "text"),
    [
        ("films", "is number 2 suitable for kids?"),
        ("films", "why the second?"),
        ("shop", "is the first heavier than the second?"),
    ],
)
async def test_a_reference_beyond_the_list_is_said(world: str, text: str, worlds: dict[str, World]) -> None:
    proposal, _ = await talk(worlds[world], "show me something", text, shown=["f1" if world == "films" else "p1"])

    assert proposal.reply is not None
    assert "only one" in proposal.reply


@pytest.mark.parametrize(
    ("world", "text", "expected"),
    [
        ("shop", "headphones under 100 euros or keyboards under 50 euros", ["category == Headphones", "price < 100"]),
        ("courses", "a beginner course under 30 dollars or an advanced course under 200 dollars",
         ["level == Beginner", "price < 30"]),
    ],
)  # fmt: skip
async def test_alternatives_with_bounds_of_their_own_begin_with_the_first(
    world: str, text: str, expected: list[str], worlds: dict[str, World]
) -> None:
    proposal, said = await talk(worlds[world], text)

    assert left(said) == expected
    assert "one set of limits" in " ".join(proposal.notes)


@pytest.mark.parametrize(("world", "shown"), [("films", "f1"), ("shop", "p1")])
async def test_short_requests_get_sensible_answers(world: str, shown: str, worlds: dict[str, World]) -> None:
    surprise, _ = await talk(worlds[world], "hello", "nvm, surprise me", shown=[shown])
    me, _ = await talk(worlds[world], "what do you know about me?")
    discount, _ = await talk(worlds[world], "hello", "is there a discount?", shown=[shown])

    assert [s.tool for s in surprise.plan.steps] == ["recommend_for_user"]
    assert "I know only what you tell me" in (me.reply or "")
    assert discount.reply == "Nothing here says anything of 'discount'."


@pytest.mark.parametrize(
    ("world", "text", "item", "event"),
    [
        ("films", "I have already seen Heat", "f4", "watch"),
        ("shop", "I already bought the Lumo Brew", "p7", "purchase"),
    ],
)
async def test_what_the_user_has_had_is_recorded_for_a_known_user_and_said(
    world: str, text: str, item: str, event: str, worlds: dict[str, World]
) -> None:
    guest, said = await talk(worlds[world], text)
    tools = {"record_feedback": next(iter((await _tools(worlds[world])).values()))}
    known = said.conversation.model_copy(update={"user_id": "u1"})
    context = TurnContext(text, known, said.catalog, Toolbox(said.client, tools))
    plan, notes = had.recorded(context, Reading(text, had=[Named(item, "X", text)]), Plan())

    assert "for the rest of this conversation" in " ".join(guest.notes)
    assert [(s.tool, s.arguments) for s in plan.steps] == [("record_feedback", {"item_id": item, "event": event})]
    assert "I noted that you have had X" in notes[0]


async def _tools(world: World) -> dict[str, Tool]:
    async with connect(world) as client:
        return {tool.name: tool for tool in (await client.list_tools()).tools}

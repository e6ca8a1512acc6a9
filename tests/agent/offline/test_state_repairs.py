"""What stays of a dialogue's state when requests change, dead ends are met and things are taken back."""

from typing import Any

import pytest
from mcp import Client
from mcp.server import MCPServer

from concierge_agent.conversation import Pending
from concierge_agent.offline import renewal
from concierge_agent.plan import Proposal
from concierge_agent.values import CatalogDescription, Question
from tests.agent.offline.conftest import Details, Found, Mentions, World
from tests.agent.offline.dialogues import Talk, constraint, spelt

pytestmark = pytest.mark.anyio


def serve(world: World) -> MCPServer:
    """Return a server whose search keeps to its filters, unlike the linker's own."""
    server = MCPServer("world")

    @server.tool()
    def resolve_mentions(text: str) -> Mentions:
        return Mentions(mentions=world.linker.mentions(text))

    @server.tool()
    def get_item_details(item_ids: list[str]) -> Details:
        rows = [world.rows[i] for i in item_ids]
        return Details(items=[{"id": r["id"], "title": r["title"], "fields": r} for r in rows])

    @server.tool()
    def search_catalog(
        query: str, filters: list[dict[str, Any]] | None = None, n: int = 10, detail: str = "concise"
    ) -> Found:
        said = query.lower().split()
        hits = [r for r in world.rows.values() if all(meets(r, f) for f in filters or ())]
        hits = [r for r in hits if not said or any(word in str(r).lower() for word in said)]
        items = [{"id": r["id"], "title": r["title"], "fields": r} for r in hits[:n]]
        return Found(candidates="h1", matched=len(hits), items=items)

    return server


def meets(row: dict[str, Any], condition: dict[str, Any]) -> bool:
    value, wanted = row[condition["field"]], condition["value"]
    held = value if isinstance(value, list) else [value]
    listed = wanted if isinstance(wanted, list) else [wanted]
    match condition["op"]:
        case "<" | "<=":
            return value is not None and (value < wanted or (condition["op"] == "<=" and value == wanted))
        case ">" | ">=":
            return value is not None and (value > wanted or (condition["op"] == ">=" and value == wanted))
        case "!=" | "not_in" | "not_contains":
            return not set(held) & set(listed)
        case _:
            return bool(set(held) & set(listed))


class Dialogue:
    """A conversation in which every turn says something, and may be said to have shown items or asked something."""

    def __init__(self, world: World, client: Client) -> None:
        self.talk = Talk(CatalogDescription.model_validate(world.description()), client, world.rows)

    async def say(self, text: str, *, shown: list[str] | None = None, reply: str = "") -> Proposal:
        proposal = await self.talk.say(text)
        if shown:
            self.talk.show(shown)
        said = reply or (proposal.question.text if proposal.question else proposal.reply) or ""
        turns = self.talk.conversation.turns
        last = turns[-1].model_copy(update={"reply": said})
        asked = Pending(kind="question", question=proposal.question) if proposal.question is not None else None
        self.talk.conversation = self.talk.conversation.model_copy(
            update={"turns": (*turns[:-1], last), "pending": asked}
        )
        return proposal

    def offer(self, *rules: str) -> None:
        """Let the last turn have been a dead end that offered to leave each of these out."""
        made = tuple(constraint(rule) for rule in rules)
        pending = Pending(
            kind="relax", question=Question(field=None, text="?"), rules=made, drops=tuple((c,) for c in made)
        )
        self.talk.conversation = self.talk.conversation.model_copy(update={"pending": pending})

    @property
    def conditions(self) -> list[str]:
        return sorted(spelt(c) for c in self.talk.conversation.ledger.constraints)


def connect(world: World) -> Client:
    return Client(serve(world), raise_exceptions=True)


@pytest.mark.parametrize(
    ("world", "before", "rule", "text", "kept"),
    [
        ("films", "by Lana Wachowski", "director == Lana Wachowski", "ok then anything with Tom Hanks", "Tom Hanks"),
        ("courses", "taught by Ada Moss", "instructor == Ada Moss", "ok then something about Photography", "Photo"),
    ],
)
async def test_a_new_request_is_no_consent_to_leave_something_out(
    world: str, before: str, rule: str, text: str, kept: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(before)
        dialogue.offer(rule)
        proposal = await dialogue.say(text)

        assert proposal.question is not None
        assert renewal.asks_whether_still(Pending(kind="question", question=proposal.question))
        assert any(kept in condition for condition in dialogue.conditions)
        await dialogue.say("no, forget that")
        assert [kept in condition for condition in dialogue.conditions] == [True]


@pytest.mark.parametrize(
    ("world", "before", "rule", "text", "conditions"),
    [
        ("films", "by Lana Wachowski", "director == Lana Wachowski", "yes, but with Tom Hanks",
         ["cast contains Tom Hanks"]),
        ("courses", "taught by Ada Moss", "instructor == Ada Moss", "sure, but in Spanish", ["language == Spanish"]),
    ],
)  # fmt: skip
async def test_what_is_said_besides_a_consent_counts_too(
    world: str, before: str, rule: str, text: str, conditions: list[str], worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(before)
        dialogue.offer(rule)
        await dialogue.say(text)

        assert dialogue.conditions == conditions


@pytest.mark.parametrize(
    ("world", "texts"),
    [
        ("courses", ["taught by Ada Moss under 10 USD", "taught by Ada Moss please", "no, taught by Ada Moss"]),
        ("films", ["by Lana Wachowski under 80 minutes", "I want something by Lana Wachowski"]),
    ],
)
async def test_who_merely_insists_is_not_asked_whether_it_still_holds(
    world: str, texts: list[str], worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        for text in texts:
            proposal = await dialogue.say(text)

            assert proposal.question is None


@pytest.mark.parametrize(
    ("world", "first", "shown", "then", "now", "kept"),
    [
        ("shop", "headphones under 200 euros", ["p1", "p3"], "something cheaper", "a laptop",
         ["category == Laptops", "price < 200"]),
        ("hotels", "a hotel with a pool", ["h1", "h4"], "something cheaper", "a hostel",
         ["amenities contains pool", "kind == Hostel"]),
    ],
)  # fmt: skip
async def test_another_kind_takes_with_it_what_was_compared_with_the_old_one(
    world: str, first: str, shown: list[str], then: str, now: str, kept: list[str], worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(first, shown=shown)
        if world == "shop":
            await dialogue.say("something lighter", shown=["p2"])
        else:
            await dialogue.say(then, shown=["h8"])
        proposal = await dialogue.say(now)

        assert dialogue.conditions == kept
        assert any("another kind" in note for note in proposal.notes)


@pytest.mark.parametrize(
    ("world", "first", "shown", "now"),
    [("shop", "headphones", ["p1", "p2"], "a laptop"), ("hotels", "a hostel", ["h2", "h10"], "an apartment")],
)
async def test_cheaper_is_never_cheaper_than_what_was_of_another_kind(
    world: str, first: str, shown: list[str], now: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(first, shown=shown)
        await dialogue.say(now)
        proposal = await dialogue.say("something cheaper")

        assert len(dialogue.conditions) == 1
        assert [s.arguments.get("descending") for s in proposal.plan.steps if s.tool == "rank_candidates"] == [False]


@pytest.mark.parametrize(
    ("world", "texts", "count"),
    [("shop", ["headphones under 90 euros", "2 please"], 2), ("courses", ["under 100 USD", "two of them"], 2)],
)
async def test_a_number_of_items_is_no_price(
    world: str, texts: list[str], count: int, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(texts[0])
        before = dialogue.conditions
        proposal = await dialogue.say(texts[1])

        assert dialogue.conditions == before
        assert proposal.plan.steps[-1].arguments["n"] == count


@pytest.mark.parametrize(
    ("world", "first", "shown", "now"),
    [("shop", "headphones", ["p1"], "a laptop under 50 euros"), ("films", "a comedy", ["f7"], "from 1950")],
)
async def test_it_is_asked_about_when_nothing_was_shown_since_the_request_changed(
    world: str, first: str, shown: list[str], now: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(first, shown=shown)
        await dialogue.say(now)
        dialogue.offer(dialogue.conditions[0])
        proposal = await dialogue.say("I'll take it")

        assert (proposal.reply or "").startswith("Which one do you mean")


@pytest.mark.parametrize("text", ["cancel that", "no wait", "actually no, I changed my mind, not that one"])
@pytest.mark.parametrize(("world", "first", "shown"), [("shop", "headphones", "p1"), ("films", "a comedy", "f7")])
async def test_what_was_taken_can_be_given_back(
    text: str, world: str, first: str, shown: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(first, shown=[shown])
        taken = await dialogue.say("I'll take it")
        back = await dialogue.say(text)

        title = worlds[world].rows[shown]["title"]
        assert (taken.reply or "").startswith(f"Good choice: {title}")
        assert back.reply == f"All right, {title} is not taken. What would you like instead?"


@pytest.mark.parametrize(
    ("world", "first"), [("shop", "headphones under 90 euros"), ("courses", "a beginner course under 100 USD")]
)
async def test_a_greeting_searches_for_nothing_and_says_what_stands(
    world: str, first: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(first)
        proposal = await dialogue.say("hi again")

        assert proposal.plan.steps == ()
        assert "still stands:" in (proposal.reply or "")
        assert "price under" in (proposal.reply or "")


@pytest.mark.parametrize(("world", "first"), [("films", "I have Netflix"), ("films", "a comedy on Hulu")])
async def test_starting_over_lets_answers_go_as_well(world: str, first: str, worlds: dict[str, World]) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(first)
        await dialogue.say("start over")

        assert dialogue.talk.conversation.ledger.active() == ()


@pytest.mark.parametrize(
    ("world", "text"), [("films", "I'm not allergic to westerns"), ("shop", "I'm not allergic to wool")]
)
async def test_what_somebody_says_they_can_bear_rules_nothing_out(
    world: str, text: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(text)

        assert dialogue.talk.conversation.ledger.active("constraint") == ()


@pytest.mark.parametrize(
    ("world", "text", "hard"),
    [
        ("shop", "I'm waterproof", False),
        ("shop", "I never wear waterproof", True),
        ("films", "I'm Western", False),
        ("films", "I'm allergic to westerns", True),
    ],
)
async def test_what_somebody_is_becomes_a_preference_and_what_they_never_want_a_condition(
    world: str, text: str, hard: bool, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(text)

        kept = dialogue.talk.conversation.ledger.active("constraint")
        assert [(e.scope, e.hard) for e in kept] == [("user", hard)]


@pytest.mark.parametrize(
    ("world", "rule", "text"),
    [
        ("shop", "I never buy Acme", "headphones as a present for my sister"),
        ("films", "I never watch westerns", "a present for my dad, a drama"),
    ],
)
async def test_ones_own_rules_do_not_bind_a_present(world: str, rule: str, text: str, worlds: dict[str, World]) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(rule)
        proposal = await dialogue.say(text)

        assert [e for e in dialogue.talk.conversation.ledger.active() if e.scope == "user"] == []
        assert not [n for n in proposal.notes if "present" in n or "sister" in n or "dad" in n]


@pytest.mark.parametrize("world", ["films", "books"])
async def test_an_age_is_no_year(world: str, worlds: dict[str, World]) -> None:
    async with connect(worlds[world]) as client:
        proposal = await Dialogue(worlds[world], client).say("I'm choosing with my 6 year old")

        assert proposal.question is None or proposal.question.field != "year"
        assert proposal.changes == ()


@pytest.mark.parametrize(
    ("world", "first", "shown"), [("films", "a comedy", ["f7", "f11"]), ("shop", "laptops", ["p4", "p5"])]
)
async def test_what_was_seen_is_said_to_be_left_out(
    world: str, first: str, shown: list[str], worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(first, shown=shown)
        proposal = await dialogue.say("we've seen the first one")

        assert proposal.notes == (
            f"I leave out {worlds[world].rows[shown[0]]['title']} for the rest of this conversation.",
        )


@pytest.mark.parametrize(
    ("world", "first", "then"),
    [("films", "something about a heist", "from 1979"), ("courses", "something about paintings", "in Spanish")],
)
async def test_words_that_nothing_left_mentions_are_no_wish_any_more(
    world: str, first: str, then: str, worlds: dict[str, World]
) -> None:
    async with connect(worlds[world]) as client:
        dialogue = Dialogue(worlds[world], client)
        await dialogue.say(first)
        wished = dialogue.talk.conversation.ledger.wish
        proposal = await dialogue.say(then)

        assert wished is not None
        assert dialogue.talk.conversation.ledger.wish is None
        assert any(f"mentions {wished!r}, so I left that aside" in note for note in proposal.notes)

"""What people do with their words: complain of an item, take it, agree, leave open, turn to something else."""

from typing import Any

import pytest

from concierge_agent.conversation import Pending
from concierge_agent.plan import Proposal
from concierge_agent.values import CatalogDescription, Question
from tests.agent.offline.conftest import World, connect
from tests.agent.offline.dialogues import Talk, constraint, spelt

pytestmark = pytest.mark.anyio


async def talk(
    world: World, first: str, text: str, *, shown: str = "", pending: Pending | None = None
) -> tuple[Proposal, Talk]:
    """Say `first`, show the items of these ids, ask what is pending, and say `text`."""
    async with connect(world) as client:
        said = Talk(CatalogDescription.model_validate(world.description()), client, world.rows)
        await said.say(first)
        if shown:
            said.show(shown.split())
        said.conversation = said.conversation.model_copy(update={"pending": pending})
        return await said.say(text), said


def added(said: Talk, first: int = 1) -> list[str]:
    """What the turns after the first one added to the conditions, and to the answers the store asks for."""
    entries = [e for e in said.conversation.ledger.active() if e.turn > first]
    told = [spelt(e.constraint) + ("" if e.hard else " (soft)") for e in entries if e.constraint is not None]
    return sorted(told + [f"{e.field} = {e.value}" for e in entries if e.kind == "answer"])


def asked(field: str | None, kind: str = "question", **more: Any) -> Pending:
    return Pending(kind=kind, question=Question(field=field, text="?"), **more)


@pytest.mark.parametrize(
    ("world", "shown", "text", "expected"),
    [
        ("films", "f11", "That's longer than I have time for.", ["runtime < 154"]),
        ("films", "f11", "no, that exceeds my 95 minutes", ["runtime <= 95"]),
        ("films", "f11", "It runs over two hours.", ["runtime <= 120"]),
        ("films", "f11", "hmm, rather long, isn't it?", ["runtime < 154"]),
        ("films", "f11", "That one's rated R, which I can't show my nephew.", ["content_rating != R"]),
        ("films", "f11", "I can't watch that, I only use Hulu.", ["services = ['Hulu']"]),
        ("films", "f7", "this one is animated", ["genres not_contains Animation"]),
        ("films", "f4", "it looks like something for families", ["genres not_contains Family"]),
        ("films", "f4", "it's a thriller", ["genres not_contains Thriller"]),
        ("films", "f4", "It has Al Pacino in it", ["cast not_contains Al Pacino"]),
        ("films", "f4", "that's too old for me", ["year > 1995"]),
        ("films", "f4", "it isn't funny", ["genres contains Comedy"]),
        ("films", "f4 f5", "The second one is science fiction.", ["genres not_contains Science Fiction"]),
        ("films", "f4", "Heat is too long for tonight", ["runtime < 170"]),
        ("films", "f19", "Something shorter would be better.", ["runtime < 103"]),
        ("films", "f19", "A newer one might suit us better", ["year > 2017"]),
        ("shop", "p1", "That is more than I want to spend.", ["price < 129"]),
        ("shop", "p1", "that's above my limit of 80 euros", ["price <= 80"]),
        ("shop", "p1", "it costs more than 100 euros", ["price <= 100"]),
        ("shop", "p1", "I can't afford that", ["price < 129"]),
        ("shop", "p1", "those are too heavy to carry", ["weight < 0.25"]),
        ("shop", "p1", "That one isn't waterproof.", ["features contains waterproof"]),
        ("shop", "p1", "the battery does not last long enough", ["battery_life > 30"]),
        ("shop", "p1", "they come in black", ["colours not_contains black"]),
        ("shop", "p1", "it's wireless, sorry", ["wireless == False"]),
        ("shop", "p1", "the price is way too high", ["price < 129"]),
        ("courses", "c1", "This one is taught by Ada Moss.", ["instructor != Ada Moss"]),
        ("courses", "c5", "it's in Spanish, I don't speak that", ["language != Spanish"]),
        ("courses", "c1", "it takes longer than I can spare", ["hours < 20"]),
        ("courses", "c1", "that's beyond my 10 hours", ["hours <= 10"]),
        ("courses", "c1", "not cheap enough", ["price < 49"]),
        ("courses", "c3", "the fee is really steep, too steep", ["price < 300"]),
        ("courses", "c1", "I'd like a higher score", ["score > 4.6"]),
        ("courses", "c2", "That's not for beginners.", ["level == Beginner"]),
    ],
)  # fmt: skip
async def test_what_is_said_against_a_shown_item_is_what_is_not_wanted(
    world: str, shown: str, text: str, expected: list[str], worlds: dict[str, World]
) -> None:
    _, said = await talk(worlds[world], "hello", text, shown=shown)

    assert added(said) == expected


@pytest.mark.parametrize(
    ("world", "text", "expected"),
    [
        ("films", "it should be a comedy", ["genres contains Comedy"]),
        ("films", "it's for a fan of animation", ["genres contains Animation"]),
        ("shop", "it must be under 100 euros", ["price < 100"]),
        ("courses", "that has to be in French", ["language == French"]),
    ],
)
async def test_what_an_item_is_to_be_is_no_complaint(
    world: str, text: str, expected: list[str], worlds: dict[str, World]
) -> None:
    _, said = await talk(worlds[world], "hello", text, shown={"films": "f4", "shop": "p4", "courses": "c1"}[world])

    assert added(said) == expected


@pytest.mark.parametrize(
    ("world", "shown", "text", "title"),
    [
        ("films", "f4", "Sold!", "Heat"),
        ("films", "f4 f8", "great, we'll watch the second one", "Seven"),
        ("films", "f4", "Perfect, thanks!", "Heat"),
        ("shop", "p4 p6", "The Acme Office 15 it is", "Acme Office 15"),
        ("shop", "p4", "Let's see. Yes, I'll go for that one.", "Kestrel Air 13"),
        ("courses", "c1", "that works, thank you so much for your help", "Python from Zero"),
        ("courses", "c1 c4", "I'm going to enrol in the first one", "Python from Zero"),
    ],
)
async def test_a_taken_item_is_named_in_a_short_reply_that_asks_nothing(
    world: str, shown: str, text: str, title: str, worlds: dict[str, World]
) -> None:
    proposal, _ = await talk(worlds[world], "hello", text, shown=shown)

    assert proposal.changes == ()
    assert proposal.plan.steps == ()
    assert proposal.intent == "feedback"
    assert proposal.reply is not None
    assert title in proposal.reply
    assert "?" not in proposal.reply


@pytest.mark.parametrize(
    ("text", "consents", "expected"),
    [
        ("That's no problem.", True, []),
        ("I'm old enough, so yes", True, []),
        ("No, I don't mind.", True, []),
        ("fine with me, show it", True, []),
        ("I'd rather not", False, ["content_rating == R"]),
        ("not with the kids around", False, ["content_rating == R"]),
        ("no thanks, a comedy instead", False, ["genres contains Comedy"]),
    ],
)
async def test_consent_and_its_refusal_have_many_shapes(
    text: str, consents: bool, expected: list[str], worlds: dict[str, World]
) -> None:
    waiting = asked(None, "consent", confirmation="t", item_ids=("f6",), rules=(constraint("content_rating == R"),))

    _, said = await talk(worlds["films"], "something scary", text, pending=waiting)

    assert bool(said.conversation.ledger.active("consent")) is consents
    assert added(said) == expected


@pytest.mark.parametrize(
    ("world", "field", "text", "expected"),
    [
        ("films", "services", "nope, anything is ok", ["services = None"]),
        ("films", "services", "okay so, that's not important to me", ["services = None"]),
        ("films", "services", "No preference, but nothing scary", ["genres not_contains Horror", "services = None"]),
        ("films", "director", "whoever, up to you", []),
        ("shop", "brand", "any brand is fine, as long as it costs less than 90 euros", ["price < 90"]),
        ("shop", "brand", "it makes no difference to me. Black, please.", ["colours contains black"]),
        ("courses", "level", "I'm open, only not in Spanish", ["language != Spanish"]),
        ("courses", "level", "Beginner or whatever", ["level == Beginner"]),
    ],
)
async def test_an_answer_that_leaves_the_choice_open_may_say_something_else(
    world: str, field: str, text: str, expected: list[str], worlds: dict[str, World]
) -> None:
    proposal, said = await talk(worlds[world], "hello", text, pending=asked(field))

    assert added(said) == expected
    assert proposal.question is None


@pytest.mark.parametrize(
    ("world", "first", "text", "left"),
    [
        ("films", "horror under 2 hours", "forget all that, a comedy", ["genres contains Comedy"]),
        ("films", "horror under 2 hours", "new question: something with Hugh Grant", ["cast contains Hugh Grant"]),
        ("films", "horror under 2 hours", "now something romantic for my mother", ["genres contains Romance"]),
        ("films", "horror under 2 hours", "also for another evening a western", ["genres contains Western"]),
        ("shop", "a laptop under 900 euros", "Okay, different topic. Keyboards.", ["category == Keyboards"]),
        ("shop", "a laptop under 900 euros", "let's start over", []),
        ("shop", "a laptop under 900 euros", "make it a keyboard", ["category == Keyboards", "price < 900"]),
        ("courses", "a course in English", "and for beginners", ["language == English", "level == Beginner"]),
        ("courses", "a course in English", "now only for beginners", ["language == English", "level == Beginner"]),
        ("courses", "a course in English", "scrap what I said before. Something in French", ["language == French"]),
    ],
)  # fmt: skip
async def test_a_request_is_set_aside_only_when_the_user_plainly_turns_to_another(
    world: str, first: str, text: str, left: list[str], worlds: dict[str, World]
) -> None:
    proposal, said = await talk(worlds[world], first, text, shown={"films": "f6", "shop": "p6", "courses": "c1"}[world])

    assert sorted(spelt(c) for c in said.conversation.ledger.constraints) == left
    told = any("set aside" in note for note in proposal.notes)
    assert told is (bool(left) and added(said) == left)


async def test_what_the_user_told_of_themselves_outlives_a_change_of_topic(worlds: dict[str, World]) -> None:
    _, said = await talk(worlds["films"], "I have Hulu and I hated Heat. A thriller", "forget all that. A romance")

    assert said.conversation.ledger.answers == {"services": ["Hulu"]}
    assert said.conversation.ledger.disliked == ("f4",)


@pytest.mark.parametrize(
    ("world", "text", "expected"),
    [
        ("films", "I just got off a twelve hour shift, so a comedy please", ["genres contains Comedy"]),
        ("films", "Greetings! It's been a long day. Something scary?", ["genres contains Horror"]),
        ("shop", "We've been at this for 3 hours. Headphones, thanks in advance!", ["category == Headphones"]),
        ("courses", "My commute was 2 hours today and I want something in French", ["language == French"]),
    ],
)
async def test_chatter_is_no_condition_and_is_not_searched_for(
    world: str, text: str, expected: list[str], worlds: dict[str, World]
) -> None:
    proposal, said = await talk(worlds[world], "hello", text)

    assert added(said) == expected
    assert said.conversation.ledger.wish is None
    assert not any("aside" in note for note in proposal.notes)


@pytest.mark.parametrize(
    ("world", "shown", "text", "intent"),
    [
        ("films", "f4", "Not quite. Got another?", "feedback"),
        ("films", "f4", "anything else?", "ask"),
        ("films", "f4", "why that one?", "explanation"),
        ("shop", "p1", "too pricey, something cheaper", "refinement"),
        ("shop", "p1", "I'll take it", "feedback"),
        ("shop", "p1", "forget all that, a keyboard", "ask"),
        ("courses", "c1", "good evening", "general"),
    ],
)
async def test_a_turn_is_one_of_five_kinds(
    world: str, shown: str, text: str, intent: str, worlds: dict[str, World]
) -> None:
    proposal, _ = await talk(worlds[world], "hello", text, shown=shown)

    assert proposal.intent == intent


@pytest.mark.parametrize(
    ("world", "text", "certain"),
    [
        ("films", "a comedy under two hours", True),
        ("films", "a comedy about submarines", False),
        ("films", "flurble", False),
        ("shop", "black headphones, no more than 100 euros", True),
        ("shop", "headphones for a commuter", False),
        ("courses", "thanks", True),
    ],
)
async def test_a_planner_is_certain_when_nothing_was_left_aside_or_searched_for_in_words(
    world: str, text: str, certain: bool, worlds: dict[str, World]
) -> None:
    proposal, _ = await talk(worlds[world], "hello", text)

    assert proposal.certain is certain

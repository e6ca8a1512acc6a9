"""Wordings that were once misread, as tables: what each says, in catalogs of several trades."""

import pytest

from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.ledger import Change, Entry, Ledger
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.text import number_at, tokenize
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.tools import Toolbox
from concierge_agent.values import CatalogDescription, Constraint
from tests.agent.offline.conftest import World, connect
from tests.agent.offline.dialogues import spelt

pytestmark = pytest.mark.anyio


async def read(world: World, text: str, standing: Constraint | None = None) -> Reading:
    """Read a text, after a turn that left `standing` in the ledger."""
    ledger = Ledger()
    if standing is not None:
        entry = Entry(id="", kind="constraint", turn=1, text="before", constraint=standing)
        ledger = ledger.apply([Change(op="add", entry=entry)], turn=1)
    catalog = CatalogDescription.model_validate(world.description())
    async with connect(world) as client:
        listed = await client.list_tools()
        toolbox = Toolbox(client, {tool.name: tool for tool in listed.tools})
        conversation = Conversation(id="c", ledger=ledger)
        context = TurnContext(text=text, conversation=conversation, catalog=catalog, toolbox=toolbox)
        return await understand(context, Vocabulary(catalog))


def stated(reading: Reading) -> list[str]:
    return [spelt(s.constraint) for s in reading.stated]


ROWS = [
    ("shop", "any brand but Acme", ["brand != Acme"]),
    ("shop", "any maker but Acme or Nordwind", ["brand not_in Acme|Nordwind"]),
    ("shop", "every colour except silver", ["colours not_contains silver"]),
    ("shop", "no brand other than Acme", ["brand == Acme"]),
    ("shop", "nothing except laptops", ["category == Laptops"]),
    ("shop", "I don't want headphones nor anything by Acme", ["category != Headphones", "brand != Acme"]),
    ("shop", "nor anything in white", ["colours not_contains white"]),
    ("shop", "no laptops or anything in black", ["category != Laptops", "colours not_contains black"]),
    ("shop", "any brand but nothing in white", ["colours not_contains white"]),
    ("courses", "any language but French", ["language != French"]),
    ("shop", "unwireless", ["wireless == False"]),
    ("shop", "not cordless, by Acme", ["wireless == False", "brand == Acme"]),
    ("shop", "wireless-free", ["wireless == False"]),
    ("courses", "without a certificate", ["certificate == False"]),
    ("shop", "non-violent headphones", ["category == Headphones"]),
    ("shop", "bulkier than 2 kg", ["weight > 2"]),
    ("shop", "no bulkier than 2 kg", ["weight <= 2"]),
    ("shop", "more enduring than 10 hours", ["battery_life > 10"]),
    ("shop", "less enduring than 10 hours", ["battery_life < 10"]),
    ("shop", "tops 300 euros", ["price <= 300"]),
    ("shop", "300 euros tops", ["price <= 300"]),
    ("courses", "at most two hundred and fifty dollars", ["price <= 250"]),
    ("courses", "between one hundred and two hundred dollars", ["price <= 200", "price >= 100"]),
    ("films", "2 to 3 hours", ["runtime <= 180", "runtime >= 120"]),
    ("courses", "10 or 60 hours", ["hours in 10|60"]),
    ("films", "from the eighties or nineties", ["year <= 1999", "year >= 1980"]),
    ("films", "90s or 2000s", ["year <= 2009", "year >= 1990"]),
    ("films", "made in 1992 or 2019", ["year in 1992|2019"]),
    ("shop", "released in 2019 or 2022", ["released in 2019|2022"]),
    ("shop", "preferably from 2022 or 2023", ["released in 2022|2023"]),
    ("shop", "released after June 2021", ["released > 2021-06"]),
    ("shop", "released before march", []),
    ("films", "a scary pg film", ["content_rating == PG", "genres contains Horror"]),
    ("shop", "headphones for my 7 year old", ["category == Headphones"]),
    ("courses", "for a 15-year-old beginner", ["level == Beginner"]),
    ("films", "a comedy for someone aged 10", ["genres contains Comedy"]),
    ("shop", "runs at least 900 days", []),
    ("shop", "what's the difference between grey and silver?", []),
    ("shop", "who makes coffee machines?", []),
    ("shop", "is it waterproof?", []),
    ("shop", "does the first one come in black?", []),
    ("shop", "do you have headphones in white?", ["category == Headphones", "colours contains white"]),
]


@pytest.mark.parametrize(("world", "text", "wanted"), ROWS, ids=[text for _, text, _ in ROWS])
async def test_the_wording_is_read_as_meant(world: str, text: str, wanted: list[str], worlds: dict[str, World]) -> None:
    assert sorted(stated(await read(worlds[world], text))) == sorted(wanted)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("a hundred and twenty", 120),
        ("one hundred and fifty", 150),
        ("one hundred fifty", 150),
        ("two thousand and five", 2005),
        ("three hundred and sixty-five", 365),
        ("two thousand five hundred", 2500),
        ("a thousand and one", 1001),
        ("ninety-five", 95),
        ("two and a half", 2.5),
    ],
)
def test_number_words_are_read_to_their_end(words: str, number: float) -> None:
    tokens = tokenize(words)

    assert number_at(tokens, 0) == (number, len(tokens))


def test_two_numbers_in_words_stay_two() -> None:
    assert number_at(tokenize("a hundred and two hundred"), 0) == (100, 2)


async def test_what_is_said_about_a_person_is_no_length_and_is_told(worlds: dict[str, World]) -> None:
    reading = await read(worlds["films"], "a comedy for my 7 year old")

    assert any("how old" in note for note in reading.notes)


async def test_a_month_without_its_year_is_told(worlds: dict[str, World]) -> None:
    reading = await read(worlds["courses"], "starting before October")

    assert any("year" in note for note in reading.notes)


async def test_an_amount_far_from_what_the_field_holds_is_told(worlds: dict[str, World]) -> None:
    reading = await read(worlds["shop"], "a battery for at least 900 days")

    assert any("far from" in note for note in reading.notes)


async def test_a_preference_for_either_of_two_years_is_one_preference(worlds: dict[str, World]) -> None:
    reading = await read(worlds["films"], "preferably 1992 or 2019")

    assert [(spelt(s.constraint), s.hard) for s in reading.stated] == [("year in 1992|2019", False)]


async def test_taking_back_what_was_said_about_a_value_drops_it(worlds: dict[str, World]) -> None:
    reading = await read(worlds["shop"], "I take it back about Acme")

    assert (reading.dropped_values, reading.stated) == ([("brand", "Acme")], [])


@pytest.mark.parametrize(
    ("world", "standing", "text", "wanted"),
    [
        ("films", Constraint(field="runtime", op="<=", value=90), "make it two hours", ["runtime <= 120"]),
        ("films", Constraint(field="runtime", op=">", value=90), "make it two hours", ["runtime >= 120"]),
        ("shop", Constraint(field="weight", op="<", value=2), "3 kg then", ["weight <= 3"]),
    ],
)
async def test_a_bare_amount_moves_the_limit_that_stands(
    world: str, standing: Constraint, text: str, wanted: list[str], worlds: dict[str, World]
) -> None:
    assert stated(await read(worlds[world], text, standing)) == wanted

from dataclasses import replace
from typing import Any

import pytest

from concierge_agent.answer import Draft
from concierge_agent.brain import Material, TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.ledger import Change, Entry, Ledger
from concierge_agent.plain_writer import PlainWriter, draft
from concierge_agent.plan import Proposal
from concierge_agent.trace import Call
from concierge_agent.values import Constraint
from concierge_agent.verifier import check
from tests.agent.shop import CATALOG, ITEMS, SEA, wants

YEARS = (Constraint(field="year", op=">=", value=1990), Constraint(field="year", op="<=", value=1999))
LIKED = Change(op="add", entry=Entry(id="", kind="like", turn=0, text="loved", item_id="b9", title="Old Anchor"))


def rows(*item_ids: str) -> list[dict[str, Any]]:
    chosen = [i for i in ITEMS if i["id"] in item_ids]
    return [
        {"id": i["id"], "title": i["title"], "fields": {k: i[k] for k in ("topics", "pages", "year", "adult")}}
        for i in chosen
    ]


def material(
    *shown: str,
    changes: tuple[Change, ...] = (),
    tool: str = "recommend_for_user",
    total: int = 3,
    basis: str = "blend",
    arguments: dict[str, Any] | None = None,
) -> Material:
    found = {"candidates": "cs_1", "total": total, "items": rows(*shown), "basis": basis}
    told = [
        {
            "id": item_id,
            "title": item_id,
            "short": "About the Sea.",
            "reasons": [
                {
                    "kind": "matches",
                    "text": "About the Sea.",
                    "evidence": [{"item_id": item_id, "source": "field", "name": "topics", "value": ["Sea"]}],
                }
            ],
            "evidence": [],
        }
        for item_id in shown
    ]
    explained = Call(step="explain", tool="explain_recommendation", arguments={}, result={"items": told})
    show = Call(step="show", tool="show_recommendations", arguments={}, result={"items": rows(*shown)})
    first = Call(step="s1", tool=tool, arguments=arguments or {}, result=found)
    ledger = Ledger().apply(changes, turn=1)
    return Material(context(ledger), Proposal(intent="ask"), (first, show, explained), show, explained)


def lookup(tool: str, result: dict[str, Any], **arguments: Any) -> Material:
    call = Call(step="s1", tool=tool, arguments=arguments, result=result)
    return Material(context(Ledger()), Proposal(intent="general", present=False), (call,), None, None)


def context(ledger: Ledger) -> TurnContext:
    return TurnContext("hm", Conversation(id="c", ledger=ledger), CATALOG, None)  # type: ignore[arg-type]  # never called


@pytest.mark.parametrize(
    ("written", "opening"),
    [
        (
            material("b1", "b2", changes=(wants(SEA), *map(wants, YEARS)), total=23),
            "Here are two of 23 that meet everything you asked: topics include Sea and year 1990 to 1999.",
        ),
        (
            material("b1", changes=(wants(SEA),), total=1),
            "Here is one that meets everything you asked: topics include Sea.",
        ),
        (material("b1", "b2", changes=(LIKED,), total=2), "Here are two chosen by what you like (Old Anchor)."),
        (material("b1", "b2", total=1000), "Here are two for you."),
        (
            material("b1", "b2", total=2, basis="trending"),
            "Here are two for you. I know nothing of your taste yet, so this is what is popular right now.",
        ),
        (
            material("b1", total=1, basis="trending", tool="get_trending_items"),
            "Here is one for you. This is what is popular right now.",
        ),
        (
            material("b1", total=1, tool="get_similar_items", arguments={"item_ids": ["b9"]}, changes=(LIKED,)),
            "Here is one similar to Old Anchor.",
        ),
    ],
)
def test_the_opening_says_what_was_asked_and_what_the_list_rests_on(written: Material, opening: str) -> None:
    assert draft(written).opening == opening
    assert check(draft(written), written) == ()


async def same(written: Material) -> Draft:
    return await PlainWriter().write(written)


@pytest.mark.anyio
async def test_items_keep_the_shown_order_with_the_servers_reason_and_the_fields_behind_it() -> None:
    written = await same(material("b1", "b2", changes=(wants(SEA), *map(wants, YEARS))))

    assert [(i.id, i.reason) for i in written.items] == [("b1", "About the Sea."), ("b2", "About the Sea.")]
    assert [(c.name, c.value) for c in written.items[0].claims] == [("topics", ["Sea", "Comedy"]), ("year", 1994)]


def test_without_an_explanation_the_reason_is_what_was_asked() -> None:
    bare = material("b1", changes=(wants(SEA),))
    bare = Material(bare.context, bare.proposal, bare.calls[:2], bare.shown, None)

    assert draft(bare).items[0].reason == "It meets what you asked: topics include Sea."


def test_details_are_facts_with_units_and_long_text_last() -> None:
    blurb = "A long night on a ship that nobody wanted to board, told by the one who did, years after."
    row = {
        "id": "b1",
        "title": "Harbour Lights",
        "fields": {"blurb": blurb, "pages": 90, "topics": ["Sea"], "year": None},
    }
    written = lookup("get_item_details", {"items": [row], "unknown": []})

    assert draft(written).items[0].reason == f"pages: 90; topics: Sea. {blurb}"
    assert check(draft(written), written) == ()


def test_an_unknown_id_is_said() -> None:
    written = lookup("get_item_details", {"items": [], "unknown": [{"id": "zz", "close_matches": []}]})

    assert draft(written).opening == "Nothing in the catalog has the id 'zz'."


def test_availability_names_the_fields_and_what_is_unmet() -> None:
    entry = {"id": "b1", "title": "One", "available": False, "fields": {"pages": 90}}
    unmet = [{"field": "pages", "op": ">", "value": 100}]
    written = lookup("check_availability", {"items": [{**entry, "unmet": unmet}], "as_of": "2026"})

    assert draft(written).items[0].reason == "not available now (pages 90); not met: pages over 100."
    assert check(draft(written), written) == ()


def test_a_history_is_counted_and_its_latest_named() -> None:
    entries = [{"item_id": f"b{i}", "title": f"Volume Nr {i}", "event": "view"} for i in range(9)]
    written = lookup("get_user_history", {"user_id": "u", "total": 9, "interactions": entries})

    told = draft(written)

    assert told.opening.startswith("I know of 9 things you have had. The latest: Volume Nr 0, Volume Nr 1")
    assert check(told, written) == ()


def test_an_empty_history_is_said() -> None:
    written = lookup("get_user_history", {"user_id": "u", "total": 0, "interactions": []})

    assert draft(written).opening == "I know of nothing you have had so far."


def test_a_count_is_told_without_recommending_anything() -> None:
    found = {"candidates": "cs_1", "total": 4, "matched": 4, "items": rows("b1")}
    written = lookup("search_catalog", found, query="", filters=[SEA.model_dump()])

    assert draft(written) == Draft(opening="There are 4 with topics include Sea.")
    assert check(draft(written), written) == ()


def test_a_ledger_change_alone_is_acknowledged() -> None:
    ledger = Ledger().apply([wants(SEA)], turn=1)
    noted = Material(context(ledger), Proposal(intent="feedback"), (), None, None)

    assert draft(noted).opening == "Noted. I keep to this: topics include Sea."


def test_words_that_were_left_aside_are_not_what_the_list_is_for() -> None:
    wish = Change(op="add", entry=Entry(id="", kind="wish", turn=0, text="something cheerful"))
    assert draft(material("b1", changes=(wish,))).opening == "Here is one of 3 for you."


def test_words_stay_what_the_list_is_for_when_their_set_is_ranked() -> None:
    written = material("b1", tool="search_catalog", arguments={"query": "sea"})
    first, show, explained = written.calls
    ranked = Call(
        step="s2",
        tool="rank_candidates",
        arguments={"candidates": "cs_1"},
        result={**(first.result or {}), "candidates": "cs_2"},
    )
    calls = (first, ranked, show, explained)
    assert draft(replace(written, calls=calls)).opening == 'Here is one of 3 for "sea".'


def test_a_description_that_ends_in_a_full_stop_gets_no_second_one() -> None:
    item = {"id": "b1", "title": "One", "fields": {"pages": 90, "mood": None, "about": "A book on boats."}}
    written = lookup("get_item_details", {"items": [item], "unknown": []})
    assert draft(written).items[0].reason == "pages: 90; about: A book on boats."

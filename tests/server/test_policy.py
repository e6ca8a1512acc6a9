"""Policy is the server's: what retrieval leaves out, and what the presenting tool withholds, asks and discloses."""

from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from tests.server.cinema import fit_cinema
from tests.server.conftest import Call

pytestmark = pytest.mark.anyio


def ids(result: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["id"] for item in result["items"]]


async def test_no_retrieval_tool_returns_what_the_store_requires_to_be_in_stock_and_is_not(call: Call) -> None:
    listed = await call("search_catalog", query="", n=100)
    found = await call("search_catalog", query="sold out show")
    trending = await call("get_trending_items", n=100)
    similar = await call("get_similar_items", item_ids=["m3"], n=100)
    personal = await call("recommend_for_user", liked=["m3"], n=100)
    for result in (listed, found, trending, similar, personal):
        assert "m5" not in ids(result)
    assert len(listed["items"]) == 7


async def test_what_the_user_has_had_is_never_recommended_to_them(call: Call) -> None:
    assert "m1" not in ids(await call("recommend_for_user", user_id="watched-m1", n=100))
    assert "m1" in ids(await call("recommend_for_user", user_id="stranger", n=100))


async def test_showing_an_item_the_user_has_had_withholds_it_with_the_reason(call: Call) -> None:
    shown = await call("show_recommendations", item_ids=["m1", "m7"], user_id="watched-m1")
    assert ids(shown) == ["m7"]
    assert shown["withheld"] == [{"id": "m1", "reason": "the user has had it"}]


async def test_a_promoted_item_is_shown_with_its_disclosure(call: Call) -> None:
    shown = await call("show_recommendations", item_ids=["m3"])
    assert shown["items"][0]["disclosures"] == ["This is a promoted title."]


async def test_an_item_that_needs_consent_is_withheld_until_the_server_s_own_token_comes_back(call: Call) -> None:
    owed = await call("show_recommendations", item_ids=["m4"], user_id="ann")
    assert (owed["status"], owed["items"]) == ("confirmation", [])
    request = owed["confirmation"]
    assert request["item_ids"] == ["m4"]
    assert request["text"] == "It is rated for mature audiences."
    assert "Last Laugh" not in str(owed)
    made_up = await call("show_recommendations", item_ids=["m4"], user_id="ann", confirmation="cf_made_up")
    assert made_up["items"] == []
    for_another = await call("show_recommendations", item_ids=["m4"], user_id="bob", confirmation=request["token"])
    assert for_another["items"] == []
    for_another_item = await call("show_recommendations", item_ids=["m2"], user_id="ann", confirmation=request["token"])
    assert for_another_item["items"] == []
    agreed = await call("show_recommendations", item_ids=["m4"], user_id="ann", confirmation=request["token"])
    assert (agreed["status"], ids(agreed)) == ("shown", ["m4"])


async def test_items_without_need_of_consent_are_shown_beside_a_confirmation_for_the_others(call: Call) -> None:
    shown = await call("show_recommendations", item_ids=["m1", "m4"])
    assert (shown["status"], ids(shown)) == ("shown", ["m1"])
    assert shown["confirmation"]["item_ids"] == ["m4"]


async def test_filters_are_checked_again_when_items_are_shown(call: Call) -> None:
    comedies = [{"field": "genres", "op": "contains", "value": "Comedy"}]
    shown = await call("show_recommendations", item_ids=["m1", "m6"], filters=comedies)
    assert ids(shown) == ["m6"]
    assert shown["withheld"][0]["id"] == "m1"


async def test_ask_first_withholds_everything_until_it_is_answered(tmp_path: Path) -> None:
    with open_desk(fit_cinema(tmp_path, 'ask_first = ["services"]\nmax_items = 1\n')) as desk:
        async with Client(build_server(desk)) as client:

            async def show(**arguments: Any) -> dict[str, Any]:
                result = await client.call_tool("show_recommendations", {"item_ids": ["m7", "m6"], **arguments})
                content: dict[str, Any] | None = result.structured_content
                assert content is not None, result.content
                return content

            owed = await show()
            assert (owed["status"], owed["items"]) == ("question", [])
            assert owed["question"]["field"] == "services"
            assert {option["value"] for option in owed["question"]["options"]} == {"Netflix", "Hulu"}
            on_hulu = await show(answers={"services": ["Hulu"]})
            assert [item["id"] for item in on_hulu["items"]] == ["m6"]
            anywhere = await show(answers={"services": None})
            assert [item["id"] for item in anywhere["items"]] == ["m7"]


async def test_availability_names_what_is_unmet(call: Call) -> None:
    checked = await call(
        "check_availability", item_ids=["m5", "m7"], filters=[{"field": "runtime", "op": "<", "value": 85}]
    )
    sold_out, fine = checked["items"]
    assert not sold_out["available"]
    assert [c["field"] for c in sold_out["unmet"]] == ["stock", "runtime"]
    assert fine["available"]


async def test_a_question_s_counts_follow_the_filters_and_the_stock(tmp_path: Path) -> None:
    with open_desk(fit_cinema(tmp_path, 'ask_first = ["services"]\n')) as desk:
        async with Client(build_server(desk)) as client:
            everything = await client.call_tool("search_catalog", {"query": ""})
            assert everything.structured_content is not None
            comedies = [{"field": "genres", "op": "contains", "value": "Comedy"}]
            arguments = {"candidates": everything.structured_content["candidates"], "filters": comedies}
            owed = await client.call_tool("show_recommendations", arguments)
    assert owed.structured_content is not None
    options = {o["value"]: o["count"] for o in owed.structured_content["question"]["options"]}
    assert options == {"Netflix": 2, "Hulu": 2}


async def test_a_handle_made_for_a_user_is_shown_under_their_history(call: Call) -> None:
    made = await call("recommend_for_user", user_id="buyer", liked=["m6"], n=100)
    await call("record_feedback", item_id="m7", event="purchase", user_id="buyer")
    shown = await call("show_recommendations", candidates=made["candidates"])
    assert "m7" not in ids(shown)
    narrowed = await call("filter_candidates", candidates=made["candidates"], filters=[], n=100)
    assert "m7" not in ids(narrowed)


async def test_ask_first_settles_itself_where_the_items_leave_nothing_to_choose(tmp_path: Path) -> None:
    with open_desk(fit_cinema(tmp_path, 'ask_first = ["services"]\n')) as desk:
        async with Client(build_server(desk)) as client:
            alike = await client.call_tool("show_recommendations", {"item_ids": ["m7", "m1"]})
            none = await client.call_tool("show_recommendations", {"item_ids": ["m5"]})
    assert alike.structured_content is not None
    assert [item["id"] for item in alike.structured_content["items"]] == ["m7", "m1"]
    note = "Services was not asked about: it is Netflix for all 2 items that fit."
    assert alike.structured_content["notes"] == [note]
    assert none.structured_content is not None
    assert none.structured_content["status"] == "empty"


async def test_how_many_were_kept_back_is_counted_and_no_note_for_the_user(call: Call) -> None:
    comedies = [{"field": "genres", "op": "contains", "value": "Comedy"}]
    shown = await call("show_recommendations", item_ids=["m1", "m2", "m6"], filters=comedies)
    assert (shown["withheld_total"], [w["id"] for w in shown["withheld"]], shown["notes"]) == (2, ["m1", "m2"], [])

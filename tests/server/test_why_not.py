"""For what was not recommended it is said what kept it out, and what would bring it in was tried and does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client
from mcp.server import MCPServer

from tests.server.bazaar import FEW, answered, item_ids, requests
from tests.server.conftest import Call

pytestmark = pytest.mark.anyio
NAMED = {"had", "liked", "disliked", "excluded", "policy", "filter"}
COMEDY = {"field": "genres", "op": "contains", "value": "Comedy"}
SHORT = {"field": "runtime", "op": "<=", "value": 90}
ON_HULU = {"field": "services", "op": "contains", "value": "Hulu"}


def applied(change: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return the request with a change made, by what the change says of itself."""
    changed = {**request, "filters": change["filters"]}
    match change["taste"]:
        case {"kind": "like", "item_id": item_id}:
            changed["liked"] = [*request.get("liked", []), item_id]
        case {"kind": "dislike", "item_id": item_id}:
            changed["disliked"] = [*request.get("disliked", []), item_id]
        case {"kind": "take_back_like", "item_id": item_id}:
            changed["liked"] = [i for i in request["liked"] if i != item_id]
        case {"kind": "take_back_dislike", "item_id": item_id}:
            changed["disliked"] = [i for i in request["disliked"] if i != item_id]
    return changed


async def asked(call: Call, item_id: str, **arguments: Any) -> dict[str, Any]:
    result = await call("explain_recommendation", item_ids=[item_id], **arguments)
    found: dict[str, Any] = result["items"][0]
    return found


@FEW
@given(request=requests, item_id=item_ids, n=st.integers(1, 5))
def test_what_is_said_to_keep_an_item_out_does_and_the_change_brings_it_in(
    bazaar: MCPServer[Any], request: dict[str, Any], item_id: str, n: int
) -> None:
    async def work(call: Any) -> Any:
        listed = await call("recommend_for_user", **request, n=100)
        explained = (await call("explain_recommendation", item_ids=[item_id], **request, n=n))["items"][0]
        change = explained["why_not"]["change"] if explained["why_not"] else None
        after = await call("recommend_for_user", **applied(change, request), n=n) if change else None
        return [item["id"] for item in listed["items"]], explained, after

    ids, explained, after = answered(bazaar, work)
    assert explained["recommended"] == (item_id in ids[:n])
    assert (explained["why_not"] is None) == explained["recommended"]
    if explained["why_not"] is not None:
        kinds = {kept["kind"] for kept in explained["why_not"]["kept_out_by"]}
        assert bool(kinds & NAMED) == (item_id not in ids)
        assert explained["rank"] == (ids.index(item_id) + 1 if item_id in ids else None)
    if after is not None:
        change = explained["why_not"]["change"]
        assert [item["id"] for item in after["items"]].index(item_id) + 1 == change["rank"] <= n
        assert len(change["relaxed"]) <= 2
        assert explained["why_not"]["tried"] >= 1


async def test_the_condition_in_the_way_is_named_with_the_item_s_value_and_loosened_to_it(call: Call) -> None:
    told = await asked(call, "m4", liked=["m3"], filters=[COMEDY, SHORT])

    missing = told["why_not"]
    assert [(k["kind"], k["constraint"], k["value"], k["rule"]) for k in missing["kept_out_by"]] == [
        ("filter", SHORT, 101, "request")
    ]
    assert missing["change"]["relaxed"] == [{"constraint": SHORT, "to": {**SHORT, "value": 101}}]
    assert missing["change"]["filters"] == [COMEDY, {**SHORT, "value": 101}]
    assert missing["change"]["text"].startswith("With runtime: at most 101 min instead of at most 90 min, it would be")


async def test_every_rule_in_the_way_is_told_in_order_and_whose_it_is(call: Call) -> None:
    told = await asked(call, "m5", exclude=["m5"], disliked=["m5"], filters=[ON_HULU], liked=["m3"])

    kept_out = told["why_not"]["kept_out_by"]
    assert [(k["kind"], k["rule"]) for k in kept_out] == [
        ("disliked", "request"), ("excluded", "request"), ("policy", "store"), ("filter", "request")
    ]  # fmt: skip
    assert (kept_out[2]["constraint"]["field"], kept_out[2]["value"]) == ("stock", 0)
    assert told["why_not"]["change"] is None


async def test_what_the_user_has_had_is_the_store_s_rule_and_no_change_is_offered(call: Call) -> None:
    told = await asked(call, "m1", user_id="watched-m1")
    assert [k["kind"] for k in told["why_not"]["kept_out_by"]] == ["had"]
    assert (told["why_not"]["change"], told["why_not"]["tried"]) == (None, 0)
    assert "store's rule" in told["why_not"]["text"]


async def test_what_holds_for_the_user_always_is_never_loosened(call: Call) -> None:
    free = await asked(call, "m4", liked=["m3"], filters=[SHORT])
    held = await asked(call, "m4", liked=["m3"], filters=[SHORT], standing=[SHORT])
    assert free["why_not"]["change"] is not None
    assert held["why_not"]["change"] is None
    assert held["why_not"]["kept_out_by"][0]["rule"] == "user"


async def test_more_than_two_conditions_in_the_way_are_too_many(call: Call) -> None:
    told = await asked(call, "m1", filters=[COMEDY, SHORT, ON_HULU])
    assert (told["why_not"]["change"], told["why_not"]["tried"]) == (None, 0)
    assert "3 conditions stand against it" in told["why_not"]["text"]


async def test_a_dislike_of_the_item_itself_is_what_to_take_back(call: Call) -> None:
    told = await asked(call, "m7", liked=["m6"], disliked=["m7"])
    assert told["why_not"]["change"]["taste"]["kind"] == "take_back_dislike"
    assert told["why_not"]["change"]["text"].startswith("If you had not said that you dislike it, it would be number")


async def test_a_like_lifts_an_item_that_ranked_too_low(call: Call) -> None:
    before = await asked(call, "m7", liked=["m1"], n=1)
    kept = before["why_not"]["kept_out_by"][-1]
    change = before["why_not"]["change"]
    after = await call("recommend_for_user", **applied(change, {"liked": ["m1"]}), n=1)
    assert (kept["kind"], kept["rank"] > 1, kept["of"]) == ("rank", True, 6)
    assert change["taste"]["kind"] == "like"
    assert after["items"][0]["id"] == "m7"


async def test_an_item_that_nobody_touched_is_said_to_be_unknown_to_what_people_choose(call: Call) -> None:
    told = await asked(call, "m8", liked=["m6"], n=1)
    assert [k["kind"] for k in told["why_not"]["kept_out_by"]] == ["unknown_taste", "rank"]
    assert "nobody has chosen it yet" in told["why_not"]["text"]


async def test_a_list_behind_a_handle_is_asked_by_its_own_recipe(call: Call) -> None:
    listed = await call("recommend_for_user", liked=["m3"], filters=[SHORT])
    told = await asked(call, "m4", candidates=listed["candidates"])
    assert told["why_not"]["change"]["relaxed"][0]["to"]["value"] == 101


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_trending_items", {"filters": [SHORT]}),
        ("get_similar_items", {"item_ids": ["m3"], "filters": [SHORT]}),
        ("search_catalog", {"query": "", "filters": [SHORT]}),
    ],
)
async def test_lists_of_every_kind_say_which_condition_to_loosen(
    call: Call, tool: str, arguments: dict[str, Any]
) -> None:
    listed = await call(tool, **arguments)
    change = (await asked(call, "m4", candidates=listed["candidates"]))["why_not"]["change"]
    again = await call(tool, **{**arguments, "filters": change["filters"]})
    assert [item["id"] for item in again["items"]].index("m4") + 1 == change["rank"]


async def test_words_that_an_item_lacks_keep_it_out_of_a_search(call: Call) -> None:
    listed = await call("search_catalog", query="harbour")
    told = await asked(call, "m6", candidates=listed["candidates"])
    assert [k["kind"] for k in told["why_not"]["kept_out_by"]] == ["words"]


async def test_an_order_that_cannot_be_made_anew_is_taken_as_it_is_kept(call: Call) -> None:
    listed = await call("search_catalog", query="harbour")
    by_length = await call("rank_candidates", candidates=listed["candidates"], by="runtime")
    inside = await asked(call, "m1", candidates=by_length["candidates"], n=1)
    outside = await asked(call, "m6", candidates=by_length["candidates"])
    assert (inside["rank"], inside["why_not"]["kept_out_by"][0]["kind"]) == (2, "rank")
    assert outside["why_not"]["kept_out_by"][0]["kind"] == "set"
    assert inside["why_not"]["change"] is outside["why_not"]["change"] is None


async def test_a_name_that_is_no_item_comes_back_with_what_is_close(call: Call) -> None:
    told = await call("explain_recommendation", item_ids=["Quiet Harbor"])
    assert told["items"] == []
    assert told["unknown"][0]["close_matches"][0]["title"] == "Quiet Harbour"


async def test_the_text_says_what_the_result_holds(client: Client) -> None:
    arguments = {"item_ids": ["m4"], "liked": ["m3"], "filters": [COMEDY, SHORT]}
    result = await client.call_tool("explain_recommendation", arguments)
    text = str(result.content)
    assert result.structured_content is not None
    missing = result.structured_content["items"][0]["why_not"]
    assert missing["change"]["text"] in text
    assert f"changes tried: {missing['tried']}" in text
    assert "filters then: genres contains Comedy, runtime <= 101" in text


async def test_with_a_query_and_no_handle_the_list_to_judge_by_is_that_search(call: Call) -> None:
    found = await call("search_catalog", query="robots under 82 minutes")
    for place, item in enumerate(found["items"], start=1):
        told = await asked(call, item["id"], query="robots under 82 minutes")
        assert (told["recommended"], told["rank"], told["why_not"]) == (True, place, None)


async def test_what_a_search_names_as_like_what_is_sought_is_said_to_be_left_out_as_that(call: Call) -> None:
    listed = await call("search_catalog", query="like Robots at Sea but longer than 81 minutes")
    told = await asked(call, "m6", candidates=listed["candidates"])
    assert "m6" not in {item["id"] for item in listed["items"]}
    assert [k["kind"] for k in told["why_not"]["kept_out_by"]] == ["seed"]


async def test_a_place_in_a_search_is_among_what_it_found_and_no_taste_is_spoken_of(call: Call) -> None:
    listed = await call("search_catalog", query="robots")
    last = await asked(call, listed["items"][-1]["id"], candidates=listed["candidates"], n=1)
    missing = await asked(call, "m3", query="robots")
    assert last["why_not"]["kept_out_by"][0]["of"] == listed["matched"] < 8
    assert missing["why_not"]["kept_out_by"][0]["text"] == "the search for “robots” does not find it"
    assert "taste" not in missing["why_not"]["text"]


async def test_where_nothing_was_tried_no_more_is_claimed(call: Call) -> None:
    listed = await call("get_trending_items")
    told = await asked(call, listed["items"][-1]["id"], candidates=listed["candidates"], n=1)
    assert told["why_not"]["tried"] == 0
    assert told["why_not"]["text"].endswith(
        "of 7 in this list with a score of 0, number 1 has 7. I found no change to try."
    )


async def test_a_list_of_one_user_is_said_to_be_explained_for_that_one(call: Call) -> None:
    listed = await call("recommend_for_user", user_id="v1")
    item_id, handle = listed["items"][0]["id"], listed["candidates"]
    own = await call("explain_recommendation", item_ids=[item_id], candidates=handle, user_id="v1")
    other = await call("explain_recommendation", item_ids=[item_id], candidates=handle, user_id="u1")
    assert own["notes"] == []
    assert other["notes"] == [f"{handle} was made for the user 'v1', and is explained so; 'u1' took no part."]


async def test_what_is_no_handle_is_refused_and_of_a_list_that_is_gone_no_place_is_told(client: Client) -> None:
    wrong = await client.call_tool("explain_recommendation", {"item_ids": ["m1"], "candidates": "nonsense"})
    gone = await client.call_tool("explain_recommendation", {"item_ids": ["m1"], "candidates": f"cs_{'0' * 32}"})
    assert wrong.is_error
    assert gone.structured_content is not None
    assert gone.structured_content["items"][0]["why_not"] is None
    assert "no place in it can be told" in gone.structured_content["notes"][0]

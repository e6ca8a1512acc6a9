"""The tools one by one, through a client in memory, on a catalog with obvious right answers."""

import pytest
from mcp import Client
from mcp.types import TextContent

from concierge_server.desk import Desk
from tests.server.conftest import Call

pytestmark = pytest.mark.anyio


def ids(result: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["id"] for item in result["items"]]


async def refusal(client: Client, tool: str, **arguments: object) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    block = result.content[0]
    assert isinstance(block, TextContent)
    return block.text


async def test_every_tool_has_a_title_hints_and_described_parameters_and_refuses_unknown_ones(client: Client) -> None:
    for tool in (await client.list_tools()).tools:
        assert tool.title
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (tool.name != "record_feedback")
        assert tool.description
        assert tool.input_schema["additionalProperties"] is False
        for name, parameter in tool.input_schema["properties"].items():
            assert parameter.get("description"), (tool.name, name)


async def test_an_unknown_argument_is_refused_with_the_name_that_was_probably_meant(client: Client) -> None:
    assert "did you mean 'filters'?" in await refusal(client, "search_catalog", query="x", filter=[])


async def test_a_missing_argument_and_a_value_out_of_range_are_one_sentence_each(client: Client) -> None:
    assert await refusal(client, "search_catalog") == "search_catalog needs 'query'; give it."
    assert "'n' cannot be 0" in await refusal(client, "search_catalog", query="x", n=0)


async def test_an_unknown_field_or_value_is_refused_with_close_matches(client: Client) -> None:
    wrong_field = [{"field": "genre", "op": "contains", "value": "Comedy"}]
    assert "'genres'" in await refusal(client, "search_catalog", query="", filters=wrong_field)
    wrong_value = [{"field": "genres", "op": "contains", "value": "Comdy"}]
    assert "'Comedy'" in await refusal(client, "search_catalog", query="", filters=wrong_value)


async def test_values_are_understood_without_regard_to_case_and_through_synonyms(call: Call) -> None:
    for word in ("animation", "Cartoon"):
        found = await call("search_catalog", query="", filters=[{"field": "genres", "op": "contains", "value": word}])
        assert sorted(ids(found)) == ["m6", "m7"]


async def test_search_finds_a_title_through_a_typo(call: Call) -> None:
    assert ids(await call("search_catalog", query="papr moons"))[0] == "m3"


async def test_what_people_chose_together_is_similar(call: Call) -> None:
    assert ids(await call("get_similar_items", item_ids=["m6"]))[0] == "m7"
    assert ids(await call("get_similar_items", item_ids=["m1"], model="neighbours"))[0] == "m2"


@pytest.mark.parametrize("model", ["blend", "als", "neighbours", "content"])
async def test_each_model_can_be_called_alone_and_recommends_the_twin_of_what_is_liked(call: Call, model: str) -> None:
    assert ids(await call("recommend_for_user", liked=["m6"], model=model))[0] == "m7"


async def test_an_unknown_model_is_refused_with_those_there_are(client: Client) -> None:
    assert "als" in await refusal(client, "recommend_for_user", liked=["m6"], model="deepnet")


async def test_with_nothing_to_go_on_it_says_so_and_returns_what_is_popular(call: Call) -> None:
    result = await call("recommend_for_user")
    assert "no taste to go on" in result["basis"]
    assert ids(result)[0] == "m1"


async def test_feedback_counts_in_the_very_next_recommendation_and_can_be_undone(call: Call) -> None:
    before = await call("recommend_for_user", user_id="new")
    await call("record_feedback", item_id="m1", event="like", user_id="new")
    after = await call("recommend_for_user", user_id="new")
    assert ids(after)[0] == "m2"
    assert "m1" not in ids(after)
    await call("record_feedback", item_id="m1", event="like", user_id="new", undo=True)
    assert ids(await call("recommend_for_user", user_id="new")) == ids(before)


async def test_a_disliked_item_is_never_returned(call: Call) -> None:
    assert "m7" not in ids(await call("recommend_for_user", liked=["m6"], disliked=["m7"], n=100))


async def test_an_unknown_event_or_item_is_refused(client: Client) -> None:
    assert "purchase" in await refusal(client, "record_feedback", item_id="m1", event="hug")
    assert "search_catalog" in await refusal(client, "record_feedback", item_id="nope", event="like")


async def test_pages_follow_each_other_without_gaps_or_repeats(call: Call) -> None:
    whole = await call("search_catalog", query="", n=100)
    first = await call("search_catalog", query="", n=3)
    second = await call("search_catalog", query="", n=3, cursor=first["next_cursor"])
    third = await call("search_catalog", query="", n=3, cursor=second["next_cursor"])
    assert ids(first) + ids(second) + ids(third) == ids(whole)
    assert third["next_cursor"] is None
    assert first["total"] == len(whole["items"])


async def test_sets_combine_as_sets_do(call: Call) -> None:
    async def genre(value: str) -> dict[str, str]:
        return await call("search_catalog", query="", filters=[{"field": "genres", "op": "contains", "value": value}])

    animation, comedy = await genre("Animation"), await genre("Comedy")
    pair = [animation["candidates"], comedy["candidates"]]
    assert sorted(ids(await call("combine_candidates", operation="union", candidates=pair))) == ["m3", "m4", "m6", "m7"]
    assert ids(await call("combine_candidates", operation="intersection", candidates=pair)) == ["m6"]
    assert ids(await call("combine_candidates", operation="difference", candidates=pair)) == ["m7"]


async def test_ranking_by_a_field_puts_missing_values_last_both_ways(call: Call) -> None:
    everything = await call("search_catalog", query="", n=100)
    handle = everything["candidates"]
    shortest = await call("rank_candidates", candidates=handle, by="runtime", descending=False)
    longest = await call("rank_candidates", candidates=handle, by="runtime")
    assert (ids(shortest)[0], ids(longest)[0]) == ("m6", "m2")
    assert ids(shortest)[-1] == ids(longest)[-1] == "m8"


async def test_a_given_order_comes_first_and_the_rest_of_the_set_follows_as_it_was(call: Call) -> None:
    everything = await call("get_trending_items", n=100)
    given = await call("rank_candidates", candidates=everything["candidates"], by="given", order=["m8", "m3", "m8"])
    rest = [item for item in ids(everything) if item not in ("m8", "m3")]
    assert ids(given) == ["m8", "m3", *rest]
    assert all(item["score"] is None for item in given["items"])
    assert given["basis"] == "a given order of popularity"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"by": "given", "order": ["m6", "m3"]}, "'m6' is not in"),
        ({"by": "given"}, "needs `order`"),
        ({"by": "popularity", "order": ["m3"]}, "needs `order`"),
    ],
)
async def test_a_given_order_of_what_the_set_does_not_hold_is_refused(
    arguments: dict[str, object], told: str, call: Call, client: Client
) -> None:
    mature = [{"field": "content_rating", "op": "in", "value": ["R", "PG-13"]}]
    listed = await call("search_catalog", query="", filters=mature)
    refused = await client.call_tool("rank_candidates", {"candidates": listed["candidates"], **arguments})
    assert refused.is_error
    assert told in str(refused.content)


async def test_an_unknown_handle_is_refused_with_what_to_do(client: Client) -> None:
    assert "search_catalog" in await refusal(client, "filter_candidates", candidates="cs_nope", filters=[])


async def test_unknown_ids_come_back_with_close_matches(call: Call) -> None:
    details = await call("get_item_details", item_ids=["m1", "Quiet Harbor"])
    assert ids(details) == ["m1"]
    assert details["unknown"][0]["close_matches"][0]["id"] == "m1"


async def test_mentions_are_linked_with_their_offsets(call: Call) -> None:
    text = "I loved Paper Moons, show me cartoons"
    mentions = (await call("resolve_mentions", text=text))["mentions"]
    item = next(m for m in mentions if m["kind"] == "item")
    value = next(m for m in mentions if m["kind"] == "value")
    assert (item["item_id"], text[slice(*item["span"])]) == ("m3", "Paper Moons")
    assert (value["field"], value["value"]) == ("genres", "Animation")


async def test_every_reason_carries_evidence_and_contributions_add_up_to_the_score(call: Call) -> None:
    filters = [{"field": "genres", "op": "contains", "value": "Animation"}]
    explained = await call("explain_recommendation", item_ids=["m7"], liked=["m6"], filters=filters)
    item = explained["items"][0]
    assert item["short"]
    assert item["detailed"]
    assert {"matches", "because_you_liked"} <= {reason["kind"] for reason in item["reasons"]}
    assert all(reason["evidence"] for reason in item["reasons"])
    fusion = sum(c["value"] for c in item["contributions"] if c["layer"] == "fusion")
    assert fusion == pytest.approx(item["score"], abs=1e-6)


async def test_a_question_is_about_a_field_that_is_not_yet_known(call: Call) -> None:
    first = await call("suggest_question")
    second = await call("suggest_question", known=[first["field"]])
    assert first["field"] is not None
    assert second["field"] != first["field"]


async def test_a_question_stops_when_one_candidate_is_left(call: Call) -> None:
    only = await call("search_catalog", query="", filters=[{"field": "runtime", "op": "<=", "value": 80}])
    assert (await call("suggest_question", candidates=only["candidates"]))["stop"]


async def test_history_is_newest_first_and_includes_feedback(call: Call) -> None:
    await call("record_feedback", item_id="m7", event="view", user_id="watched-m1")
    history = await call("get_user_history", user_id="watched-m1")
    assert [(e["item_id"], e["source"]) for e in history["interactions"]] == [("m7", "feedback"), ("m1", "log")]
    assert (await call("get_user_history", user_id="nobody"))["total"] == 0


async def test_live_values_reach_filters_availability_and_details_at_once(desk: Desk, call: Call) -> None:
    in_time = [{"field": "runtime", "op": "<=", "value": 60}]
    assert (await call("search_catalog", query="", filters=in_time))["total"] == 0
    desk.live.update({"m1": {"runtime": 55, "stock": 0}, "m2": {"runtime": 50}})
    assert ids(await call("search_catalog", query="", filters=in_time)) == ["m2"]
    assert not (await call("check_availability", item_ids=["m1"]))["items"][0]["available"]
    assert (await call("get_item_details", item_ids=["m2"]))["items"][0]["fields"]["runtime"] == 50
    desk.live.update({"m1": {"runtime": 95, "stock": 3}, "m2": {"runtime": 120}})


async def test_a_set_survives_a_new_artifact_without_what_vanished(call: Call, desk: Desk) -> None:
    found = await call("search_catalog", query="", n=100)
    stored = desk.bus.get("owner", found["candidates"])
    with_ghost = desk.bus.put(
        "owner",
        "an-older-artifact",
        ["ghost", *stored.item_ids],
        [None, *stored.scores],
        matched=stored.matched + 1,
        basis=stored.basis,
        recipe=stored.recipe,
    )
    narrowed = await call("filter_candidates", candidates=with_ghost.handle, filters=[], n=100)
    assert sorted(ids(narrowed)) == sorted(ids(found))
    assert any("no longer in the catalog" in note for note in narrowed["notes"])


async def test_a_wrong_value_in_a_filter_is_one_sentence_without_the_union_s_branches(client: Client) -> None:
    said = await refusal(client, "search_catalog", query="", filters=[{"field": "genres", "op": "==", "value": None}])
    assert said == (
        "search_catalog: 'filters.0.value' cannot be None: give true or false or a number or text or a list of these."
    )


async def test_an_error_quotes_a_huge_argument_only_in_part(client: Client) -> None:
    huge = [{"field": "genres", "op": "contains", "value": "x" * 100_000}]
    assert len(await refusal(client, "search_catalog", query="", filters=huge)) <= 700
    assert len(await refusal(client, "search_catalog", **{"query": "", "y" * 100_000: 1})) <= 700


async def test_the_word_null_is_nobody_s_id(client: Client) -> None:
    assert "'null'" in await refusal(client, "record_feedback", item_id="m1", event="like", user_id="null")


async def test_a_cursor_of_odd_digits_is_refused_with_words(client: Client, call: Call) -> None:
    handle = (await call("search_catalog", query=""))["candidates"]
    assert "cursor" in await refusal(client, "search_catalog", query="", cursor=f"{handle}.²")
    assert "cursor" in await refusal(client, "get_user_history", user_id="u1", cursor="²")


async def test_an_undo_with_a_key_takes_back_one_event_however_often_it_is_sent(call: Call) -> None:
    for _ in range(2):
        await call("record_feedback", item_id="m1", event="view", user_id="undoer")
    for _ in range(3):
        await call("record_feedback", item_id="m1", event="view", user_id="undoer", undo=True, idempotency_key="k")
    assert (await call("get_user_history", user_id="undoer"))["total"] == 1


async def test_a_key_cannot_stand_for_two_events(client: Client, call: Call) -> None:
    await call("record_feedback", item_id="m1", event="like", user_id="keyed", idempotency_key="k")
    said = await refusal(client, "record_feedback", item_id="m2", event="like", user_id="keyed", idempotency_key="k")
    assert "'m1'" in said


async def test_a_rating_needs_its_number(client: Client) -> None:
    assert "value" in await refusal(client, "record_feedback", item_id="m1", event="rating", user_id="r")


async def test_a_later_page_leaves_out_what_may_no_longer_be_recommended(call: Call, desk: Desk) -> None:
    first = await call("search_catalog", query="", n=3)
    whole = await call("search_catalog", query="", n=100)
    sold_out = ids(whole)[4]
    desk.live.update({sold_out: {"stock": 0}})
    second = await call("search_catalog", query="", n=3, cursor=first["next_cursor"])
    desk.live.update({sold_out: {"stock": 3}})
    assert sold_out not in ids(second)
    assert any("no longer be recommended" in note for note in second["notes"])


async def test_a_list_that_taste_did_not_order_gives_no_reasons_of_taste(call: Call) -> None:
    await call("record_feedback", item_id="m6", event="like")
    for listed in (await call("get_trending_items"), await call("search_catalog", query="")):
        assert not any("your history" in reason for item in listed["items"] for reason in item["reasons"])
    by_length = await call("rank_candidates", candidates=listed["candidates"], by="runtime")
    assert not any("taste" in reason for item in by_length["items"] for reason in item["reasons"])
    await call("record_feedback", item_id="m6", event="like", undo=True)


async def test_the_scores_of_a_list_are_explained_by_its_handle(call: Call) -> None:
    listed = await call("recommend_for_user", liked=["m6"], exclude=["m3"], model="neighbours")
    explained = await call("explain_recommendation", item_ids=ids(listed), candidates=listed["candidates"])
    assert [item["score"] for item in explained["items"]] == [item["score"] for item in listed["items"]]


async def test_values_a_list_filter_does_not_know_are_noted(call: Call) -> None:
    asked = [{"field": "genres", "op": "contains_any", "value": ["Comedy", "Zzz"]}]
    assert any("genres" in note for note in (await call("search_catalog", query="", filters=asked))["notes"])


async def test_an_item_from_outside_a_list_is_said_to_be_and_not_to_meet_what_the_list_was_asked(call: Call) -> None:
    drama = [{"field": "genres", "op": "contains", "value": "Drama"}]
    listed = await call("search_catalog", query="", filters=drama)
    explained = await call("explain_recommendation", item_ids=["m1", "m7"], candidates=listed["candidates"])
    inside, outside = explained["items"]
    assert "unmet" not in {reason["kind"] for reason in inside["reasons"]}
    assert outside["short"] == "Does not meet genres: Drama (it is Animation)."
    assert explained["notes"] == [f"Not in {listed['candidates']}: m7."]


async def test_a_list_that_is_gone_leaves_the_explanation_to_the_other_arguments(call: Call) -> None:
    gone = f"cs_{'0' * 32}"
    told = await call("explain_recommendation", item_ids=["m1"], query="harbour", candidates=gone)
    assert told["items"][0]["short"] == "Found “harbour” in title."
    assert gone in told["notes"][0]


async def test_the_words_of_a_search_stay_reasons_when_its_set_is_ranked_and_combined(call: Call) -> None:
    found = await call("search_catalog", query="harbour")
    ranked = await call("rank_candidates", candidates=found["candidates"], by="personal")
    others = await call("search_catalog", query="robots")
    either = await call(
        "combine_candidates", operation="union", candidates=[ranked["candidates"], others["candidates"]]
    )
    assert {item["id"]: item["reasons"] for item in either["items"]} == {
        "m1": ["Found “harbour” in title."],
        "m2": ["Found “harbour” in title."],
        "m6": ["Found “robots” in title."],
        "m7": ["Found “robots” in title."],
    }

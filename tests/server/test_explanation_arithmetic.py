"""Scores add up in every layer, for any taste, filter, model and kind of list, as the tool itself returns them."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.server import MCPServer

from tests.server.bazaar import FEW, answered, item_ids, requests

TOLERANCE = 1e-5
"""Relative to the larger of 1 and the score: scores are sums of 32-bit numbers, and each is rounded to 8 decimals."""


def near(value: float) -> Any:
    return pytest.approx(value, abs=TOLERANCE * max(1.0, abs(value)))


def assert_adds_up(explained: dict[str, Any]) -> None:
    """Assert that the terms and the diversity make the score, and history items each member's own score."""
    terms = [c for c in explained["contributions"] if c["layer"] != "member"]
    split: dict[str, float] = defaultdict(float)
    for part in explained["contributions"]:
        if part["layer"] == "member":
            split[part["model"]] += part["value"]
    if explained["score"] is None:
        assert not terms
    else:
        assert sum(term["value"] for term in terms) == near(explained["score"])
    owned = {term["model"]: term["own"] for term in terms if term["own"] is not None}
    for model, total in split.items():
        assert total == near(owned[model])


@FEW
@given(
    request=requests,
    model=st.sampled_from(["blend", "als", "neighbours", "transitions", "svd", "ease", "content", "popularity"]),
    diversity=st.sampled_from([0.0, 0.0, 0.4]),
    calibration=st.sampled_from([0.0, 0.0, 0.3]),
)
def test_the_scores_of_a_personal_list_add_up_with_its_handle_and_without(
    bazaar: MCPServer[Any], request: dict[str, Any], model: str, diversity: float, calibration: float
) -> None:
    async def work(call: Any) -> Any:
        models = (await call("describe_catalog"))["models"]
        asked = {**request, "model": model if model in models else "blend"}
        asked |= {"diversity": diversity, "calibration": calibration}
        listed = await call("recommend_for_user", **asked, n=100)
        ids = [item["id"] for item in listed["items"]][:12]
        if not ids:
            return [], [], []
        by_handle = await call("explain_recommendation", item_ids=ids, candidates=listed["candidates"], n=100)
        by_arguments = await call("explain_recommendation", item_ids=ids, **asked, n=100)
        return listed["items"], by_handle["items"], by_arguments["items"]

    shown, by_handle, by_arguments = answered(bazaar, work)
    assert by_handle == by_arguments
    for rank, (item, explained) in enumerate(zip(shown, by_handle, strict=False), start=1):
        assert_adds_up(explained)
        assert explained["rank"] == rank
        assert explained["score"] == (None if item["score"] is None else near(item["score"]))
    assert all(item["score"] is None or item["contributions"] for item in by_handle)


@FEW
@given(seeds=st.lists(item_ids, min_size=1, max_size=3, unique=True), request=requests, kind=st.integers(0, 6))
def test_the_scores_of_every_other_list_add_up(
    bazaar: MCPServer[Any], seeds: list[str], request: dict[str, Any], kind: int
) -> None:
    filters = request["filters"]

    async def made(call: Any) -> Any:
        if kind == 0:
            return await call("get_similar_items", item_ids=seeds, filters=filters)
        trending = await call("get_trending_items", filters=filters)
        if kind == 1:
            return trending
        found = await call("search_catalog", query="glass wool", filters=filters)
        if kind == 2:
            return found
        if kind == 3:
            return await call(
                "combine_candidates", operation="union", candidates=[one["candidates"] for one in (trending, found)]
            )
        if kind == 4:
            return await call("rank_candidates", candidates=found["candidates"], by="popularity")
        if kind == 5:
            user = {name: request[name] for name in ("user_id", "liked", "disliked")}
            return await call("rank_candidates", candidates=trending["candidates"], **user)
        personal = await call("recommend_for_user", **{**request, "filters": []})
        return await call("filter_candidates", candidates=personal["candidates"], filters=filters)

    async def work(call: Any) -> Any:
        listed = await made(call)
        ids = [item["id"] for item in listed["items"]]
        if not ids:
            return [], []
        explained = await call("explain_recommendation", item_ids=ids, candidates=listed["candidates"])
        return listed["items"], explained["items"]

    shown, explained = answered(bazaar, work)
    for item, told in zip(shown, explained, strict=True):
        assert_adds_up(told)
        assert told["score"] == (None if item["score"] is None else near(item["score"]))
        assert told["recommended"]
        assert told["why_not"] is None

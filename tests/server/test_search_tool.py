"""search_catalog: wishes in a query are understood and said, and explanations cite what matched."""

from typing import Any

import pytest

from tests.server.conftest import Call

pytestmark = pytest.mark.anyio


def contributions(explained: dict[str, Any]) -> float:
    return float(sum(c["value"] for c in explained["contributions"] if c["layer"] == "fusion"))


async def test_what_was_understood_is_said_and_comes_first(call: Call) -> None:
    found = await call("search_catalog", query="cartoons under 82 minutes")

    assert found["items"][0]["id"] == "m6"
    assert {"m6", "m7"} <= {item["id"] for item in found["items"]}
    assert found["notes"][0].startswith("Understood: genres Animation; runtime under 82 min.")


async def test_scores_of_a_search_are_explained_as_a_sum(call: Call) -> None:
    found = await call("search_catalog", query="robots under 82 minutes", user_id="v1", liked=["m3"])
    ids = [item["id"] for item in found["items"]]
    explained = await call("explain_recommendation", item_ids=ids, candidates=found["candidates"])

    assert len(ids)
    for item, one in zip(found["items"], explained["items"], strict=True):
        assert one["score"] == pytest.approx(item["score"], abs=1e-5)
        assert contributions(one) == pytest.approx(one["score"], abs=1e-6)


async def test_a_reason_cites_words_and_values_that_the_item_holds(call: Call) -> None:
    found = await call("search_catalog", query="robots under 82 minutes")
    explained = await call("explain_recommendation", item_ids=["m6", "m7"], candidates=found["candidates"])
    reasons = {one["id"]: [(r["kind"], r["text"]) for r in one["reasons"]] for one in explained["items"]}

    assert ("matches", "runtime: 80 min (under 82 min)") in reasons["m6"]
    assert ("text_match", "found “robots” in title") in reasons["m7"]
    assert not any(kind in ("matches", "unmet") for kind, _ in reasons["m7"])


async def test_a_hit_by_meaning_is_said_to_be_one(call: Call) -> None:
    found = await call("search_catalog", query="androids on the ocean")
    explained = await call("explain_recommendation", item_ids=["m6"], candidates=found["candidates"])
    (reason,) = [r for r in explained["items"][0]["reasons"] if r["kind"] == "meaning"]

    assert {item["id"] for item in found["items"]} == {"m6", "m7"}
    assert reason["text"].startswith("like the query in meaning (0.")
    assert reason["evidence"][0]["name"] == "likeness_of_meaning"


async def test_a_search_for_a_known_user_leaves_out_what_they_had(call: Call) -> None:
    everyone = await call("search_catalog", query="harbour")
    theirs = await call("search_catalog", query="harbour", user_id="watched-m1")

    assert {item["id"] for item in everyone["items"]} >= {"m1", "m2"}
    assert "m1" not in {item["id"] for item in theirs["items"]}
    assert "1 found item is left out, which the user has had or dislikes." in theirs["notes"]
    assert theirs["items"][0]["id"] == "m2"


async def test_an_order_in_which_diversity_takes_no_part_says_so(call: Call) -> None:
    found = await call("search_catalog", query="harbour")
    plain = await call("rank_candidates", candidates=found["candidates"], by="popularity")
    mixed = await call("rank_candidates", candidates=found["candidates"], by="popularity", calibration=0.8)
    assert [note for note in mixed["notes"] if note not in plain["notes"]] == [
        "Diversity and calibration take part only where `by` is 'personal'; here they were ignored."
    ]


async def test_what_a_query_wants_to_be_like_is_named_as_such(call: Call) -> None:
    found = await call("search_catalog", query="something like Robots at Sea")

    assert "m6" not in {item["id"] for item in found["items"]}
    assert found["items"][0]["id"] == "m7"
    assert "like Robots at Sea" in found["notes"][0]
    assert "imilar to Robots at Sea" in found["items"][0]["reasons"][0]


async def test_a_hit_by_words_in_another_form_is_not_said_to_be_one_by_meaning(call: Call) -> None:
    found = await call("search_catalog", query="comedies under 95 minutes")

    assert found["items"][0]["reasons"] == ["Genres: Comedy; runtime: 80 min (under 95 min)."]

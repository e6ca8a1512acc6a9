"""The live catalog: what `concierge items` changes is known to every tool of every process at once, with its time."""

import csv
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mcp import Client

from concierge_server.brains import BrainChoice
from concierge_server.cli import main
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from concierge_server.session import open_session
from concierge_server.state.overlay import LiveValues
from concierge_tools.config import load_config
from concierge_tools.fit import fit
from concierge_tools.storage.store import Store
from tests.server.cinema import fit_cinema
from tests.server.conftest import Call

pytestmark = pytest.mark.anyio

NEW = {"id": "n1", "title": "Zombies Ahoy", "genres": ["Animation", "Horror"], "services": ["Criterion"], "stock": 2}
OTHER = {"id": "n2", "title": "Robots in Space", "genres": ["Animation"], "runtime": 70, "stock": 1}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of its own, which the test changes."""
    return fit_cinema(tmp_path / "cinema")


@pytest.fixture
async def client(store: Path) -> AsyncIterator[Client]:
    """A server that was running before anything changed."""
    with open_desk(store) as desk:
        desk.snapshot()
        async with Client(build_server(desk)) as connected:
            yield connected


def update(store: Path, rows: Sequence[Mapping[str, Any]], *options: str) -> dict[str, Any]:
    """Run `concierge items update` on rows, as another process would."""
    path = store.parent / "changes.json"
    path.write_text(json.dumps(list(rows)), encoding="utf-8")
    ran = CliRunner().invoke(main, ["items", "update", str(path), "--store", str(store), "--json", *options])
    assert ran.exit_code == 0, ran.output
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def remove(store: Path, *ids: str) -> dict[str, Any]:
    """Run `concierge items remove`."""
    ran = CliRunner().invoke(main, ["items", "remove", *ids, "--store", str(store), "--json"])
    assert ran.exit_code == 0, ran.output
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def ids(result: dict[str, Any]) -> list[str]:
    return [item["id"] for item in result["items"]]


def has(value: str, field: str = "genres") -> list[dict[str, Any]]:
    return [{"field": field, "op": "contains", "value": value}]


async def test_an_added_item_is_found_by_words_values_and_filters(store: Path, call: Call) -> None:
    assert ids(await call("search_catalog", query="zombies")) == []
    assert update(store, [NEW])["added"] == 1
    assert ids(await call("search_catalog", query="zombies")) == ["n1"]
    assert ids(await call("search_catalog", query="zombie ahoj")) == ["n1"]
    assert ids(await call("search_catalog", query="", filters=has("Horror"))) == ["n1"]
    assert ids(await call("search_catalog", query="animation", filters=has("Animation"))) == ["m7", "m6", "n1"]
    found = (await call("resolve_mentions", text="horror like Zombies Ahoy on criterion"))["mentions"]
    assert [(m["kind"], m["item_id"], m["value"]) for m in found] == [
        ("value", None, "Horror"),
        ("item", "n1", None),
        ("value", None, "Criterion"),
    ]


async def test_an_added_item_is_shown_explained_and_available_with_the_time_of_its_values(
    store: Path, call: Call
) -> None:
    as_of = update(store, [NEW])["as_of"]
    details = await call("get_item_details", item_ids=["n1", "m1"])
    assert details["items"][0]["fields"] | NEW == NEW | details["items"][0]["fields"]
    assert [item["as_of"] for item in details["items"]] == [as_of, None]
    available = await call("check_availability", item_ids=["n1"])
    assert (available["items"][0]["available"], available["items"][0]["as_of"]) == (True, as_of)
    explained = (await call("explain_recommendation", item_ids=["n1"], filters=has("Horror")))["items"][0]
    proof = next(e for e in explained["evidence"] if e["name"] == "genres")
    assert (proof["value"], proof["as_of"]) == (NEW["genres"], as_of)
    shown = await call("show_recommendations", item_ids=["n1"])
    assert (shown["status"], ids(shown), shown["items"][0]["as_of"]) == ("shown", ["n1"], as_of)


async def test_an_added_item_is_recommended_through_what_it_is(store: Path, call: Call) -> None:
    update(store, [NEW, OTHER])
    assert "n2" in ids(await call("get_similar_items", item_ids=["m6"]))
    assert ids(await call("get_similar_items", item_ids=["n2"]))[0] == "m7"  # like it, of one genre alone
    assert "n2" in ids(await call("recommend_for_user", liked=["m6"], model="content"))
    assert "m6" in ids(await call("recommend_for_user", liked=["n2"]))
    by_taste = await call("recommend_for_user", liked=["m6"])
    assert "content for items that nobody has touched" in by_taste["basis"]
    assert by_taste["items"][ids(by_taste).index("n2")]["score"] > 0
    short = await call("recommend_for_user", liked=["m6"], filters=[{"field": "runtime", "op": "<", "value": 75}])
    assert (ids(short), short["basis"]) == (["n2"], "content")
    assert short["items"][0]["reasons"][0].startswith("Because you liked Robots at Sea")


async def test_feedback_on_an_added_item_counts_before_and_after_the_next_fit(store: Path, call: Call) -> None:
    update(store, [NEW, OTHER])
    await call("record_feedback", item_id="n2", event="like", user_id="newcomer")
    assert "n2" not in ids(await call("recommend_for_user", user_id="newcomer"))
    assert (await call("get_user_history", user_id="newcomer"))["interactions"][0]["title"] == "Robots in Space"
    fit(load_config(store.parent / "concierge.toml"), Store(store), quiet=True)
    assert (await call("get_user_history", user_id="newcomer"))["interactions"][0]["title"] == "Robots in Space"


async def test_changed_values_are_known_to_search_mentions_questions_and_the_description(
    store: Path, call: Call
) -> None:
    as_of = update(store, [{"id": item, "genres": ["Western"]} for item in ("m1", "m3", "m7")])["as_of"]
    assert ids(await call("search_catalog", query="westerns")) == ["m1", "m7", "m3"]
    assert ids(await call("search_catalog", query="drama")) == ["m2"]
    mention = (await call("resolve_mentions", text="a western please"))["mentions"][0]
    assert (mention["field"], mention["value"]) == ("genres", "Western")
    described = await call("describe_catalog")
    genres = next(field for field in described["fields"] if field["name"] == "genres")
    assert {"value": "Western", "count": 3} in genres["top_values"]
    assert described["live_values_as_of"] == as_of
    question = await call("suggest_question", known=["services", "content_rating", "sponsored", "runtime", "stock"])
    assert "Western" in [option["value"] for option in question["options"]]
    item = (await call("search_catalog", query="", filters=has("Western")))["items"][0]
    assert (item["fields"]["genres"], item["as_of"]) == (["Western"], as_of)
    assert "Western" in item["reasons"][0]


async def test_numbers_reach_filters_ranking_and_sets_made_before(store: Path, call: Call) -> None:
    before = await call("search_catalog", query="")
    update(store, [{"id": "m2", "runtime": 5}])
    as_of = update(store, [{"id": "m3", "runtime": 6, "stock": 0}, {"id": "m2", "runtime": 5, "stock": 1}])["as_of"]
    short = await call("search_catalog", query="", filters=[{"field": "runtime", "op": "<", "value": 10}])
    assert (ids(short), short["items"][0]["as_of"]) == (["m2"], as_of)
    ranked = await call("rank_candidates", candidates=before["candidates"], by="runtime", descending=False)
    assert (ids(ranked)[0], ranked["items"][0]["fields"]["runtime"], ranked["items"][0]["as_of"]) == ("m2", 5, as_of)
    assert "m3" not in ids(ranked)
    shown = await call("show_recommendations", candidates=before["candidates"])
    assert {"id": "m3", "reason": "the store requires stock > 0"} in shown["withheld"]
    availability = (await call("check_availability", item_ids=["m3"]))["items"][0]
    assert (availability["available"], availability["as_of"]) == (False, as_of)


async def test_a_removed_item_is_found_nowhere_and_comes_back_with_its_title(store: Path, call: Call) -> None:
    before = await call("search_catalog", query="robots")
    assert remove(store, "m6", "nonsense") == {"removed": 1, "unknown": ["nonsense"]}
    assert ids(await call("search_catalog", query="robots")) == ["m7"]
    assert "m6" not in ids(await call("recommend_for_user", liked=["m7"]))
    assert "m6" not in ids(await call("get_trending_items"))
    assert (await call("describe_catalog"))["items"] == 7
    assert [u["id"] for u in (await call("get_item_details", item_ids=["m6"]))["unknown"]] == ["m6"]
    kept = await call("filter_candidates", candidates=before["candidates"], filters=[])
    assert (ids(kept), kept["notes"]) == (["m7"], [f"1 items of {before['candidates']} are no longer in the catalog."])
    assert update(store, [{"id": "m6", "stock": 3, "title": "Robots at Sea", "genres": ["Comedy"]}])["added"] == 1
    back = (await call("get_item_details", item_ids=["m6"]))["items"][0]
    assert (back["fields"]["genres"], back["fields"]["runtime"]) == (["Comedy"], 80)


async def test_a_price_list_does_not_bring_a_removed_item_back(store: Path, call: Call) -> None:
    remove(store, "m6")
    report = update(store, [{"id": "m6", "stock": 9}, {"id": "m7", "stock": 9}])
    assert (report["updated"], report["added"], report["rejected"]) == (1, 0, 1)
    assert ids(await call("search_catalog", query="robots")) == ["m7"]


async def test_a_set_made_before_holds_the_same_items_after_positions_moved(store: Path, call: Call) -> None:
    update(store, [OTHER])
    made = await call("search_catalog", query="robots")
    update(store, [NEW])  # comes before the other one by its id
    page = await call("filter_candidates", candidates=made["candidates"], filters=[])
    assert ids(page) == ids(made)
    assert "n2" in ids(page)


async def test_the_next_fit_whose_file_holds_the_item_takes_over(store: Path, call: Call) -> None:
    update(store, [NEW, OTHER])
    folder = store.parent
    rows = json.loads((folder / "items.json").read_text(encoding="utf-8"))
    fit(load_config(folder / "concierge.toml"), Store(store), quiet=True)
    assert ids(await call("search_catalog", query="zombies")) == ["n1"]  # the file is older than the live item
    rows.append({**NEW, "title": "Zombies Ahoy, Restored"})
    (folder / "items.json").write_text(json.dumps(rows), encoding="utf-8")
    fit(load_config(folder / "concierge.toml"), Store(store), quiet=True)
    restored = (await call("get_item_details", item_ids=["n1"]))["items"][0]
    assert (restored["title"], restored["as_of"]) == ("Zombies Ahoy, Restored", None)
    assert ids(await call("search_catalog", query="space")) == []  # the newer file does not have it


async def test_every_process_that_serves_the_store_sees_the_same(store: Path, call: Call) -> None:
    with open_desk(store) as other:
        async with Client(build_server(other)) as second:
            update(store, [NEW])
            update(store, [OTHER])
            remove(store, "n1")
            update(store, [{"id": "n1", "title": "Zombies Return"}])
            theirs = await second.call_tool("get_item_details", {"item_ids": ["n1", "n2"]})
    assert await call("get_item_details", item_ids=["n1", "n2"]) == theirs.structured_content
    with open_desk(store) as third:  # and one that starts now
        snapshot = third.snapshot()
        assert snapshot.catalog.row(snapshot.catalog.position("n1"))["genres"] == []


def test_bad_rows_are_told_and_kept_in_a_quarantine_file(store: Path) -> None:
    rows: list[dict[str, object]] = [
        {"id": "m1", "runtime": "long"},
        {"id": "n9", "runtime": 5},
        {"id": "n8", "title": "Odd", "runtime": "x"},
        {"id": "m2", "runtime": 9},
    ]
    report = update(store, rows)
    assert {name: report[name] for name in ("updated", "added", "rejected", "rejected_cells")} == {
        "updated": 1,
        "added": 1,
        "rejected": 2,
        "rejected_cells": 1,
    }
    with Path(report["rejects_path"]).open(encoding="utf-8") as file:
        kept = [json.loads(line) for line in file]
    assert [(reject["line"], reject["used"]) for reject in kept] == [(1, False), (2, False), (3, True)]


def test_the_counts_are_told_in_words(store: Path) -> None:
    path = store.parent / "new.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "title", "runtime"], ["n1", "New one", "9"], ["m1", "", "8"], ["", "x", ""]])
    ran = CliRunner().invoke(main, ["items", "update", str(path), "--store", str(store)])
    assert ran.exit_code == 0
    assert "1 item updated, 1 added" in ran.output
    assert "Left out line 4: missing id in column 'id'" in ran.output


def test_nothing_changed_costs_no_new_snapshot(store: Path) -> None:
    with open_desk(store) as desk:
        first = desk.snapshot()
        assert desk.snapshot() is first
        LiveValues(desk.engine).update({"m1": {"runtime": 1}})
        second = desk.snapshot()
        assert second is not first
        assert desk.snapshot() is second


async def test_a_chat_that_was_open_speaks_of_the_catalog_as_it_is_now(store: Path) -> None:
    choice = BrainChoice(name="offline")
    async with open_session(store=store, connect=None, user_id=None, choice=choice) as session:
        _, first = await session.agent.turn(session.conversation, "tell me about Zombies Ahoy")
        update(store, [NEW])
        conversation, then = await session.agent.turn(session.conversation, "tell me about Zombies Ahoy")
        described = await session.agent.open()
        await session.agent.turn(conversation, "something with horror")
    assert first.reply == 'Nothing in the catalog is called "Zombies Ahoy".'
    assert "Criterion" in then.reply
    assert described.items == 9


async def test_somebody_unknown_gets_what_is_trending_and_the_question_that_would_help_most(call: Call) -> None:
    found = await call("recommend_for_user", user_id="nobody-yet")
    assert "no taste to go on yet" in found["basis"]
    asked = await call("suggest_question")
    hint = next(note for note in found["notes"] if "would help most" in note)
    assert asked["field"].replace("_", " ") in hint
    assert str(asked["options"][0]["value"]) in hint
    told = await call("recommend_for_user", user_id="nobody-yet", filters=has("Comedy"))
    assert all("genres" not in note for note in told["notes"])
    assert (await call("recommend_for_user", liked=["m6"]))["notes"] == []

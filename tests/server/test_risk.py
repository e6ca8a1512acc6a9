"""Risk control as clients and owners meet it: lists, explanations, the catalog's description, doctor and the report."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mcp import Client

from concierge_server.commands.doctor import store_checks
from concierge_server.commands.evaluate import evaluate
from concierge_server.desk import Desk
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from concierge_tools.fit import fit
from concierge_tools.storage.store import Store
from tests.tools.risky import risky_config


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("risky")
    fit(risky_config(folder), Store(folder / "store"), quiet=True)
    return folder / "store"


@pytest.fixture
def desk(store: Path) -> Iterator[Desk]:
    with open_desk(store) as opened:
        yield opened


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with Client(build_server(desk)) as connected:
        yield connected


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    content: dict[str, Any] | None = result.structured_content
    assert content is not None
    return content


def kinds(items: list[dict[str, Any]]) -> set[str]:
    return {kind for item in items for kind in item["fields"]["kind"]}


@pytest.mark.anyio
async def test_lists_hold_nothing_of_the_kind_the_user_turns_down_and_say_how_much_was_left_out(client: Client) -> None:
    found = await call(client, "recommend_for_user", user_id="u00", n=30)
    assert found["items"]
    assert kinds(found["items"]) == {"even"}
    assert any(note.startswith("Risk control left out") for note in found["notes"])
    everything = await call(client, "search_catalog", query="item")
    ranked = await call(client, "rank_candidates", candidates=everything["candidates"], user_id="u00")
    assert ranked["items"]
    assert kinds(ranked["items"]) == {"even"}


@pytest.mark.anyio
async def test_an_item_that_is_left_out_is_explained_by_the_figures_that_bar_it(client: Client) -> None:
    found = await call(client, "explain_recommendation", user_id="u00", item_ids=["i01"])
    reason = found["items"][0]["reasons"][0]
    assert reason["kind"] == "risk"
    figures = {proof["name"]: proof["value"] for proof in reason["evidence"]}
    assert figures["risk"] > figures["risk_allowed"]
    assert 0 < figures["turned_down_by"] < figures["judged_by"]
    assert (figures["user_turned_down"], figures["user_judged"]) == (12, 24)
    assert found["items"][0]["short"].startswith("Left out by risk control")
    missing = found["items"][0]["why_not"]
    assert "risk" in {kept["kind"] for kept in missing["kept_out_by"]}
    assert (missing["change"], missing["tried"]) == (None, 0)


@pytest.mark.anyio
async def test_what_a_stranger_dislikes_in_this_conversation_counts_at_once(client: Client) -> None:
    disliked = [f"i{item:02}" for item in range(1, 25, 2)]
    found = await call(client, "recommend_for_user", liked=["i00", "i02", "i04"], disliked=disliked, n=30)
    assert found["items"]
    assert kinds(found["items"]) == {"even"}


@pytest.mark.anyio
async def test_the_catalog_s_description_tells_the_level(client: Client) -> None:
    described = await call(client, "describe_catalog")
    assert described["risk"] == {"level": 0.1, "n": 10, "users": 30, "without": described["risk"]["without"]}


@pytest.mark.anyio
async def test_a_calibrated_list_s_scores_add_up_with_the_calibration_told(client: Client) -> None:
    found = await call(client, "recommend_for_user", user_id="u00", calibration=0.4, diversity=0.2)
    item_id, score = found["items"][-1]["id"], found["items"][-1]["score"]
    told = await call(client, "explain_recommendation", item_ids=[item_id], candidates=found["candidates"])
    parts = [part for part in told["items"][0]["contributions"] if part["layer"] != "member"]
    assert {"calibration", "diversity"} <= {part["layer"] for part in parts}
    assert sum(part["value"] for part in parts) == pytest.approx(score, abs=1e-6)


def test_doctor_tells_what_control_keeps(store: Path, cinema_store: Path) -> None:
    found = {check.name: check for check in store_checks(store)}["risk control"]
    assert found.found.startswith("level 0.1: ")
    assert {check.name: check for check in store_checks(cinema_store)}["risk control"].found.startswith("off")


def test_the_report_says_for_each_level_what_was_realised_and_what_it_cost(store: Path) -> None:
    arguments = ["risk", "--store", str(store), "--level", "0.1", "--level", "0.3", "--splits", "50"]
    body = json.loads(CliRunner().invoke(evaluate, [*arguments, "--json"]).stdout)
    assert [one["level"] for one in body["levels"]] == [0.1, 0.3]
    assert all(row["kept"] for one in body["levels"] for row in one["rows"][1:])
    shown = CliRunner().invoke(evaluate, arguments)
    assert shown.exit_code == 0
    assert "replaced (served)" in shown.stdout
    assert "The bound is on the mean over users" in shown.stdout


def test_a_store_that_does_not_say_what_is_unwanted_is_refused_with_what_to_write(cinema_store: Path) -> None:
    refused = CliRunner().invoke(evaluate, ["risk", "--store", str(cinema_store)])
    assert refused.exit_code == 3
    assert 'negative = "<= 2"' in refused.stderr

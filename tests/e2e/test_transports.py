"""Every tool through a real client, over stdio and HTTP, in both protocol eras."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

Era = Literal["legacy", "auto"]
TOOLS = [
    "describe_catalog",
    "search_catalog",
    "resolve_mentions",
    "recommend_for_user",
    "get_similar_items",
    "get_trending_items",
    "get_item_details",
    "get_user_history",
    "check_availability",
    "filter_candidates",
    "combine_candidates",
    "rank_candidates",
    "explain_recommendation",
    "suggest_question",
    "show_recommendations",
    "record_feedback",
]


@pytest.fixture(scope="module")
def http_url(shop_store: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "concierge_server", "serve", "--store", str(shop_store), "--http", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "http://" in line)
        yield "http://" + line.split("http://", 1)[1].strip()
        process.terminate()
        assert process.wait(timeout=10) == 0


@asynccontextmanager
async def connected(transport: str, era: Era, store: Path, url: str) -> AsyncIterator[Client]:
    stdio = StdioServerParameters(
        command=sys.executable, args=["-m", "concierge_server", "serve", "--store", str(store)]
    )
    async with Client(stdio if transport == "stdio" else url, mode=era) as client:
        yield client


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["legacy", "auto"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_all_sixteen_tools_answer_with_what_their_schemas_promise(
    transport: str, era: Era, shop_store: Path, http_url: str
) -> None:
    async with connected(transport, era, shop_store, http_url) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == TOOLS
        calls = await _call_everything(client)
        assert sorted(calls) == sorted(TOOLS)
        for name, result in calls.items():
            assert not result.is_error, (name, result.content)
            schema = tools[name].output_schema
            assert schema is not None
            jsonschema.validate(result.structured_content, schema)
            assert isinstance(result.content[0], TextContent)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_handles_work_across_transports_and_eras(era: Era, shop_store: Path, http_url: str) -> None:
    async with connected("http", "auto", shop_store, http_url) as client:
        first = (await client.call_tool("get_trending_items", {"n": 3})).structured_content
    assert first is not None
    async with connected("stdio", era, shop_store, http_url) as client:
        again = await client.call_tool("filter_candidates", {"candidates": first["candidates"], "filters": [], "n": 3})
    assert again.structured_content is not None
    assert again.structured_content["items"] == first["items"]


def test_every_byte_on_stdout_in_stdio_mode_is_json_rpc(shop_store: Path) -> None:
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }
    finished = subprocess.run(
        [sys.executable, "-m", "concierge_server", "serve", "--store", str(shop_store)],
        input=json.dumps(initialize) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = finished.stdout.splitlines()
    assert lines
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in lines)


async def _call_everything(client: Client) -> dict[str, CallToolResult]:
    calls: dict[str, CallToolResult] = {}

    async def call(name: str, **arguments: Any) -> dict[str, Any]:
        calls[name] = await client.call_tool(name, arguments)
        return calls[name].structured_content or {}

    await call("describe_catalog")
    found = await call("search_catalog", query="lamp")
    trending = await call("get_trending_items", n=5)
    ids = [item["id"] for item in trending["items"]]
    await call("resolve_mentions", text=f"I loved {trending['items'][0]['title']}")
    await call("recommend_for_user", liked=ids[:2], filters=[{"field": "price", "op": "<=", "value": 1000}])
    await call("get_similar_items", item_ids=ids[:1])
    await call("get_item_details", item_ids=[*ids[:1], "no-such-item"])
    await call("get_user_history", user_id="u001")
    await call("check_availability", item_ids=ids[:2])
    pair = [found["candidates"], trending["candidates"]]
    await call("combine_candidates", operation="union", candidates=pair)
    await call("filter_candidates", candidates=pair[1], filters=[{"field": "price", "op": ">", "value": 1}])
    await call("rank_candidates", candidates=pair[1], by="price", descending=False)
    await call("explain_recommendation", item_ids=ids[:2], liked=ids[2:3])
    await call("suggest_question", candidates=pair[1])
    await call("show_recommendations", candidates=pair[1], user_id="visitor")
    await call("record_feedback", item_id=ids[0], event="like", user_id="visitor", idempotency_key="once")
    return calls


def test_a_busy_port_is_a_usage_error(shop_store: Path, http_url: str) -> None:
    port = http_url.rsplit(":", 1)[1].split("/")[0]
    command = [sys.executable, "-m", "concierge_server", "serve", "--store", str(shop_store), "--http", "--port", port]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 2
    assert "Choose another --port" in refused.stderr


def test_a_wider_bind_is_refused(shop_store: Path) -> None:
    command = [sys.executable, "-m", "concierge_server", "serve", "--store", str(shop_store), "--http"]
    refused = subprocess.run([*command, "--host", "0.0.0.0"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S104  (the very thing that is refused)
    assert refused.returncode == 2


def test_stdio_leaves_with_exit_code_0_when_told_to_stop(shop_store: Path) -> None:
    command = [sys.executable, "-m", "concierge_server", "serve", "--store", str(shop_store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=10) == 0

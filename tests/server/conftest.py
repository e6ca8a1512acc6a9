from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.server import MCPServer

from concierge_server.desk import Desk
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from tests.server.bazaar import fit_bazaar
from tests.server.cinema import fit_cinema

Call = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(scope="session")
def cinema_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


@pytest.fixture(scope="session")
def bazaar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MCPServer[Any]]:
    """A server of the bazaar, for tests that run their own clients."""
    with open_desk(fit_bazaar(tmp_path_factory.mktemp("bazaar"))) as opened:
        yield build_server(opened)


@pytest.fixture
def desk(cinema_store: Path) -> Iterator[Desk]:
    with open_desk(cinema_store) as opened:
        yield opened


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with Client(build_server(desk)) as connected:
        yield connected


@pytest.fixture
def call(client: Client) -> Call:
    """Call a tool and return its structured content; fails on an error result."""

    async def run(tool: str, **arguments: Any) -> dict[str, Any]:
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        content: dict[str, Any] | None = result.structured_content
        assert content is not None
        return content

    return run

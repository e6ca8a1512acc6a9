"""Warming: what guests ask of popular items is answered once beforehand, so that replies that are kept are there.

Explanations themselves need no such thing, they are arithmetic; it is a model's wording that takes seconds.
"""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from concierge_agent.conversation import Conversation
from concierge_agent.trace import Usage
from concierge_server.brains import BrainChoice
from concierge_server.opening import open_desk
from concierge_server.session import open_session


@dataclass(frozen=True, slots=True)
class Warmed:
    """An item that was asked about, and what it took."""

    title: str
    method: str
    """Who answered, and why another brain did where one had to take over."""
    usage: Usage


async def warm(store: Path | None, choice: BrainChoice, *, popular: int, question: str) -> AsyncIterator[Warmed]:
    """Ask, as a guest with nothing said before, the same question about each of the most popular items.

    Nothing of these conversations is stored but what the session's brain keeps of its replies. `question` holds
    `{title}`.

    Raises:
        StoreError: There is no store at that place.
        ToolCallError: The server does not say what is popular.
    """
    titles = await _popular(store, popular)
    async with open_session(store=store, connect=None, user_id=None, choice=choice, keep=False) as session:
        for title in titles:
            begun = Conversation(id=f"c_{uuid.uuid4().hex}")
            _, answer = await session.agent.turn(begun, question.replace("{title}", title))
            yield Warmed(title, answer.method, answer.usage)


async def _popular(store: Path | None, n: int) -> list[str]:
    from mcp import Client

    from concierge_agent.tools import Toolbox
    from concierge_server.mcp_server import build_server

    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            found = await Toolbox(client, tools).call("get_trending_items", {"n": n}, step="popular")
    return [item["title"] for item in found["items"]]

"""Keeps what a writer was given in real turns: the material that drafts are checked against."""

from collections.abc import Sequence
from pathlib import Path

from mcp import Client

from concierge_agent.agent import Agent
from concierge_agent.answer import Draft
from concierge_agent.brain import Material
from concierge_agent.conversation import Conversation
from concierge_agent.local_store import LocalConversations
from concierge_agent.offline.brain import OfflineBrain
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk


class KeepingBrain(OfflineBrain):
    """Plans and writes offline, and keeps every material it wrote from."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Material] = []

    async def write(self, material: Material) -> Draft:
        """Keep the material and draft."""
        self.kept.append(material)
        return await super().write(material)


async def keeping(store: Path, requests: Sequence[str]) -> list[Material]:
    """Return what the writer was given for each request, each in a conversation of its own."""
    brain = KeepingBrain()
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            agent = Agent(client, brain, None, LocalConversations())
            for number, text in enumerate(requests):
                await agent.turn(Conversation(id=f"c{number}"), text)
    return brain.kept

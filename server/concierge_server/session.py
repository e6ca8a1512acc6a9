"""A session: the agent, its brain and its tools, put together for the terminal and for `--once`."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from concierge_agent.conversation import Conversation, ConversationStore
from concierge_server.settings import environment

if TYPE_CHECKING:
    from mcp import Client

    from concierge_agent.agent import Agent
    from concierge_agent.brain import Brain
    from concierge_agent.values import CatalogDescription

BrainName = Literal["offline", "anthropic"]


@dataclass(frozen=True, slots=True)
class Session:
    """An agent with its tools at hand, and the conversation it starts with."""

    agent: "Agent"
    conversation: Conversation
    description: "CatalogDescription"
    brain: str
    """The name of the brain that answers."""


@asynccontextmanager
async def open_session(
    *, store: Path | None, connect: str | None, user_id: str | None, brain: BrainName | None, model: str | None
) -> AsyncIterator[Session]:
    """Open a session on the local store, or on a running server at the URL `connect`.

    Raises:
        StoreError: There is no local store.
        ConnectionFailed: No server answers at `connect`.
        click.UsageError: The anthropic brain was asked for and no key is set.
    """
    from mcp import Client

    from concierge_agent.agent import Agent
    from concierge_agent.errors import ConnectionFailed
    from concierge_agent.local_store import LocalConversations
    from concierge_agent.offline.brain import OfflineBrain
    from concierge_server.mcp_server import build_server
    from concierge_server.opening import open_desk
    from concierge_server.state.conversations import DatabaseConversations

    offline = OfflineBrain()
    chosen = _brain(brain, model)
    async with AsyncExitStack() as stack:
        conversations: ConversationStore
        if connect is None:
            desk = stack.enter_context(open_desk(store))
            client = Client(build_server(desk))
            conversations = DatabaseConversations(desk.engine)
        else:
            client = Client(connect)
            conversations = LocalConversations()
        try:
            await stack.enter_async_context(_held(client))
        except Exception as error:  # the transport's own errors differ by protocol era; each means no server
            if connect is None:
                raise
            raise ConnectionFailed(f"No Concierge server answers at {connect}: {_cause(error)}.") from error
        agent = Agent(client, chosen or offline, offline if chosen else None, conversations, user_id=user_id)
        description = await agent.open()
        conversation = Conversation(id=f"c_{uuid.uuid4().hex}", user_id=user_id)
        yield Session(agent, conversation, description, (chosen or offline).name)


@asynccontextmanager
async def _held(client: "Client") -> AsyncIterator[None]:
    """Keep `client` open in a task of its own, so that a server that dies fails its calls and not the conversation."""
    opened = asyncio.Event()
    finished = asyncio.Event()

    async def keep() -> None:
        async with client:
            opened.set()
            await finished.wait()

    task = asyncio.create_task(keep())
    waiting = asyncio.create_task(opened.wait())
    try:
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        if not opened.is_set():
            await task
        yield
    finally:
        waiting.cancel()
        finished.set()
        await asyncio.gather(task, return_exceptions=True)


def _brain(name: BrainName | None, model: str | None) -> "Brain | None":
    """Return the hosted brain that was asked for, or None for the offline one."""
    found = environment()
    if name == "offline" or (name is None and found.api_key is None):
        return None
    if found.api_key is None:
        raise click.UsageError("--brain anthropic needs a key: set ANTHROPIC_API_KEY, or use --brain offline.")
    from concierge_agent.claude.brain import ClaudeBrain
    from concierge_agent.claude.settings import ClaudeSettings

    settings = ClaudeSettings(api_key=found.api_key, base_url=found.base_url)
    plan_model, write_model = model or found.plan_model, model or found.write_model
    if plan_model:
        settings = settings.model_copy(update={"plan_model": plan_model})
    if write_model:
        settings = settings.model_copy(update={"write_model": write_model})
    return ClaudeBrain(settings)


def _cause(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return str(error) or type(error).__name__

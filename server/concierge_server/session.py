"""A session: the agent, its brain and its tools, put together for the terminal and for `--once`."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from concierge_agent.conversation import Conversation, ConversationStore
from concierge_server.brains import BrainChoice, hosted_brain, open_prompts, questions_in_a_row
from concierge_server.settings import environment
from concierge_server.spending import reply_lifetime

if TYPE_CHECKING:
    from mcp import Client

    from concierge_agent.agent import Agent
    from concierge_agent.cache import ReplyCache
    from concierge_agent.demonstrations import Demonstration
    from concierge_agent.trace import Routing
    from concierge_agent.values import CatalogDescription
    from concierge_server.desk import Desk
    from concierge_tools.config import AgentConfig


@dataclass(frozen=True, slots=True)
class Resume:
    """Which conversation to go on with."""

    conversation_id: str | None = None
    """None: the user's latest."""


@dataclass(frozen=True, slots=True)
class Session:
    """An agent with its tools at hand, and the conversation it starts with."""

    agent: "Agent"
    conversation: Conversation
    description: "CatalogDescription"
    brain: str
    """The name of the brain that answers."""
    kept: bool = True
    """Whether the conversation outlives the process, to be continued."""


@asynccontextmanager
async def open_session(
    *,
    store: Path | None,
    connect: str | None,
    user_id: str | None,
    choice: BrainChoice,
    resume: Resume | None = None,
    keep: bool = True,
) -> AsyncIterator[Session]:
    """Open a session on the local store, or on a running server at the URL `connect`.

    With `resume` it goes on with a conversation of the store, for the user of that conversation. Without `keep` it
    leaves no conversation or trace there.

    Raises:
        StoreError: There is no local store.
        ConnectionFailed: No server answers at `connect`.
        InputError: There is no conversation to resume.
        click.UsageError: The brain that was asked for has no key, server or model.
        PromptError: A prompt template cannot be used.
    """
    from mcp import Client

    from concierge_agent.agent import Agent
    from concierge_agent.errors import ConnectionFailed
    from concierge_agent.local_store import LocalConversations
    from concierge_agent.offline.brain import OfflineBrain
    from concierge_server.mcp_server import build_server
    from concierge_server.opening import open_desk
    from concierge_server.state.conversations import DatabaseConversations
    from concierge_server.state.marks import mark

    offline = OfflineBrain()
    hosted, lifetime = hosted_brain(choice), reply_lifetime(environment())
    auto, most_questions = choice.name == "auto", questions_in_a_row(choice)
    async with AsyncExitStack() as stack:
        conversations: ConversationStore
        resumed: Conversation | None = None
        noted: Callable[[], dict[str, int | str]] | None = None
        cache: ReplyCache | None = None
        routing: Routing = choice.tier or "auto"
        config: AgentConfig | None = None
        own: Sequence[Demonstration] = ()
        if connect is None:
            desk = stack.enter_context(open_desk(store))
            client = Client(build_server(desk))
            if keep:
                lessons = desk.snapshot().artifact.config.agent.lessons
                conversations = DatabaseConversations(desk.engine, lessons=lessons)
            else:
                conversations = LocalConversations()
            if resume is not None:
                resumed = found_conversation(conversations, resume, user_id)
                user_id = resumed.user_id
            noted = partial(mark, desk.engine, user_id)
            config = desk.snapshot().artifact.config.agent
            if hosted is not None:
                own = _own_demonstrations(desk, user_id)
                cache = _reply_cache(desk, user_id, lifetime) if not choice.fresh else None
            routing = choice.tier or desk.snapshot().artifact.config.routing.tier(user_id) or "auto"
        else:
            client = Client(connect)
            conversations = LocalConversations()
        chosen = hosted(cache, prompts=open_prompts(choice, config), own=own) if hosted is not None else None
        try:
            await stack.enter_async_context(_held(client))
        except Exception as error:  # the transport's own errors differ by protocol era; each means no server
            if connect is None:
                raise
            raise ConnectionFailed(f"No Concierge server answers at {connect}: {_cause(error)}.") from error
        agent = Agent(
            client,
            chosen or offline,
            offline if chosen else None,
            conversations,
            user_id=user_id,
            mark=noted,
            routing=routing if auto else None,
            ranking=choice.ranking,
            max_questions=most_questions,
        )
        description = await agent.open()
        conversation = agent.settled(resumed or Conversation(id=f"c_{uuid.uuid4().hex}", user_id=user_id))
        name = (chosen or offline).name
        named = f"auto ({name})" if auto else name
        yield Session(agent, conversation, description, named, kept=keep and connect is None)


def _own_demonstrations(desk: "Desk", user_id: str | None) -> "Sequence[Demonstration]":
    if desk.snapshot().artifact.config.agent.demonstrations == "off":
        return ()
    from concierge_server.state.demonstrations import own_demonstrations

    return own_demonstrations(desk.engine, user_id)


def _reply_cache(desk: "Desk", user_id: str | None, lifetime: float) -> "ReplyCache | None":
    """Return where replies to this user are kept for `lifetime` seconds; None for 0."""
    if not lifetime:
        return None
    from concierge_agent.cache import ReplyCache
    from concierge_server.state.replies import DatabaseReplies

    return ReplyCache(DatabaseReplies(desk.engine, user_id, lifetime=lifetime), partial(circumstances, desk, user_id))


def circumstances(desk: "Desk", user_id: str | None) -> dict[str, int | str | None]:
    """Return what a model's reply to this user (None: a guest) rests on beside its prompt, as it is now."""
    from concierge_server.state.marks import mark

    return {"user": user_id, "artifact": desk.store.current_version(), **mark(desk.engine, user_id)}


def found_conversation(conversations: ConversationStore, resume: Resume, user_id: str | None) -> Conversation:
    """Return the conversation to go on with: the one of that id, or the user's latest.

    Raises:
        InputError: There is none, or it is not this user's.
    """
    from concierge_tools.errors import InputError

    if resume.conversation_id is None:
        latest = conversations.latest(user_id)
        if latest is None:
            whose = f"of user {user_id!r}" if user_id is not None else "of a guest; name a user with --user"
            raise InputError(f"No conversation to continue {whose}. Leave --continue out to begin one.")
        return latest
    found = conversations.load(resume.conversation_id)
    if found is None or (user_id is not None and found.user_id != user_id):
        whose = f" of user {user_id!r}" if user_id is not None else ""
        raise InputError(
            f"No conversation {resume.conversation_id!r}{whose} in this store; `concierge traces list` shows those "
            "there are."
        )
    return found


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


def _cause(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return str(error) or type(error).__name__

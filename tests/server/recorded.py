"""Conversations that leave their traces in a store, for tests that look at them afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
from mcp import Client
from sqlalchemy import Engine

from concierge_agent.agent import Agent
from concierge_agent.answer import Answer
from concierge_agent.brain import Brain
from concierge_agent.conversation import Conversation
from concierge_agent.offline.brain import OfflineBrain
from concierge_agent.step_changes import read_changes
from concierge_agent.trace import RankingSettings, Trace
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk, open_state
from concierge_server.replaying import Replayed, replay, replay_changed
from concierge_server.state.conversations import DatabaseConversations
from concierge_server.state.marks import mark
from concierge_server.state.traces import TraceLog


@asynccontextmanager
async def agent_on(
    store: Path, *, user: str | None = "ann", brain: Brain | None = None, ranking: RankingSettings | None = None
) -> AsyncIterator[Agent]:
    """An agent on a store, with the offline brain alone or behind `brain`."""
    offline = OfflineBrain()
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            conversations, noted = DatabaseConversations(desk.engine), partial(mark, desk.engine, user)
            fallback = offline if brain is not None else None
            first = brain or offline
            yield Agent(client, first, fallback, conversations, user_id=user, mark=noted, ranking=ranking)


async def converse(
    store: Path,
    *texts: str,
    conversation: str = "c1",
    user: str | None = "ann",
    brain: Brain | None = None,
    ranking: RankingSettings | None = None,
) -> list[Answer]:
    """Say texts one after the other in a conversation, old or new, and return the answers."""
    answers = []
    async with agent_on(store, user=user, brain=brain, ranking=ranking) as agent:
        held = agent.conversation(conversation)
        for text in texts:
            held, answer = await agent.turn(held, text)
            answers.append(answer)
    return answers


def talk(
    store: Path, *texts: str, conversation: str = "c1", user: str | None = "ann", brain: Brain | None = None
) -> list[Answer]:
    """Do what `converse` does, from where no event loop runs."""
    return anyio.run(partial(converse, store, *texts, conversation=conversation, user=user, brain=brain))


async def again(store: Path, trace: Trace, *changes: str) -> Replayed:
    """Replay a trace, with the steps changed that `changes` name."""
    with open_state(store) as (opened, engine):
        if changes:
            return await replay_changed(opened, engine, trace, read_changes(changes))
        return await replay(opened, engine, stored(engine, trace.id))


def stored(engine: Engine, trace_id: str) -> Trace:
    """Return a trace as the database holds it."""
    return TraceLog(engine).load(trace_id)


def kept(store: Path, conversation: str = "c1") -> Conversation:
    """Return a conversation as the database holds it."""
    with open_state(store) as (_, engine):
        found = DatabaseConversations(engine).load(conversation)
    assert found is not None
    return found

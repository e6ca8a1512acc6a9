"""Replaying: a recorded turn runs again on the artifact it ran on, over a scratch copy of the state it saw.

Nothing is written to the store or its state, and no model is asked: hosted brains say again what they said then, the
offline brain, which is rules, thinks anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from concierge_agent.agent import Agent
from concierge_agent.answer import Answer
from concierge_agent.brain import Brain
from concierge_agent.comparison import differences, normalised
from concierge_agent.conversation import Conversation, Pending
from concierge_agent.errors import ReplayRefused
from concierge_agent.local_store import LocalConversations
from concierge_agent.offline.brain import OfflineBrain
from concierge_agent.plan import Plan
from concierge_agent.replay import HANDLE, ChangedBrain, ReplayedBrain, accepted
from concierge_agent.rewind import digest, rewound
from concierge_agent.step_changes import changed
from concierge_agent.trace import Call, Routing, Start, Trace
from concierge_server.desk import Desk
from concierge_server.mcp_server import build_server
from concierge_server.state.conversations import DatabaseConversations
from concierge_server.state.marks import changes
from concierge_server.state.scratch import scratch_state
from concierge_server.state.traces import TraceLog
from concierge_tools.errors import StoreError
from concierge_tools.storage.store import Store


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recorded turn, what it came to this time, and where the two part."""

    recorded: Trace
    answer: Answer
    differences: tuple[str, ...]
    """A unified diff; empty when both came to the same."""


async def replay(store: Store, engine: Engine, trace: Trace) -> Replayed:
    """Run a recorded turn again.

    Raises:
        StoreError: Its artifact is gone, or live values or feedback have changed since.
        ReplayRefused: The trace or its conversation no longer holds what it takes.
    """
    offline = OfflineBrain()
    routing = trace.start.routing if trace.start is not None else None
    hosted = next((reply.brain for reply in trace.replies if reply.brain != offline.name), None)
    if routing is None and hosted is None:
        return await _run(store, engine, trace, offline, None)
    return await _run(store, engine, trace, ReplayedBrain(hosted or "model", trace), offline, routing)


async def replay_changed(
    store: Store, engine: Engine, trace: Trace, patches: Mapping[str, Mapping[str, Any]], *, start: str | None = None
) -> Replayed:
    """Run a recorded turn again with steps of its plan changed, and the words written plainly.

    The steps before `start` (by default the first one that changes) come out as they did, or the replay is refused.

    Raises:
        ValueError: The plan has no such step, or is none with the change; the message says what to write.
        StoreError: As for `replay`.
        ReplayRefused: As for `replay`.
    """
    plan = changed(accepted(trace).plan, patches)
    order = [step.id for step in plan.steps]
    first = _start(order, [step for step in order if step in patches], start)
    replayed = await _run(store, engine, trace, ChangedBrain(trace, plan), None)
    if _ran(trace.plan, first) and replayed.answer.error is None:
        again = replayed.answer.trace
        if normalised(trace, before_step=first) != normalised(again, before_step=first):
            raise ReplayRefused(f"What ran before step {first!r} does not come out as it was recorded.")
    return replayed


async def _run(
    store: Store,
    engine: Engine,
    trace: Trace,
    brain: Brain,
    fallback: Brain | None,
    routing: Routing | None = None,
) -> Replayed:
    from mcp import Client
    from threadpoolctl import threadpool_limits

    conversation = DatabaseConversations(engine).load(trace.conversation)
    if conversation is None:
        raise ReplayRefused(f"The conversation {trace.conversation!r} of this trace is not in the store any more.")
    past = conversation.model_copy(update={"turns": conversation.turns[: trace.turn - 1]})
    before = rewound(conversation, trace, TraceLog(engine).of_turns(conversation.id, past.whole - conversation.whole))
    begun = _begun(trace)
    if changed_since := changes(engine, before.user_id, begun.store):
        raise StoreError(f"The trace {trace.id!r} cannot be replayed: {'; '.join(changed_since)}.")
    pinned = Store(store.folder, version=_version(trace, begun))
    artifact = pinned.load()
    handles = {found for call in _calls(trace) for found in HANDLE.findall(call.model_dump_json(include={"arguments"}))}
    consent = _consent(before, trace)
    with (
        scratch_state(engine, before.user_id, begun.store, handles=handles, consent=consent) as scratch,
        threadpool_limits(1),
    ):
        async with Client(build_server(Desk(pinned, scratch, artifact))) as client:
            conversations = LocalConversations(lasting=True)
            agent = Agent(
                client,
                brain,
                fallback,
                conversations,
                user_id=before.user_id,
                routing=routing,
                ranking=begun.ranking,
                max_questions=begun.max_questions,
            )
            if digest(await agent.open()) != begun.catalog:
                raise ReplayRefused(
                    f"The trace {trace.id!r} cannot be replayed: its session had read the catalog's description under "
                    "other live values than those of the turn."
                )
            _, answer = await agent.turn(before, trace.text)
    return Replayed(trace, answer, tuple(differences(trace, answer.trace)))


def _calls(trace: Trace) -> tuple[Call, ...]:
    return (*trace.calls, *trace.aside)


def _begun(trace: Trace) -> Start:
    if trace.start is None:
        raise ReplayRefused(f"The trace {trace.id!r} does not say where its turn began.")
    return trace.start


def _version(trace: Trace, begun: Start) -> str:
    """Return the one artifact that the turn ran on."""
    named = {str(call.result["artifact"]) for call in _calls(trace) if call.result and "artifact" in call.result}
    if named - {begun.artifact}:
        raise ReplayRefused(f"The trace {trace.id!r} cannot be replayed: the artifact was replaced while it ran.")
    return begun.artifact


def _consent(before: Conversation, trace: Trace) -> Pending | None:
    """Return the consent that the turn gave and the server accepted, or None."""
    pending = before.pending
    if pending is None or pending.confirmation is None:
        return None
    for call in _calls(trace):
        if call.arguments.get("confirmation") == pending.confirmation:
            shown = {item["id"] for item in (call.result or {}).get("items", ())}
            return pending if shown & set(pending.item_ids) else None
    return None


def _start(order: list[str], changing: list[str], asked: str | None) -> str:
    first = asked or changing[0]
    if first not in order:
        raise ValueError(f"No step {first!r} in the plan; its steps are {', '.join(order)}.")
    if early := [step for step in changing if order.index(step) < order.index(first)]:
        raise ValueError(f"{early[0]!r} comes before {first!r}; start from {early[0]!r} to change it.")
    return first


def _ran(plan: Plan, step_id: str) -> bool:
    return any(step.id == step_id for step in plan.steps)

"""The agent: one turn of conversation from the user's words to a verified answer."""

import time
from collections.abc import Callable, Mapping
from functools import partial, reduce

from mcp import Client, MCPError
from mcp.types import Tool
from pydantic import ValidationError

from concierge_agent.answer import Answer, Preview
from concierge_agent.asking import MAX_QUESTIONS, may_ask, offer, question_of
from concierge_agent.brain import Brain, Material, Ranker, TurnContext
from concierge_agent.composing import answer_items, compose, disclosures, explain
from concierge_agent.conversation import Conversation, ConversationStore, Pending
from concierge_agent.errors import ConnectionFailed, PlanFailed, ToolCallError
from concierge_agent.lessons import recalled
from concierge_agent.outcome import Outcome, remember, standing_notes
from concierge_agent.phrases import listing, shorten
from concierge_agent.planning import Decision, decide
from concierge_agent.presentation import Presented, last_set, present
from concierge_agent.recording import recorder
from concierge_agent.relaxation import abstention, relax
from concierge_agent.rendering import blocks, lookup_blocks, question_text
from concierge_agent.rewind import start_of
from concierge_agent.routing import Routed, route
from concierge_agent.tools import Toolbox
from concierge_agent.trace import RankingSettings, Reply, Routing, Usage
from concierge_agent.values import CatalogDescription
from concierge_agent.verifier import presentable

Listener = Callable[[str], None]


class Agent:
    """Plans, runs, presents, explains and verifies, over an MCP client that its caller has entered."""

    def __init__(
        self,
        client: Client,
        brain: Brain,
        fallback: Brain | None,
        store: ConversationStore,
        *,
        user_id: str | None = None,
        mark: Callable[[], dict[str, int | str]] | None = None,
        routing: Routing | None = None,
        ranking: RankingSettings | None = None,
        max_questions: int = MAX_QUESTIONS,
    ) -> None:
        """Put an agent together.

        `mark` notes the store's state before each turn, so that it can be replayed. With `routing`, the fallback reads
        every turn first, and the brain takes what is not for the fallback. `ranking` says how candidates are put in
        order; only a brain that is a `Ranker` orders them itself. After `max_questions` in a row the agent shows what
        there is; at 0 it never asks of its own accord. The store's own questions are always put.
        """
        self._client = client
        self._brain = brain
        self._fallback = fallback
        self._store = store
        self._user_id = user_id
        self._mark = mark
        self._routing = routing
        ranking = ranking or RankingSettings()
        ranks = isinstance(brain, Ranker)
        self._ranking = ranking if ranks else ranking.model_copy(update={"candidates": 0, "samples": 1})
        self._max_questions = max_questions
        self._tools: Mapping[str, Tool] = {}
        self._catalog: CatalogDescription | None = None
        self._described_at: int | str | None = None
        """The revision of the live values that the catalog was described under, where it is known."""

    async def open(self) -> CatalogDescription:
        """List the server's tools and read the catalog's description; `turn` does so itself when it has to.

        Raises `ConnectionFailed` when the server went away, or describes no catalog.
        """
        tools: dict[str, Tool] = {}
        cursor: str | None = None
        try:
            while True:
                page = await self._client.list_tools(cursor=cursor)
                tools |= {tool.name: tool for tool in page.tools}
                cursor = page.next_cursor
                if cursor is None:
                    break
            self._described_at = self._noted().get("live_values")
            described = await Toolbox(self._client, tools).call("describe_catalog", {}, step="open")
            self._tools, self._catalog = tools, CatalogDescription.model_validate(described)
        except (MCPError, ToolCallError, ValidationError) as error:
            raise ConnectionFailed(f"The server does not describe a catalog: {error}") from error
        return self._catalog

    def conversation(self, conversation_id: str) -> Conversation:
        """Return the stored conversation of this id and user, or a new one, with what stands for the user now."""
        stored = self._store.load(conversation_id)
        if stored is not None and stored.user_id == self._user_id:
            return self.settled(stored)
        return self.settled(Conversation(id=conversation_id, user_id=self._user_id))

    def settled(self, conversation: Conversation) -> Conversation:
        """Return a conversation that begins or goes on, with what stands for its user now in its ledger."""
        standing = self._store.standing(conversation.user_id)
        if standing is None:
            return conversation
        ledger = conversation.ledger.with_standing(standing, turn=len(conversation.turns))
        return conversation.model_copy(update={"ledger": ledger})

    async def turn(
        self,
        conversation: Conversation,
        text: str,
        *,
        on_progress: Listener | None = None,
        on_sentence: Listener | None = None,
        on_preview: Callable[[Preview], None] | None = None,
    ) -> tuple[Conversation, Answer]:
        """Answer `text` and return the conversation after it. `conversation` itself never changes.

        Nothing is stored unless the turn came to its end, so a cancelled turn leaves everything as it was (feedback
        it recorded stays, under a key that keeps a second try from recording it twice). `on_progress` hears what is
        being done; `on_sentence` the blocks of the reply, after verification, whose concatenation is the reply;
        `on_preview` what the fallback would answer, when a routed turn goes to a model that has yet to begin.

        Raises `ConnectionFailed` when the server went away.
        """
        started = time.perf_counter()
        noted = self._noted()
        if noted.get("live_values") != self._described_at:
            self._catalog = None
        catalog = self._catalog or await self.open()
        self._take_usage()
        lessons = recalled(self._store.lessons(conversation.user_id, catalog), conversation.ledger.constraints)
        context = TurnContext(text, conversation, catalog, self._toolbox(), lessons, self._ranking)
        context = may_ask(context, self._max_questions)
        start = start_of(context, noted, self._routing, max_questions=self._max_questions)
        routed = await self._routed(context, on_progress or _ignore, on_preview)
        outcome, calls = routed.outcome, (*routed.context.toolbox.calls, *routed.aside)
        reply = "\n\n".join(outcome.blocks)
        usage = self._take_usage().model_copy(
            update={"tool_calls": len(calls), "seconds": round(time.perf_counter() - started, 3)}
        )
        changed, answer = remember(
            routed.context,
            outcome,
            reply,
            routed.notes,
            usage,
            start=start,
            replies=routed.replies,
            aside=routed.aside,
        )
        if on_sentence is not None:
            for index, block in enumerate(outcome.blocks):
                on_sentence(block if index == 0 else f"\n\n{block}")
        self._store.save(changed, answer.trace)
        versions = {str(call.result["artifact"]) for call in calls if call.result and "artifact" in call.result}
        if versions - {catalog.artifact}:
            self._catalog = None
        return changed, answer

    def _noted(self) -> dict[str, int | str]:
        return self._mark() if self._mark is not None else {}

    def _toolbox(self) -> Toolbox:
        return Toolbox(self._client, self._tools)

    async def _routed(
        self, context: TurnContext, on_progress: Listener, on_preview: Callable[[Preview], None] | None
    ) -> Routed:
        """Answer with the brain and its fallback, or with the one of them that the turn is for."""
        other = self._fallback if self._fallback is not self._brain else None
        if self._routing is not None and other is not None:
            answering = partial(self._answer, on_progress=on_progress)
            brains = (other, self._brain)
            return await route(self._routing, context, brains, answering, self._toolbox, on_preview)
        replies: list[Reply] = []
        notes: list[str] = []
        fallback = recorder(other, replies) if other is not None else None
        outcome = await self._answer(context, recorder(self._brain, replies), fallback, notes, on_progress=on_progress)
        return Routed(outcome, context, tuple(notes), tuple(replies))

    async def _answer(
        self, context: TurnContext, brain: Brain, fallback: Brain | None, notes: list[str], *, on_progress: Listener
    ) -> Outcome:
        on_progress("understanding")
        try:
            decision = await decide(context, brain, fallback, notes, on_progress)
            outcome = await self._respond(decision, notes, on_progress)
        except PlanFailed as error:
            reason = shorten(str(error), 300)
            said = "I could not work this out, so I will not guess. Please say it in another way."
            return Outcome([said], method=brain.name, error=reason, pending=context.conversation.pending)
        outcome.decision = decision
        outcome.method = outcome.method or decision.method
        lasting = self._store.standing(context.conversation.user_id) is not None
        kept = standing_notes(decision, lasting=lasting)
        asides = [note for note in (*decision.proposal.notes, *outcome.notes, *kept) if note.strip()]
        outcome.blocks = [*outcome.blocks, *blocks("", (), (), dict.fromkeys(asides))]
        return outcome

    async def _respond(self, decision: Decision, notes: list[str], on_progress: Listener) -> Outcome:
        proposal = decision.proposal
        if proposal.question is not None and not decision.consent:
            return _asking(Pending(kind="question", question=proposal.question))
        asked = next((r for r in reversed(decision.results.values()) if r.get("text") and "gain" in r), None)
        if asked is not None and last_set(decision) is None:
            return _asking(Pending(kind="question", question=question_of(asked)))
        only_notes = all(step.tool == "record_feedback" for step in decision.plan.steps)
        if proposal.reply is not None and only_notes and not decision.consent:
            return Outcome([proposal.reply or "Tell me what you are looking for, or something you like."])
        if decision.consent or (proposal.present and last_set(decision) is not None):
            on_progress("checking what may be shown")
            return await self._recommend(decision, await present(decision, notes), notes, on_progress)
        return await self._look_up(decision, notes, on_progress)

    async def _recommend(
        self, decision: Decision, presented: Presented, notes: list[str], on_progress: Listener
    ) -> Outcome:
        if presented.shown is None:
            if presented.pending is not None:
                outcome = _asking(presented.pending)
            else:
                outcome = await _abstain(decision, presented, on_progress)
            outcome.notes += presented.notes
            return outcome
        explained = await explain(decision, presented.shown, presented.candidates, notes)
        pending = presented.pending or await offer(decision.context)
        calls = tuple(decision.context.toolbox.calls)
        material = Material(decision.context, decision.proposal, calls, presented.shown, explained)
        on_progress("writing")
        draft, failure = await compose(decision.brain, material, notes)
        items = answer_items(draft, material, presented.agreement)
        closing = [draft.closing]
        if pending is not None:
            closing.append(question_text(pending.question))
        return Outcome(
            blocks(draft.opening, items, closing),
            items=items,
            candidates=presented.candidates,
            pending=pending,
            method=_method(decision, failure),
            notes=list(presented.notes),
        )

    async def _look_up(self, decision: Decision, notes: list[str], on_progress: Listener) -> Outcome:
        calls = tuple(decision.context.toolbox.calls)
        material = Material(decision.context, decision.proposal, calls, shown=None, explained=None)
        on_progress("writing")
        draft, failure = await compose(decision.brain, material, notes)
        said = lookup_blocks(draft.opening, draft.items, presentable(material), draft.closing)
        owed = disclosures(calls, {item.id for item in draft.items})
        return Outcome([*said, *owed], method=_method(decision, failure))

    def _take_usage(self) -> Usage:
        """Return what the brains spent since the last call."""
        brains = dict.fromkeys([self._brain, *([self._fallback] if self._fallback is not None else [])])
        return reduce(Usage.plus, [brain.take_usage() for brain in brains])


async def _abstain(decision: Decision, presented: Presented, on_progress: Listener) -> Outcome:
    """Say that nothing meets everything, and what would help; never show a substitute."""
    if presented.withheld:
        reasons = listing(list(presented.withheld[:3]), "or")
        return Outcome(
            [f"I found nothing that I may show you. What would fit is held back: {reasons}."], abstained=True
        )
    final = last_set(decision)
    if final is None:
        return Outcome(["What you agreed to see is not there any more."], abstained=True)
    on_progress("looking for what stands in the way")
    found = await relax(decision.proposal.plan, final, decision.enforcement)
    said, pending = abstention(found, decision.context.catalog)
    asked = [question_text(pending.question)] if pending is not None else []
    return Outcome([said, *asked], pending=pending, abstained=True)


def _asking(pending: Pending) -> Outcome:
    return Outcome([question_text(pending.question)], pending=pending)


def _method(decision: Decision, writer_failure: str | None) -> str:
    if writer_failure is None:
        return decision.method
    return f"{decision.method}, plain answer ({decision.brain.name} failed: {shorten(writer_failure, 100)})"


def _ignore(_: str) -> None:
    return None

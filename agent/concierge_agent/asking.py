"""Asking: how often the agent may ask of its own accord, and what is shown where it had better not.

The store's own questions (those its policy wants answered first, and consent) are none of these: they are always put.
"""

from dataclasses import replace
from typing import Any

from concierge_agent.brain import TurnContext
from concierge_agent.compiler import SETS
from concierge_agent.conditions import conditions
from concierge_agent.conversation import Conversation, Pending
from concierge_agent.errors import ToolCallError
from concierge_agent.phrases import label
from concierge_agent.plan import Plan, Proposal, Step
from concierge_agent.values import Option, Question

MAX_QUESTIONS = 3
"""How many questions may follow each other, unless the agent is told otherwise."""
ASKING = "suggest_question"
ENOUGH = "I ask nothing more for now and go by what I know."


def asked_in_a_row(conversation: Conversation) -> int:
    """Return how many of the latest turns asked something, back to the last one that showed anything."""
    asked = 0
    for turn in reversed(conversation.turns):
        if turn.items:
            break
        asked += turn.asked
    return asked


def question_of(raw: dict[str, Any]) -> Question:
    """Return a tool's question as one to put to the user."""
    field = raw.get("field")
    text = raw.get("text") or f"Do you have a preference for {label(str(field))}?"
    return Question(field=field, text=text, options=[Option.model_validate(o) for o in raw.get("options", ())])


async def settled_question(proposal: Proposal, context: TurnContext) -> Proposal:
    """Return the proposal without a question of its own that may not be asked, or is not worth asking.

    What is then shown is what the plan finds, or what suits the ledger so far. `context` has the ledger as it will be.
    """
    question = proposal.question
    if question is not None and question.field in owed(context):
        return proposal
    if not context.may_ask and asks(proposal):
        return _showing(proposal, context, ENOUGH)
    if question is not None and question.field is not None and await _needless(context):
        return _showing(proposal, context)
    return proposal


def asks(proposal: Proposal) -> bool:
    """Whether a proposal comes to a question: its own, one that a tool is to find, or one in its words."""
    if proposal.question is not None:
        return True
    tools = {step.tool for step in proposal.plan.steps}
    if ASKING in tools:
        return not tools & SETS
    said = (proposal.reply or "").rstrip().endswith("?")
    return said and not proposal.plan.steps and not proposal.changes


def owed(context: TurnContext) -> list[str]:
    """Return the fields that the store wants to know of first and does not know of yet."""
    return [name for name in context.catalog.policy.ask_first if name not in _known(context)]


def stopped(plan: Plan, results: dict[str, dict[str, Any]]) -> bool:
    """Whether the plan was to find a question, and there is none worth asking."""
    found = [results[step.id] for step in plan.steps if step.tool == ASKING and step.id in results]
    return bool(found) and not any(result.get("text") for result in found)


def instead(proposal: Proposal, context: TurnContext, note: str | None = None) -> Proposal:
    """Return the proposal with a plan for what suits the ledger as it stands; in its words where anything does."""
    toolbox, wish = context.toolbox, context.conversation.ledger.wish
    taste = next((t for t in ("recommend_for_user", "get_trending_items") if t in toolbox.tools), "search_catalog")
    steps = [
        Step(id="s1", tool=taste, arguments={} if taste != "search_catalog" else {"query": ""}, purpose="what fits")
    ]
    if wish is not None and taste != "search_catalog":
        steps.append(Step(id="s2", tool="search_catalog", arguments={"query": wish[:512]}, purpose="by your words"))
    notes = (*proposal.notes, note) if note is not None else proposal.notes
    updates = {"plan": Plan(steps=tuple(steps)), "present": True, "question": None, "reply": None, "notes": notes}
    return proposal.model_copy(update=updates)


async def offer(context: TurnContext) -> Pending | None:
    """Return the question to go with a first showing to somebody nothing is known of; None when it would not help.

    It costs no turn, so the server is asked what tells most, and not whether showing is worth more.
    """
    conversation, toolbox = context.conversation, context.toolbox
    known = conversation.user_id is not None or conversation.ledger.active() or conversation.shown
    if known or not context.may_ask or context.catalog.policy.max_items == 1 or ASKING not in toolbox.tools:
        return None
    try:
        result = await toolbox.call(ASKING, {}, step="offer", charged=False)
    except ToolCallError:
        return None
    if not (result.get("field") and result.get("text")):
        return None
    return Pending(kind="offer", question=question_of(result))


def may_ask(context: TurnContext, most: int) -> TurnContext:
    """Return the context with whether the agent may ask of its own accord once more."""
    return replace(context, may_ask=asked_in_a_row(context.conversation) < most)


def _showing(proposal: Proposal, context: TurnContext, note: str | None = None) -> Proposal:
    steps = tuple(step for step in proposal.plan.steps if step.tool != ASKING)
    if not any(step.tool in SETS for step in steps):
        return instead(proposal, context, note)
    notes = (*proposal.notes, note) if note is not None else proposal.notes
    updates = {"plan": Plan(steps=steps), "present": True, "question": None, "reply": None, "notes": notes}
    return proposal.model_copy(update=updates)


async def _needless(context: TurnContext) -> bool:
    """Whether the server finds no question worth a turn: few fit, or what fits does not differ."""
    filters = [constraint.model_dump() for constraint in conditions(context.conversation.ledger, context.catalog)]
    found = any(call.tool == ASKING and (call.result or {}).get("text") for call in context.toolbox.calls)
    if found or not filters or ASKING not in context.toolbox.tools:
        return False
    try:
        arguments = {"filters": filters, "known": _known(context)}
        result = await context.toolbox.call(ASKING, arguments, step="worth", charged=False)
    except ToolCallError:
        return False
    return not result.get("text")


def _known(context: TurnContext) -> list[str]:
    ledger = context.conversation.ledger
    return list(dict.fromkeys([*(constraint.field for constraint in ledger.constraints), *ledger.answers]))

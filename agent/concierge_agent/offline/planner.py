"""From a reading to a proposal: how the ledger changes, which tools run, or what to ask and say."""

from collections.abc import Sequence
from typing import Any

from concierge_agent.brain import TurnContext
from concierge_agent.conditions import conditions
from concierge_agent.ledger import Change, Ledger
from concierge_agent.offline.changes import Changes
from concierge_agent.offline.reading import Named, Reading
from concierge_agent.offline.settling import query_limit
from concierge_agent.offline.text import key
from concierge_agent.plan import Intent, Plan, Proposal, Step

_FEW = 50
"""Up to this many found by words are reordered by taste; more, and the words' own order matters more."""

FORGOTTEN = "All right, I forgot everything. What are you looking for?"
FORGOTTEN_BUT_STANDING = "All right, I forgot everything but what holds for you in general. What are you looking for?"
SET_ASIDE = "All right, I set that aside. What are you looking for?"
GREETING = "Hello! Tell me what you are looking for, what you like, or what to avoid."
GREETING_AGAIN = (
    'Hello again! What you asked for still stands: {conditions}. Say what to change, or "start over" to begin anew.'
)
HELP = (
    "Tell me what you are looking for in your own words: what it should be, what it must not be, limits such as at "
    "most or before, and things you liked. Then say for example more, not that one, why, or forget a condition."
)
THANKS = "You are welcome."
BEYOND = (
    "That is beyond me: I can only help you find something in this catalog. Tell me what it should be like, what it "
    "must not be, or name something you liked."
)
TAKEN = "Good choice. Enjoy!"
TAKEN_ITEM = "Good choice: {title}. Enjoy!"
TAKEN_BACK = "All right, {title} is not taken. What would you like instead?"
BOUGHT = "Good choice: {title}. I can neither sell nor reserve it."
GO_ON = "All right. Say what to change, or ask for more."
UNCLEAR = "I did not understand that. What are you looking for?"


def waved_away(reading: Reading) -> list[str]:
    """Return the ids of the items not to show again."""
    return list(dict.fromkeys(n.item_id for n in reading.waved_away))


async def retrieval(context: TurnContext, ledger: Ledger, reading: Reading, *, afresh: bool = False) -> Plan:
    """Plan the retrieval for the ledger as it will stand; `afresh` lets go of the likeness of earlier turns."""
    filters = [constraint.model_dump() for constraint in ledger.constraints]
    seeds = [n.item_id for n in reading.seeds] or ([] if afresh else _standing_seeds(context, reading))
    exclude = list(dict.fromkeys([*waved_away(reading), *ledger.liked, *ledger.disliked]))
    taste = _taste(context, ledger)
    steps: list[Step] = []
    wish = ledger.wish[: query_limit(context)] if ledger.wish is not None else None
    mentioning = await found(context, ledger, reading) if wish is not None and not seeds else 0
    if wish is not None and not seeds and not mentioning:
        _left_aside(context, reading, wish)
        wish = None
    if seeds:
        arguments = {"item_ids": seeds, "filters": filters} | _some("exclude", exclude)
        steps.append(Step(id="s1", tool="get_similar_items", arguments=arguments, purpose="what is like it"))
        if wish is not None:
            arguments = {"candidates": "$s1", "by": "query", "query": wish}
            steps.append(Step(id="s2", tool="rank_candidates", arguments=arguments, purpose="closest to your words"))
    elif wish is not None:
        arguments = {"query": wish, "filters": filters} | _some("exclude", exclude, context, "search_catalog")
        steps.append(Step(id="s1", tool="search_catalog", arguments=arguments, purpose="what mentions your words"))
        if taste and mentioning <= _FEW:
            arguments = {"candidates": "$s1", "by": "personal"} | taste
            purpose = "in the order of your taste"
            steps.append(Step(id="s2", tool="rank_candidates", arguments=arguments, purpose=purpose))
    else:
        arguments = {"filters": filters} | taste | _some("exclude", exclude)
        steps.append(Step(id="s1", tool="recommend_for_user", arguments=arguments, purpose="what suits you"))
    steps += _preferences(ledger, len(steps))
    if reading.count is not None:
        last = steps[-1]
        steps[-1] = last.model_copy(update={"arguments": {**last.arguments, "n": reading.count}})
    return Plan(steps=tuple(steps))


def rests_on_words(plan: Plan) -> bool:
    """Whether what a plan retrieves was searched for, or ordered, by free words."""
    return any(step.arguments.get("query") for step in plan.steps)


def _left_aside(context: TurnContext, reading: Reading, wish: str) -> None:
    """Say, once a conversation, that free words are no condition when nothing that fits mentions them."""
    note = f"Nothing else that fits mentions {wish!r}, so I left that aside."
    if not any(note in turn.reply for turn in context.conversation.turns):
        reading.doubt(note)


def _some(name: str, ids: list[str], context: TurnContext | None = None, tool: str = "") -> dict[str, Any]:
    if not ids or (context is not None and not context.toolbox.takes(tool, name)):
        return {}
    return {name: ids}


async def found(context: TurnContext, ledger: Ledger, reading: Reading) -> int:
    """Return how many items that meet the ledger, and that the user may still be shown, mention its wishes."""
    filters = [constraint.model_dump() for constraint in conditions(ledger, context.catalog)]
    away = [*context.conversation.rejected, *waved_away(reading), *ledger.liked, *ledger.disliked]
    seen = list(dict.fromkeys([*context.conversation.shown, *away]))
    query = (ledger.wish or "")[: query_limit(context)]
    arguments = {"query": query, "filters": filters, "n": 1} | _some("exclude", seen, context, "search_catalog")
    result = await context.toolbox.call("search_catalog", arguments, step="probe")
    return int(result.get("matched", 0))


def _standing_seeds(context: TurnContext, reading: Reading) -> list[str]:
    """Return the seeds of the last list, for a turn that only refines it."""
    turns = context.conversation.turns
    last = next((turn for turn in reversed(turns) if turn.items or turn.seeds), None)
    if last is None or reading.wishes or reading.likes or reading.dislikes:
        return []
    return list(last.seeds)


def _taste(context: TurnContext, ledger: Ledger) -> dict[str, Any]:
    taste: dict[str, Any] = {}
    if context.conversation.user_id is not None:
        taste["user_id"] = context.conversation.user_id
    if ledger.liked:
        taste["liked"] = list(ledger.liked)
    if ledger.disliked:
        taste["disliked"] = list(ledger.disliked)
    return taste


def _preferences(ledger: Ledger, count: int) -> list[Step]:
    """Move what meets the soft constraints to the front; then sort, when the user asked for the most of something."""
    soft = [e for e in ledger.active("constraint") if not e.hard and e.constraint is not None]
    wanted = [e.constraint.model_dump() for e in soft if e.constraint is not None and e.value is None]
    orders = [e for e in soft if e.value in ("ascending", "descending")]
    steps: list[Step] = []
    last = f"s{count}"
    if wanted:
        narrow, joined = f"s{count + 1}", f"s{count + 2}"
        arguments: dict[str, Any] = {"candidates": f"${last}", "filters": wanted}
        steps.append(
            Step(id=narrow, tool="filter_candidates", arguments=arguments, purpose="what meets your wishes too")
        )
        arguments = {"operation": "union", "candidates": [f"${last}", f"${narrow}"]}
        steps.append(
            Step(id=joined, tool="combine_candidates", arguments=arguments, purpose="those first, then the rest")
        )
        last, count = joined, count + 2
    if orders:
        entry = orders[-1]
        arguments = {"candidates": f"${last}", "by": entry.field, "descending": entry.value == "descending"}
        steps.append(Step(id=f"s{count + 1}", tool="rank_candidates", arguments=arguments, purpose=f"by {entry.field}"))
    return steps


def lookup(reading: Reading, context: TurnContext, ledger: Ledger, named: Sequence[Named]) -> Plan | None:
    """Plan a look-up: why, more about it, availability or the user's history; None when there is nothing to look up."""
    ids = list(dict.fromkeys(n.item_id for n in named)) or [item.id for item in context.conversation.last_items]
    user = {"user_id": context.conversation.user_id} if context.conversation.user_id is not None else {}
    if reading.act == "history":
        if not user:
            return None
        return _one("get_user_history", user, "what you had so far")
    if not ids:
        return None
    if reading.act == "why":
        filters = [constraint.model_dump() for constraint in ledger.constraints]
        arguments = {"item_ids": ids, "filters": filters, "query": ledger.wish} | _taste(context, ledger)
        return _one("explain_recommendation", {k: v for k, v in arguments.items() if v is not None}, "why these")
    if reading.act == "availability":
        return _one("check_availability", {"item_ids": ids}, "whether it can be had now")
    return details(ids)


def details(ids: list[str]) -> Plan:
    """Plan to look items up."""
    return _one("get_item_details", {"item_ids": ids}, "more about it")


def nothing_to_look_up(reading: Reading) -> Proposal:
    """Say that there is nothing to look up."""
    if reading.act == "history":
        return reply("I do not know who you are here, so I have no history of yours to show.")
    return reply("I have not shown you anything yet. What are you looking for?", notes=reading.notes)


def _one(tool: str, arguments: dict[str, Any], purpose: str) -> Plan:
    return Plan(steps=(Step(id="s1", tool=tool, arguments=arguments, purpose=purpose),))


def intent(reading: Reading, context: TurnContext, changes: Changes) -> Intent:
    """Name what the turn is, of the five kinds."""
    if reading.act == "why":
        return "explanation"
    if reading.act == "more" and reading.waved_away:
        return "feedback"
    if reading.act in ("details", "availability", "history", "more"):
        return "ask"
    taste = reading.likes or reading.dislikes or reading.waved_away
    asks = reading.stated or reading.wishes or reading.seeds or reading.answered
    if taste and not asks and not (reading.heads and reading.requested):
        return "feedback"
    ledger = context.conversation.ledger
    standing = any(turn.items for turn in context.conversation.turns) or bool(ledger.active())
    standing = standing and not changes.turned
    taken_back = reading.dropped_fields or reading.dropped_values or reading.allowed_values
    if standing and (changes.changes or asks or taken_back) and not reading.seeds:
        return "refinement"
    return "ask"


def without_refused(reading: Reading, problems: Sequence[str]) -> None:
    """Leave aside the constraints that a tool refused, as its errors name them."""
    told = {stem for problem in problems for stem in key(problem)}
    refused = [s for s in reading.stated if set(key(s.constraint.field)) <= told]
    for stated in refused:
        reading.doubt(f"The store could not work with {stated.text!r}, so I left that aside.")
    reading.stated = [s for s in reading.stated if s not in refused]


def reply(
    text: str,
    *,
    notes: Sequence[str] = (),
    intent: Intent = "general",
    certain: bool = True,
    changes: Sequence[Change] = (),
) -> Proposal:
    """Return a proposal that only says something."""
    said = tuple(dict.fromkeys(notes))
    return Proposal(intent=intent, reply=text, notes=said, present=False, certain=certain, changes=tuple(changes))

"""A new request among older conditions: which of them fall with the kind that was asked for, and which to ask about.

Another kind takes with it what was compared with items of the old one, or meant by a vague word. A full request of its
own that fails only by what was said before it is not answered with the same dead end: whether that still holds is
asked, once, for all of it.
"""

import re
from collections.abc import Sequence

from concierge_agent.brain import TurnContext
from concierge_agent.conditions import conditions
from concierge_agent.conversation import Conversation, Pending
from concierge_agent.ledger import SAID, Entry, Ledger
from concierge_agent.offline.acts import spoken
from concierge_agent.offline.extending import values_of
from concierge_agent.offline.moves import LEAD
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.text import Token, key
from concierge_agent.phrases import listing, phrases
from concierge_agent.values import CatalogDescription, Constraint, FieldDescription, Option, Question

_KIND = frozenset(key("category kind type"))
_POSITIVE = frozenset({"==", "in"})
_CHOSEN = frozenset({"==", "in", "contains", "contains_any", "contains_all"})
_REQUEST = re.compile(
    rf"{LEAD}(?:(?:i|we) (?:want|need|would (?:like|love|prefer)|am looking for|are looking for|am after)(?: to \w+)? |"
    r"(?:do you have|have you got|what about|how about|is there|are there|show|find|give|get|recommend|suggest|"
    r"can you \w+|could you \w+|maybe|rather)(?: (?:me|us))? )*"
    r"(?:a|an|any|some|something|anything|one|\d+|the)\b"
)
_SHORT = 3
_STILL = "Does this still hold:"


def kind_fields(catalog: CatalogDescription) -> list[FieldDescription]:
    """Return the fields that say of what kind an item is: of one value, and asked about first or so called."""
    first = catalog.policy.ask_first
    return [
        f
        for f in catalog.fields
        if f.type == "category" and (f.name in first or any(_KIND & set(key(name)) for name in (f.name, *f.aliases)))
    ]


def kinds_asked_for(reading: Reading, field: FieldDescription) -> set[str]:
    """Return the kinds that a reading asks for."""
    told = [s.constraint for s in reading.stated if s.hard and s.constraint.op in _POSITIVE]
    said = {str(v) for c in told if c.field == field.name for v in values_of(c)}
    return said | {v for a in reading.answered if a.field == field.name for v in a.values}


def standing_kinds(ledger: Ledger, catalog: CatalogDescription, field: FieldDescription) -> set[str]:
    """Return the kinds that a ledger asks for; none when any will do."""
    told = [c for c in conditions(ledger, catalog) if c.field == field.name and c.op in _POSITIVE]
    return {str(v) for c in told for v in values_of(c)}


def outdated(reading: Reading, ledger: Ledger, catalog: CatalogDescription) -> list[Entry]:
    """Return the entries that fall because another kind is asked for: what was not said plainly in so many words."""
    changed = [
        f
        for f in kind_fields(catalog)
        if (now := kinds_asked_for(reading, f)) and (before := standing_kinds(ledger, catalog, f)) and not now & before
    ]
    if not changed or reading.adding:
        return []
    names = {field.name for field in changed}
    found = [e for e in ledger.active("constraint") if e.confidence < SAID and e.scope != "user"]
    return [e for e in found if e.constraint is not None and e.constraint.field not in names]


async def of_another_kind(context: TurnContext, reading: Reading) -> bool:
    """Whether the items shown last are none of the kind that is asked for now."""
    catalog, shown = context.catalog, context.conversation.last_items
    for field in kind_fields(catalog):
        ledger = context.conversation.ledger
        wanted = kinds_asked_for(reading, field) or standing_kinds(ledger, catalog, field)
        if not wanted or not shown:
            continue
        result = await context.toolbox.call("get_item_details", {"item_ids": [i.id for i in shown]}, step="compare")
        if not wanted & {str(item["fields"].get(field.name)) for item in result["items"]}:
            return True
    return False


async def in_the_way(
    context: TurnContext, after: Ledger, reading: Reading, tokens: Sequence[Token]
) -> list[Constraint]:
    """Return the conditions of earlier turns when they alone keep a new full request, after a dead end, from any item.

    Repeating or adding to a request is no new one: then nothing is returned.
    """
    conversation = context.conversation
    waiting = conversation.pending
    ended = bool(conversation.turns) and not conversation.turns[-1].items
    ended = ended and (waiting is None or waiting.kind == "relax" or asks_whether_still(waiting))
    if not ended or not _full(reading, tokens) or not _new(reading, conversation.ledger):
        return []
    said = [s.constraint for s in reading.stated]
    entries = [e for e in after.active("constraint") if e.hard and e.turn <= len(conversation.turns)]
    older = [e.constraint for e in entries if e.scope != "user" and e.constraint is not None]
    older = [c for c in older if c not in said]
    if not older or not context.toolbox.takes("search_catalog", "filters"):
        return []
    every = list(conditions(after, context.catalog))
    if await _matched(context, every) or not await _matched(context, [c for c in every if c not in older]):
        return []
    return older


def whether_still(older: Sequence[Constraint], catalog: CatalogDescription) -> Question:
    """Return the question whether older conditions still hold."""
    return Question(
        field=None,
        text=f"Nothing meets that together with what you asked before. {_STILL} {listing(phrases(older, catalog))}?",
        options=[Option(value="yes", count=0), Option(value="no", count=0)],
    )


def asks_whether_still(pending: Pending) -> bool:
    """Whether what waits for an answer is whether older conditions still hold."""
    return pending.kind == "question" and pending.question.field is None and _STILL in pending.question.text


def asked_about(conversation: Conversation, pending: Pending) -> list[Constraint]:
    """Return the conditions that such a question is about: those older than the turn that asked it."""
    asked = [turn.number for turn in conversation.turns if pending.question.text in turn.reply]
    before = asked[-1] if asked else len(conversation.turns)
    entries = [e for e in conversation.ledger.active("constraint") if e.hard and e.scope != "user" and e.turn < before]
    return [e.constraint for e in entries if e.constraint is not None]


def _full(reading: Reading, tokens: Sequence[Token]) -> bool:
    """Whether a turn is a request of its own: a title, or what is wanted with an article or in the plural."""
    words = spoken(list(tokens))
    plural = words.endswith("s") and len(words.split()) <= _SHORT
    return bool(reading.seeds or _REQUEST.match(words) or plural)


def _new(reading: Reading, ledger: Ledger) -> bool:
    """Whether a turn asks for a value, or a likeness, that was not asked for before."""
    told = [s.constraint for s in reading.stated if s.hard and s.constraint.op in _CHOSEN]
    return bool(
        reading.seeds
        or any(c not in ledger.constraints and not isinstance(_first(c), int | float) for c in told)
        or any(set(a.values) - set(_listed(ledger.answers.get(a.field))) for a in reading.answered)
    )


def _first(constraint: Constraint) -> object:
    return next(iter(values_of(constraint)), None)


def _listed(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [] if value is None else [str(value)]


async def _matched(context: TurnContext, wanted: Sequence[Constraint]) -> int:
    arguments = {"query": "", "filters": [c.model_dump() for c in wanted], "n": 1}
    result = await context.toolbox.call("search_catalog", arguments, step="probe")
    return int(result.get("matched", 0))

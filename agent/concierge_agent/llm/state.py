"""A turn as a planner reads it: the catalog's values, the conversation in short, the new message; all of it data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation, Turn
from concierge_agent.errors import ToolCallError
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.lessons import Lesson
from concierge_agent.llm.rows import Table, table
from concierge_agent.values import CatalogDescription, FieldDescription, FieldValue, Mention

_TURNS = 6
_WORDS = 300
_VALUE = 80
_COLUMNS = 12
_IDENTITY = ("position", "id", "title")
_OPTIONAL = ("last_shown", "pending", "recent_turns")
_VALUES = 12_000
"""Characters of all values together; of catalogs with many fields, fewer of each are told."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked up before a turn is planned."""

    mentions: tuple[Mention, ...] = ()
    """What the user's text was linked to."""
    history: Table | None = None
    """What matters of what the user did before; None when there is nothing to tell."""


class _Mentions(BaseModel):
    model_config = ConfigDict(extra="ignore")

    mentions: tuple[Mention, ...]


async def link(context: TurnContext) -> tuple[Mention, ...]:
    """Return what the server links the user's text to; nothing, when it refuses the text (the call is in the trace)."""
    try:
        result = await context.toolbox.call("resolve_mentions", {"text": context.text}, step="link")
    except ToolCallError:
        return ()
    return _Mentions.model_validate(result).mentions


def linked(context: TurnContext) -> tuple[Mention, ...]:
    """Return what the server linked the user's text to earlier in this turn."""
    found = next((c.result for c in context.toolbox.calls if c.step == "link" and c.result is not None), None)
    return _Mentions.model_validate(found).mentions if found is not None else ()


def quoted(value: object) -> str:
    """Return `value` as JSON that cannot close the tag it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def field_lines(catalog: CatalogDescription) -> str:
    """Return a line per field from what the owner declared; the values items brought along stay out."""
    return "\n".join(_field_line(field) for field in catalog.fields)


def values_message(catalog: CatalogDescription) -> str:
    """Return the values of the catalog's fields, which come from its items, as data."""
    told = ""
    for most in (1000, 20, 10, 5, 2, 0):
        fields = {field.name: values for field in catalog.fields if (values := _values(field, most))}
        told = quoted({"catalog": catalog.name, "items": catalog.items, "fields": fields})
        if len(told) <= _VALUES:
            break
    return f"<catalog_values>{told}</catalog_values>"


def state_of(
    conversation: Conversation, mentions: tuple[Mention, ...], lessons: tuple[Lesson, ...] = ()
) -> dict[str, Any]:
    """Return a conversation's state: the whole ledger, what was shown and said last, and what was learnt."""
    state = {
        "ledger": entries(conversation.ledger),
        "last_shown": _shown(conversation),
        "shown_so_far": len(conversation.shown),
        "pending": _pending(conversation),
        "mentions": [_mention(mention) for mention in mentions],
        "recent_turns": [_turn(turn) for turn in conversation.turns[-_TURNS:]],
    }
    if lessons:
        state["lessons"] = [lesson.model_dump() for lesson in lessons]
    return {name: value for name, value in state.items() if name not in _OPTIONAL or value}


def entries(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the active entries; consent without its token, which no model needs."""
    return [_entry(entry) for entry in ledger.active()]


def short_fields(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return the fields that have a value and are not long texts."""
    return {k: v for k, v in fields.items() if v not in (None, []) and not (isinstance(v, str) and len(v) > _VALUE)}


def _shown(conversation: Conversation) -> Table | None:
    """Return the items the user last saw; of their fields the first ones that are short."""
    shown = [(item, short_fields(item.fields)) for item in conversation.last_items]
    names = list(dict.fromkeys(name for _, fields in shown for name in fields if name not in _IDENTITY))[:_COLUMNS]
    rows = [
        {"position": position, "id": item.id, "title": item.title} | {name: fields.get(name) for name in names}
        for position, (item, fields) in enumerate(shown, start=1)
    ]
    return table(rows) if rows else None


def _entry(entry: Entry) -> dict[str, Any]:
    kept = entry.model_dump(exclude={"retracted", "turn"}, exclude_defaults=True)
    if entry.kind == "consent":
        kept.pop("value", None)
        kept["text"] = "agreed"
    if entry.kind == "answer":
        kept["value"] = entry.value
    return kept


def _pending(conversation: Conversation) -> dict[str, Any] | None:
    pending = conversation.pending
    return None if pending is None else pending.model_dump(exclude={"confirmation"}, exclude_defaults=True)


def _mention(mention: Mention) -> dict[str, Any]:
    kept = mention.model_dump(exclude={"span", "alternatives"}, exclude_none=True)
    others = [other.model_dump(exclude_none=True) for other in mention.alternatives[:3]]
    return kept | ({"alternatives": others} if others else {})


def _turn(turn: Turn) -> dict[str, Any]:
    return {"turn": turn.number, "intent": turn.intent, "user": turn.text[:_WORDS], "reply": turn.reply[:_WORDS]}


def _field_line(field: FieldDescription) -> str:
    kind = ", ".join(part for part in (field.role, field.type, field.unit) if part)
    parts = [f"{quoted(field.name)} ({kind})"]
    if field.aliases:
        parts.append(f"also called {quoted(field.aliases)}")
    if _numeric(field):
        parts.append(f"{field.minimum:g} to {field.maximum:g}" if field.minimum is not None else "")
        parts.append(f"quartiles {quoted(field.quartiles)}" if field.quartiles else "")
    if field.generated:
        parts.append("values written by a model, never fact")
    parts.append(" ".join(field.operators))
    return "- " + "; ".join(part for part in parts if part)


def _values(field: FieldDescription, most: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if field.top_values and most:
        values["top"] = [[_short(top.value), top.count] for top in field.top_values[:most]]
        values["distinct"] = field.distinct
    if field.minimum is not None and not _numeric(field):
        values["range"] = [_short(field.minimum), _short(field.maximum)]
    return values


def _numeric(field: FieldDescription) -> bool:
    return isinstance(field.minimum, int | float) and isinstance(field.maximum, int | float)


def _short(value: object) -> object:
    return value[:_VALUE] if isinstance(value, str) else value

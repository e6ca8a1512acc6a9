"""A turn as a planner reads it: the catalog's values, the conversation in short, the new message; all of it data."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation, Turn
from concierge_agent.errors import ToolCallError
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.values import CatalogDescription, FieldDescription, FieldValue, Mention

_TURNS = 6
_WORDS = 300
_VALUE = 80


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


def quoted(value: object) -> str:
    """Return `value` as JSON that cannot close the tag it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def field_lines(catalog: CatalogDescription) -> str:
    """Return a line per field from what the owner declared; the values items brought along stay out."""
    return "\n".join(_field_line(field) for field in catalog.fields)


def values_message(catalog: CatalogDescription) -> str:
    """Return the values of the catalog's fields, which come from its items, as data."""
    fields = {field.name: values for field in catalog.fields if (values := _values(field))}
    data = {"catalog": catalog.name, "items": catalog.items, "fields": fields}
    return f"<catalog_values>{quoted(data)}</catalog_values>"


def turn_message(context: TurnContext, mentions: tuple[Mention, ...]) -> str:
    """Return the conversation's state and the user's new message as data."""
    conversation = context.conversation
    state: dict[str, Any] = {
        "ledger": entries(conversation.ledger),
        "last_shown": [
            {"position": position, "id": item.id, "title": item.title, "fields": short_fields(item.fields)}
            for position, item in enumerate(conversation.last_items, start=1)
        ],
        "shown_so_far": len(conversation.shown),
        "pending": _pending(conversation),
        "mentions": [_mention(mention) for mention in mentions],
        "recent_turns": [_turn(turn) for turn in conversation.turns[-_TURNS:]],
    }
    if context.lessons:
        state["lessons"] = [lesson.model_dump() for lesson in context.lessons]
    return f"<state>{quoted(state)}</state>\n<user_message>{quoted(context.text)}</user_message>"


def entries(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the active entries; consent without its token, which no model needs."""
    return [_entry(entry) for entry in ledger.active()]


def short_fields(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return the fields that have a value and are not long texts."""
    return {k: v for k, v in fields.items() if v not in (None, []) and not (isinstance(v, str) and len(v) > _VALUE)}


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


def _values(field: FieldDescription) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if field.top_values:
        values["top"] = [[_short(top.value), top.count] for top in field.top_values]
        values["distinct"] = field.distinct
    if field.minimum is not None and not _numeric(field):
        values["range"] = [_short(field.minimum), _short(field.maximum)]
    return values


def _numeric(field: FieldDescription) -> bool:
    return isinstance(field.minimum, int | float) and isinstance(field.maximum, int | float)


def _short(value: object) -> object:
    return value[:_VALUE] if isinstance(value, str) else value

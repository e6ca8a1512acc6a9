"""What a small model writes: one flat object, whose schema holds this turn's items, values and entries and no others.

A model cannot name what the schema leaves out. Where a server does not enforce schemas the reading does: what was not
on offer is dropped, since nothing the user wrote asks for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from concierge_agent.brain import TurnContext
from concierge_agent.llm.wire import closed_object
from concierge_agent.plan import Intent
from concierge_agent.values import FieldDescription, Mention, Op, Scalar
from concierge_agent.wording import number_values

REPLY = "reply"
"""The action of a turn that runs nothing."""
ABOUT_ITEMS = ("get_similar_items", "get_item_details", "explain_recommendation")
_ACTIONS = ("recommend_for_user", "search_catalog", "get_trending_items", *ABOUT_ITEMS)
_INTENTS = ("ask", "refinement", "feedback", "explanation", "general")
_COMPARISONS = ("<", "<=", ">", ">=", "==")
_MOST_FILTERS = 6
_SURE = 0.85
"""Weaker links ("Client" for "Clint") would be taken for what the user said."""
_DECADE = re.compile(r"\b\w+ties\b", re.IGNORECASE)
_THAN = re.compile(r"\bthan\b", re.IGNORECASE)


class QuickFilter(BaseModel):
    """A condition on one field."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    field: str
    op: Op
    value: Scalar


class QuickReply(BaseModel):
    """A plan of one action."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    intent: Intent
    likes: list[str] = Field(default_factory=list)
    dislikes: list[str] = Field(default_factory=list)
    filters: list[QuickFilter] = Field(default_factory=list)
    retract: list[str] = Field(default_factory=list)
    consent: bool = False
    answered: bool = False
    action: str
    items: list[str] = Field(default_factory=list)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a reply may hold in this turn."""

    items: tuple[str, ...]
    """Ids of the items the message names, those last shown, and those liked or disliked before."""
    named: frozenset[str]
    """Ids of the items the message names."""
    values: Mapping[str, tuple[str, ...]]
    """By field, the values that the message was linked to."""
    measures: tuple[FieldDescription, ...]
    """Fields that a number may limit; none when the message has neither a number nor a comparison."""
    entries: tuple[str, ...]
    """Ids of active ledger entries."""
    actions: tuple[str, ...]
    consent: bool
    """Whether consent is pending."""
    answered: str | None
    """The field whose question the owner wants answered, when that is what was asked."""

    @classmethod
    def of(cls, context: TurnContext, mentions: tuple[Mention, ...]) -> "Offer":
        """Return what this turn has to offer."""
        conversation, catalog = context.conversation, context.catalog
        values: dict[str, dict[str, None]] = {}
        sure = [m for m in mentions if m.match != "partial" and m.score >= _SURE]
        for mention in sure:
            if mention.field is not None and mention.value is not None:
                values.setdefault(mention.field, {})[mention.value] = None
        named = [m.item_id for m in sure if m.item_id is not None]
        ledger = conversation.ledger
        items = [*named, *(item.id for item in conversation.last_items), *ledger.liked, *ledger.disliked]
        compares = bool(conversation.last_items) and _THAN.search(context.text) is not None
        counts = compares or bool(number_values(context.text)) or _DECADE.search(context.text) is not None
        pending = conversation.pending
        asked = pending.question.field if pending is not None and pending.kind == "question" else None
        actions = [name for name in _ACTIONS if name in context.toolbox.tools and (items or name not in ABOUT_ITEMS)]
        return cls(
            items=tuple(dict.fromkeys(items)),
            named=frozenset(named),
            values={name: tuple(known) for name, known in values.items() if catalog.field(name) is not None},
            measures=tuple(f for f in catalog.fields if f.type in ("number", "date")) if counts else (),
            entries=tuple(entry.id for entry in ledger.active()),
            actions=(*actions, REPLY),
            consent=pending is not None and pending.kind == "consent",
            answered=asked if asked in catalog.policy.ask_first else None,
        )

    def schema(self, context: TurnContext) -> dict[str, object]:
        """Return the JSON schema of a reply that holds nothing else."""
        properties: dict[str, Any] = {"intent": {"enum": list(_INTENTS)}}
        if self.items:
            properties["likes"] = properties["dislikes"] = _some(self.items)
        conditions = [_condition(f.name, _ops(f), {"enum": list(self.values[f.name])}) for f in self._valued(context)]
        conditions += [_condition(f.name, _COMPARISONS, {"type": _number(f)}) for f in self.measures]
        if conditions:
            properties["filters"] = {"type": "array", "items": {"anyOf": conditions}, "maxItems": _MOST_FILTERS}
        if self.entries:
            properties["retract"] = _some(self.entries)
        if self.consent:
            properties["consent"] = {"type": "boolean"}
        if self.answered is not None:
            properties["answered"] = {"type": "boolean"}
        properties["action"] = {"enum": list(self.actions)}
        if self.items:
            properties["items"] = _some(self.items)
        properties["text"] = {"type": "string"}
        return closed_object(properties)

    def likeable(self, reply: QuickReply) -> frozenset[str]:
        """Return the items that a reply may call liked or disliked: those named; in feedback, those shown as well."""
        return frozenset(self.items) if reply.intent == "feedback" else self.named

    def has(self, condition: QuickFilter, context: TurnContext) -> bool:
        """Return whether a condition is on offer."""
        if any(field.name == condition.field for field in self.measures):
            return condition.op in _COMPARISONS and not isinstance(condition.value, bool)
        field = context.catalog.field(condition.field)
        offered = self.values.get(condition.field, ())
        return field is not None and condition.op in _ops(field) and condition.value in offered

    def _valued(self, context: TurnContext) -> list[FieldDescription]:
        return [field for field in context.catalog.fields if field.name in self.values and _ops(field)]


def _ops(field: FieldDescription) -> tuple[str, ...]:
    """Return how a field's own values may be asked for: with them, or without."""
    wanted = ("contains", "not_contains") if field.type in ("tags", "text") else ("==", "!=")
    return tuple(op for op in wanted if op in field.operators)


def _number(field: FieldDescription) -> str:
    return "integer" if field.type == "date" else "number"


def _condition(name: str, ops: tuple[str, ...], value: dict[str, Any]) -> dict[str, object]:
    return closed_object({"field": {"const": name}, "op": {"enum": list(ops)}, "value": value})


def _some(choices: tuple[str, ...]) -> dict[str, object]:
    return {"type": "array", "items": {"enum": list(choices)}, "maxItems": len(choices)}

"""The quick form of a draft: the model chooses which facts to tell; the catalog and the plain writer word them.

A small model's own sentences sound well and are often wrong ("a classic", "shorter than two hours"), and a verifier of
words cannot always tell. So it writes none: what it chooses are names, and their values come from the material.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material
from concierge_agent.conditions import conditions
from concierge_agent.llm.draft_form import AskedDraft
from concierge_agent.llm.material import items_of
from concierge_agent.llm.model import Message, Prompt
from concierge_agent.llm.parsing import parse
from concierge_agent.llm.state import quoted
from concierge_agent.llm.wire import closed_object
from concierge_agent.phrases import label, unit_of, value_words
from concierge_agent.plain_writer import plain_reason
from concierge_agent.prompts.library import Prompts
from concierge_agent.values import FieldValue

_TOLD_ITEMS = 3
"""The model chooses for so many items; the others keep the plain reason that every item has."""
_OFFERED = 8
_TOLD = 3
_LISTED = 3
_WORDS = 80


class _QuickItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    tell: list[str] = Field(default_factory=list)


class _QuickAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    items: list[_QuickItem]


class QuickDraft:
    """Implements `DraftForm` for small models, and for small contexts."""

    def __init__(self, prompts: Prompts) -> None:
        self._template = prompts["write_quick"]

    def asked(self, material: Material, model: str) -> AskedDraft:
        """Return the request for the draft of this turn."""
        items = {item["id"]: item["title"] for item in items_of(material)}
        facts = {item["id"]: _facts(item, material) for item in items_of(material)}
        offered = list(items)[:_TOLD_ITEMS]
        data: dict[str, Any] = {"user_message": material.context.text}
        if offered:
            data["items"] = [{"id": i, "title": items[i], "facts": facts[i]} for i in offered]
        message = Message("user", (f"Material: {quoted(data)}",))

        def read(text: str) -> Draft:
            return _draft(parse(text, _QuickAnswer), facts, material)

        schema = _schema(offered, list(dict.fromkeys(name for i in offered for name in facts[i])))
        front = self._template.front
        prompt = Prompt(
            model, (self._template.text,), (message,), schema, max_tokens=front.max_tokens, variety=front.variety
        )
        return AskedDraft(prompt, read, (self._template.name,))


def _draft(answer: _QuickAnswer, facts: dict[str, dict[str, FieldValue]], material: Material) -> Draft:
    """Return the draft; in a turn that shows items every one of them is listed, chosen for or not."""
    tell = {item.id: item.tell for item in answer.items}
    listed = [*(facts if material.shown is not None else ()), *tell]
    items = (_item(i, tell.get(i, []), facts.get(i, {}), material) for i in dict.fromkeys(listed))
    return Draft(items=tuple(items))


def _item(item_id: str, tell: list[str], facts: dict[str, FieldValue], material: Material) -> DraftItem:
    reason = plain_reason(item_id, material)
    told = [name for name in dict.fromkeys(tell) if name in facts and f"{label(name)}:" not in reason][:_TOLD]
    said = "; ".join(f"{label(name)}: {_spoken(name, facts[name], material)}" for name in told)
    return DraftItem(
        id=item_id,
        reason=" ".join(part for part in (reason, f"{said[0].upper()}{said[1:]}." if said else "") if part),
        claims=tuple(Claim(item_id=item_id, name=name, value=facts[name]) for name in told),
    )


def _spoken(name: str, value: FieldValue, material: Material) -> str:
    return value_words(value, unit_of(material.context.catalog.field(name)))


def _facts(item: dict[str, Any], material: Material) -> dict[str, FieldValue]:
    """Return what may be told of an item: first what the user asked about, nothing long, nothing a model wrote."""
    catalog = material.context.catalog
    generated = {field.name for field in catalog.fields if field.generated}
    fields = {
        name: value[:_LISTED] if isinstance(value, list) else value
        for name, value in item["fields"].items()
        if name not in generated and not (isinstance(value, str) and len(value) > _WORDS)
    }
    asked = [c.field for c in conditions(material.context.conversation.ledger, catalog)]
    names = dict.fromkeys([*(name for name in asked if name in fields), *fields])
    return {name: fields[name] for name in list(names)[:_OFFERED]}


def _schema(ids: list[str], names: list[str]) -> dict[str, object]:
    properties: dict[str, Any] = {"items": {"type": "array", "items": {"type": "string"}, "maxItems": 0}}
    if ids and names:
        tell = {"type": "array", "items": {"enum": names}, "minItems": 1, "maxItems": _TOLD}
        one = closed_object({"id": {"enum": ids}, "tell": tell})
        properties["items"] = {"type": "array", "items": one, "minItems": len(ids), "maxItems": len(ids)}
    return closed_object(properties)

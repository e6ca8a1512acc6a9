"""A turn's material as a writer reads it: the items it may name, with what may be stated of each."""

from typing import Any

from concierge_agent.brain import Material
from concierge_agent.ground import Ground
from concierge_agent.ledger import Ledger
from concierge_agent.llm.state import entries, quoted
from concierge_agent.values import FieldValue
from concierge_agent.verifier import presentable

_ITEMS = 20
_SENTENCES = 6
_TEXT = 500
_LIKED = "because_you_liked"


def items_of(material: Material) -> list[dict[str, Any]]:
    """Return the items the answer may name: those shown; in a turn that shows none, those that were looked up."""
    ground = Ground.of(material.calls)
    return [_item(item_id, title, ground) for item_id, title in list(presentable(material).items())[:_ITEMS]]


def material_message(material: Material, items: list[dict[str, Any]]) -> str:
    """Return everything the writer may draw from as data."""
    context, proposal = material.context, material.proposal
    shown = material.shown.result if material.shown is not None and material.shown.result is not None else {}
    data = {
        "user_message": context.text,
        "intent": proposal.intent,
        "ledger": entries(_ledger_after(material)),
        "notes": [*proposal.notes, *shown.get("notes", ())],
        "status": shown.get("status"),
        "held_back": len(shown.get("withheld", ())),
        "generated_fields": [field.name for field in context.catalog.fields if field.generated],
        "items": items,
    }
    return f"<material>{quoted({key: value for key, value in data.items() if value not in (None, [], 0)})}</material>"


def _ledger_after(material: Material) -> Ledger:
    """Return the ledger with the turn's changes, those that still apply."""
    conversation = material.context.conversation
    active = {entry.id for entry in conversation.ledger.active()}
    changes = [c for c in material.proposal.changes if c.op == "add" or c.entry_id in active]
    return conversation.ledger.apply(changes, len(conversation.turns) + 1)


def _item(item_id: str, title: str, ground: Ground) -> dict[str, Any]:
    fields: dict[str, FieldValue] = {}
    evidence: list[dict[str, FieldValue]] = []
    for fact in ground.facts.get(item_id, ()):  # the freshest first
        if fact.source == "field" and fact.name != "title" and fact.value not in (None, []):
            fields.setdefault(fact.name, _short(fact.value))
        elif fact.source == "statistic" and fact.name != "score":
            evidence.append({"name": fact.name, "value": fact.value})
        elif fact.source == "history" and fact.name in ground.titles:
            evidence.append({"name": _LIKED, "value": ground.titles[fact.name]})
    return {
        "id": item_id,
        "title": title,
        "fields": fields,
        "reasons": [_short(said) for said in dict.fromkeys(ground.sentences.get(item_id, ()))][:_SENTENCES],
        "evidence": [stated for place, stated in enumerate(evidence) if stated not in evidence[:place]],
    }


def _short(value: FieldValue) -> FieldValue:
    return value[:_TEXT] if isinstance(value, str) else value

"""Look-ups in plain sentences: explanations, facts, availability, history and counts, as the tools returned them."""

import re
from collections.abc import Sequence
from typing import Any

from concierge_agent.answer import Draft, DraftItem
from concierge_agent.brain import Material
from concierge_agent.conditions import condition_words
from concierge_agent.ground import Ground
from concierge_agent.offline.comparing import asked_fields, contrast
from concierge_agent.offline.text import tokenize
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.phrases import label, listing, phrase, phrases, shorten, unit_of, value_words
from concierge_agent.trace import Call
from concierge_agent.values import CatalogDescription, Constraint, FieldDescription, FieldValue

_ASKS = re.compile(r"(?:(?:and|so|but|ok|okay|then) )*(?:how|who|when|where|which|what)\b(?!.*\babout\b)")
_TEXT = 200
_LISTED = 5


def lookup_draft(material: Material) -> Draft:
    """Return facts from look-ups: explanations, details, availability, history, counts and what was noted."""
    openings: list[str] = []
    items: dict[str, DraftItem] = {}
    for call in material.calls:
        if call.result is None or not call.step.startswith("s"):
            continue
        said, found = _told(call, material)
        openings += said
        items |= {item.id: item for item in found}
    if not openings and not items:
        openings = _nothing_looked_up(material)
    return Draft(opening=" ".join(openings), items=tuple(items.values()))


def _told(call: Call, material: Material) -> tuple[list[str], list[DraftItem]]:
    result, catalog = call.result or {}, material.context.catalog
    unknown = [f"Nothing in the catalog has the id {u['id']!r}." for u in result.get("unknown", ())]
    match call.tool:
        case "explain_recommendation":
            found = [DraftItem(id=e["id"], reason=_why(e)) for e in result.get("items", ())]
            missing = [_not_here(one) for one in result.get("unknown", ())]
            return missing, [item for item in found if item.reason]
        case "get_item_details":
            said, names = _asked_of(result.get("items", ()), material)
            return [*unknown, *said], [
                _facts(i["id"], _only(i.get("fields", {}), names), catalog) for i in result.get("items", ())
            ]
        case "check_availability":
            wanted = [Constraint.model_validate(f) for f in call.arguments.get("filters") or ()]
            return unknown, [_availability(i, catalog, wanted) for i in result.get("items", ())]
        case "describe_catalog":
            return _values_on_offer(material), []
        case "get_user_history":
            return _history(result), []
        case "record_feedback":
            item_id = result["item_id"]
            conversation = material.context.conversation
            title = Ground.of(material.calls).titles.get(item_id) or conversation.titles.get(item_id, "")
            done = {"undone": "taken back", "nothing_to_undo": "not there to take back"}.get(result["status"], "noted")
            return [f"{label(str(result['event'])).capitalize()} {done}{f': {title}' if title else ''}."], []
        case _ if isinstance(result.get("total"), int) and isinstance(result.get("candidates"), str):
            return [_count(call, result, material)], []
        case _:
            return [], []


def _why(explanation: dict[str, Any]) -> str:
    """Return why an item was recommended or, where it was not, why not."""
    missing = explanation.get("why_not")
    return str(missing["text"] if missing else explanation["detailed"] or explanation["short"])


def _not_here(unknown: dict[str, Any]) -> str:
    close = [str(item["title"]) for item in unknown.get("close_matches", ())]
    also = f"; close to it: {listing(close)}" if close else ""
    return f"Nothing in the catalog is called “{unknown['id']}”{also}."


def _asked_of(items: Sequence[dict[str, Any]], material: Material) -> tuple[list[str], list[str]]:
    """Return a sentence on how the items compare, and the fields that the question is about; all fields for none."""
    text, words = material.context.text, Vocabulary(material.context.catalog)
    found = contrast(text, [i.get("fields", {}) for i in items], [str(i.get("title", "")) for i in items], words)
    if found is not None:
        return [found[0]] if found[0] else [], found[1]
    asks = _ASKS.match(" ".join(text.lower().split()))
    return [], [field.name for field in asked_fields(tokenize(text), words)] if asks else []


def _only(fields: dict[str, FieldValue], names: Sequence[str]) -> dict[str, FieldValue]:
    known = {name: fields[name] for name in names if fields.get(name) not in (None, [])}
    return known or fields


def _facts(item_id: str, fields: dict[str, FieldValue], catalog: CatalogDescription) -> DraftItem:
    told, texts = [], []
    for name, value in fields.items():
        field = catalog.field(name)
        if value is None or value == [] or (field is not None and (field.generated or field.role == "image")):
            continue
        if isinstance(value, str) and len(value) > _TEXT // 3:
            texts.append(shorten(value, _TEXT))
        else:
            value = [*value[:_LISTED], "others"] if isinstance(value, list) and len(value) > _LISTED + 1 else value
            told.append(f"{label(name)}: {value_words(value, unit_of(field))}")
    reason = "; ".join(told)
    reason += "." if told and not reason.endswith((".", "!", "?", "…")) else ""
    return DraftItem(id=item_id, reason=" ".join([reason, *texts]).strip() or "Nothing more is known of it.")


def _availability(entry: dict[str, Any], catalog: CatalogDescription, wanted: Sequence[Constraint] = ()) -> DraftItem:
    """Say whether an item can be had; with `wanted`, first whether that is true of it."""
    known = [
        f"{label(name)} {value_words(value, unit_of(catalog.field(name)))}"
        for name, value in entry.get("fields", {}).items()
        if value is not None and value != []
    ]
    unmet = [phrase(Constraint.model_validate(c), catalog) for c in entry.get("unmet", ())]
    failed = [Constraint.model_validate(c) for c in entry.get("unmet", ())]
    if wanted:
        told = "no" if any(c in failed for c in wanted) else "yes"
        told += "" if len(failed) == sum(c in failed for c in wanted) else ", and it is not available now"
    else:
        told = "available" if entry["available"] else "not available now"
    told += f" ({'; '.join(known)})" if known else ""
    told += f"; not met: {listing(unmet)}" if unmet else ""
    return DraftItem(id=entry["id"], reason=f"{told}.")


def _values_on_offer(material: Material) -> list[str]:
    """List the values of the fields that the user's words name; without one, say how large the catalog is."""
    catalog, said = material.context.catalog, material.context.text.lower()
    named = [f for f in catalog.fields if any(n and n in said for n in _names(f))]
    told = []
    for field in named:
        values = [value_words(counted.value) for counted in field.top_values]
        more = field.distinct is not None and field.distinct > len(values)
        if values:
            told.append(f"{label(field.name).capitalize()} here: {listing([*values, *(['others'] if more else [])])}.")
    return told or [f"There are {catalog.items} items in the catalog."]


def _names(field: FieldDescription) -> list[str]:
    names = [label(name).lower() for name in (field.name, *field.aliases)]
    return [name.removesuffix("s") for name in names if len(name) > 2]


def _history(result: dict[str, Any]) -> list[str]:
    entries = result.get("interactions", [])
    if not entries:
        return ["I know of nothing you have had so far."]
    total = int(result.get("total", len(entries)))
    titles = list(dict.fromkeys(entry["title"] for entry in entries))[:_LISTED]
    things = "1 thing" if total == 1 else f"{total} things"
    return [f"I know of {things} you have had. The latest: {listing(titles)}."]


def _count(call: Call, result: dict[str, Any], material: Material) -> str:
    raw = call.arguments.get("filters") or []
    words = phrases([Constraint.model_validate(f) for f in raw], material.context.catalog)
    if query := call.arguments.get("query"):
        words.append(f'matching "{shorten(str(query))}"')
    number = int(result.get("matched", result["total"]))
    lead = "There is 1" if number == 1 else f"There are {number}" if number else "There is nothing"
    return f"{lead} with {listing(words)}." if words else f"{lead} in the catalog."


def _nothing_looked_up(material: Material) -> list[str]:
    ledger = material.context.conversation.ledger
    if asked := condition_words(ledger, material.context.catalog):
        return [f"Noted. I keep to this: {listing(asked)}."]
    return ["Noted."] if ledger.active() else ["Tell me what you are looking for, or something you like."]

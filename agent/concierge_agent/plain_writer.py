"""A writer without a model: plain sentences built from the trace, and nothing else."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material
from concierge_agent.conditions import conditions
from concierge_agent.ground import Ground
from concierge_agent.offline.comparing import asked_fields, contrast
from concierge_agent.offline.text import tokenize
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.phrases import label, listing, phrase, phrases, shorten, unit_of, value_words
from concierge_agent.plan import ONLY
from concierge_agent.trace import Call
from concierge_agent.values import CatalogDescription, Constraint, FieldDescription, FieldValue

POOL = 1000
"""A candidate set holds at most this many; a total that high is no count."""
_CLAIMS = 4
_ASKS = re.compile(r"(?:(?:and|so|but|ok|okay|then) )*(?:how|who|when|where|which|what)\b(?!.*\babout\b)")
_TEXT = 200
_LISTED = 5
_FEW = ("", "one", "two", "three", "four")


class PlainWriter:
    """Writes short, plain answers. Never fails and needs no model, so that any other writer can fall back on it."""

    async def write(self, material: Material) -> Draft:
        """Draft an answer about what was shown, or about what was looked up."""
        return draft(material)


def draft(material: Material) -> Draft:
    """Return the plain draft for `material`."""
    if material.shown is not None:
        return _recommendation(material)
    return _lookup(material)


def plain_reason(item_id: str, material: Material) -> str:
    """Return why an item was shown: the server's own words, else the conditions it was held to."""
    explained = _items(material.explained)
    short = next((str(e["short"]) for e in explained if e["id"] == item_id and e.get("short")), "")
    if not short:
        listed = next((i for i in _items(material.shown) if i["id"] == item_id), {})
        short = next((str(reason) for reason in listed.get("reasons", ())), "")
    if not short:
        asked = _asked(material)
        short = f"It meets what you asked: {listing(asked)}." if asked else ""
    return short


def _recommendation(material: Material) -> Draft:
    shown = _items(material.shown)
    ground = Ground.of(material.calls)
    items = tuple(
        DraftItem(
            id=item["id"], reason=plain_reason(item["id"], material), claims=_claims(item["id"], material, ground)
        )
        for item in shown
    )
    return Draft(opening=" ".join(_opening(material, len(shown), ground)), items=items)


def _opening(material: Material, count: int, ground: Ground) -> list[str]:
    ledger = material.context.conversation.ledger
    last = _last_list(material.calls)
    asked = _asked(material)
    total = int((last.result or {}).get("total", 0)) if last is not None else 0
    seeds = [ground.titles.get(i) or _earlier_title(i, material) for i in _seeds(material.calls)]
    liked = [e.title or ground.titles.get(e.item_id or "", "") for e in ledger.active("like")]
    among = f" similar to {listing(_some(seeds))}" if any(seeds) else ""
    taste = ""
    if not among and any(liked) and last is not None and last.tool in ("recommend_for_user", "rank_candidates"):
        taste = f"chosen by what you like ({listing(_some(liked))})"
    query = _sought(last, material.calls)
    if not among and query:
        among = f' for "{shorten(query)}"'
    lead = f"Here {'is' if count == 1 else 'are'} {_FEW[count] if count < len(_FEW) else count}"
    if count < total < POOL:
        lead += f" of {total}"
    lead += among
    if asked:
        lead += f" that meet{'s' if count == 1 else ''} everything you asked: {listing(asked)}"
        lead += f"; {taste}" if taste else ""
    elif taste:
        lead += f" {taste}"
    elif not among:
        lead += " for you"
    return [f"{lead}.", *_basis(last, among if seeds else taste)]


def _basis(last: Call | None, taste: str) -> list[str]:
    if last is None or "trending" not in str((last.result or {}).get("basis", "")):
        return []
    if last.tool == "get_trending_items":
        return ["This is what is popular right now."]
    return [] if taste else ["I know nothing of your taste yet, so this is what is popular right now."]


def _claims(item_id: str, material: Material, ground: Ground) -> tuple[Claim, ...]:
    """Return the fields behind an item's reasons, and those it was held to."""
    explained = next((e for e in _items(material.explained) if e["id"] == item_id), {})
    proofs = [e for reason in explained.get("reasons", ()) for e in reason.get("evidence", ())]
    names = [e["name"] for e in proofs if e.get("source") == "field" and e.get("item_id") == item_id]
    names += [c.field for c in conditions(material.context.conversation.ledger, material.context.catalog)]
    claims = []
    for name in dict.fromkeys(names):
        field = material.context.catalog.field(name)
        value = ground.value(item_id, name)
        if value is not None and value != [] and not (field is not None and field.generated):
            claims.append(Claim(item_id=item_id, name=name, value=value))
    return tuple(claims[:_CLAIMS])


def _lookup(material: Material) -> Draft:
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
            found = [DraftItem(id=e["id"], reason=e["detailed"] or e["short"]) for e in result.get("items", ())]
            return unknown, [item for item in found if item.reason]
        case "get_item_details":
            only = _told_alone(call, material)
            if only:
                told = [(i["id"], i.get("fields", {})) for i in result.get("items", ())]
                return unknown, [_facts(i, {n: f.get(n) for n in only}, catalog) for i, f in told]
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
            title = Ground.of(material.calls).titles.get(result["item_id"]) or _earlier_title(
                result["item_id"], material
            )
            done = {"undone": "taken back", "nothing_to_undo": "not there to take back"}.get(result["status"], "noted")
            return [f"{label(str(result['event'])).capitalize()} {done}{f': {title}' if title else ''}."], []
        case _ if isinstance(result.get("total"), int) and isinstance(result.get("candidates"), str):
            return [_count(call, result, material)], []
        case _:
            return [], []


def _told_alone(call: Call, material: Material) -> list[str]:
    """Return the fields that a look-up is to tell; none when all of them are."""
    step = next((s for s in material.proposal.plan.steps if s.id == call.step), None)
    if step is None or not step.purpose.startswith(ONLY):
        return []
    named = step.purpose.removeprefix(ONLY).split(", ")
    return [field.name for field in material.context.catalog.fields if field.name in named]


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
    if asked := _asked(material):
        return [f"Noted. I keep to this: {listing(asked)}."]
    return ["Noted."] if ledger.active() else ["Tell me what you are looking for, or something you like."]


def _asked(material: Material) -> list[str]:
    """Return everything the user asked for, in words."""
    context = material.context
    return phrases(conditions(context.conversation.ledger, context.catalog), context.catalog)


def _items(call: Call | None) -> list[dict[str, Any]]:
    found = (call.result or {}).get("items", []) if call is not None else []
    return found if isinstance(found, list) else []


def _last_list(calls: Sequence[Call]) -> Call | None:
    """Return the plan's last call that made a candidate set which holds anything."""
    made = [c for c in calls if c.step.startswith("s") and c.step[1:].isdigit() and (c.result or {}).get("candidates")]
    return next((c for c in reversed(made) if (c.result or {}).get("total")), None)


def _sought(last: Call | None, calls: Sequence[Call]) -> str:
    """Return the words that everything in a list was found by; empty where any of it has another source."""
    if last is None:
        return ""
    if last.tool == "search_catalog":
        return str(last.arguments.get("query") or "")
    given = last.arguments.get("candidates") or []
    handles = [given] if isinstance(given, str) else given[:1] if _differs(last) else given
    made = {str((call.result or {}).get("candidates")): call for call in calls}
    queries = {_sought(made.get(str(handle)), calls) for handle in handles}
    return queries.pop() if len(queries) == 1 else ""


def _differs(call: Call) -> bool:
    return call.arguments.get("operation") == "difference"


def _seeds(calls: Iterable[Call]) -> list[str]:
    ids = [i for c in calls if c.tool == "get_similar_items" and c.result for i in c.arguments.get("item_ids", ())]
    return list(dict.fromkeys(ids))


def _earlier_title(item_id: str, material: Material) -> str:
    conversation = material.context.conversation
    titles = {item.id: item.title for turn in conversation.turns for item in turn.items}
    titles |= {e.item_id: e.title for e in conversation.ledger.entries if e.item_id and e.title}
    return titles.get(item_id, "")


def _some(titles: Sequence[str]) -> list[str]:
    told = [title for title in titles if title]
    return told if len(told) <= _LISTED else [*told[-_LISTED:], "others"]

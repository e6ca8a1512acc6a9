"""A writer without a model: plain sentences built from the trace, and nothing else."""

from collections.abc import Iterable, Sequence
from typing import Any

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material
from concierge_agent.conditions import condition_words, conditions
from concierge_agent.ground import Ground
from concierge_agent.phrases import listing, shorten
from concierge_agent.plain_lookups import lookup_draft
from concierge_agent.trace import Call

POOL = 1000
"""A candidate set holds at most this many; a total that high is no count."""
_CLAIMS = 4
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
    return lookup_draft(material)


def plain_reason(item_id: str, material: Material) -> str:
    """Return why an item was shown: the server's own words, else the conditions it was held to."""
    explained = _items(material.explained)
    short = next((str(e["short"]) for e in explained if e["id"] == item_id and e.get("short")), "")
    if not short:
        listed = next((i for i in _items(material.shown) if i["id"] == item_id), {})
        short = next((str(reason) for reason in listed.get("reasons", ())), "")
    if not short:
        asked = condition_words(material.context.conversation.ledger, material.context.catalog)
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
    asked = condition_words(material.context.conversation.ledger, material.context.catalog)
    total = int((last.result or {}).get("total", 0)) if last is not None else 0
    titles = material.context.conversation.titles | ground.titles
    seeds = [titles.get(i, "") for i in _seeds(material.calls)]
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


def _some(titles: Sequence[str]) -> list[str]:
    told = [title for title in titles if title]
    return told if len(told) <= _LISTED else [*told[-_LISTED:], "others"]

"""What a reading leaves to be looked up: what comparisons compare with, and which free words search can find."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from concierge_agent.brain import TurnContext
from concierge_agent.ledger import INFERRED
from concierge_agent.offline.reading import Compared, Order, Reading, Stated
from concierge_agent.offline.renewal import of_another_kind
from concierge_agent.offline.text import key
from concierge_agent.offline.vocabulary import Vocabulary, tidy
from concierge_agent.phrases import label, listing
from concierge_agent.values import Constraint, Op, Scalar

_DENIALS: Mapping[Op, Op] = MappingProxyType({"!=": "==", "not_in": "in", "not_contains": "contains"})
_COMMON = 0.05
"""A noun that may only say what the items are is searched for when at least this share of the titles hold it."""
_TELLING = 0.25
"""So is a noun that at least this share of the items that mention it have in their titles: they are what it says."""
_FEWEST, _PAGE, _LOOKED_AT = 5, 100, 20
_PROBES = 3
_QUERY = 512
"""The longest query that is sent where the tool names no limit of its own."""
_WORD = 40
_MANY = 100
"""A field with at least this many different values may be one of names."""


async def compare(context: TurnContext, words: Vocabulary, reading: Reading) -> None:
    """Turn comparisons with items into constraints, looking up what the conversation does not hold."""
    for compared in reading.compared:
        if not compared.item_ids and await of_another_kind(context, reading):
            _sort_instead(compared, words, reading)
            continue
        shown = {item.id: item.fields for item in context.conversation.last_items}
        ids = list(compared.item_ids or shown)
        values = {i: shown[i][compared.field] for i in ids if compared.field in shown.get(i, {})}
        missing = [i for i in ids if i not in values]
        if missing:
            result = await context.toolbox.call("get_item_details", {"item_ids": missing}, step="compare")
            values |= {item["id"]: item["fields"].get(compared.field) for item in result["items"]}
        known = [v for v in values.values() if isinstance(v, int | float | str) and not isinstance(v, bool)]
        if not known:
            reading.doubt(f"I do not know the {compared.field} to compare with, so I left that aside.")
            continue
        value = _yardstick(known, compared, bare=not compared.item_ids)
        if not isinstance(value, str):
            value = tidy(value * compared.factor + compared.offset)
        constraint = Constraint(field=compared.field, op=compared.op, value=value)
        said = Stated(constraint, compared.text, compared.hard, confidence=INFERRED, compared=True)
        reading.stated.append(said)
        field = words.catalog.field(compared.field)
        unit = f" {field.unit}" if field is not None and field.unit else ""
        against = "the middle of what I showed" if not compared.item_ids and len(known) > 1 else "what you compare with"
        reading.notes.append(f"I took {compared.text!r} as {compared.field} {compared.op} {value}{unit}, {against}.")


def _sort_instead(compared: Compared, words: Vocabulary, reading: Reading) -> None:
    """Read a comparison as a mere wish for little or much of something where nothing of its kind was shown yet."""
    field = words.catalog.field(compared.field)
    low = compared.op in ("<", "<=")
    edge = words.quantile(field, "low" if low else "high") if field is not None else None
    if edge is None:
        reading.doubt(f"Nothing of this kind was shown yet to compare {compared.text!r} with, so I left that aside.")
        return
    constraint = Constraint(field=compared.field, op="<=" if low else ">=", value=edge)
    order: Order = "ascending" if low else "descending"
    reading.stated.append(Stated(constraint, compared.text, hard=False, order=order, confidence=INFERRED))
    reading.notes.append(
        f"Nothing of this kind was shown yet to compare with, so I sorted by {label(compared.field)} for "
        f"{compared.text!r}."
    )


def _yardstick(known: Sequence[int | float | str], compared: Compared, *, bare: bool) -> Scalar:
    numbers = sorted(v for v in known if isinstance(v, int | float))
    if not numbers:
        texts = sorted(str(v) for v in known)
        return texts[0] if compared.op in ("<", "<=") else texts[-1]
    if bare:
        middle = len(numbers) // 2
        return tidy(numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2)
    return tidy(numbers[0] if compared.op in ("<", "<=") else numbers[-1])


async def check_complaints(context: TurnContext, reading: Reading) -> None:
    """Turn around what was taken as a complaint and is not true of the items it is about: then it asks for it."""
    told = [s for s in reading.stated if s.doubted and s.constraint.op in _DENIALS]
    if not told:
        return
    ids = [n.item_id for n in reading.waved_away] or [item.id for item in context.conversation.last_items]
    result = await context.toolbox.call("get_item_details", {"item_ids": ids}, step="compare")
    fields = [item["fields"] for item in result["items"]]
    for stated in told:
        name, value = stated.constraint.field, stated.constraint.value
        held = [part for f in fields for part in (f.get(name) if isinstance(f.get(name), list) else [f.get(name)])]
        if any(v in held for v in (value if isinstance(value, list) else [value])):
            continue
        wanted = stated.constraint.model_copy(update={"op": _DENIALS[stated.constraint.op]})
        reading.stated[reading.stated.index(stated)] = replace(stated, constraint=wanted, doubted=False)


async def settle_wishes(context: TurnContext, reading: Reading) -> list[str]:
    """Keep the free words that search finds; say what is left aside. Return the nouns that only name items here.

    A noun that may only say what the items are is searched for when it is all there is, when titles often hold it, or
    when many of those that mention it do; one that nothing mentions is told.
    """
    _cut(context, reading)
    said = [w for w in reading.wishes if w not in reading.heads]
    taken_back = reading.dropped_fields or reading.dropped_values or reading.allowed_values or reading.compared
    alone = not (reading.stated or reading.items or said or reading.answered or reading.requested or taken_back)
    alone = alone and not context.conversation.ledger.active()
    kept: list[str] = []
    generic: list[str] = []
    unknown: list[str] = []
    for head in dict.fromkeys(reading.heads):
        matched, titled = await _matched(context, head)
        often = titled >= max(_FEWEST, min(_PAGE, _COMMON * context.catalog.items))
        telling = not (reading.items or taken_back) and titled >= max(1, _TELLING * min(_PAGE, matched))
        if matched and (alone or often or telling):
            kept.append(head)
        elif matched:
            generic.append(head)
        else:
            unknown.append(head)
    for wish in list(dict.fromkeys(reading.wishes))[:_PROBES]:
        if await _mentioned(context, wish):
            kept.append(wish)
        else:
            unknown.append(wish)
    if unknown:
        reading.doubt(f"Nothing here mentions {listing([repr(word) for word in unknown], 'or')}, so I left that aside.")
    reading.doubtful = reading.doubtful or bool(kept)
    reading.wishes = kept
    return generic


def query_limit(context: TurnContext) -> int:
    """Return how many letters the search tool takes."""
    tool = context.toolbox.tools.get("search_catalog")
    declared = dict(tool.input_schema.get("properties", {})).get("query", {}) if tool is not None else {}
    limit = declared.get("maxLength")
    return limit if isinstance(limit, int) else _QUERY


def _cut(context: TurnContext, reading: Reading) -> None:
    """Leave out what is no word at all, and cut the rest to what search takes."""
    limit = query_limit(context)
    words = [w for w in [*reading.wishes, *reading.heads] if any(len(part) > _WORD for part in w.split())]
    if words:
        reading.doubt("I left out what is too long to be a word.")
    reading.heads = [h for h in reading.heads if h not in words]
    short = (" ".join(part for part in w.split() if len(part) <= _WORD) for w in reading.wishes)
    reading.wishes = [w[:limit].rsplit(" ", 1)[0] if len(w) > limit else w for w in short if w]


async def _matched(context: TurnContext, query: str) -> tuple[int, int]:
    """Return how many items mention the words, and how many of the first of them do so in their titles."""
    result = await context.toolbox.call("search_catalog", {"query": query, "n": _PAGE}, step="probe")
    stems = set(key(query))
    titled = sum(1 for item in result.get("items", ()) if stems & set(key(str(item.get("title", "")))))
    return int(result.get("matched", 0)), titled


async def _mentioned(context: TurnContext, wish: str) -> bool:
    """Whether an item that search finds really holds one of the words; search also finds what is merely spelt alike."""
    arguments: dict[str, Any] = {"query": wish, "n": _LOOKED_AT}
    if context.toolbox.takes("search_catalog", "detail"):
        arguments["detail"] = "full"
    result = await context.toolbox.call("search_catalog", arguments, step="probe")
    stems, names = set(key(wish)), _names_of(context) if len(wish.split()) == 1 else frozenset[str]()
    return any(stems & _stems(item, names) for item in result.get("items", ()))


def _names_of(context: TurnContext) -> frozenset[str]:
    """Return the fields that hold names: many different values, most of them of several words."""
    fields = [f for f in context.catalog.fields if f.type in ("category", "tags") and (f.distinct or 0) >= _MANY]
    several = {f.name: sum(" " in str(v.value) for v in f.top_values) for f in fields}
    return frozenset(f.name for f in fields if f.top_values and 2 * several[f.name] > len(f.top_values))


def _stems(item: dict[str, Any], names: frozenset[str]) -> set[str]:
    """Return the stems of an item's words; of a name of several words only those of its last, as people are called."""
    found = set(key(_all_text({**item, "fields": {n: v for n, v in item.get("fields", {}).items() if n not in names}})))
    for name in names & dict(item.get("fields", {})).keys():
        value = item["fields"][name]
        for part in value if isinstance(value, list) else [value]:
            found |= set(key(str(part).rsplit(" ", 1)[-1]))
    return found


def _all_text(item: dict[str, Any]) -> str:
    values = [item.get("title"), *dict(item.get("fields", {})).values()]
    return " ".join(str(part) for value in values for part in (value if isinstance(value, list) else [value]))

"""Sentences that name a field: what they say of an item's number, date or yes-or-no must be what its field holds.

A number beside the name or the unit of a field belongs to that field: another number of the item proves nothing about
it. What is said of tags and categories is checked value by value elsewhere.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from concierge_agent import wording
from concierge_agent.ground import Ground, agrees
from concierge_agent.phrases import label
from concierge_agent.values import CatalogDescription, FieldDescription

_BETWEEN = (
    r"(?:\W{1,3}(?:of|is|are|was|has|at|just|only|about|around|a|an|the|with|it|its|being|equals)\b){0,3}[\s:=(]{1,3}"
)
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}(?:-\d{2})?(?!\d)")
_DENIED = re.compile(
    r"(?:\b(?:not?|non|never|without|isn['’]t|aren['’]t|nor)\b|n['’]t\b)\W*(?:\w+\W+){0,2}$", re.IGNORECASE
)
_DENIES = re.compile(r"^\W{0,3}(?:(?:is|it is|are)\W+)?(?:no|false|not)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """A number that a sentence gives to a field."""

    field: FieldDescription
    number: wording.Number


def numbers_of_fields(text: str, catalog: CatalogDescription) -> Iterator[Said]:
    """Yield the numbers that stand beside the name of a numeric field, before or after it, or before its unit."""
    fields = [field for field in catalog.fields if field.type == "number"]
    units = Counter(field.unit for field in fields)
    for number in wording.numbers(text):
        before, after = text[: number.start], text[number.start + len(number.text) :]
        for field in fields:
            names = "|".join(re.escape(name) for name in _names(field))
            unit = re.escape(field.unit) if field.unit else None
            alone = unit is not None and units[field.unit] == 1
            if (
                re.search(rf"(?<!\w)(?:{names}){_BETWEEN}$", before, re.IGNORECASE)
                or re.match(rf"[\s-]?(?:{unit}\s)?\s*(?:{names})(?!\w)", after, re.IGNORECASE)
                or (alone and re.match(rf"\s?(?:{unit})(?!\w)", after))
            ):
                yield Said(field, number)
                break


def false_dates(text: str, item_ids: Sequence[str], ground: Ground, said: str) -> tuple[str, list[str]]:
    """Return the text without its dates in digits, and those dates that neither the items nor the user's words hold."""
    wrong = []
    for match in _DATE.finditer(text):
        facts = (fact.value for i in item_ids for fact in ground.facts.get(i, ()))
        proven = any(agrees(value, match[0]) for value in facts if isinstance(value, str))
        if not proven and match[0] not in said and not any(match[0] in ground.prose(i) for i in item_ids):
            wrong.append(match[0])
    return _DATE.sub(" ", text), wrong


def false_flags(text: str, item_id: str, ground: Ground, catalog: CatalogDescription) -> list[str]:
    """Return the yes-or-no fields of which a sentence about an item says the opposite."""
    wrong = []
    for field in catalog.fields:
        value = ground.value(item_id, field.name)
        if field.type != "boolean" or not isinstance(value, bool):
            continue
        for name in _names(field):
            for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
                before, after = text[: match.start()], text[match.end() :]
                denied = _DENIED.search(before) is not None or _DENIES.match(after) is not None
                if denied == value:
                    wrong.append(label(field.name))
    return wrong


def named_before(text: str, fields: Iterable[str], catalog: CatalogDescription) -> set[str]:
    """Return those of the fields whose name the text ends with, up to a word or a list of values ("its brand is")."""
    known = [field for field in catalog.fields if field.name in set(fields)]
    return {
        field.name
        for field in known
        if any(re.search(rf"(?<!\w){re.escape(name)}{_BETWEEN}$", text, re.IGNORECASE) for name in _names(field))
    }


def _names(field: FieldDescription) -> list[str]:
    """Return how a field is called: its name, with and without its unit, and its aliases."""
    name = label(field.name)
    bare = re.sub(rf"\s+{re.escape(field.unit)}$", "", name, flags=re.IGNORECASE) if field.unit else name
    return sorted({name, bare, field.name, *field.aliases} - {""}, key=lambda n: (-len(n), n))

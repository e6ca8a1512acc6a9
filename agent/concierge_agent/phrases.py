"""Constraints and values in plain words, for replies, questions and the ledger; knows field descriptions, no domain."""

import re
from collections.abc import Iterable, Sequence

from concierge_agent.values import CatalogDescription, Constraint, FieldDescription, FieldValue, Scalar

_NUMBER_WORDS = {"<": "under", "<=": "at most", ">": "over", ">=": "at least", "==": "is", "!=": "is not"}
_DATE_WORDS = {"<": "before", "<=": "up to", ">": "after", ">=": "from", "==": "is", "!=": "is not"}
_LOWER = {">": 0, ">=": 0}
_UPPER = {"<": 1, "<=": 1}
_PRINTED_SIZE = 80


def label(field: str) -> str:
    """Return a field's name as it is spoken: `content_rating` is "content rating"."""
    return field.replace("_", " ")


def value_words(value: FieldValue, unit: str | None = None) -> str:
    """Return a value as it is spoken: `90 min`, `yes`, `Animation and Comedy`; "unknown" when it is missing."""
    if value is None or value == []:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return listing(value)
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return f"{text} {unit}" if unit else text


def unit_of(field: FieldDescription | None) -> str | None:
    """Return a field's unit, unless the field's name says it already ("pages: 90")."""
    return field.unit if field is not None and field.unit != label(field.name) else None


def listing(words: Sequence[str], last: str = "and") -> str:
    """Return words as a sentence lists them: "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def shorten(text: str, size: int = _PRINTED_SIZE) -> str:
    """Return text on one line of at most `size` characters, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= size:
        return line
    return line[: size - 1].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def phrase(constraint: Constraint, catalog: CatalogDescription | None = None) -> str:
    """Return one constraint in words, such as "no Musical in genres" or "runtime at most 90 min"."""
    field = catalog.field(constraint.field) if catalog else None
    name, op = label(constraint.field), constraint.op
    kind = _kind(field) if field else _guess(constraint)
    values = [_spoken(value, field) for value in _values(constraint)]
    if isinstance(constraint.value, bool):
        return name if constraint.value == (op == "==") else f"not {name}"
    if kind == "tags":
        if op == "not_contains":
            return f"no {listing(values, 'or')} in {name}"
        return f"{name} include {listing(values, 'or' if op == 'contains_any' else 'and')}"
    if op in ("contains", "not_contains", "contains_any", "contains_all"):
        mentions = "does not mention" if op == "not_contains" else "mentions"
        return f'{name} {mentions} "{listing(values, "or")}"'
    if op == "in":
        return f"{name} is {listing(values, 'or')}"
    if op == "not_in":
        return f"{name} is not {listing(values, 'or')}"
    words = _DATE_WORDS if kind == "date" else _NUMBER_WORDS
    return f"{name} {words[op]} {values[0]}"


def phrases(constraints: Iterable[Constraint], catalog: CatalogDescription | None = None) -> list[str]:
    """Return constraints in words, in their order; a lower and an upper bound on one field are said as one range."""
    spoken: list[str] = []
    left = list(dict.fromkeys(_Key(c) for c in constraints))
    while left:
        first = left.pop(0).constraint
        other = next((k for k in left if _are_bounds(first, k.constraint)), None)
        if other is None:
            spoken.append(phrase(first, catalog))
            continue
        left.remove(other)
        spoken.append(_range(first, other.constraint, catalog))
    return spoken


class _Key:
    """A constraint that hashes by what it says (its value may be a list)."""

    def __init__(self, constraint: Constraint) -> None:
        self.constraint = constraint
        self._said = (constraint.field, constraint.op, repr(constraint.value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)


def _values(constraint: Constraint) -> list[Scalar]:
    return constraint.value if isinstance(constraint.value, list) else [constraint.value]


def _spoken(value: Scalar, field: FieldDescription | None) -> str:
    return value_words(value, unit_of(field))


def _kind(field: FieldDescription) -> str:
    """Return the field's type; a number that holds years is spoken of as a date."""
    return "date" if field.role == "date" else field.type


def _guess(constraint: Constraint) -> str:
    if constraint.op in ("contains", "contains_any", "contains_all", "not_contains"):
        return "tags"
    return "number" if isinstance(constraint.value, int | float) else "category"


def _are_bounds(one: Constraint, other: Constraint) -> bool:
    if one.field != other.field:
        return False
    return (one.op in _LOWER and other.op in _UPPER) or (one.op in _UPPER and other.op in _LOWER)


def _range(one: Constraint, other: Constraint, catalog: CatalogDescription | None) -> str:
    low, high = (one, other) if one.op in _LOWER else (other, one)
    field = catalog.field(one.field) if catalog else None
    name, unit = label(one.field), unit_of(field)
    if low.op == ">=" and high.op == "<=":
        start, end = value_words(_values(low)[0]), value_words(_values(high)[0])
        if (years := _whole_years(start, end)) is not None:
            start, end = years
        return f"{name} {start} to {end}" + (f" {unit}" if unit else "")
    words = _DATE_WORDS if field is not None and _kind(field) == "date" else _NUMBER_WORDS
    end = value_words(_values(high)[0], unit)
    return f"{name} {words[low.op]} {value_words(_values(low)[0], unit)} and {words[high.op]} {end}"


def _whole_years(start: str, end: str) -> tuple[str, str] | None:
    first, last = re.fullmatch(r"(\d{4})-01(-01)?", start), re.fullmatch(r"(\d{4})-12(-31)?", end)
    return (first[1], last[1]) if first and last else None

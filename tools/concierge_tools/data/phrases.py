"""Phrases: values, constraints and lists in plain English, with units."""

from collections.abc import Sequence

from concierge_tools.data.constraints import Constraint, Op
from concierge_tools.data.fields import Field, FieldValue, Scalar

_BOUNDS: dict[Op, str] = {"<": "under", "<=": "at most", ">": "over", ">=": "at least"}
_DATED: dict[Op, str] = {"<": "before", "<=": "up to", ">": "after", ">=": "from"}
GROUPED_FROM = 10_000
"""Numbers from here on are written with separators; smaller ones may be years."""


def field_words(name: str) -> str:
    """Return a field's name as words."""
    return name.replace("_", " ").strip()


def value_words(field: Field, value: FieldValue) -> str:
    """Return a value as people write it, with its unit."""
    match value:
        case None:
            return "unknown"
        case list():
            return ", ".join(value) or "none"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _with_unit(number_words(value, price=field.role == "price"), field)
        case _:
            return value


def number_words(value: float, *, price: bool = False) -> str:
    """Return a number without needless digits; a price that is not whole has two."""
    grouping = "," if abs(value) >= GROUPED_FROM else ""
    if float(value).is_integer():
        return f"{int(value):{grouping}}"
    text = f"{value:{grouping}.2f}"
    return text if price else text.rstrip("0").rstrip(".")


def constraint_words(field: Field, constraints: Sequence[Constraint]) -> str:
    """Return what the constraints on one field ask of its value: "1990 to 1999", "under 90 min", "not Musical"."""
    low = next((c for c in constraints if c.op == ">="), None)
    high = next((c for c in constraints if c.op == "<="), None)
    parts = []
    if low is not None and high is not None:
        ends = [_operand(field, value) for value in (low.value, high.value)]
        parts.append(f"{ends[0].removesuffix(_unit(field))} to {ends[1]}")
        constraints = [c for c in constraints if c is not low and c is not high]
    return ", ".join([*parts, *(_one(field, constraint) for constraint in constraints)])


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"


def either(names: Sequence[str]) -> str:
    """Return "a", "a or b" or "a, b or c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def sentence(clauses: Sequence[str]) -> str:
    """Return clauses as one sentence."""
    text = "; ".join(clauses)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _one(field: Field, constraint: Constraint) -> str:
    value = _operand(field, constraint.value)
    match constraint.op:
        case "<" | "<=" | ">" | ">=":
            dated = field.type == "date" or field.role == "date"
            return f"{(_DATED if dated else _BOUNDS)[constraint.op]} {value}"
        case "==" | "contains" | "contains_all":
            return value
        case "in" | "contains_any":
            return f"one of {value}" if isinstance(constraint.value, list) and len(constraint.value) > 1 else value
        case "not_in":
            return f"none of {value}"
        case "!=" | "not_contains":
            return f"not {value}"


def _operand(field: Field, value: Scalar | list[Scalar]) -> str:
    return ", ".join(value_words(field, one) for one in (value if isinstance(value, list) else [value]))


def _with_unit(number: str, field: Field) -> str:
    return f"{number}{_unit(field)}"


def _unit(field: Field) -> str:
    if not field.unit:
        return ""
    return field.unit if field.unit == "%" else f" {field.unit}"

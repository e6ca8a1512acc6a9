"""What a constraint means, for one value at a time, in plain Python."""

import calendar
from collections.abc import Sequence
from datetime import date

from concierge_tools.data.fields import FieldType, FieldValue, Scalar

Operand = Scalar | Sequence[Scalar]


def meets(kind: FieldType, value: FieldValue, op: str, operand: Operand) -> bool:
    if kind == "tags":
        return _tags_meet([tag.casefold() for tag in value] if isinstance(value, list) else [], op, operand)
    if value is None or isinstance(value, list):
        return False
    if kind == "date":
        return _date_meets(_span(value)[0], op, operand)
    if op == "in":
        return any(_same(value, each) for each in _each(operand))
    if op == "not_in":
        return not any(_same(value, each) for each in _each(operand))
    assert isinstance(operand, str | bool | int | float)
    if op == "==":
        return _same(value, operand)
    if op == "!=":
        return not _same(value, operand)
    if kind == "text":
        inside = str(operand).casefold() in str(value).casefold()
        return inside if op == "contains" else not inside
    left, right = float(value), float(operand)
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def _tags_meet(tags: list[str], op: str, operand: Operand) -> bool:
    if op in ("contains", "not_contains"):
        return (str(operand).casefold() in tags) == (op == "contains")
    wanted = [str(each).casefold() in tags for each in _each(operand)]
    return any(wanted) if op == "contains_any" else all(wanted)


def _date_meets(day: date, op: str, operand: Operand) -> bool:
    if op in ("in", "not_in"):
        inside = any(first <= day <= last for first, last in map(_span, _each(operand)))
        return inside == (op == "in")
    assert isinstance(operand, str | int)
    first, last = _span(operand)
    answers = {
        "<": day < first,
        "<=": day <= last,
        ">": day > last,
        ">=": day >= first,
        "==": first <= day <= last,
        "!=": not first <= day <= last,
    }
    return answers[op]


def _span(text: Scalar) -> tuple[date, date]:
    parts = [int(part) for part in str(text).split("-")]
    if len(parts) == 1:
        return date(parts[0], 1, 1), date(parts[0], 12, 31)
    year, month = parts[:2]
    if len(parts) == 2:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, parts[2]), date(year, month, parts[2])


def _each(operand: Operand) -> Sequence[Scalar]:
    assert isinstance(operand, list)
    return operand


def _same(left: Scalar, right: Scalar) -> bool:
    if isinstance(left, str):
        return left.casefold() == str(right).casefold()
    return float(left) == float(right)

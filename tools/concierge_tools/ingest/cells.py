"""Cells: text from a file, read into the type of its field."""

import ast
import json
import re

from concierge_tools.data.fields import FieldType, FieldValue
from concierge_tools.data.operands import as_boolean, as_date, as_number
from concierge_tools.data.quantity_columns import plain as plain_number
from concierge_tools.data.units import quantity
from concierge_tools.errors import InputError
from concierge_tools.ingest.clean import plain, visible

MISSING = frozenset({"", "na", "n/a", "nan", "nat", "null", "none", "\\n"})
"""What stands for nothing in a column of numbers, booleans or dates, in any case."""

_WHOLE = re.compile(r"([+-]?\d+)\.0+", re.ASCII)


def parse_cell(kind: FieldType, text: str | None, separator: str | None = None, unit: str | None = None) -> FieldValue:
    """Read a cell; what is missing is None, or [] for tags. A number of a field with a unit may have one of its own.

    Raises:
        ValueError: It does not fit the type; says what it should be.
    """
    text = (text or "").strip()
    if kind == "tags":
        return parse_tags(text, separator)
    if kind in ("category", "text"):
        return visible(text) or None
    if text.casefold() in MISSING:
        return None
    try:
        if kind == "number" and unit is not None:
            return plain_number(as_number(quantity(text, unit)))
        if kind == "number":
            return plain_number(as_number(text))
        if kind == "boolean":
            return as_boolean(whole(text))
        return as_date(whole(text))
    except (InputError, ValueError):
        expected = {"number": f"a number of {unit}" if unit else "a number", "boolean": "true or false"}.get(
            kind, "an ISO date"
        )
        raise ValueError(f"not {expected}: {text!r}") from None


def parse_tags(text: str, separator: str | None) -> list[str]:
    """Split a cell into tags: a JSON or Python list of strings (or of objects with a name), else by the separator."""
    if text.startswith("[") and text.endswith("]"):
        listed = _list_literal(text)
        if listed is not None:
            return [tag for item in listed if (tag := _tag(item))]
    parts = text.split(separator) if separator else [text]
    return [tag for part in parts if (tag := visible(part))]


def parse_id(text: str | None) -> str | None:
    """Read an id: always a string; 1.0, as a column of integers with gaps is written by many tools, is '1'."""
    return whole(plain(text or "")) or None


def whole(text: str) -> str:
    """Write a number without the zeros after its point."""
    match = _WHOLE.fullmatch(text)
    return match.group(1) if match else text


def _tag(item: object) -> str:
    if isinstance(item, dict):
        item = item.get("name")
    return "" if item is None else visible(str(item))


def _list_literal(text: str) -> list[object] | None:
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError):
            continue
        return value if isinstance(value, list) else None
    return None

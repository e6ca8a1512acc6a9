"""Values, arguments and foreign text as a person reads them on a terminal."""

import unicodedata
from collections.abc import Mapping

from pydantic import ValidationError

from concierge_agent.phrases import phrases
from concierge_agent.trace import Usage
from concierge_agent.values import CatalogDescription, Constraint, FieldValue

MOST_VALUES = 6
"""How many values of a list are spelled out."""
_KEPT = "\n\t"


def clean(text: str) -> str:
    """Return `text` without what could steer a terminal or hide: controls, bidi marks, zero-width characters.

    Catalog text and model replies pass through here before they are printed; an escape sequence in a title stays text.
    """
    return "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cs") or _joins(c))


def line(text: str) -> str:
    """Return `text` cleaned, on one line."""
    return " ".join(clean(text).split())


def value_text(value: FieldValue, unit: str | None = None, *, most: int = MOST_VALUES) -> str:
    """Return a field's value in words: `yes`, `90 min`, `red, blue`; an en dash when it is missing.

    Of a longer list, the first `most` values are named and the rest counted.
    """
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        left = len(value) - most
        return ", ".join([line(str(part)) for part in value[:most]] + ([f"{left} more"] if left > 0 else []))
    words = f"{value:.10g}" if isinstance(value, float) else line(str(value))
    return f"{words} {unit}" if unit else words


def arguments_text(arguments: Mapping[str, object], catalog: CatalogDescription | None = None) -> str:
    """Return a tool call's arguments on one line, with filters spelled as constraints and empty arguments left out."""
    parts = []
    for name, value in arguments.items():
        if value is None or value in ("", [], {}):
            continue
        parts.append(f"{line(name)}: {_argument(name, value, catalog)}")
    return " · ".join(parts)


def count(number: int, noun: str) -> str:
    """Return `1 call`, `2 calls`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def spent_text(usage: Usage) -> str:
    """Return what models cost, as `2 model calls, 1,834 + 212 tokens, 1,500 from cache, $0.0031`; empty for nothing."""
    parts = []
    if usage.model_calls:
        parts.append(count(usage.model_calls, "model call"))
    if usage.cached_calls:
        parts.append(f"{count(usage.cached_calls, 'model call')} saved")
    if usage.input_tokens or usage.output_tokens:
        parts.append(f"{usage.input_tokens:,} + {usage.output_tokens:,} tokens")
    if usage.cached_input_tokens:
        parts.append(f"{usage.cached_input_tokens:,} from cache")
    if usage.cost is not None and parts:
        small = "$0" if usage.cost == 0 else "under $0.0001"
        parts.append(f"${usage.cost:.4f}" if usage.cost >= 0.0001 else small)
    return ", ".join(parts)


def seconds_text(seconds: float) -> str:
    """Return a duration as `12 ms` or `1.4 s`."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _argument(name: str, value: object, catalog: CatalogDescription | None) -> str:
    if name == "filters" and isinstance(value, list):
        return _filters(value, catalog)
    if isinstance(value, list):
        return ", ".join(line(str(part)) for part in value)
    if isinstance(value, bool | int | float | str):
        return value_text(value)
    return line(str(value))


def _filters(filters: list[object], catalog: CatalogDescription | None) -> str:
    try:
        constraints = [Constraint.model_validate(part) for part in filters]
    except ValidationError:
        return line(str(filters))  # a call that was refused is shown as it was made
    return "; ".join(line(words) for words in phrases(constraints, catalog))


def _joins(character: str) -> bool:
    """Tell whether a format character is needed by scripts and emoji (the zero-width joiner and non-joiner)."""
    return character in "\u200c\u200d"

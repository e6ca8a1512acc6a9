"""Units: cells such as "389 g", "1.20 kg", "2,5 kg" or "1 h 30 min", read as a number of one unit."""

import re

_DIMENSIONS: tuple[dict[str, float], ...] = (
    {
        "mg": 1e-3,
        "g": 1,
        "gram": 1,
        "kg": 1e3,
        "kilo": 1e3,
        "kilogram": 1e3,
        "t": 1e6,
        "oz": 28.349523125,
        "lb": 453.59237,
    }
    | {"stone": 6350.29318},
    {
        "mm": 1e-3,
        "cm": 1e-2,
        "m": 1,
        "km": 1e3,
        "in": 0.0254,
        "inch": 0.0254,
        '"': 0.0254,
        "ft": 0.3048,
        "yd": 0.9144,
        "yard": 0.9144,
        "mi": 1609.344,
    },
    {"ms": 1e-3, "s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600}
    | {"d": 86400, "day": 86400, "week": 604800},
    {"ml": 1e-3, "cl": 1e-2, "dl": 1e-1, "l": 1, "litre": 1, "liter": 1},
    {"mw": 1e-3, "w": 1, "watt": 1, "kw": 1e3},
    {"wh": 1, "kwh": 1e3},
    {"mah": 1e-3, "ah": 1},
    {"mv": 1e-3, "v": 1, "volt": 1},
    {"b": 1, "byte": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12},
    {"percent": 1, "%": 1, "pct": 1},
    {"eur": 1, "euro": 1, "€": 1},
    {"usd": 1, "dollar": 1, "$": 1},
    {"gbp": 1, "£": 1},
    {"jpy": 1, "¥": 1},
    {"chf": 1},
)
"""Units of one dimension each, with their size in the same measure; in lower case, without a plural's s."""

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+[.,]?\d*|[.,]\d+)"
_PART = re.compile(rf"({_NUMBER})\s*([^\W\d_]+\.?|[%€$£¥\"])", re.ASCII | re.IGNORECASE)
_PARTS = re.compile(rf"(?:{_PART.pattern}\s*)+", re.ASCII | re.IGNORECASE)
_LEADING = re.compile(rf"(eur|usd|gbp|jpy|chf|[€$£¥])\s*({_NUMBER})", re.ASCII | re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


def quantity(text: str, unit: str) -> float:
    """Return a number with or without a unit as a number of `unit`.

    "1,299" is over a thousand, "2,5" is two and a half.

    Raises:
        ValueError: It is no such quantity, or of another dimension than `unit`.
    """
    parts = measured(text)
    if parts is None:
        return _number(text.strip())
    return float(f"{sum(number * _factor(given, unit) for number, given in parts):.12g}")


def measured(text: str) -> list[tuple[float, str]] | None:
    """Return the numbers and units that the text consists of, None when it is anything else."""
    text = text.strip()
    if leading := _LEADING.fullmatch(text):
        return [(_number(leading[2]), leading[1])]
    if not _PARTS.fullmatch(text):
        return None
    return [(_number(part[1]), part[2]) for part in _PART.finditer(text)]


def comparable(one: str, other: str) -> bool:
    """Return whether both are units of one known dimension."""
    return any(_plain(one) in sizes and _plain(other) in sizes for sizes in _DIMENSIONS)


def _factor(given: str, unit: str) -> float:
    one, other = _plain(given), _plain(unit)
    if one == other:
        return 1.0
    for sizes in _DIMENSIONS:
        if one in sizes and other in sizes:
            return sizes[one] / sizes[other]
    raise ValueError(f"{given!r} is not a measure of {unit!r}")


def _plain(unit: str) -> str:
    """Return a unit in lower case, without a point or a plural's s."""
    word = unit.strip().rstrip(".").casefold()
    word = {"feet": "ft", "inches": "inch", "pound": "lb", "pounds": "lb", "ounce": "oz", "ounces": "oz"}.get(
        word, word
    )
    return word.removesuffix("s") if len(word) > 2 else word


def _number(text: str) -> float:
    written = text.replace(",", "") if _GROUPED.fullmatch(text) else text.replace(",", ".")
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", written, re.ASCII) is None:
        raise ValueError(f"{text!r} is not a number")
    return float(written)

"""Column inference: what kind of field a column of the catalog is, and why."""

import json
import re
from collections import Counter
from dataclasses import dataclass

from concierge_tools.config import FieldConfig
from concierge_tools.data.fields import Role
from concierge_tools.data.units import comparable, measured
from concierge_tools.inference.column_profile import TOLERANCE, Profile
from concierge_tools.ingest.cells import MISSING, parse_tags

SEPARATORS = ("|", ";", ",")
PRICE = ("price", "cost", "msrp", "rrp")
DURATION = ("runtime", "duration")
MAKER = ("artist", "author", "brand", "creator", "director", "maker", "manufacturer", "publisher", "vendor", "writer")
AVAILABILITY = ("stock", "inventory", "available", "availability", "instock", "qty", "quantity")

_UNIT = re.compile(
    "kg|g|mg|lbs?|oz|cm|mm|m|km|inch|ft|min|minutes|hours|days|ml|cl|l|w|v|mah|[mgt]b|eur|usd|gbp|chf|percent"
)
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "usd": "USD", "eur": "EUR", "gbp": "GBP", "jpy": "JPY"}
_URL = re.compile(r"(https?:)?//\S+", re.IGNORECASE)
_IMAGE = re.compile(r"\S+\.(jpe?g|png|webp|gif|avif|svg)(\?\S*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column seems to be. One that is not kept is only proposed."""

    column: str
    setting: FieldConfig
    why: str
    kept: bool = True


def guess_field(column: Profile, currency: str | None = None) -> Guess:
    """Guess the field that a column of the catalog holds; `currency` is the unit of prices, if a column says it."""
    return (
        _nothing(column)
        or _link(column)
        or _boolean(column)
        or _number(column, currency)
        or _measure(column)
        or _date(column)
        or _tags(column)
        or _words(column)
    )


def currency_of(columns: list[Profile]) -> str | None:
    """Return the one value of a column called currency."""
    for column in columns:
        if column.named("currency") and column.distinct == 1:
            return next(iter(column.counts))
    return None


def _nothing(column: Profile) -> Guess | None:
    if not column.counts:
        return _left_out(column, FieldConfig(type="text"), "it is empty")
    if column.distinct == 1 and column.filled == column.rows > 1 and not column.named(*PRICE, *AVAILABILITY):
        value = next(iter(column.counts))
        return _left_out(column, FieldConfig(type="category"), f"every row says {value[:40]!r}")
    return None


def _link(column: Profile) -> Guess | None:
    if column.share(lambda value: _IMAGE.fullmatch(value) is not None) >= TOLERANCE:
        return Guess(column.name, FieldConfig(type="text", role="image"), "addresses of images")
    if column.share(lambda value: _URL.fullmatch(value) is not None) >= TOLERANCE:
        if column.named("image", "images", "img", "photo", "picture", "thumbnail"):
            return Guess(column.name, FieldConfig(type="text", role="image"), "web addresses, and the name says image")
        return _left_out(column, FieldConfig(type="text"), "web addresses: nothing to filter by")
    return None


def _boolean(column: Profile) -> Guess | None:
    if not column.is_boolean():
        return None
    values = " and ".join(sorted(column.counts)[:2])
    if column.named(*AVAILABILITY):
        setting = FieldConfig(type="boolean", role="availability")
        return Guess(column.name, setting, f"only {values}, and the name says whether it can be had")
    return Guess(column.name, FieldConfig(type="boolean"), f"only {values}")


def _number(column: Profile, currency: str | None) -> Guess | None:
    if not column.parses_as("number"):
        return None
    numbers = column.numbers()
    if not numbers:
        return _left_out(column, FieldConfig(type="number"), "no row has a value")
    whole = all(number.is_integer() for number in numbers)
    span = f"numbers from {numbers[0]:g} to {numbers[-1]:g}{_misfits(column, 'number')}"
    if whole and column.words[-1:] in (("id",), ("key",)):
        return _left_out(column, FieldConfig(type="category"), "a number that names something: not one to compare by")
    if whole and column.named("year") and numbers[0] >= 1800 and numbers[-1] <= 2100:
        return Guess(
            column.name, FieldConfig(type="number", role="date"), f"years from {numbers[0]:g} to {numbers[-1]:g}"
        )
    if column.named(*PRICE):
        unit = currency or _unit(column)
        hint = "" if unit else '; add its unit, for example unit = "EUR"'
        return Guess(
            column.name, FieldConfig(type="number", role="price", unit=unit), f"{span}, and the name says price{hint}"
        )
    if column.named(*AVAILABILITY):
        why = f"{span}, and the name says how many there are"
        return Guess(column.name, FieldConfig(type="number", role="availability"), why)
    unit = _unit(column)
    if unit is None and column.named(*DURATION) and 5 <= numbers[len(numbers) // 2] <= 600:
        why = f"{span}, and the name says how long it takes: minutes, it seems"
        return Guess(column.name, FieldConfig(type="number", unit="min"), why)
    return Guess(column.name, FieldConfig(type="number", unit=unit), span)


def _measure(column: Profile) -> Guess | None:
    """Recognise numbers that carry their units, such as "389 g" beside "1.20 kg"."""
    units = Counter[str]()
    for value, n in column.counts.items():
        for _, given in measured(value) or ():
            units[given] += n
    unit = next((found for found, _ in units.most_common() if comparable(found, found)), None)
    if unit is None or column.share(lambda value: _is_measure(value, unit)) < TOLERANCE:
        return None
    written = _CURRENCIES.get(unit.lower(), unit)
    example = next(value for value in column.counts if measured(value))
    others = sum(n for value, n in column.counts.items() if not _is_measure(value, unit))
    why = f"numbers with a unit, such as {example!r}, read as {written}" + _going(others)
    role: Role | None = "price" if column.named(*PRICE) else None
    return Guess(column.name, FieldConfig(type="number", role=role, unit=written), why)


def _is_measure(value: str, unit: str) -> bool:
    return value.casefold() in MISSING or any(comparable(given, unit) for _, given in measured(value) or ())


def _date(column: Profile) -> Guess | None:
    if not column.parses_as("date"):
        return None
    return Guess(column.name, FieldConfig(type="date"), f"ISO dates{_misfits(column, 'date')}")


def _tags(column: Profile) -> Guess | None:
    if column.share(_is_list) >= TOLERANCE:
        pieces = Counter(tag for value in column.counts for tag in parse_tags(value, None))
        if sum(map(len, pieces)) > 60 * len(pieces):
            return _left_out(column, FieldConfig(type="tags"), "lists of long texts or addresses: nothing to filter by")
        return Guess(column.name, FieldConfig(type="tags"), f"lists, with {len(pieces):,} different values")
    for separator in SEPARATORS:
        pieces = Counter[str]()
        for value, n in column.counts.items():
            for tag in parse_tags(value, separator):
                pieces[tag] += n
        if _splits(column, separator, pieces):
            example = next(value for value in column.counts if separator in value)
            why = f"{example[:60]!r} splits at {separator!r} into values that repeat ({len(pieces):,} different ones)"
            return Guess(column.name, FieldConfig(type="tags", separator=separator), why)
    return None


def _splits(column: Profile, separator: str, pieces: Counter[str]) -> bool:
    """Tell lists from sentences and from 'Last, First': pieces are short, repeat, and are put together differently."""
    several = column.share(lambda value: separator in value)
    length = sum(len(piece) * n for piece, n in pieces.items()) / max(pieces.total(), 1)
    repeats = pieces.total() / max(len(pieces), 1)
    if separator == ",":
        one_each = column.share(lambda value: value.count(",") == 1)
        sentences = column.share(lambda value: ". " in value or value.endswith("."))
        plain = several >= 0.1 and one_each < TOLERANCE and sentences < 0.05
        return plain and length <= 20 and repeats >= 3 and len(pieces) < column.distinct
    return several >= 0.05 and length <= 40 and repeats >= 1.5 and len(pieces) <= column.distinct


def _words(column: Profile) -> Guess:
    many = f"{column.distinct:,} different values in {column.filled:,} rows"
    if column.length <= 60 and column.distinct <= 0.6 * column.filled:
        return Guess(column.name, FieldConfig(type="category"), many)
    if column.length <= 60 and column.named(*MAKER):
        return Guess(column.name, FieldConfig(type="category"), f"{many}, and the name says who made it")
    if column.word_count >= 4 or column.length >= 60:
        return Guess(column.name, FieldConfig(type="text"), f"about {column.word_count:.0f} words each")
    return _left_out(column, FieldConfig(type="text"), f"{many}, and short: nothing to filter by and little to search")


def _left_out(column: Profile, setting: FieldConfig, why: str) -> Guess:
    return Guess(column.name, setting, why, kept=False)


def _misfits(column: Profile, kind: str) -> str:
    return _going(column.misfits("number" if kind == "number" else "date"))


def _going(bad: int) -> str:
    return f"; {bad:,} rows hold something else, which will be taken as missing" if bad else ""


def _unit(column: Profile) -> str | None:
    last = column.words[-1] if len(column.words) > 1 else ""
    if not _UNIT.fullmatch(last):
        return None
    return last.upper() if last in ("eur", "usd", "gbp", "chf") else last


def _is_list(value: str) -> bool:
    if not (value.startswith("[") and value.endswith("]")):
        return False
    try:
        return isinstance(json.loads(value), list)
    except ValueError:
        return "'" in value

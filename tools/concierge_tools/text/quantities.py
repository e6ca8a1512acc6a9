"""Quantities: bounds on number and date fields that a query states, such as "under 90 minutes" or "from the 80s".

Units, field names and roles tell which field is meant; a number that no field can be told for is left alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import DateColumn, NumberColumn
from concierge_tools.data.constraints import Constraint, Op
from concierge_tools.data.fields import Field
from concierge_tools.data.units import comparable, quantity
from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.passage import Passage
from concierge_tools.text.words import Stemmer

NEAR = 4
"""How many words before a bound, or behind its number, the field may be named."""
_BOUNDS: Mapping[tuple[str, ...], Op] = {
    ("under",): "<", ("below",): "<", ("less", "than"): "<", ("fewer", "than"): "<", ("up", "to"): "<=",
    ("at", "most"): "<=", ("no", "more", "than"): "<=", ("not", "more", "than"): "<=", ("max",): "<=",
    ("maximum",): "<=", ("within",): "<=", ("over",): ">", ("above",): ">", ("more", "than"): ">",
    ("at", "least"): ">=", ("no", "less", "than"): ">=", ("min",): ">=", ("minimum",): ">=",
    ("shorter", "than"): "<", ("lighter", "than"): "<", ("cheaper", "than"): "<", ("smaller", "than"): "<",
    ("lower", "than"): "<", ("longer", "than"): ">", ("heavier", "than"): ">", ("higher", "than"): ">",
    ("bigger", "than"): ">", ("larger", "than"): ">", ("greater", "than"): ">", ("better", "than"): ">",
}  # fmt: skip
_DATED: Mapping[tuple[str, ...], Op] = {
    ("before",): "<", ("older", "than"): "<", ("earlier", "than"): "<", ("until",): "<=", ("till",): "<=",
    ("after",): ">", ("newer", "than"): ">", ("later", "than"): ">", ("since",): ">=",
    ("in",): "==", ("from",): "==", ("of",): "==",
}  # fmt: skip
_NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_DECADES = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90, "noughties": 0,
}  # fmt: skip
_DECADE = re.compile(r"(\d\d)?(\d)0s", re.ASCII)
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d", re.ASCII)
_DIGITS = re.compile(r"(\d{1,9})([a-z]*)", re.ASCII)
_SIGNS = re.compile(r"[€$£¥]\s*$")
_LEADERS = frozenset(("from", "of", "in", "the", "a", "an", "with", "early", "late", "during"))


@dataclass(frozen=True, slots=True)
class Stated:
    """A stretch of words, from `first` up to `end`, and what it asks of one field."""

    first: int
    end: int
    constraints: tuple[Constraint, ...]
    named: frozenset[int] = frozenset()
    """Where words beside the stretch name the field."""


@dataclass(frozen=True, slots=True)
class _Number:
    first: int
    end: int
    value: float
    unit: str | None
    digits: bool
    """Whether it is written in digits, as years are."""

    @property
    def year(self) -> bool:
        return self.digits and self.unit is None and _YEAR.fullmatch(f"{self.value:g}") is not None


def read_quantities(passage: Passage, catalog: Catalog, stemmer: Stemmer) -> list[Stated]:
    """Return what a passage asks of number and date fields, in order; stretches do not overlap."""
    if not any(_starts_number(token.folded) or token.folded in _DECADES for token in passage.tokens):
        return []
    return list(_Reader(passage, catalog, stemmer).read())


class _Reader:
    def __init__(self, passage: Passage, catalog: Catalog, stemmer: Stemmer) -> None:
        self._passage = passage
        self._folded = [token.folded for token in passage.tokens]
        self._stems = [stemmer.stem(word) for word in self._folded]
        self._stemmer = stemmer
        self._catalog = catalog
        self._fields = [
            field for field in catalog.fields if isinstance(catalog.column(field.name), NumberColumn | DateColumn)
        ]

    def read(self) -> Iterator[Stated]:
        i = 0
        while i < len(self._folded):
            found = self._decade(i) or self._range(i) or self._bound(i)
            if found is None:
                i += 1
                continue
            yield replace(found, named=frozenset(self._naming(found)))
            i = found.end

    def _decade(self, i: int) -> Stated | None:
        dated = self._dated()
        word = self._folded[i]
        match = _DECADE.fullmatch(word)
        if dated is None or not (match or word in _DECADES):
            return None
        if match and match[1]:
            starts: Sequence[int] = [int(f"{match[1]}{match[2]}0")]
        else:
            tens = int(match[2]) * 10 if match else _DECADES[word]
            starts = [1900 + tens, 2000 + tens] if tens else [2000]
        held = [start for start in starts if self._spans(dated, start, start + 9)]
        if not held:
            return None
        bounds = (_bound(dated, ">=", held[0]), _bound(dated, "<=", held[0] + 9))
        return Stated(self._led(i), i + 1, bounds)

    def _range(self, i: int) -> Stated | None:
        """Read "between A and B", "from A to B" and "A-B"."""
        led = self._folded[i] in ("between", "from")
        low = self._number(i + led)
        if low is None or low.end >= len(self._folded):
            return None
        joined = self._passage.tokens[low.end].gap.strip() in ("-", "–")
        word = self._folded[low.end]
        if not joined and not (led and word in ("and", "to", "until", "till")):
            return None
        high = self._number(low.end + (not joined))
        if high is None or high.value < low.value:
            return None
        field = self._meant(i, high, dated=low.year and high.year)
        if field is None:
            return None
        factor = self._factor(field, high)
        values = (low.value * factor, high.value * factor)
        return Stated(i, high.end, (_bound(field, ">=", values[0]), _bound(field, "<=", values[1])))

    def _bound(self, i: int) -> Stated | None:
        for said, op in (*_BOUNDS.items(), *_DATED.items()):
            start = i + len(said)
            if tuple(self._folded[i:start]) != said:
                continue
            number = self._number(start + (self._folded[start : start + 1] == ["the"]))
            if number is None or (said in _DATED and not number.year):
                continue
            field = self._meant(i, number, dated=number.year)
            if field is not None:
                return Stated(i, number.end, (_bound(field, op, number.value * self._factor(field, number)),))
        number = self._number(i)
        dated = self._dated()
        if number is None or dated is None or not number.year or not self._spans(dated, number.value, number.value):
            return None
        return Stated(i, number.end, (_bound(dated, "==", number.value),))

    def _meant(self, first: int, number: _Number, *, dated: bool) -> Field | None:
        """Return the field that a bound is about: by its unit, its name nearby, as a year, as a price."""
        if number.unit is not None:
            unit = number.unit
            return next((f for f in self._fields if f.unit is not None and _same_kind(unit, f)), None)
        near = set(self._stems[max(0, first - NEAR) : first] + self._stems[number.end : number.end + NEAR])
        named = [(len(near & self._names(field)), field) for field in self._fields]
        most = max((count for count, _ in named), default=0)
        if most:
            return next(field for count, field in named if count == most)
        if dated:
            return self._dated()
        return next((field for field in self._fields if field.role == "price"), None)

    def _naming(self, stated: Stated) -> Iterator[int]:
        """Find the words that name the field of a bound, beside it but for stop words."""
        names = self._names(self._catalog.field(stated.constraints[0].field))
        last = len(self._folded)
        for way in (range(stated.first - 1, -1, -1), range(stated.end, last)):
            for i in way:
                if self._stems[i] in names:
                    yield i
                elif self._folded[i] not in STOP_WORDS:
                    break

    def _names(self, field: Field) -> set[str]:
        said = " ".join((field.name, *field.aliases)).replace("_", " ").lower().split()
        return {self._stemmer.stem(word.strip("'")) for word in said if word not in STOP_WORDS}

    def _dated(self) -> Field | None:
        return next((field for field in self._fields if field.type == "date" or field.role == "date"), None)

    def _spans(self, field: Field, low: float, high: float) -> bool:
        column = self._catalog.column(field.name)
        bounds = (_bound(field, ">=", low), _bound(field, "<=", high))
        held = [column.mask(constraint.op, constraint.value) for constraint in bounds]
        return bool((held[0] & held[1]).any())

    def _number(self, i: int) -> _Number | None:
        if i >= len(self._folded) or not _starts_number(self._folded[i]):
            return None
        passage = self._passage
        word = self._folded[i]
        match = _DIGITS.fullmatch(word)
        text, glued = (match[1], match[2] or None) if match else (str(_NUMBERS[word]), None)
        end = i + 1
        if match and not glued and end < len(passage) and passage.tokens[end].gap == ".":
            part = re.fullmatch(r"(\d{1,6})([a-z]*)", self._folded[end], re.ASCII)
            if part:
                text, glued, end = f"{text}.{part[1]}", part[2] or None, end + 1
        unit = glued
        if sign := _SIGNS.search(passage.tokens[i].gap):
            unit = sign.group().strip()
        elif glued is None and end < len(passage):
            after = passage.tokens[end].gap
            following = passage.text[passage.tokens[end - 1].end :].lstrip()[:1]
            if following in ("€", "$", "£", "¥", "%"):
                unit = following
            elif after in ("", " ", "-") and any(_same_kind(self._folded[end], field) for field in self._fields):
                unit, end = self._folded[end], end + 1
        elif glued is None:
            following = passage.text[passage.tokens[end - 1].end :].strip()[:1]
            unit = following if following in ("€", "$", "£", "¥", "%") else None
        if glued is not None and not any(_same_kind(glued, field) for field in self._fields):
            return None
        return _Number(i, end, float(text), unit, match is not None)

    def _factor(self, field: Field, number: _Number) -> float:
        return quantity(f"1 {number.unit}", field.unit) if number.unit is not None and field.unit is not None else 1.0

    def _led(self, i: int) -> int:
        while i > 0 and self._folded[i - 1] in _LEADERS:
            i -= 1
        return i


def _starts_number(word: str) -> bool:
    return word in _NUMBERS or _DIGITS.fullmatch(word) is not None


def _same_kind(unit: str, field: Field) -> bool:
    return field.unit is not None and comparable(unit, field.unit)


def _bound(field: Field, op: Op, value: float) -> Constraint:
    plain = int(value) if float(value).is_integer() else float(f"{value:.12g}")
    return Constraint(field=field.name, op=op, value=str(plain) if field.type == "date" else plain)

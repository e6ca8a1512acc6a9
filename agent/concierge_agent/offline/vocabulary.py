"""The catalog's fields as English speaks of them: by name, alias, unit, or the dimension they measure."""

from functools import cached_property

from concierge_agent.offline.dimensions import Dimension, Side, dimension
from concierge_agent.offline.text import Token, key, stem
from concierge_agent.offline.units import CURRENCIES, UNITS, Unit
from concierge_agent.values import CatalogDescription, FieldDescription, Scalar

_RATING = frozenset(map(stem, ("rating", "score", "stars", "grade", "reviews")))
_COUNTS = frozenset(map(stem, ("count", "number", "votes", "total")))
_GENERIC = frozenset(map(stem, ("item", "product", "title", "entry", "option", "choice", "pick", "idea", "example")))
_DENYING = ("un", "non", "in", "dis")
_RECENT_YEARS = 5
_DURATIONS = frozenset({"runtime", "duration", "length", "time"})
_HOURS_IN_A_DAY = 24


class Vocabulary:
    """A catalog's description, asked the questions a parser has."""

    def __init__(self, catalog: CatalogDescription) -> None:
        self.catalog = catalog
        self.measured = [f for f in catalog.fields if f.type in ("number", "date")]

    @cached_property
    def _phrases(self) -> list[tuple[tuple[str, ...], FieldDescription]]:
        phrases = [
            (key(name), field)
            for field in self.catalog.fields
            if field.role not in ("id", "title")
            for name in (field.name, *field.aliases)
        ]
        return sorted((p for p in phrases if p[0]), key=lambda p: -len(p[0]))

    def named_at(self, tokens: list[Token], i: int) -> tuple[FieldDescription, int] | None:
        """Return the field whose name or alias stands at `i`, with the position after it.

        The longest phrase wins, then the one spelt so.
        """
        found: list[tuple[FieldDescription, int]] = []
        for phrase, field in self._phrases:
            if found and i + len(phrase) < found[0][1]:
                break
            if tuple(stem(token.text) for token in tokens[i : i + len(phrase)]) == phrase:
                found.append((field, i + len(phrase)))
        if len(found) < 2:
            return found[0] if found else None
        said = " ".join(token.text for token in tokens[i : found[0][1]])
        spelt = (f for f in found if said in (name.lower().replace("_", " ") for name in (f[0].name, *f[0].aliases)))
        rated = (f for f in found if said in dimension("rating").nouns and self.is_rating(f[0]))
        return next(spelt, None) or next(rated, found[0])

    def denied_at(self, tokens: list[Token], i: int) -> FieldDescription | None:
        """Return the boolean field whose name stands at `i` with a prefix that denies it: "unsigned", "nonstick"."""
        for prefix in _DENYING:
            rest = tokens[i].text.removeprefix(prefix)
            if len(rest) < len(tokens[i].text) and len(rest) > len(prefix):
                for phrase, field in self._phrases:
                    if field.type == "boolean" and phrase == (stem(rest),):
                        return field
        return None

    @cached_property
    def generic(self) -> frozenset[str]:
        """Stems of words that name items as such: general ones, the catalog's own name, other words for its titles."""
        titles = [alias for f in self.catalog.fields if f.role in ("id", "title") for alias in (f.name, *f.aliases)]
        named = [stem_ for phrase, _ in self._phrases for stem_ in phrase]
        return (
            _GENERIC
            | frozenset(key(self.catalog.name))
            | frozenset(s for t in titles for s in key(t))
            | frozenset(named)
        )

    def dimension_of(self, field: FieldDescription) -> str | None:
        """Return what a number or date field measures, or None when only its name says."""
        if field.role == "price":
            return "price"
        if field.type == "date" or field.role == "date" or self.is_year(field):
            return "date"
        if field.type != "number" or field.role == "availability":
            return None
        if self.is_rating(field):
            return "rating"
        unit = self.unit(field)
        return unit.dimension if unit is not None else None

    def unit(self, field: FieldDescription) -> Unit | None:
        """Return the field's unit when it is one everybody knows: as declared, or as its name or its nature tells.

        A duration without a unit is taken to be in hours when it never exceeds 24, else in minutes.
        """
        if field.unit:
            return UNITS.get(field.unit.lower())
        if field.type != "number" or field.role != "number":
            return None
        named = field.name.lower().replace("_", " ").split()
        unit = next((UNITS[word] for word in named if word in UNITS and len(word) > 1), None)
        if unit is None and _DURATIONS.intersection(named):
            high = field.maximum if isinstance(field.maximum, int | float) else _HOURS_IN_A_DAY + 1
            unit = UNITS["hours" if high <= _HOURS_IN_A_DAY else "minutes"]
        return unit

    def assumes_unit(self, field: FieldDescription) -> bool:
        """Whether the field's unit is told by nothing but its nature."""
        named = field.name.lower().replace("_", " ").split()
        return not field.unit and self.unit(field) is not None and not any(len(w) > 1 and w in UNITS for w in named)

    def is_year(self, field: FieldDescription) -> bool:
        """Whether a number field holds years."""
        low, high = field.minimum, field.maximum
        numeric = isinstance(low, int | float) and isinstance(high, int | float)
        named = any("year" in key(name) for name in (field.name, *field.aliases))
        return field.type == "number" and numeric and named and float(low or 0) >= 1000 and float(high or 0) <= 2200

    def is_rating(self, field: FieldDescription) -> bool:
        """Whether a number field is a rating: its name, an alias or its unit says so."""
        words = {s for name in (field.name, *field.aliases, field.unit or "") for s in key(name)}
        high = field.maximum if isinstance(field.maximum, int | float) else 0
        return field.type == "number" and bool(_RATING & words) and not self.is_count(field) and high <= 100

    def is_count(self, field: FieldDescription) -> bool:
        """Whether a number field counts something, which people seldom speak of without naming it."""
        return bool(_COUNTS & set(key(field.name)))

    def measuring(self, name: str) -> list[FieldDescription]:
        """Return the fields that measure a dimension, in the catalog's order; "size" is length, volume or so named."""
        if name == "size":
            return [f for f in self.measured if self.dimension_of(f) in ("length", "volume") or "size" in key(f.name)]
        fields = [f for f in self.measured if self.dimension_of(f) == name]
        if name == "duration" and not fields:
            fields = [
                f for f in self.measured if {"length", "long"} & {s for n in (f.name, *f.aliases) for s in key(n)}
            ]
        return fields

    def best_measuring(self, which: Dimension) -> FieldDescription | None:
        """Return the field an adjective of this dimension speaks about: one called by it, else the first declared."""
        fields = self.measuring(which.name)
        called = [f for f in fields if set(key(" ".join((f.name, *f.aliases)))) & {stem(n) for n in which.nouns}]
        return next(iter(called or fields), None)

    @property
    def price(self) -> FieldDescription | None:
        """The price field, if there is one."""
        return self.best_measuring(dimension("price"))

    @property
    def date(self) -> FieldDescription | None:
        """The date or year field, if there is one."""
        return self.best_measuring(dimension("date"))

    @property
    def rating(self) -> FieldDescription | None:
        """The rating-like field, if there is one."""
        return self.best_measuring(dimension("rating"))

    def quantile(self, field: FieldDescription, side: Side) -> Scalar | None:
        """Return where the lowest or highest quarter of a field begins, or None when the catalog does not say.

        Dates without quartiles: recent is within five years of the newest, old is the first quarter of the range.
        """
        if self.dimension_of(field) == "date":
            first, last = _year(field.minimum), _year(field.maximum)
            if first is None or last is None:
                return None
            if side == "high":
                year = max(first, last - _RECENT_YEARS + 1)
            else:
                year = int(field.quartiles[0]) if field.quartiles else first + (last - first) // 4
            return self.year(field, year)
        if field.quartiles is None:
            return None
        return tidy(field.quartiles[0 if side == "low" else 2])

    def median(self, field: FieldDescription) -> Scalar | None:
        """Return a number field's median, or None when the catalog does not say."""
        return tidy(field.quartiles[1]) if field.quartiles else None

    @staticmethod
    def year(field: FieldDescription, year: int) -> Scalar:
        """Spell a year as the field's values are spelt."""
        return f"{year:04d}" if field.type == "date" else year

    def newest_year(self, field: FieldDescription) -> int | None:
        """Return the year of the field's largest value."""
        return _year(field.maximum)

    def currency(self, field: FieldDescription) -> str | None:
        """Return the code of a price field's currency."""
        return CURRENCIES.get((field.unit or "").lower())


def tidy(number: float) -> int | float:
    """Drop the noise of floating point; whole numbers become ints."""
    rounded = float(f"{number:.6g}")
    return int(rounded) if rounded.is_integer() else rounded


def _year(value: Scalar | None) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    text = str(value)[:4] if isinstance(value, str) else str(int(value))
    return int(text) if text.isdigit() else None

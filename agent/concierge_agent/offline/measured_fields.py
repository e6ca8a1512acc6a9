"""Which field an amount speaks about: its unit decides, then words beside it, then what values the fields hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from concierge_agent.offline.comparators import FLIPPED
from concierge_agent.offline.dimensions import DIMENSIONS, Dimension
from concierge_agent.offline.quantities import Amount
from concierge_agent.offline.text import Token, key, word_set
from concierge_agent.offline.units import UNITS
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import FieldDescription

_REACH = 4
_DATE_CUES = word_set("before after since until till in from during predating pre older newer earlier later")
_AGING = word_set("older newer younger no not")
_FIRST_YEAR = 1000
_LAST_YEAR = 2200
_UPPER = frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class Choice:
    """The field an amount was given, or the fields it could be about."""

    field: FieldDescription | None
    rivals: tuple[FieldDescription, ...] = ()
    note: str | None = None


def choose(
    amount: Amount,
    tokens: list[Token],
    words: Vocabulary,
    *,
    expected: FieldDescription | None = None,
    earlier: FieldDescription | None = None,
) -> Choice:
    """Choose the field of `amount`.

    Args:
        amount: The amount.
        tokens: The whole text.
        words: The catalog's vocabulary.
        expected: The field the user was just asked about.
        earlier: The field an earlier amount of the text was about, which decides when nothing else does.
    """
    fields = _fitting_unit(amount, words)
    if not fields:
        return Choice(None)
    if len(fields) == 1 and amount.measure.kind not in ("number", "score"):
        return Choice(fields[0])
    named = _named_nearby(amount, tokens, words, fields)
    if named is not None:
        return Choice(named)
    if expected is not None and expected in fields and _plausible(amount, expected):
        return Choice(expected)
    dimension = _spoken_dimension(amount, tokens)
    if dimension is not None:
        called = [f for f in words.measuring(dimension.name) if f in fields]
        if called:
            best = words.best_measuring(dimension)
            return Choice(best if best in called else called[0])
    if amount.measure.unit is not None:
        choice = _by_converted_value(amount, words, fields)
    elif amount.measure.kind != "number":
        return Choice(fields[0])
    else:
        choice = _by_value(amount, words, fields)
    return Choice(earlier) if choice.field is None and earlier is not None and earlier in choice.rivals else choice


def _fitting_unit(amount: Amount, words: Vocabulary) -> list[FieldDescription]:
    measure = amount.upper or amount.measure
    if measure.kind in ("date", "ago"):
        return [words.date] if words.date is not None else []
    if measure.kind == "month":
        return []
    if measure.kind == "age":
        return [f for f in words.measured if "age" in key(f.name) or _in_years(f, words)] or _dated(amount, words)
    if measure.rate and measure.kind == "number" and words.price is not None:
        return [words.price]
    if measure.kind == "currency":
        return [words.price] if words.price is not None else []
    if measure.kind == "score":
        return [words.rating] if words.rating is not None else []
    if measure.own_unit is not None:
        return [f for f in words.measured if measure.own_unit in _stems(f)] or list(words.measured)
    if measure.unit == UNITS["year"] and amount.cue in _AGING and not any(_in_years(f, words) for f in words.measured):
        return _dated(amount, words)
    if measure.unit is not None:
        dimension = measure.unit.dimension
        fields = [f for f in words.measured if (u := words.unit(f)) is not None and u.dimension == dimension]
        if not fields and dimension == "share" and words.rating is not None:
            return [words.rating]
        if not fields and dimension == "mass" and words.price is not None and words.currency(words.price) == "gbp":
            return [words.price]
        return fields
    fields = [f for f in words.measured if _may_hold(f, amount, words)]
    dated = words.date is not None and measure.low.is_integer() and _FIRST_YEAR <= measure.low <= _LAST_YEAR
    return [f for f in fields if not (dated and words.dimension_of(f) == "rating")]


def _dated(amount: Amount, words: Vocabulary) -> list[FieldDescription]:
    """Return the date field for a bound on how old items are: "no more than ten years old"."""
    return [words.date] if words.date is not None and amount.comparison in FLIPPED else []


def _in_years(field: FieldDescription, words: Vocabulary) -> bool:
    unit = words.unit(field)
    return unit is not None and unit == UNITS["year"]


def _stems(field: FieldDescription) -> set[str]:
    return {s for name in (field.name, *field.aliases, field.unit or "") for s in key(name)}


def _around(amount: Amount, tokens: list[Token]) -> list[int]:
    """Positions near the amount in its own stretch of text, nearest first: inside, to the left, then to the right."""
    inside = [i for i in range(amount.start, amount.end) if not amount.measure.start <= i < amount.measure.end]
    left: list[int] = []
    for i in range(amount.start - 1, max(-1, amount.start - 1 - _REACH), -1):
        if tokens[i].ends_sentence or tokens[i].text in (",", "but", "and"):
            break
        left.append(i)
    right: list[int] = []
    for i in range(amount.end, min(len(tokens), amount.end + _REACH - 1)):
        if tokens[i].ends_sentence or tokens[i].text in (",", "but", "and", "with"):
            break
        right.append(i)
    return [*inside, *left, *right]


def _named_nearby(
    amount: Amount, tokens: list[Token], words: Vocabulary, fields: Sequence[FieldDescription]
) -> FieldDescription | None:
    for i in _around(amount, tokens):
        named = words.named_at(tokens, i)
        if named is not None and named[0] in fields:
            return named[0]
    return None


def _may_hold(field: FieldDescription, amount: Amount, words: Vocabulary) -> bool:
    """Whether a bare number may stand for a value of a field: no year has two digits."""
    return words.dimension_of(field) != "date" or amount.measure.kind != "number" or amount.measure.low >= _FIRST_YEAR


def _spoken_dimension(amount: Amount, tokens: list[Token]) -> Dimension | None:
    for i in _around(amount, tokens):
        text = tokens[i].text
        for dimension in DIMENSIONS:
            if text in dimension.nouns | dimension.lower | dimension.higher:
                return dimension
    return None


def _by_converted_value(amount: Amount, words: Vocabulary, fields: Sequence[FieldDescription]) -> Choice:
    """Choose among fields of one kind of unit the one that holds the amount; several or none are left open."""
    holding = []
    for field in fields:
        unit, measure = words.unit(field), amount.measure
        value = measure.low * measure.unit.factor / unit.factor if measure.unit and unit else measure.low
        if _holds(field, value, 0.0):
            holding.append(field)
    return Choice(holding[0]) if len(holding) == 1 else Choice(None, rivals=tuple(holding or fields))


def _by_value(amount: Amount, words: Vocabulary, fields: Sequence[FieldDescription]) -> Choice:
    value = amount.measure.low
    whole_year = value.is_integer() and 1000 <= value <= 2200 and amount.measure.end - amount.measure.start == 1
    date = words.date
    usual = [
        f for f in fields if f.role != "availability" and words.dimension_of(f) != "date" and not words.is_count(f)
    ]
    within = [f for f in usual if _holds(f, value, 0.0)]
    if whole_year and date is not None and (amount.cue in _DATE_CUES or amount.comparison is None or not within):
        return Choice(date)
    if amount.comparison is None and not amount.measure.article:
        return Choice(None)
    rating = words.rating
    top = float(rating.maximum) if rating is not None and isinstance(rating.maximum, int | float) else 10.0
    if rating is not None and value <= max(10.0, top) and (amount.measure.article or rating in within):
        others = [f for f in within if f is not rating]
        if amount.measure.article or not others or not value.is_integer():
            return Choice(rating)
    near = within or [f for f in usual if _holds(f, value, 0.5)]
    if len(near) == 1:
        return Choice(near[0], note=f"I took {value:g} to be about {near[0].name}.")
    if words.price in near and amount.comparison in _UPPER and words.price is not None:
        return Choice(words.price, note=f"I took {value:g} to be about {words.price.name}.")
    return Choice(None, rivals=tuple(near))


def _plausible(amount: Amount, field: FieldDescription) -> bool:
    """Whether a bare number may answer a question about a field: it lies about where the field's values do."""
    known = isinstance(field.minimum, int | float) and isinstance(field.maximum, int | float)
    return amount.comparison is not None or not known or _holds(field, amount.measure.low, 1.0)


def _holds(field: FieldDescription, value: float, slack: float) -> bool:
    low, high = field.minimum, field.maximum
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return False
    room = slack * max(1.0, float(high) - float(low))
    return float(low) - room <= value <= float(high) + room

"""Amounts with their comparison, and what they mean for a field: "under two hours" is < 120 where time is in minutes.

Not known here: amounts computed from other amounts ("half the price of"), and calendars finer than days.
"""

from dataclasses import dataclass, replace

from concierge_agent.offline.comparators import FLIPPED, Comparison, comparator_ending_at, comparator_starting_at
from concierge_agent.offline.dimensions import DIMENSIONS
from concierge_agent.offline.measures import Measure, measure_at
from concierge_agent.offline.text import Token, stem, word_set
from concierge_agent.offline.units import CURRENCY_SIGNS
from concierge_agent.offline.vocabulary import Vocabulary, tidy
from concierge_agent.values import Constraint, FieldDescription, Scalar

_FILLERS = word_set("a an the of is be was to at its it 's : around score only just still")
_DATE_WORDS = word_set("before after since until till in from during predating pre")
_ABOUT = 0.1
_UNIT_NAMES = {1: "minutes", 60: "hours"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A comparison with one or two measures, at token positions `start` to `end`."""

    start: int
    end: int
    comparison: Comparison | None
    """None when the text only names the amount."""
    measure: Measure
    upper: Measure | None = None
    """The second amount of a range."""
    cue: str = ""
    """The word that compares, for what it says about the field: "before", "cheaper"."""


def amounts(tokens: list[Token], masked: set[int], words: Vocabulary) -> list[Amount]:
    """Find every amount in `tokens`, skipping positions that belong to titles and values."""
    found: list[Amount] = []
    i = 0
    while i < len(tokens):
        measure = None if i in masked else measure_at(tokens, i, words)
        if measure is None or any(j in masked for j in range(measure.start, measure.end)):
            i += 1
            continue
        amount = _compared(tokens, measure, words, found[-1].end if found else 0)
        found.append(amount)
        i = amount.end
    return found


def _compared(tokens: list[Token], measure: Measure, words: Vocabulary, floor: int) -> Amount:
    upper = _range_end(tokens, measure, words)
    if upper is not None:
        start = measure.start
        if start > floor and tokens[start - 1].text in ("between", "from"):
            start -= 1
        if measure.kind == "number" and upper.kind in ("unit", "currency"):
            scale = upper.unit
            factor = (
                scale.factor if upper.own_unit is None and scale is not None and _worded_time(tokens, upper) else 1.0
            )
            low = measure.low * factor
            measure = replace(upper, start=measure.start, end=measure.end, low=low, high=low)
        return Amount(start, upper.end, "==", measure, upper=upper)
    start, position = measure.start, measure.start
    comparison, cue = None, ""
    while position > floor:
        before = comparator_ending_at(tokens, position)
        if before is not None and before[1] >= floor:
            comparison, start = before
            cue = tokens[start].text
            break
        if not _filler(tokens, position - 1, words):
            break
        position -= 1
    after = comparator_starting_at(tokens, measure.end)
    end = measure.end
    if after is not None and (comparison in (None, "==", "about") or after[0] == comparison):
        comparison, end = after
    if comparison == "==" and cue == "from" and end < len(tokens) and tokens[end].text == "on":
        comparison, end = ">=", end + 1
    return Amount(start, end, comparison, measure, cue=cue)


def _worded_time(tokens: list[Token], upper: Measure) -> bool:
    return False if upper.unit is None else upper.unit.dimension == "duration" and upper.unit.factor == 1


def _range_end(tokens: list[Token], measure: Measure, words: Vocabulary) -> Measure | None:
    joint = tokens[measure.end].text if measure.end < len(tokens) else ""
    opener = tokens[measure.start - 1].text if measure.start else ""
    if joint in ("-", "–", "to") or (joint == "and" and opener == "between"):
        upper = measure_at(tokens, measure.end + 1, words) if measure.end + 1 < len(tokens) else None
        if upper is not None and (upper.low > measure.low or upper.kind != "number"):
            return upper
    return None


def _filler(tokens: list[Token], i: int, words: Vocabulary) -> bool:
    text = tokens[i].text
    nouns = any(text in d.nouns for d in DIMENSIONS)
    return (
        text in _FILLERS or text in CURRENCY_SIGNS or nouns or any(stem(text) in stem_set for stem_set in _names(words))
    )


def _names(words: Vocabulary) -> list[set[str]]:
    return [
        {stem(part) for name in (f.name, *f.aliases) for part in name.replace("_", " ").split()} for f in words.measured
    ]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an amount means: constraints on one field, with what had to be assumed."""

    field: FieldDescription
    constraints: tuple[Constraint, ...]
    notes: tuple[str, ...] = ()


def bounds(amount: Amount, field: FieldDescription, words: Vocabulary, *, denied: bool = False) -> Bounds:
    """Turn an amount into constraints on `field`, converted to the field's unit."""
    low, low_notes = _value(amount.measure, field, words, first=True)
    high, high_notes = _value(amount.upper or amount.measure, field, words, first=False)
    notes = list(dict.fromkeys([*low_notes, *high_notes]))
    comparison: Comparison | None = amount.comparison
    name = field.name
    if denied and comparison is not None and comparison in FLIPPED:
        comparison = FLIPPED[comparison]
    elif denied and isinstance(low, int) and isinstance(high, int) and words.dimension_of(field) == "date":
        years: list[Scalar] = [*range(low, high + 1)]
        return Bounds(field, (Constraint(field=name, op="not_in", value=years),), tuple(notes))
    elif denied and low == high:
        return Bounds(field, (Constraint(field=name, op="!=", value=low),), tuple(notes))
    if amount.measure.kind == "ago":
        return Bounds(field, (Constraint(field=name, op=">=", value=low),), tuple(notes))
    if amount.upper is None:
        comparison = comparison or _implied(field, words, amount)
        if amount.comparison is None and comparison != "==":
            notes.append(f"I took {_shown(amount, field)} as {_spoken(comparison)} for {field.name}.")
    if comparison == "about" and not isinstance(low, str) and words.dimension_of(field) != "date":
        span = (tidy(float(low) * (1 - _ABOUT)), tidy(float(high) * (1 + _ABOUT)))
        notes.append(f"I took 'around {_plain(low)}' as {_plain(span[0])} to {_plain(span[1])} for {field.name}.")
        return Bounds(field, _between(name, *span), tuple(notes))
    if comparison == "about":
        base = int(str(low)[:4])
        spelt = (words.year(field, base - 2), words.year(field, int(str(high)[:4]) + 2))
        notes.append(f"I took 'around {base}' as two years either way for {field.name}.")
        return Bounds(field, _between(name, *spelt), tuple(notes))
    if comparison in (None, "=="):
        made = (Constraint(field=name, op="==", value=low),) if low == high else _between(name, low, high)
        return Bounds(field, made, tuple(notes))
    value = low if comparison in ("<", ">=") else high
    return Bounds(field, (Constraint(field=name, op=comparison, value=value),), tuple(notes))


def _between(name: str, low: Scalar, high: Scalar) -> tuple[Constraint, ...]:
    return (Constraint(field=name, op=">=", value=low), Constraint(field=name, op="<=", value=high))


def _implied(field: FieldDescription, words: Vocabulary, amount: Amount) -> Comparison:
    """Return what a bare amount of this kind of field usually means."""
    dimension = words.dimension_of(field)
    if dimension == "date":
        return "=="
    if dimension == "rating":
        return ">="
    return "<=" if dimension == "price" else "about"


def _spoken(comparison: Comparison) -> str:
    return {"<=": "at most", ">=": "at least", "about": "around that", "==": "exactly", "<": "below", ">": "above"}[
        comparison
    ]


def _shown(amount: Amount, field: FieldDescription) -> str:
    return f"{_plain(amount.measure.low)}{' ' + field.unit if field.unit and amount.measure.kind != 'unit' else ''}"


def _plain(value: Scalar) -> str:
    return str(tidy(value)) if isinstance(value, float) else str(value)


def _value(measure: Measure, field: FieldDescription, words: Vocabulary, *, first: bool) -> tuple[Scalar, list[str]]:
    amount = measure.low if first else measure.high
    if words.dimension_of(field) == "date":
        if measure.kind == "ago":
            newest = words.newest_year(field) or 0
            year = newest - int(amount)
            note = f"The newest {field.name} here is {newest}, so I looked from {year} on."
            return words.year(field, year), [note]
        year = int(amount)
        if field.type == "date" and measure.month is not None:
            day = f"-{measure.day:02d}" if measure.day is not None else ""
            return f"{year:04d}-{measure.month:02d}{day}", []
        return words.year(field, year), []
    if measure.kind == "currency":
        own = words.currency(field)
        notes = []
        if own is not None and own != measure.currency:
            notes.append(f"Prices here are in {field.unit}; I compared the number as it is.")
        return tidy(amount), notes
    unit = words.unit(field)
    if measure.unit is not None and unit is not None and unit.dimension == measure.unit.dimension:
        notes = [f"I took {field.name} to be in {_UNIT_NAMES[int(unit.factor)]}."] if words.assumes_unit(field) else []
        return tidy(amount * measure.unit.factor / unit.factor), notes
    if words.dimension_of(field) == "rating":
        return _on_scale(amount, measure.out_of, field)
    return tidy(amount), []


def _on_scale(amount: float, out_of: float | None, field: FieldDescription) -> tuple[Scalar, list[str]]:
    high = float(field.maximum) if isinstance(field.maximum, int | float) else 10.0
    scale = next((top for top in (5.0, 10.0, 100.0) if high <= top), high)
    if out_of is None and amount > scale:
        out_of = next((top for top in (10.0, 100.0) if amount <= top), amount)
    if out_of is None or out_of == scale:
        return tidy(amount), []
    value = tidy(amount * scale / out_of)
    note = f"{field.name} goes to {_plain(scale)} here, so I took {_plain(amount)} out of {_plain(out_of)} as {value}."
    return value, [note]

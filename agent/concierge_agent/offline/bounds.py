"""What amounts mean for a field: "under two hours" is < 120 where time is in minutes.

Not known here: amounts computed from items ("half the price of"), which `relative` reads; calendars finer than days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from concierge_agent.offline.comparators import FLIPPED, Comparison
from concierge_agent.offline.measures import Measure
from concierge_agent.offline.quantities import Amount
from concierge_agent.offline.units import UNITS
from concierge_agent.offline.vocabulary import Vocabulary, tidy
from concierge_agent.values import Constraint, FieldDescription, Scalar

_ABOUT = 0.1
_MIRRORED: Mapping[Comparison, Comparison] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""How old something is, as a bound on its date."""
_NOMINAL = frozenset({"data", "volume", "power", "share", "frequency", "charge", "energy"})
"""What comes in fixed sizes, so that a bare amount means just that one."""
_UNIT_NAMES = {1: "minutes", 60: "hours"}
_FAR = 20
"""An amount this many times the largest value of a field, or this small a part of its smallest, is not about it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an amount means: constraints on one field, with what had to be assumed."""

    field: FieldDescription
    constraints: tuple[Constraint, ...]
    notes: tuple[str, ...] = ()


def bounds(amount: Amount, field: FieldDescription, words: Vocabulary, *, denied: bool = False) -> Bounds:
    """Turn an amount into constraints on `field`, converted to the field's unit.

    An amount with a unit that is far outside what the field holds becomes a note and no constraint.
    """
    ends = [
        (_value(m, field, words, first=True), _value(amount.upper or m, field, words, first=False))
        for m in (amount.measure, *amount.also)
    ]
    notes = list(dict.fromkeys(note for pair in ends for _, said in pair for note in said))
    spans = [(low[0], high[0]) for low, high in ends]
    low, high = min((span[0] for span in spans), key=_size), max((span[1] for span in spans), key=_size)
    comparison: Comparison | None = amount.comparison
    name = field.name
    aged = words.dimension_of(field) == "date" and amount.measure.kind in ("age", "unit")
    if aged and amount.measure.kind == "age" and comparison is not None:
        comparison = _MIRRORED.get(comparison, comparison)
    if not aged and amount.measure.kind == "unit" and (_is_far(low, field) or _is_far(high, field)):
        held = f"{_plain(field.minimum or 0)} to {_plain(field.maximum or 0)}"
        note = f"Every {name} here is {held}, and {_plain(low)} is far from that, so I left it aside."
        return Bounds(field, (), (note,))
    either = comparison or ("==" if amount.also and words.dimension_of(field) == "date" else None)
    if either == "==" and amount.also:
        return Bounds(field, _alternatives(field, spans, denied=denied), tuple(notes))
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
        if amount.comparison is None and comparison != "==" and not (comparison == "about" and _gaps(spans)):
            notes.append(f"I took {_shown(low, amount, field)} as {_spoken(comparison)} for {field.name}.")
    if (
        amount.comparison is None
        and amount.upper is None
        and not amount.also
        and _in_inches(amount.measure, field, low)
    ):
        return Bounds(field, _up_to_next(name, low), (f"I took {_plain(low)} as {_plain(low)} and a fraction.",))
    if comparison == "about" and amount.also and _gaps(spans):
        return Bounds(field, _alternatives(field, spans, denied=False), tuple(notes))
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


def in_unit_of(measure: Measure, field: FieldDescription, words: Vocabulary) -> float | None:
    """Return a difference in the field's unit (years for dates), or None when it is of another kind."""
    if words.dimension_of(field) == "date":
        years = measure.unit is not None and measure.unit.dimension == "duration" and field.type == "number"
        return round(measure.low * measure.unit.factor / UNITS["year"].factor) if years and measure.unit else None
    unit = words.unit(field)
    if measure.unit is None:
        return measure.low
    return (
        measure.low * measure.unit.factor / unit.factor if unit and unit.dimension == measure.unit.dimension else None
    )


def _size(value: Scalar) -> tuple[float, str]:
    return (0.0, value) if isinstance(value, str) else (float(value), "")


def _gaps(spans: Sequence[tuple[Scalar, Scalar]]) -> bool:
    """Whether amounts lie further apart than what is around each of them."""
    values = sorted(_size(low)[0] for low, _ in spans)
    return any(low * (1 + _ABOUT) < high * (1 - _ABOUT) for low, high in pairwise(values))


def _is_far(value: Scalar, field: FieldDescription) -> bool:
    low, high = field.minimum, field.maximum
    if isinstance(value, str) or not isinstance(low, int | float) or not isinstance(high, int | float):
        return False
    return value > _FAR * max(abs(high), 1) or 0 < value * _FAR < low


def _alternatives(
    field: FieldDescription, spans: Sequence[tuple[Scalar, Scalar]], *, denied: bool
) -> tuple[Constraint, ...]:
    """Spell "the 70s or 80s" as one range where there is no gap, else as a list of values; years are spelt out."""
    values: list[Scalar] = []
    for low, high in sorted(spans, key=lambda span: _size(span[0])):
        first, last = str(low), str(high)
        if low != high and first.isdigit() and last.isdigit():
            values += [f"{year:04d}" if isinstance(low, str) else year for year in range(int(first), int(last) + 1)]
        else:
            values.append(low)
    values = list(dict.fromkeys(values))
    whole = all(str(value).isdigit() for value in values) and any(low != high for low, high in spans)
    gapless = whole and int(str(values[-1])) - int(str(values[0])) == len(values) - 1
    if gapless and not denied:
        return _between(field.name, values[0], values[-1])
    return (Constraint(field=field.name, op="not_in" if denied else "in", value=values),)


def _between(name: str, low: Scalar, high: Scalar) -> tuple[Constraint, ...]:
    return (Constraint(field=name, op=">=", value=low), Constraint(field=name, op="<=", value=high))


def _implied(field: FieldDescription, words: Vocabulary, amount: Amount) -> Comparison:
    """Return what a bare amount of this kind of field usually means."""
    dimension = words.dimension_of(field)
    if dimension == "date":
        return "=="
    if dimension == "rating":
        return "==" if amount.measure.attributive and amount.measure.own_unit is not None else ">="
    if dimension in _NOMINAL:
        return "=="
    return "<=" if dimension == "price" else "about"


def _in_inches(measure: Measure, field: FieldDescription, low: Scalar) -> bool:
    """Whether a bare amount is a nominal size in inches, which leaves the fraction out: 13 for 13.3."""
    return (
        UNITS.get((field.unit or "").lower()) == measure.unit == UNITS["inch"]
        and isinstance(low, int | float)
        and float(low).is_integer()
    )


def _up_to_next(name: str, low: Scalar) -> tuple[Constraint, ...]:
    return (Constraint(field=name, op=">=", value=low), Constraint(field=name, op="<", value=int(float(low)) + 1))


def _spoken(comparison: Comparison) -> str:
    return {"<=": "at most", ">=": "at least", "about": "around that", "==": "exactly", "<": "below", ">": "above"}[
        comparison
    ]


def _shown(low: Scalar, amount: Amount, field: FieldDescription) -> str:
    return f"{_plain(low)}{' ' + field.unit if field.unit and amount.measure.kind != 'unit' else ''}"


def _plain(value: Scalar) -> str:
    return str(tidy(value)) if isinstance(value, float) else str(value)


def _value(measure: Measure, field: FieldDescription, words: Vocabulary, *, first: bool) -> tuple[Scalar, list[str]]:
    amount = measure.low if first else measure.high
    if words.dimension_of(field) == "date":
        if measure.kind in ("ago", "age", "unit"):
            newest = words.newest_year(field) or 0
            year = newest - int(amount)
            note = f"The newest {field.name} here is {newest}, so I reckoned back from there to {year}."
            return words.year(field, year), [note]
        year = int(amount)
        if field.type == "date" and measure.month is not None:
            day = f"-{measure.day:02d}" if measure.day is not None else ""
            return f"{year:04d}-{measure.month:02d}{day}", []
        return words.year(field, year), []
    if measure.kind == "currency":
        own = words.currency(field)
        notes = []
        if own is not None and measure.currency and own != measure.currency:
            notes.append(f"Prices here are in {field.unit}; I compared the number as it is.")
        return tidy(amount), notes
    unit = words.unit(field)
    if measure.unit is not None and unit is not None and unit.dimension == measure.unit.dimension:
        notes = [f"I took {field.name} to be in {_UNIT_NAMES[int(unit.factor)]}."] if words.assumes_unit(field) else []
        return tidy(amount * measure.unit.factor / unit.factor), notes
    if words.dimension_of(field) == "rating":
        share = measure.unit is not None and measure.unit.dimension == "share"
        return _on_scale(amount, 100.0 if share else measure.out_of, field)
    return tidy(amount), []


def _on_scale(amount: float, out_of: float | None, field: FieldDescription) -> tuple[Scalar, list[str]]:
    high = float(field.maximum) if isinstance(field.maximum, int | float) else 10.0
    scale = next((top for top in (5.0, 10.0, 100.0) if high <= top), high)
    if out_of is None and amount > scale:
        out_of = next((top for top in (10.0, 100.0) if amount <= top), None)
    if out_of is None or out_of == scale:
        return tidy(amount), []
    value = tidy(amount * scale / out_of)
    note = f"{field.name} goes to {_plain(scale)} here, so I took {_plain(amount)} out of {_plain(out_of)} as {value}."
    return value, [note]

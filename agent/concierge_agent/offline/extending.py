"""Widening: what a condition becomes when the user lets in more ("or 1995", "paperback is fine too")."""

import re
from collections.abc import Sequence

from concierge_agent.offline.acts import spoken
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.text import Token
from concierge_agent.values import Constraint, FieldDescription, Scalar

POSITIVE = frozenset({"==", "in", "contains", "contains_any"})
_POINTS = frozenset({"==", "in"})
_OPENS = re.compile(r"(?:(?:ok|okay|and|oh|well|yes|yeah|hmm|maybe|actually) )*(?:or|either that or)\b")


def opens_alternative(tokens: list[Token]) -> bool:
    """Whether a turn adds an alternative to what was said before: "or 1995", "ok, or for adults"."""
    return bool(_OPENS.match(spoken(tokens)))


def widened(field: FieldDescription, old: Sequence[Constraint], new: Sequence[Constraint]) -> list[Constraint] | None:
    """Return what lets in everything that `old` or `new` does; None when one condition cannot say that.

    Both are conditions on `field`. Ranges that touch become one range; single values become a list.
    """
    ops = {c.op for c in (*old, *new)}
    if not old or not new:
        return None
    if ops <= POSITIVE:
        values = list(dict.fromkeys(v for c in (*old, *new) for v in values_of(c)))
        return [Constraint(field=field.name, op="contains_any" if field.type == "tags" else "in", value=values)]
    if field.type not in ("number", "date"):
        return None
    first, second = _range(old), _range(new)
    if first is None or second is None or second[0] > first[1] + 1 or first[0] > second[1] + 1:
        return None
    low, high = min(first[0], second[0]), max(first[1], second[1])
    ends: list[Scalar] = [f"{low:04d}", f"{high:04d}"] if field.type == "date" else [low, high]
    return [
        Constraint(field=field.name, op=">=", value=ends[0]),
        Constraint(field=field.name, op="<=", value=ends[1]),
    ]


def leave_out_impossible(reading: Reading) -> None:
    """Leave out bounds of one turn that nothing can meet ("under 90 minutes or over 150"), and say so.

    Two ranges of one field are more than the conditions of a search can say.
    """
    for name in dict.fromkeys(s.constraint.field for s in reading.stated):
        bounds = [s for s in reading.stated if s.constraint.field == name and s.order is None]
        low = [v for s in bounds if s.constraint.op in (">", ">=") for v in _numbers(s.constraint)]
        high = [v for s in bounds if s.constraint.op in ("<", "<=") for v in _numbers(s.constraint)]
        if low and high and max(low) > min(high):
            reading.stated = [s for s in reading.stated if s not in bounds]
            both = " or ".join(dict.fromkeys(f"{c.op} {c.value}" for c in (s.constraint for s in bounds)))
            reading.doubt(f"I can not look for {name} {both} at once, so I left both aside.")


def _numbers(constraint: Constraint) -> list[float]:
    return [float(v) for v in values_of(constraint) if isinstance(v, int | float) and not isinstance(v, bool)]


def values_of(constraint: Constraint) -> list[Scalar]:
    """Return the values a constraint names, one or several."""
    return list(constraint.value) if isinstance(constraint.value, list) else [constraint.value]


def _range(constraints: Sequence[Constraint]) -> tuple[int, int] | None:
    """Return the whole numbers or years a condition spans; None when it is open, or finer than that."""
    low: int | None = None
    high: int | None = None
    for constraint in constraints:
        whole = [_whole(v) for v in values_of(constraint)]
        known = [v for v in whole if v is not None]
        if len(known) < len(whole):
            return None
        if constraint.op in (">=", ">"):
            low = known[0] + (constraint.op == ">")
        elif constraint.op in ("<=", "<"):
            high = known[0] - (constraint.op == "<")
        elif constraint.op in _POINTS and len(known) == 1:
            low = high = known[0]
        else:
            return None
    return None if low is None or high is None else (low, high)


def _whole(value: Scalar) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if value.isdigit() and len(value) == 4 else None
    return int(value) if float(value).is_integer() else None

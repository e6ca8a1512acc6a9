"""Which conditions on one field can not stand together, and which takes the place of the other."""

from concierge_agent.offline.extending import values_of
from concierge_agent.offline.reading import Half
from concierge_agent.values import Constraint, Scalar

UPPER = frozenset({"<", "<="})
LOWER = frozenset({">", ">="})
EXACT = frozenset({"==", "in"})
POSITIVE = frozenset({"==", "in", "contains", "contains_any", "contains_all"})
NEGATIVE = frozenset({"!=", "not_in", "not_contains"})


def shares(one: Constraint, other: Constraint) -> bool:
    """Whether two conditions name a value in common."""
    return bool({str(v) for v in values_of(one)} & {str(v) for v in values_of(other)})


def opposed(old: Constraint, new: Constraint) -> bool:
    """Whether one asks for what the other rules out."""
    return (old.op in NEGATIVE) != (new.op in NEGATIVE) and shares(old, new)


def superseded(old: Constraint | None, new: Constraint) -> bool:
    """Whether a new bound takes the place of an old one: the same side, an exact value, or nothing in between."""
    if old is None:
        return False
    if new.op in EXACT or old.op in EXACT or new.op in NEGATIVE or old.op in NEGATIVE:
        return new.op not in NEGATIVE
    if (old.op in UPPER) == (new.op in UPPER):
        return True
    low, high = (old.value, new.value) if old.op in LOWER else (new.value, old.value)
    strict = old.op in ("<", ">") or new.op in ("<", ">")
    if isinstance(low, str) and isinstance(high, str):
        return low > high or (low == high and strict)
    if not (isinstance(low, int | float) and isinstance(high, int | float)):
        return False
    return low > high or (low == high and strict)


def in_half(constraint: Constraint, half: Half) -> bool:
    """Whether a condition bounds its field on this side."""
    if half == "both" or constraint.op in EXACT:
        return True
    return constraint.op in (UPPER if half == "upper" else LOWER)


def contained(old: Constraint | None, new: Constraint) -> bool:
    """Whether an amount that stands meets a new bound as well, so that it need not give way to it."""
    if old is None or new.op not in UPPER | LOWER or isinstance(new.value, list | bool):
        return False
    if old.op not in EXACT and (old.op in NEGATIVE or (old.op in UPPER) != (new.op in UPPER)):
        return False
    return any(_within(value, new, touching=old.op in EXACT and new.op in ("<=", ">=")) for value in values_of(old))


def _within(value: Scalar, bound: Constraint, *, touching: bool) -> bool:
    limit = bound.value
    below = bound.op in UPPER
    if isinstance(value, str):
        beyond = isinstance(limit, str) and (value < limit if below else value > limit)
    else:
        beyond = isinstance(limit, int | float) and (value < limit if below else value > limit)
    return beyond or (touching and value == limit)

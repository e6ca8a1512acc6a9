"""Wishes: typed conditions drawn from a catalog's own rows, each with the kind of wording it takes."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from concierge_server.evaluation.generated.oracle import Oracle
from concierge_server.evaluation.generated.wordings import Kind
from concierge_server.evaluation.predicates import Item, Predicate
from concierge_tools.data.fields import Field, Scalar

_STEPS = 6
"""Bounds are said in steps of about a sixth of what lies between the quartiles, as people round."""
_SOME = 0.2
_MONTHS = 0.2
_DAYS = 0.1


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user wants of one field."""

    field: str
    kind: Kind
    predicates: tuple[Predicate, ...]
    """Two for a range, else one."""

    @property
    def wanted(self) -> tuple[Scalar, ...]:
        """The values to be said: of a range, the lower bound first."""
        return tuple(value for predicate in self.predicates for value in predicate.values)

    @property
    def refuses(self) -> bool:
        """Whether it rules values out rather than asking for them."""
        return self.kind in ("is_not", "lacks", "no")


class Wishes:
    """Draws wishes; the same seed draws the same."""

    def __init__(self, oracle: Oracle, rng: random.Random) -> None:
        self._oracle = oracle
        self._rng = rng
        self._rows = list(oracle.items.values())
        self.fields = [f for f in oracle.fields.values() if _drawable(f) and any(_known(r, f) for r in self._rows)]

    def row(self) -> Item:
        """Draw an item."""
        return self._rng.choice(self._rows)

    def about(self, item: Item, field: Field) -> Wish | None:
        """Draw something on one field that is true of an item; None when nothing is known of it."""
        value = item.get(field.name)
        if value is None or value == []:
            return None
        if field.type == "boolean":
            return _wish(field, "yes" if value else "no", ("==", value))
        if field.type == "category":
            return self._choice(field, "is", ("==", "in"), str(value))
        if isinstance(value, list):
            return self._choice(field, "has", ("contains", "contains_any"), self._rng.choice(value))
        if field.type == "date":
            return self._date(field, str(value))
        return self._number(field, float(value)) if isinstance(value, int | float) else None

    def against(self, item: Item, field: Field, value: str) -> Wish | None:
        """Return the refusal of a value; None when the item that is wanted has it itself, or it says too little."""
        if value.casefold() in self._oracle.shared:
            return None
        wish = _wish(field, "lacks", ("not_contains", value))
        if field.type == "category":
            wish = _wish(field, "is_not", ("!=", value))
        return wish if self._oracle.holds(str(item["id"]), wish.predicates[0]) else None

    def _choice(self, field: Field, kind: Kind, ops: tuple[str, str], value: str) -> Wish | None:
        if value.casefold() in self._oracle.shared:
            return None
        if self._rng.random() < _SOME:
            other = self._rng.choice([r for r in self._rows if _known(r, field)]).get(field.name)
            second = self._rng.choice(other) if isinstance(other, list) else other
            if second != value and str(second).casefold() not in self._oracle.shared:
                both = (value, str(second))
                return _wish(field, "is_one_of" if kind == "is" else "has_one_of", (ops[1], both))
        return _wish(field, kind, (ops[0], value))

    def _number(self, field: Field, value: float) -> Wish:
        numbers = sorted(float(row[field.name]) for row in self._rows if _known(row, field))
        step = _step(numbers[3 * len(numbers) // 4] - numbers[len(numbers) // 4])
        low = round((math.floor(value / step) - self._rng.randrange(1, 3)) * step, 6)
        high = round((math.ceil(value / step) + self._rng.randrange(1, 3)) * step, 6)
        low, high = max(low, numbers[0]), min(high, numbers[-1])
        if field.role == "date":
            kind: Kind = self._rng.choice(("before", "since", "after", "between"))
        else:
            kind = self._rng.choice(("at_most", "below", "at_most", "below", "at_least", "above", "between"))
        if (kind in ("below", "before") and value >= high) or (kind == "above" and value <= low):
            kind = "between"
        return _bounded(field, kind, _plain(low), _plain(high))

    def _date(self, field: Field, value: str) -> Wish:
        year, month = int(value[:4]), int(value[5:7] or 1)
        kind: Kind = self._rng.choice(("before", "since", "after"))
        draw = self._rng.random()
        if draw < _DAYS and len(value) >= 10:
            said = f"{year + (1 if kind == 'before' else -1)}{value[4:10]}"
            said = said.replace("-02-29", "-02-28")
        elif draw < _DAYS + _MONTHS:
            said = f"{year + (1 if kind == 'before' else -1)}-{month:02}"
        else:
            said = str(year + 1) if kind == "before" else str(year) if kind == "since" else str(year - 1)
        return _wish(field, kind, (_OPS[kind], said))


_OPS = {"at_most": "<=", "below": "<", "at_least": ">=", "above": ">", "before": "<", "since": ">=", "after": ">"}


def comparison(field: Field, kind: Kind, value: Scalar) -> Wish:
    """Return the wish for more or less of a field than an item has."""
    return _wish(field, kind, (_OPS[kind], value))


def tightest(wishes: Sequence[Wish], new: Wish) -> list[Wish]:
    """Return what is wanted once something new was said about a field: a bound of the same side gives way to it."""
    upper = ("at_most", "below", "before")
    same = [
        w for w in wishes if w.field == new.field and w.kind != "between" and (w.kind in upper) == (new.kind in upper)
    ]
    return [*(w for w in wishes if w not in same), new]


def _bounded(field: Field, kind: Kind, low: Scalar, high: Scalar) -> Wish:
    if kind == "between":
        bounds = [Predicate(field=field.name, op=op, value=v) for op, v in ((">=", low), ("<=", high))]
        return Wish(field.name, kind, tuple(bounds))
    return _wish(field, kind, (_OPS[kind], high if kind in ("at_most", "below", "before") else low))


def _wish(field: Field, kind: Kind, condition: tuple[str, object]) -> Wish:
    op, value = condition
    return Wish(field.name, kind, (Predicate.model_validate({"field": field.name, "op": op, "value": value}),))


def _drawable(field: Field) -> bool:
    return field.type != "text" and field.role not in ("image", "availability") and not field.generated


def _known(row: Item, field: Field) -> bool:
    return row.get(field.name) not in (None, [])


def _step(spread: float) -> float:
    rough = max(spread / _STEPS, 1e-6)
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * part for part in (1, 2, 5, 10) if size * part >= rough)


def _plain(value: float) -> float:
    return int(value) if value == int(value) else round(value, 6)

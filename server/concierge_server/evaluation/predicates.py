"""Predicates on plain items, in plain Python: the oracle that answers are judged by, apart from the store's filters."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from concierge_tools.data.constraints import Constraint, Op
from concierge_tools.data.fields import Scalar

Item = Mapping[str, Any]
"""An item as the catalog's file holds it."""


class Predicate(BaseModel):
    """A condition on one field, as tasks spell it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    op: Op
    value: Scalar | tuple[Scalar, ...]

    @classmethod
    def of(cls, constraint: Constraint) -> "Predicate":
        """Return a constraint of the store's configuration as a predicate."""
        value = tuple(constraint.value) if isinstance(constraint.value, list) else constraint.value
        return cls(field=constraint.field, op=constraint.op, value=value)

    @property
    def values(self) -> tuple[Scalar, ...]:
        """The value, or each of them."""
        return self.value if isinstance(self.value, tuple) else (self.value,)


def holds(item: Item, predicate: Predicate) -> bool:
    """Return whether an item meets a predicate; a missing value meets none, but a missing list lacks every value."""
    value, wanted = item.get(predicate.field), predicate.values
    if predicate.op == "not_contains":
        return not set(wanted) & set(value or ())
    if value is None:
        return False
    match predicate.op:
        case "contains" if isinstance(value, str):
            return str(wanted[0]).casefold() in value.casefold()
        case "contains" | "contains_any":
            return bool(set(wanted) & set(value))
        case "contains_all":
            return set(wanted) <= set(value)
        case "in" | "==":
            return value in wanted
        case "not_in" | "!=":
            return value not in wanted
        case "<":
            return bool(value < wanted[0])
        case "<=":
            return bool(value <= wanted[0])
        case ">":
            return bool(value > wanted[0])
        case ">=":
            return bool(value >= wanted[0])


def fitting(items: Iterable[Item], predicates: Iterable[Predicate]) -> list[Item]:
    """Return the items that meet every predicate."""
    wanted = tuple(predicates)
    return [item for item in items if all(holds(item, predicate) for predicate in wanted)]

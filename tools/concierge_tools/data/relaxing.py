"""Relaxing: the smallest loosening of a condition that lets a value in."""

from concierge_tools.data.constraints import Constraint, Op
from concierge_tools.data.fields import FieldValue, Scalar

_WIDENED: dict[Op, Op] = {"<": "<=", "<=": "<=", ">": ">=", ">=": ">="}


def relaxed(constraint: Constraint, value: FieldValue) -> Constraint | None:
    """Return a checked condition loosened as far as a value that fails it, or None where only dropping it helps.

    A bound moves to the value, a list of wanted values gains it, a list of unwanted ones loses it. What several values
    must hold has no such loosening, except that of all the tags asked for those remain that the item has.
    """
    wanted = constraint.value if isinstance(constraint.value, list) else [constraint.value]
    if isinstance(value, list):
        held = [one for one in wanted if one in value]
        kept = constraint.op == "contains_all" and held
        return constraint.model_copy(update={"value": held}) if kept else None
    if value is None or isinstance(value, bool):
        return None
    if constraint.op in _WIDENED:
        return constraint.model_copy(update={"op": _WIDENED[constraint.op], "value": value})
    if constraint.op in ("==", "in"):
        both: list[Scalar] = [*wanted, value]
        return constraint.model_copy(update={"op": "in", "value": both})
    if constraint.op == "not_in":
        rest = [one for one in wanted if one != value]
        return constraint.model_copy(update={"value": rest}) if rest else None
    return None

"""Conditions: what every item must meet now, by the user's hard constraints and their answers to owed questions."""

from collections.abc import Sequence

from concierge_agent.ledger import Ledger
from concierge_agent.phrases import phrases
from concierge_agent.values import CatalogDescription, Constraint, FieldValue, Scalar

NO_PREFERENCE = frozenset({"", "any", "none", "null", "no preference"})
"""Answers that leave a field open."""
_EXCLUDING = frozenset({"!=", "not_in", "not_contains"})


def conditions(ledger: Ledger, catalog: CatalogDescription) -> tuple[Constraint, ...]:
    """Return the active hard constraints, then the answers on fields of which nothing but exclusions speaks."""
    stated = ledger.constraints
    fields = {constraint.field for constraint in stated if constraint.op not in _EXCLUDING}
    answered = (_condition(name, value, catalog) for name, value in ledger.answers.items() if name not in fields)
    return (*stated, *(condition for condition in answered if condition is not None))


def condition_words(ledger: Ledger, catalog: CatalogDescription) -> list[str]:
    """Return the conditions in words."""
    return phrases(conditions(ledger, catalog), catalog)


def _condition(name: str, value: FieldValue, catalog: CatalogDescription) -> Constraint | None:
    values: Sequence[Scalar] = value if isinstance(value, list) else [] if value is None else [value]
    wanted = [part for part in values if str(part).strip().casefold() not in NO_PREFERENCE]
    field = catalog.field(name)
    if not wanted or field is None:
        return None
    if field.type == "boolean":
        return Constraint(field=name, op="==", value=wanted[0])
    return Constraint(field=name, op="contains_any" if field.type == "tags" else "in", value=list(wanted))

"""Eligibility: which items a retrieval tool may return, by the caller's filters and the owner's policy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from concierge_server.desk import Snapshot
from concierge_server.subject import Subject
from concierge_tools.data import filters
from concierge_tools.data.constraints import Constraint


def eligible(
    snapshot: Snapshot,
    constraints: Sequence[Constraint],
    *,
    exclude: Sequence[str] = (),
    subject: Subject | None = None,
    within: NDArray[np.int32] | None = None,
) -> tuple[NDArray[np.bool_], list[str]]:
    """Return the mask of items that may be returned, shape (items,), and notes on what the policy kept out.

    Raises:
        InputError: A filter names an unknown field or value, or an operator that its field does not take.
    """
    catalog, policy = snapshot.catalog, snapshot.policy
    checked = filters.check(catalog, constraints)
    mask = filters.mask(catalog, checked)
    notes = _ignored(constraints, checked)
    if within is not None:
        chosen = np.zeros(len(catalog), dtype=np.bool_)
        chosen[within] = True
        mask &= chosen
    for item_id in exclude:
        if item_id in catalog:
            mask[catalog.position(item_id)] = False
    if subject is not None:
        mask[list(subject.disliked)] = False
    if policy.require:
        mask &= filters.mask(catalog, policy.require)
    if subject is not None and policy.exclude_history:
        mask[list(subject.consumed)] = False
    return mask, notes


def _ignored(given: Sequence[Constraint], checked: Sequence[Constraint]) -> list[str]:
    """Return a note for each filter whose list had words that the catalog does not know."""
    notes = []
    for asked, used in zip(given, checked, strict=True):
        if isinstance(asked.value, list) and isinstance(used.value, list) and len(used.value) < len(asked.value):
            kept = ", ".join(map(str, used.value))
            notes.append(f"Some values for {asked.field!r} are unknown and were ignored; used: {kept}.")
    return notes


def policy_breach(snapshot: Snapshot, position: int, subject: Subject | None) -> str | None:
    """Return why the owner's policy forbids presenting the item, or None."""
    if unmet := filters.unmet(snapshot.catalog, position, snapshot.policy.require):
        return f"the store requires {in_words(unmet[0])}"
    if subject is not None and snapshot.policy.exclude_history and position in subject.consumed:
        return "the user has had it"
    return None


def in_words(constraint: Constraint) -> str:
    """Return a constraint as a short phrase."""
    value = constraint.value
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{constraint.field} {constraint.op} {shown}"

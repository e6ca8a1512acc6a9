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
    mask = filters.mask(catalog, filters.check(catalog, constraints))
    if within is not None:
        chosen = np.zeros(len(catalog), dtype=np.bool_)
        chosen[within] = True
        mask &= chosen
    for item_id in exclude:
        if item_id in catalog:
            mask[catalog.position(item_id)] = False
    if subject is not None:
        mask[list(subject.disliked)] = False
    notes: list[str] = []
    before = int(mask.sum())
    if policy.require:
        mask &= filters.mask(catalog, policy.require)
        if dropped := before - int(mask.sum()):
            notes.append(
                f"{dropped} left out by the store's requirements ({', '.join(c.field for c in policy.require)})."
            )
    if subject is not None and policy.exclude_history and subject.consumed:
        before = int(mask.sum())
        mask[list(subject.consumed)] = False
        if dropped := before - int(mask.sum()):
            notes.append(f"{dropped} left out because the user has had them.")
    return mask, notes


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

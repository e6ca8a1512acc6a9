"""The owner's data: items and interactions as their files have them, checked against each other and the policy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from concierge_tools.config import Config, PolicyConfig
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import mask
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError, InputError
from concierge_tools.ingest.files import read_items, read_log
from concierge_tools.ingest.quarantine import Reject
from concierge_tools.stages import Stages

Forgotten = Callable[[Sequence[str]], set[str]]


def nobody(user_ids: Sequence[str]) -> set[str]:
    """Return that none of the users is to be forgotten."""
    return set()


@dataclass(frozen=True, slots=True)
class OwnerData:
    """What could be read, and what could not."""

    catalog: Catalog
    interactions: Interactions | None
    rejected_items: list[Reject]
    rejected_interactions: list[Reject]

    @property
    def counts(self) -> dict[str, int]:
        """How much was read, and how much could not be."""
        log = self.interactions
        return {
            "items": len(self.catalog),
            "users": len(log.user_ids) if log else 0,
            "interactions": len(log) if log else 0,
            "positives": int((log.weights > 0).sum()) if log else 0,
            "rejected_items": sum(not reject.used for reject in self.rejected_items),
            "rejected_interactions": len(self.rejected_interactions),
            "rejected_cells": sum(reject.used for reject in self.rejected_items),
        }


def read_owner_data(config: Config, forgotten: Forgotten, stages: Stages) -> OwnerData:
    """Read the files that the configuration names, without the users that are to be forgotten.

    Raises:
        DataError: As for `fit`.
    """
    with stages.stage("reading items"):
        catalog, rejected_items = read_items(config.items, config.name)
        _check_policy(config.policy, catalog)
    interactions, rejected = None, list[Reject]()
    with stages.stage("reading interactions"):
        if config.interactions is not None:
            interactions, rejected = read_log(config.interactions, catalog)
            interactions = _without(interactions, forgotten(interactions.user_ids))
    return OwnerData(catalog, interactions, rejected_items, rejected)


def modified_at(path: Path) -> str:
    """Return when a file was last changed, ISO 8601, UTC."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="microseconds")


def _check_policy(policy: PolicyConfig, catalog: Catalog) -> None:
    """Raise a DataError for a rule on an unknown field or with an operator that its field does not take."""
    rules: dict[str, Sequence[Constraint]] = {
        "require": policy.require,
        "disclose": policy.disclose,
        "confirm": policy.confirm,
    }
    for key, constraints in rules.items():
        try:
            mask(catalog, constraints)
        except InputError as error:
            raise DataError(f"{key} under [policy] cannot be applied: {error}") from None
    for name in policy.ask_first:
        try:
            catalog.field(name)
        except InputError as error:
            raise DataError(f"ask_first under [policy] cannot be asked: {error}") from None


def _without(interactions: Interactions, forgotten: set[str]) -> Interactions:
    if forgotten.isdisjoint(interactions.user_ids):
        return interactions
    kept = np.array([user not in forgotten for user in interactions.user_ids], np.bool_)
    rows = kept[interactions.users]
    renumbered = np.cumsum(kept, dtype=np.int32) - 1
    remaining = interactions.only(rows)
    return replace(
        remaining,
        user_ids=[user for user in interactions.user_ids if user not in forgotten],
        users=renumbered[remaining.users].astype(np.int32),
    )

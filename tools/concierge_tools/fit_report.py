"""The report of a fit: what was read, what was left out and what was made of the rest."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from concierge_tools.config import Config


@dataclass(frozen=True, slots=True)
class FieldReport:
    """How a field was read."""

    name: str
    type: str
    role: str
    missing: int
    """Items without a value."""


@dataclass(frozen=True, slots=True)
class FitReport:
    """What was read, what was left out and what was made of the rest."""

    name: str
    version: str | None
    """Of the new artifact; None after a dry run."""
    counts: Mapping[str, int]
    """items, users, interactions, positives, rejected_items, rejected_interactions."""
    fields: tuple[FieldReport, ...]
    positive: str
    """What counts as a positive."""
    rejects: Mapping[str, int]
    """Rows that were left out, by reason."""
    rejects_path: str | None
    """The quarantine file with every row that was left out; None when there is none."""
    models: tuple[str, ...]
    """Recommenders that were fitted, or would be after a dry run."""
    skipped: Mapping[str, str]
    """Recommenders that were not, and why."""
    seconds: Mapping[str, float]
    """Of each stage."""

    def to_json(self) -> str:
        """Return the report as a JSON object."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def positive_words(config: Config) -> str:
    """Return what counts as a positive, in words."""
    log = config.interactions
    if log is None:
        return "nothing: there is no interaction log"
    if log.positive is not None:
        return f"{log.value} {log.positive}"
    if log.weights:
        return ", ".join(f"{event} ({weight:g})" for event, weight in log.weights.items())
    return "every interaction"

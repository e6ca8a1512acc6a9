"""The report of a fit: what was read, what was left out and what was made of the rest."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from concierge_tools.config import Config
from concierge_tools.data.catalog import Catalog
from concierge_tools.ingest.owner_data import OwnerData
from concierge_tools.ingest.quarantine import REPEATED, Reject, main_reason
from concierge_tools.risk.control import Calibrated
from concierge_tools.storage.manifest import Lineage
from concierge_tools.training.blending import BlendChoice


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
    """items, users, interactions, positives, rejected_items, rejected_interactions, rejected_cells."""
    fields: tuple[FieldReport, ...]
    positive: str
    """What counts as a positive."""
    rejects: Mapping[str, int]
    """Rows that were left out, by reason."""
    cells: Mapping[str, int]
    """Cells that were taken as missing, by reason; their rows are used."""
    rejects_path: str | None
    """The quarantine file with every such row; None when there is none."""
    models: tuple[str, ...]
    """Recommenders that were fitted, or would be after a dry run."""
    skipped: Mapping[str, str]
    """Recommenders that were not, and why."""
    seconds: Mapping[str, float]
    """Of each stage."""
    blend: BlendChoice | None = None
    """What the blend is made of and why; None after a dry run."""
    risk: Calibrated | None = None
    """How risk control was calibrated; None when it is off, and after a dry run."""
    lineage: Lineage | None = None
    """How the artifact came of an earlier one; None after a full fit."""

    def to_json(self) -> str:
        """Return the report as a JSON object."""
        body = asdict(self) | {"lineage": self.lineage and self.lineage.model_dump()}
        return json.dumps(body, indent=2, ensure_ascii=False)


def report_of(
    config: Config,
    data: OwnerData,
    *,
    version: str | None,
    models: tuple[str, ...],
    skipped: Mapping[str, str],
    rejects: Path | None,
    seconds: Mapping[str, float],
    blend: BlendChoice | None = None,
    risk: Calibrated | None = None,
    lineage: Lineage | None = None,
) -> FitReport:
    """Report on a fit, or on a dry run.

    Args:
        config: Of the store.
        data: What was read.
        version: Of the new artifact; None after a dry run.
        models: Recommenders that were fitted, or would be.
        skipped: Recommenders that were not, and why.
        rejects: The quarantine file, if there is one.
        seconds: Of each stage.
        blend: What has the last word on a taste.
        risk: How risk control was calibrated.
        lineage: How the artifact came of an earlier one.
    """
    rejected = [*data.rejected_items, *data.rejected_interactions]
    left_out, cells = (
        Counter(f"{Path(r.file).name}: {r.reason.partition(': ')[0]}" for r in rejected if r.used is used)
        for used in (False, True)
    )
    return FitReport(
        name=config.name,
        version=version,
        counts=data.counts,
        fields=tuple(
            FieldReport(f.name, f.type, f.role, data.catalog.column(f.name).missing) for f in data.catalog.fields
        ),
        positive=positive_words(config),
        rejects=dict(left_out.most_common()),
        cells=dict(cells.most_common()),
        rejects_path=str(rejects) if rejects else None,
        models=models,
        skipped=skipped,
        seconds=seconds,
        blend=blend,
        risk=risk,
        lineage=lineage,
    )


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


def mostly_unusable(catalog: Catalog, rejects: Sequence[Reject]) -> str | None:
    """Say what to change when more than half of the items, or of what a field should hold, cannot be read."""
    rows = [reject for reject in rejects if not reject.used and not reject.reason.startswith(REPEATED)]
    if len(rows) > len(catalog):
        return (
            f"More than half of the items cannot be used ({len(rows):,} of {len(rows) + len(catalog):,}), mostly: "
            f"{main_reason(rows)}. Correct the file, or [items] in the configuration."
        )
    for field in catalog.fields:
        cells = [reject for reject in rejects if reject.used and reject.reason.startswith(f"column {field.name!r} is ")]
        if len(cells) > len(catalog) - catalog.column(field.name).missing:
            return (
                f"More than half of the cells of {field.name!r} cannot be read, for instance because "
                f"{cells[0].reason}. Correct its type or unit under [items.fields.{field.name}], or the file."
            )
    return None

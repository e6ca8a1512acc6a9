"""Risk control as it is served: a threshold on unwantedness, how it was calibrated, and what it leaves out."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from concierge_tools.recommenders.recommender import Mask
from concierge_tools.risk.judgements import Judged
from concierge_tools.risk.lists import N
from concierge_tools.risk.unwantedness import Unwantedness, risk_score

FOLDER = "risk"
FILE = "risk.json"


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The threshold and what it did to the lists of the users it was calibrated on."""

    level: float
    threshold: float
    """On log-odds."""
    users: int
    """That calibrated it."""
    risk: float
    """Mean unwanted / requested in their condensed lists under the threshold."""
    before: float
    """The same without control."""
    length: float
    """Mean items shown under the threshold."""
    length_before: float
    """Mean items shown without control: fewer than requested where people judged fewer later on."""
    n: int = N
    """Items requested."""

    @property
    def costly(self) -> bool:
        """Whether lists lose more than half of their items."""
        return self.length < self.length_before / 2

    @property
    def words(self) -> str:
        """What it promises and what that costs."""
        return (
            f"level {self.level:g}: {self.risk:.1%} of lists of {self.n} unwanted ({self.before:.1%} without), "
            f"{self.length:.1f} items kept ({self.length_before:.1f}), on what {self.users:,} held-out users judged"
        )


@dataclass(frozen=True, slots=True, eq=False)
class RiskControl:
    """Leaves out what somebody is more likely to turn down than the threshold allows."""

    calibrated: Calibrated
    unwantedness: Unwantedness

    def barred(self, person: Judged, rows: csr_array) -> Mask:
        """Return which items are left out for a person, shape (items,); see `Unwantedness.odds`."""
        return np.asarray(self.unwantedness.odds(person, rows) > self.calibrated.threshold, np.bool_)

    def risk(self, person: Judged, rows: csr_array, item: int) -> tuple[float, float]:
        """Return an item's risk score for a person, and the highest that is let through, both between 0 and 1."""
        return risk_score(float(self.unwantedness.odds(person, rows)[item])), risk_score(self.calibrated.threshold)

    def save(self, artifact: Path) -> None:
        """Write itself into a folder of its own in an artifact's."""
        folder = artifact / FOLDER
        folder.mkdir()
        (folder / FILE).write_text(json.dumps(asdict(self.calibrated), indent=2), encoding="utf-8")
        self.unwantedness.save(folder)

    @classmethod
    def load(cls, artifact: Path) -> Self | None:
        """Read what `save` wrote, if it did."""
        folder = artifact / FOLDER
        if not folder.is_dir():
            return None
        return cls(Calibrated(**json.loads((folder / FILE).read_text(encoding="utf-8"))), Unwantedness.load(folder))

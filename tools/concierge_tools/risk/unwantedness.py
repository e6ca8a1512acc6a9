"""Unwantedness: how likely somebody is to turn an item down, from two shares of what was judged before.

The log-odds of an item are those of its own share of negatives among all who judged it, plus those of the person's
share among what they judged, likeness-weighted, minus what both contain: half the log-odds of the whole log and half
those of the person's share of everything, so that one who turns a lot down is left with fewer items, but not with none.
Every share is smoothed towards the wider one, so that nobody and nothing is judged by a handful of cases. It is a score
to order by, and no calibrated probability.
"""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_array

from concierge_tools.recommenders.recommender import Floats
from concierge_tools.risk.judgements import Judged, Judgements

CASES = 5.0
"""How many judgements the wider share counts as."""
LIKENESS = 1.0
"""How much likeness the person's own share counts as, where what they judged is weighted by its likeness to an item."""
OWN = 0.5
"""How much the person's own share counts, beside which items it is made of; at 1 people who like little get no list."""
FILE = "unwantedness.safetensors"

Counts = NDArray[np.int64]


class Unwantedness:
    """Judgements per item, all and negative ones, and the odds that follow from them."""

    def __init__(self, judged: Counts, negative: Counts) -> None:
        """Hold counts of users, both of shape (items,)."""
        self.judged = judged
        self.negative = negative
        self.base = (float(negative.sum()) + 0.5) / (float(judged.sum()) + 1)
        """The share of negatives in the whole log, kept off 0 and 1."""

    @classmethod
    def fit(cls, known: Judgements, items: int) -> Self:
        """Count judgements per item of a catalog."""
        return cls(
            np.bincount(known.items, minlength=items).astype(np.int64),
            np.bincount(known.items[known.unwanted], minlength=items).astype(np.int64),
        )

    def odds(self, person: Judged, rows: csr_array) -> Floats:
        """Return the log-odds that a person turns each item down, shape (items,).

        Args:
            person: What they judged before; of a stranger nothing.
            rows: Item vectors of length 1, shape (items, terms): what likeness goes by. Items past those that were
                counted are taken as judged by nobody.
        """
        own = self.share_of(person)
        seen = rows[person.items]
        judged = np.stack([np.ones(len(person.items)), person.unwanted], axis=1).astype(np.float32)
        alike, against = np.asarray(rows @ (seen.T @ judged)).T
        nearby = (against + LIKENESS * own) / (alike + LIKENESS)
        item = np.full(rows.shape[0], self.base)
        item[: len(self.judged)] = (self.negative + CASES * self.base) / (self.judged + CASES)
        known = OWN * _logit(self.base) + (1 - OWN) * _logit(own)
        return (_logit(item) + _logit(nearby) - known).astype(np.float32)

    def share_of(self, person: Judged) -> float:
        """Return the person's smoothed share of negatives."""
        return (float(person.unwanted.sum()) + CASES * self.base) / (len(person.items) + CASES)

    def save(self, folder: Path) -> None:
        """Write itself as safetensors."""
        save_file({"judged": self.judged, "negative": self.negative}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        tensors = load_file(folder / FILE)
        return cls(tensors["judged"], tensors["negative"])


def risk_score(odds: float) -> float:
    """Return log-odds as a score between 0 and 1."""
    return float(1 / (1 + np.exp(-np.float64(odds))))


def _logit(share: NDArray[np.float64] | float) -> NDArray[np.float64]:
    held = np.clip(share, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(held / (1 - held)), np.float64)

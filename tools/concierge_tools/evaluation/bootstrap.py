"""Confidence intervals by resampling whole users, with all that they were asked."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """Users drawn again and again, the same draws for every value that is estimated with them."""

    owner: NDArray[np.intp]
    """Of each value, the number of its user, shape (values,)."""
    draws: NDArray[np.int64]
    """How often each user is drawn, shape (resamples, users)."""

    @classmethod
    def of(cls, owners: NDArray[np.generic], rng: np.random.Generator, *, resamples: int = RESAMPLES) -> Self:
        """Draw users with replacement, as many as there are; `owners` names the user of each value."""
        _, owner = np.unique(owners, return_inverse=True)
        users = int(owner.max()) + 1
        return cls(owner, rng.multinomial(users, np.full(users, 1 / users), size=resamples))

    def interval(self, values: NDArray[np.float64]) -> tuple[float, float]:
        """Return the interval of the mean of values, shape (values,)."""
        sums, counts = np.bincount(self.owner, values), np.bincount(self.owner)
        tail = 100 * (1 - CONFIDENCE) / 2
        low, high = np.percentile((self.draws @ sums) / (self.draws @ counts), (tail, 100 - tail))
        return float(low), float(high)

    def estimate(self, values: NDArray[np.float64], *, digits: int) -> dict[str, float]:
        """Return the mean of values and its interval as JSON, rounded."""
        low, high = self.interval(values)
        return {"mean": round(float(values.mean()), digits), "low": round(low, digits), "high": round(high, digits)}

"""Confidence intervals by resampling whole users, with all that they were asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
CONFIDENCE = 0.95
_Z = 1.959964
"""The normal quantile of `CONFIDENCE`, two-sided."""


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """Users drawn again and again, the same draws for every value that is estimated with them."""

    owner: NDArray[np.intp]
    """Of each value, the number of its user, shape (values,)."""
    draws: NDArray[np.float64]
    """How often each user is drawn, shape (resamples, users)."""

    @classmethod
    def of(cls, owners: NDArray[np.generic], rng: np.random.Generator, *, resamples: int = RESAMPLES) -> Self:
        """Draw users with replacement, as many as there are; `owners` names the user of each value."""
        _, owner = np.unique(owners, return_inverse=True)
        users = int(owner.max()) + 1
        return cls(owner, rng.multinomial(users, np.full(users, 1 / users), size=resamples).astype(np.float64))

    def interval(self, values: NDArray[np.float64]) -> tuple[float, float]:
        """Return the interval of the mean of values, shape (values,)."""
        low, high = self.intervals(values[:, None])
        return float(low[0]), float(high[0])

    def intervals(
        self, table: NDArray[np.float64], *, among: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the ends of the interval of the mean of each column of a table, shape (values, columns).

        Args:
            table: The same users are drawn for every column.
            among: The rows that count, shape (values,); draws of users who have none are left out.
        """
        chosen = np.ones(len(self.owner), np.bool_) if among is None else among
        users = self.draws.shape[1]
        owner = self.owner[chosen]
        sums = np.stack([np.bincount(owner, column, users) for column in table[chosen].T], axis=1)
        counts = self.draws @ np.bincount(owner, minlength=users)
        drawn = counts > 0
        tail = 100 * (1 - CONFIDENCE) / 2
        low, high = np.percentile((self.draws[drawn] @ sums) / counts[drawn, None], (tail, 100 - tail), axis=0)
        return low, high

    def estimate(self, values: NDArray[np.float64], *, digits: int) -> dict[str, float]:
        """Return the mean of values and its interval as JSON, rounded."""
        return self.estimates(values[:, None], digits=digits)[0]

    def estimates(
        self, table: NDArray[np.float64], *, digits: int, among: NDArray[np.bool_] | None = None
    ) -> list[dict[str, float]]:
        """Return the mean of each column and its interval as JSON, rounded; arguments as for `intervals`."""
        low, high = self.intervals(table, among=among)
        means = (table if among is None else table[among]).mean(axis=0)
        return [as_json(*row, digits=digits) for row in zip(means, low, high, strict=True)]


def as_json(mean: float, low: float, high: float, *, digits: int) -> dict[str, float]:
    """Return an estimate as JSON, rounded."""
    return {"mean": round(float(mean), digits), "low": round(float(low), digits), "high": round(float(high), digits)}


def jackknife(total: float, without: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """Return the interval of a figure of all users together, by leaving out one user at a time.

    For what is no mean, such as coverage: drawing users again would count some twice and miss others. The variance
    errs upwards (Efron and Stein 1981).

    Args:
        total: The figure of all users.
        without: The figure without each user in turn, shape (users,).
    """
    left = np.asarray(without, np.float64)
    n = len(left)
    half = _Z * float(np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum()))
    return total - half, total + half

"""Conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster, ICLR 2024) over a grid of thresholds.

Losses are in [0, 1] and do not fall as the threshold rises. With n calibration users exchangeable with the next one,
the largest threshold whose corrected mean loss, (sum of losses + 1) / (n + 1), is at most the level keeps the next
user's expected loss at or under the level.
"""

from collections.abc import Sequence
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def fewest_users(level: float) -> int:
    """Return how many calibration users a level needs before any threshold can keep it, even with no loss at all."""
    return int(np.ceil(1 / level - 1 - 1e-9))


def least_level(users: int) -> float:
    """Return the lowest level that so many calibration users suffice for, rounded up to two digits."""
    least = 1 / (users + 1)
    unit = 10 ** (floor(log10(least)) - 1)
    return min(1.0, float(f"{ceil(least / unit) * unit:.2g}"))


def monotone(losses: Numbers) -> Numbers:
    """Return the smallest losses that never fall along the grid and are nowhere under the given, shape (users, grid).

    A list that is filled up after something was left out may get worse under a stricter threshold; what bounds the
    raised losses bounds the true ones.
    """
    return np.maximum.accumulate(losses, axis=1)


def threshold_index(sums: Numbers, users: int, level: float) -> NDArray[np.intp]:
    """Return the index of the largest threshold that keeps the level, -1 where none does.

    Args:
        sums: Of the losses of the calibration users at each threshold, shape (..., grid), not falling along it.
        users: How many they are.
        level: The risk to keep to, in (0, 1).
    """
    kept = (sums + 1) / (users + 1) <= level + 1e-12
    together = np.logical_and.accumulate(kept, axis=-1)
    return np.asarray(together.sum(axis=-1) - 1, np.intp)


def conformal_index(losses: Numbers, level: float) -> int:
    """Return the index of the largest threshold that keeps the level for losses of shape (users, grid); -1: none."""
    return int(threshold_index(monotone(losses).sum(axis=0), len(losses), level))


def random_halves(users: int, splits: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which users calibrate in each split, shape (splits, users): half of them, drawn anew each time."""
    ranks: Sequence[NDArray[np.intp]] = [rng.permutation(users) for _ in range(splits)]
    return np.array(ranks) < users // 2

"""Statistics over tasks: pass^k and its interval."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

_RESAMPLES = 10_000
_TAIL = 0.025
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over tasks with its 95% bootstrap interval, all in 0..1."""

    mean: float
    low: float
    high: float


def pass_hat(successes: int, *, trials: int, k: int) -> float:
    """Return C(successes, k) / C(trials, k): the chance that `k` of the trials, drawn at random, all succeeded.

    The unbiased estimate of pass^k of τ-bench (Yao et al. 2024, arXiv 2406.12045).

    Raises:
        ValueError: `k` is not in 1..trials.
    """
    if not 1 <= k <= trials:
        raise ValueError(f"k is {k}; with {trials} trials it must be in 1..{trials}.")
    return math.comb(successes, k) / math.comb(trials, k)


def wilson(successes: int, trials: int) -> Estimate:
    """Return a rate with its 95% Wilson score interval (Wilson 1927), which stays honest near 0 and 1.

    Raises:
        ValueError: There are no trials.
    """
    if trials <= 0:
        raise ValueError("There is nothing to estimate from.")
    rate, z2 = successes / trials, _Z * _Z / trials
    middle = (rate + z2 / 2) / (1 + z2)
    half = _Z * math.sqrt(rate * (1 - rate) / trials + z2 / (4 * trials)) / (1 + z2)
    return Estimate(rate, max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half)))


def estimate(values: Sequence[float], *, seed: int, resamples: int = _RESAMPLES) -> Estimate:
    """Return the mean of one value per task, and the percentile interval over tasks drawn with replacement.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("There is nothing to estimate from.")
    rng = random.Random(seed)  # noqa: S311  (a bootstrap, nothing secret)
    means = sorted(math.fsum(rng.choices(values, k=len(values))) / len(values) for _ in range(resamples))
    low, high = means[int(_TAIL * resamples)], means[math.ceil((1 - _TAIL) * resamples) - 1]
    return Estimate(math.fsum(values) / len(values), low, high)

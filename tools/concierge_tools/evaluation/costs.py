"""Costs: how long it takes to fit something, and how large it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from concierge_tools.recommenders.recommender import Recommender

Fitted = TypeVar("Fitted", bound=Recommender)


@dataclass(frozen=True, slots=True)
class Cost:
    """What it took to fit a part of a system, and how large it is."""

    seconds: float
    size: int = 0
    """Bytes of its artifact files, which are what serving holds."""


def fit_costed(costs: dict[str, Cost], fit: Callable[[], Fitted]) -> Fitted:
    """Fit a recommender and note by its name what it cost."""
    start = time.perf_counter()
    fitted = fit()
    seconds = time.perf_counter() - start
    with TemporaryDirectory(prefix="concierge-evaluate-") as folder:
        fitted.save(Path(folder))
        costs[fitted.name] = Cost(seconds, sum(path.stat().st_size for path in Path(folder).iterdir()))
    return fitted

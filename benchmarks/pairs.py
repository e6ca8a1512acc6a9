"""Pairs: the time of one thing against a named other, taken in turns within one run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """What was measured. Times are seconds of processor time, of all threads of the process."""

    measured: str
    against: str
    size: str
    most: float | None
    """What the ratio may be at most; None where it is told for comparison alone."""
    own: tuple[float, ...]
    other: tuple[float, ...]
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        """One for each turn, ascending."""
        return sorted(own / other for own, other in zip(self.own, self.other, strict=True))

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The quarter and three-quarter points of the ratios."""
        found, n = self.ratios, len(self.ratios)
        return found[n // 4], found[-1 - n // 4]

    @property
    def met(self) -> bool:
        """Whether the ratio is within its limit."""
        return self.most is None or self.ratio <= self.most


def in_turns(
    own: Callable[[int], object], other: Callable[[int], object], *, turns: int, each: int = 1, warm: int = WARM_UP
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Run two things in turns and return the processor seconds of each turn.

    A turn takes one thing `each` times, with the numbers of the calls counting on, and then the other with the same
    numbers: both see the same queries.
    """
    for call in range(warm):
        own(call), other(call)
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(turns):
        first = turn % 2
        for which in (first, 1 - first):
            begun = time.process_time()
            for call in range(turn * each, (turn + 1) * each):
                (own, other)[which](call)
            times[which].append((time.process_time() - begun) / each)
    return tuple(times[0]), tuple(times[1])

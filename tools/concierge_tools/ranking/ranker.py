"""The learned ranker: a conditional logit (McFadden 1974), linear in the signals of the candidates.

The chance that a user chooses a candidate next is proportional to exp(score); a score is a weighted sum of signals, so
that what each signal adds is the weight times how far the signal is from its mean.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

MOST_STEPS = 30
SMALLEST_STEP = 1e-4
PRECISION = 1e-5
"""Training ends when a step gains less than this per choice."""

Numbers = NDArray[np.float64]
Name = tuple[str, str]
"""Of a signal: its group, such as a recommender, and what of it."""


class Weighed(BaseModel):
    """One signal as it is on disk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    name: str
    mean: float
    weight: float
    """Of the signal as it is, not scaled."""


class RankerFile(BaseModel):
    """`ranker.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shortest: int
    members: tuple[str, ...]
    signals: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ranker:
    """Weights of signals. Arrays have shape (names,)."""

    file_name: ClassVar[str] = "ranker.json"

    members: tuple[str, ...]
    """The recommenders whose signals it weighs."""
    names: tuple[Name, ...]
    mean: Numbers
    weights: Numbers
    shortest: int
    """The fewest liked items of a profile that it has learned from; it is not asked about shorter ones."""

    @classmethod
    def fit(
        cls,
        values: Numbers,
        sizes: NDArray[np.intp],
        chosen: NDArray[np.intp],
        names: Sequence[Name],
        *,
        members: Sequence[str],
        shortest: int,
        regularization: float,
    ) -> Self:
        """Maximise the likelihood of what was chosen, by Newton's method.

        Args:
            values: Signals of the candidates of all choices, one after the other, shape (candidates, names).
            sizes: How many candidates each choice had, shape (choices,), each above 0.
            chosen: The row of the candidate that was chosen, shape (choices,).
            names: Of the signals.
            members: See the class.
            shortest: See the class.
            regularization: The square of each standardised weight costs half of it.
        """
        from threadpoolctl import threadpool_limits

        mean, spread = values.mean(axis=0), values.std(axis=0)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 1e-9)
        with threadpool_limits(1, "blas"):
            weights = _newton((values - mean) * scale, sizes, chosen, regularization)
        return cls(tuple(members), tuple(names), mean, weights * scale, shortest)

    def scores(self, values: Numbers, names: Sequence[Name]) -> Numbers:
        """Return shape (candidates,), from signals of shape (candidates, names); one that is missing is at its mean."""
        return np.asarray(self._parts(values, names).sum(axis=1), np.float64)

    def contributions(self, values: Numbers, names: Sequence[Name]) -> dict[str, float]:
        """Return what each group of signals adds to one candidate's score, from signals of shape (names,)."""
        parts = self._parts(values[None, :], names)[0].tolist()
        found: dict[str, float] = {}
        for (group, _), value in zip(self.names, parts, strict=True):
            found[group] = found.get(group, 0.0) + value
        return found

    def save(self, folder: Path) -> None:
        """Write itself as JSON."""
        rows = zip(self.names, self.mean.tolist(), self.weights.tolist(), strict=True)
        signals = tuple(Weighed(group=g, name=n, mean=mean, weight=weight) for (g, n), mean, weight in rows)
        body = RankerFile(shortest=self.shortest, members=self.members, signals=signals)
        (folder / self.file_name).write_text(json.dumps(body.model_dump(), indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        body = RankerFile.model_validate_json((folder / cls.file_name).read_bytes())
        return cls(
            body.members,
            tuple((one.group, one.name) for one in body.signals),
            np.array([one.mean for one in body.signals]),
            np.array([one.weight for one in body.signals]),
            body.shortest,
        )

    def _parts(self, values: Numbers, names: Sequence[Name]) -> Numbers:
        if tuple(names) == self.names:
            return (values - self.mean) * self.weights
        place = {name: column for column, name in enumerate(names)}
        parts = np.zeros((len(values), len(self.names)))
        for own, name in enumerate(self.names):
            if (column := place.get(name)) is not None:
                parts[:, own] = (values[:, column] - self.mean[own]) * self.weights[own]
        return parts


def _newton(values: Numbers, sizes: NDArray[np.intp], chosen: NDArray[np.intp], regularization: float) -> Numbers:
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    wanted = values[chosen].sum(axis=0)
    weights = np.zeros(values.shape[1])

    def at(weights: Numbers) -> tuple[float, Numbers]:
        scores = values @ weights
        scores -= np.maximum.reduceat(scores, starts)[owner]
        chances = np.exp(scores)
        totals = np.add.reduceat(chances, starts)
        loss = float(np.log(totals).sum() - scores[chosen].sum() + regularization / 2 * weights @ weights)
        return loss, chances / totals[owner]

    loss, chances = at(weights)
    for _ in range(MOST_STEPS):
        weighted = values * chances[:, None]
        means = np.add.reduceat(weighted, starts, axis=0)
        gradient = means.sum(axis=0) - wanted + regularization * weights
        hessian = weighted.T @ values - means.T @ means + regularization * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while True:
            better, found = at(weights - size * step)
            if better < loss or size < SMALLEST_STEP:
                break
            size /= 2
        if better >= loss:
            break
        gained, loss, chances, weights = loss - better, better, found, weights - size * step
        if gained < PRECISION * len(sizes):
            break
    return weights

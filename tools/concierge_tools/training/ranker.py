"""Training of the learned ranker, and whether it is worth having: judged on users it has not learned from.

Every choice that the validation folds hold out is one to learn from, as long as the item is among the candidates. To
judge, the users are parted into groups; each group is ranked by a ranker that learned from the others alone. It is
taken where it foresees better than the blend by more than its confidence interval.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.evaluation.foresight import ndcg
from concierge_tools.ranking.candidate_signals import Signals
from concierge_tools.ranking.ranker import Name, Ranker

CUTOFF = 10
GROUPS = 4
REGULARIZATION = 100.0
ENOUGH = 100
"""Fewer choices with the item among the candidates teach nothing."""
MOST = 60
"""Of a choice's candidates, how many others are learned from, drawn alike: that leaves the weights unbiased."""
SHORT = 2
"""In percent of the choices: profiles shorter than all but these were hardly learned from."""


@dataclass(frozen=True, slots=True)
class RankerChoice:
    """Whether the ranker is used, and why."""

    used: bool
    reason: str
    users: int = 0
    """How many next choices decided; 0 where nothing was measured."""
    ndcg: float = 0.0
    """Of the ranker, on users it had not learned from."""
    blend: float = 0.0
    """Of the blend, on the same."""
    gain: float = 0.0
    low: float = 0.0
    """The lower end of the gain's confidence interval, over users."""

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(slots=True)
class Lessons:
    """What there is to learn from: of every choice the signals of its candidates. Grows while folds are walked."""

    members: tuple[str, ...]
    names: tuple[Name, ...]
    values: list[NDArray[np.float32]]
    chosen: list[int]
    """The place of the chosen item among the candidates; -1 where it is none."""
    lengths: list[int]
    """How many items were liked before."""

    @classmethod
    def none(cls, members: Sequence[str]) -> "Lessons":
        """Return lessons before the first."""
        return cls(tuple(members), (), [], [], [])

    def add(self, signals: Signals, names: tuple[Name, ...], target: int, length: int) -> None:
        """Take in one choice."""
        self.names = names
        place = int(np.searchsorted(signals.items, target))
        there = place < len(signals.items) and signals.items[place] == target
        self.values.append(signals.values.astype(np.float32))
        self.chosen.append(place if there else -1)
        self.lengths.append(length)


def learned(lessons: Lessons, chosen: NDArray[np.bool_], *, seed: int) -> Ranker:
    """Learn from the chosen lessons, a mask over them."""
    rng = np.random.default_rng((seed, 2))
    rows, places = [], []
    for number in np.flatnonzero(chosen & (np.array(lessons.chosen) >= 0)).tolist():
        values, target = lessons.values[number], lessons.chosen[number]
        others = np.delete(np.arange(len(values)), target)
        kept = rng.choice(others, MOST, replace=False) if len(others) > MOST else others
        rows.append(values[np.append(target, kept)])
        places.append(len(rows[-1]))
    sizes = np.array(places, np.intp)
    return Ranker.fit(
        np.concatenate(rows).astype(np.float64),
        sizes,
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp),
        lessons.names,
        members=lessons.members,
        shortest=max(1, int(np.percentile(np.array(lessons.lengths)[chosen], SHORT))),
        regularization=REGULARIZATION,
    )


def ranks_of(ranker: Ranker, lessons: Lessons, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the rank of what was chosen in the chosen lessons, infinite where it was no candidate."""
    found = []
    for number in np.flatnonzero(chosen).tolist():
        target = lessons.chosen[number]
        if target < 0:
            found.append(np.inf)
            continue
        scores = ranker.scores(lessons.values[number].astype(np.float64), lessons.names)
        ahead = np.count_nonzero(scores > scores[target])
        found.append(1 + ahead + (np.count_nonzero(scores == scores[target]) - 1) / 2)
    return np.array(found)


def choose_ranker(
    lessons: Lessons, users: NDArray[np.int32], blend: NDArray[np.float64], *, seed: int
) -> tuple[RankerChoice, Ranker | None]:
    """Judge the ranker against the blend, and train it on everything; None where there is too little to learn from.

    Args:
        lessons: Of the validation folds.
        users: Whose choice each was, shape (lessons,).
        blend: The NDCG of the blend on each, shape (lessons,).
        seed: Parts the users and draws.
    """
    reached = int(np.count_nonzero(np.array(lessons.chosen) >= 0))
    if reached < ENOUGH:
        return RankerChoice(False, f"{reached} choices to learn from are fewer than {ENOUGH}"), None
    who = np.unique(users)
    part = np.random.default_rng((seed, 3)).permutation(np.arange(len(who)) % GROUPS)[np.searchsorted(who, users)]
    own = np.zeros(len(users))
    for group in range(GROUPS):
        held = part == group
        own[held] = ndcg(ranks_of(learned(lessons, ~held, seed=seed), lessons, held), CUTOFF)
    resamples = Resamples.of(users, np.random.default_rng((seed, 4)))
    gained = resamples.estimate(own - blend, digits=5)
    used = gained["low"] > 0
    choice = RankerChoice(
        used=used,
        reason=f"it {'beats' if used else 'does not beat'} the blend by more than its interval",
        users=len(users),
        ndcg=round(float(own.mean()), 5),
        blend=round(float(blend.mean()), 5),
        gain=gained["mean"],
        low=gained["low"],
    )
    return choice, learned(lessons, np.ones(len(users), np.bool_), seed=seed)

"""Which recommenders the blend is made of: chosen by what users of the owner's own log did choose next.

Every blend of a few members is measured on validation folds, cut from the end of each user's history. A larger blend
has to beat the best of the smaller ones by more than its confidence interval; otherwise the smaller one is taken.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.evaluation.foresight import Seen, blend_ranks, ndcg
from concierge_tools.evaluation.splits import Split, leave_last_out
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.recommender import LinearRecommender
from concierge_tools.recommenders.transitions import Transitions
from concierge_tools.training.members import Log, Parameters, fit_member, unfit
from concierge_tools.training.ranker import RankerChoice
from concierge_tools.training.tuning import Tuned

DEFAULT = (Als.name, Neighbours.name, Transitions.name)
"""The blend where nothing is tuned, of those that could be fitted."""
LARGEST = 4
CUTOFF = 10
FOLDS = 6
"""The most last choices of each user that are foreseen, one at a time."""
CHOICES = 4_000
"""When so many choices are foreseen, no further fold is begun."""
USERS = 1_000
"""The most users a fold foresees."""
ENOUGH = 30
"""Fewer users than this decide nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A blend and how well it foresaw."""

    members: tuple[str, ...]
    ndcg: float
    gain: float = 0.0
    """Over the best blend of one member fewer, or over the first member listed."""
    low: float = 0.0
    """The lower end of the gain's confidence interval, over users."""


@dataclass(frozen=True, slots=True)
class BlendChoice:
    """The members of the blend, and why these."""

    members: tuple[str, ...]
    reason: str
    users: int = 0
    """How many next choices decided; 0 where nothing was measured."""
    measured: tuple[Measured, ...] = ()
    """The best blend of each size."""
    ranker: RankerChoice | None = None
    """Whether a learned ranker has the last word; None where none was tried."""
    tuned: tuple[Tuned, ...] = ()
    """The parameters of each recommender; none where they were not tuned."""

    @property
    def parameters(self) -> dict[str, Parameters]:
        """The parameters of each recommender that differ from its own."""
        return {one.member: one.parameters for one in self.tuned if one.parameters}

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as JSON."""
        rows: list[JsonValue] = [{**asdict(row), "members": list(row.members)} for row in self.measured]
        body: dict[str, JsonValue] = {"members": list(self.members), "reason": self.reason, "users": self.users}
        tuned: list[JsonValue] = [one.to_json() for one in self.tuned]
        return {**body, "measured": rows, "ranker": self.ranker.to_json() if self.ranker else None, "tuned": tuned}


def default_blend(names: Sequence[str], reason: str = "not tuned") -> BlendChoice:
    """Return the blend of those default members that were fitted."""
    return BlendChoice(tuple(name for name in DEFAULT if name in names) or tuple(names[:1]), reason)


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """How well every blend foresaw. Arrays have shape (choices,)."""

    users: NDArray[np.int32]
    """Whose choice each was; none where too few could be foreseen."""
    ndcg: Mapping[tuple[str, ...], NDArray[np.float64]]


def validate(
    interactions: Interactions,
    items: int,
    names: Sequence[str],
    *,
    folds: int = FOLDS,
    most: int = USERS,
    seed: int = 0,
    parameters: Mapping[str, Parameters] | None = None,
    beside: Mapping[str, LinearRecommender] | None = None,
    watch: Callable[[Split, Mapping[str, LinearRecommender]], Seen] | None = None,
    done: Callable[[], object] = lambda: None,
) -> Validation:
    """Foresee the last choices of the log with every blend of up to four of the named recommenders.

    Args:
        interactions: The training log.
        items: How many items the catalog has.
        names: What can be fitted.
        folds: The most last choices of each user that are foreseen, one at a time.
        most: The most users a fold foresees.
        seed: Draws ties and users.
        parameters: By recommender, those that differ from its own.
        beside: Other recommenders that score for what `watch` makes.
        watch: Makes of a fold and of what was fitted on it what `blend_ranks` takes as `seen`.
        done: Called after each fold.
    """
    blends = [b for size in range(1, min(LARGEST, len(names)) + 1) for b in combinations(names, size)]
    gains: dict[tuple[str, ...], list[NDArray[np.float64]]] = {blend: [] for blend in blends}
    owners: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    for back in range(1, folds + 1):
        split = leave_last_out(interactions, back=back, most=most, seed=seed)
        if len(split.users) < ENOUGH or not unfit(split.train).keys().isdisjoint(names):
            break
        log = Log(split.train, items)
        members = {name: fit_member(name, log, parameters=(parameters or {}).get(name)) for name in names}
        members |= beside or {}
        seen = watch(split, members) if watch else None
        for blend, ranks in blend_ranks(members, blends, split, items, depth=CUTOFF, seen=seen).items():
            gains[blend].append(ndcg(ranks, CUTOFF))
        owners.append(split.users)
        done()
        if sum(map(len, owners)) >= CHOICES:
            break
    tables = {blend: np.concatenate(parts) for blend, parts in gains.items() if parts}
    return Validation(np.concatenate(owners), tables)


def blend_of(validation: Validation, names: Sequence[str], *, seed: int) -> BlendChoice:
    """Choose the members of the blend by what was validated; `seed` draws resamples."""
    if not len(validation.users):
        few = f"fewer than {ENOUGH} users have positives enough to foresee one and to train on the rest"
        return default_blend(names, few)
    return _chosen(validation.ndcg, names, validation.users, np.random.default_rng((seed, 1)))


def _chosen(
    tables: Mapping[tuple[str, ...], NDArray[np.float64]],
    names: Sequence[str],
    users: NDArray[np.int32],
    rng: np.random.Generator,
) -> BlendChoice:
    resamples = Resamples.of(users, rng)
    first: tuple[str, ...] = (names[0],)
    best, measured = first, [Measured(first, _mean(tables[first]))]
    for size in range(1, min(LARGEST, len(names)) + 1):
        rival = max((b for b in tables if len(b) == size), key=lambda b: _mean(tables[b]))
        if rival == best:
            continue
        gained = resamples.estimate(tables[rival] - tables[best], digits=5)
        measured.append(Measured(rival, _mean(tables[rival]), gained["mean"], gained["low"]))
        if gained["low"] > 0:
            best = rival
    together = " + ".join(best)
    beaten = "beat smaller blends by more than their interval" if len(best) > 1 else "no larger blend beat it clearly"
    return BlendChoice(best, f"{together}: {beaten}", len(users), tuple(measured))


def _mean(values: NDArray[np.float64]) -> float:
    return round(float(values.mean()), 5)

"""Which recommenders the blend is made of: chosen by what users of the owner's own log did choose next.

Every blend of a few members is measured on validation folds, cut from the end of each user's history. A larger blend
has to beat the best of the smaller ones by more than its confidence interval; otherwise the smaller one is taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.evaluation.foresight import blend_ranks, ndcg
from concierge_tools.evaluation.splits import leave_last_out
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.transitions import Transitions
from concierge_tools.training.members import Log, fit_member, unfit

DEFAULT = (Als.name, Neighbours.name, Transitions.name)
"""The blend where nothing is tuned, of those that could be fitted."""
LARGEST = 4
CUTOFF = 10
FOLDS = 2
USERS = 2_000
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

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as JSON."""
        rows: list[JsonValue] = [{**asdict(row), "members": list(row.members)} for row in self.measured]
        return {"members": list(self.members), "reason": self.reason, "users": self.users, "measured": rows}


def default_blend(names: Sequence[str], reason: str = "not tuned") -> BlendChoice:
    """Return the blend of those default members that were fitted."""
    return BlendChoice(tuple(name for name in DEFAULT if name in names) or tuple(names[:1]), reason)


def choose_blend(
    interactions: Interactions,
    items: int,
    names: Sequence[str],
    *,
    folds: int = FOLDS,
    seed: int = 0,
    done: Callable[[], object] = lambda: None,
) -> BlendChoice:
    """Choose the members of the blend among recommenders that the log allows.

    Args:
        interactions: The training log; nothing but it is looked at.
        items: How many items the catalog has.
        names: What can be fitted.
        folds: How many last choices of each user are foreseen, one at a time.
        seed: Draws ties, users and resamples.
        done: Called after each fold.
    """
    blends = [b for size in range(1, min(LARGEST, len(names)) + 1) for b in combinations(names, size)]
    gains: dict[tuple[str, ...], list[NDArray[np.float64]]] = {blend: [] for blend in blends}
    owners: list[NDArray[np.int32]] = []
    for back in range(1, folds + 1):
        split = leave_last_out(interactions, back=back, most=USERS, seed=seed)
        if len(split.users) < ENOUGH or not unfit(split.train).keys().isdisjoint(names):
            break
        log = Log(split.train, items)
        members = {name: fit_member(name, log) for name in names}
        for blend, ranks in blend_ranks(members, blends, split, items).items():
            gains[blend].append(ndcg(ranks, CUTOFF))
        owners.append(split.users)
        done()
    if not owners:
        few = f"fewer than {ENOUGH} users have positives enough to foresee one and to train on the rest"
        return default_blend(names, few)
    users = np.concatenate(owners)
    tables = {blend: np.concatenate(parts) for blend, parts in gains.items()}
    return _chosen(tables, names, users, np.random.default_rng((seed, 1)))


def _chosen(
    tables: dict[tuple[str, ...], NDArray[np.float64]],
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

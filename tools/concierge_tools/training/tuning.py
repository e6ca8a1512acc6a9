"""Tuning: other parameters of each recommender, taken where they clearly foresee better than its own.

Each setting is measured alone on the same validation folds as the blend. It has to beat the recommender's own by more
than its confidence interval; of several that do, the best is taken. There is a budget of time: settings that are not
reached in it are left out, and the report says so.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue, TypeAdapter

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.evaluation.foresight import blend_ranks, ndcg
from concierge_tools.evaluation.splits import Split, leave_last_out
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.ease import Ease
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.svd import PureSvd
from concierge_tools.recommenders.transitions import Transitions
from concierge_tools.training.members import Log, Parameters, fit_member, unfit

SETTINGS: Mapping[str, tuple[Parameters, ...]] = {
    Als.name: (
        {"factors": 64},
        {"factors": 256},
        {"regularization": 1.0},
        {"regularization": 20.0},
        {"factors": 64, "regularization": 20.0},
        {"iterations": 30},
    ),
    Neighbours.name: ({"neighbours": 30}, {"neighbours": 300}, {"k1": 10.0}, {"b": 0.6}, {"neighbours": 300, "b": 0.6}),
    Transitions.name: (
        {"steps": 3},
        {"steps": 30},
        {"backward": 0.0},
        {"backward": 1.0},
        {"smoothing": 5.0},
        {"smoothing": 100.0},
        {"damping": 0.0},
        {"damping": 0.6},
    ),
    PureSvd.name: ({"factors": 16}, {"factors": 32}, {"factors": 128}, {"factors": 256}),
    Ease.name: ({"regularization": 20.0}, {"regularization": 60.0}, {"regularization": 600.0}, {"regularization": 2e3}),
}
"""What is tried of each recommender beside its own parameters."""
SECONDS = 600.0
"""The budget: no further setting is begun after it."""
CUTOFF = 10
FOLDS = 2
USERS = 1_000
ENOUGH = 30


@dataclass(frozen=True, slots=True)
class Tuned:
    """The setting of one recommender, and how well it foresaw."""

    member: str
    parameters: Parameters
    """Those that differ from its own; none where nothing clearly beat them."""
    ndcg: float
    """With its own parameters."""
    gain: float = 0.0
    """Of the best setting over them."""
    low: float = 0.0
    """The lower end of the gain's confidence interval, over users."""
    tried: int = 0
    left: int = 0
    """Settings that were not tried because the time was over."""

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as JSON."""
        return {**asdict(self), "parameters": dict(self.parameters)}


_TUNED: TypeAdapter[tuple[Tuned, ...]] = TypeAdapter(tuple[Tuned, ...])


def tuned_of(parameters: Mapping[str, JsonValue]) -> tuple[Tuned, ...]:
    """Return what an artifact's manifest says of how its recommenders were tuned; `parameters` are the manifest's."""
    blend = parameters.get("blend")
    rows = blend.get("tuned") if isinstance(blend, dict) else None
    return _TUNED.validate_python(rows or ())


def tune_members(
    interactions: Interactions,
    items: int,
    names: Sequence[str],
    *,
    seconds: float = SECONDS,
    seed: int = 0,
    done: Callable[[], object] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Tuned, ...]:
    """Choose parameters for each recommender.

    Settings are tried in turns, the first of every recommender before the second of any, so that a budget that runs
    out cuts all alike.

    Args:
        interactions: The training log; nothing but it is looked at.
        items: How many items the catalog has.
        names: What can be fitted.
        seconds: The budget.
        seed: Draws ties, users and resamples.
        done: Called after each setting.
        clock: Tells the time in seconds.

    Returns:
        One for each name; none where too few users can be foreseen.
    """
    start = clock()
    folds = [leave_last_out(interactions, back=back, most=USERS, seed=seed) for back in range(1, FOLDS + 1)]
    folds = [fold for fold in folds if len(fold.users) >= ENOUGH and unfit(fold.train).keys().isdisjoint(names)]
    if not folds:
        return ()
    logs = [Log(fold.train, items) for fold in folds]
    resamples = Resamples.of(np.concatenate([fold.users for fold in folds]), np.random.default_rng((seed, 5)))
    own = {name: _foreseen(name, {}, folds, logs) for name in names}
    tried: dict[str, list[tuple[Parameters, NDArray[np.float64]]]] = {name: [] for name in names}
    for turn in range(max(map(len, SETTINGS.values()))):
        for name in names:
            if turn < len(SETTINGS[name]) and clock() - start < seconds:
                tried[name].append((SETTINGS[name][turn], _foreseen(name, SETTINGS[name][turn], folds, logs)))
                done()
    return tuple(_best(name, own[name], tried[name], resamples) for name in names)


def _foreseen(name: str, parameters: Parameters, folds: Sequence[Split], logs: Sequence[Log]) -> NDArray[np.float64]:
    found = []
    for fold, log in zip(folds, logs, strict=True):
        member = fit_member(name, log, parameters=parameters)
        found.append(ndcg(blend_ranks({name: member}, [(name,)], fold, log.items, depth=CUTOFF)[name,], CUTOFF))
    return np.concatenate(found)


def _best(
    name: str,
    own: NDArray[np.float64],
    tried: Sequence[tuple[Parameters, NDArray[np.float64]]],
    resamples: Resamples,
) -> Tuned:
    left = len(SETTINGS[name]) - len(tried)
    ndcg_own = round(float(own.mean()), 5)
    if not tried:
        return Tuned(name, {}, ndcg_own, left=left)
    setting, best = max(tried, key=lambda pair: float(pair[1].mean()))
    gained = resamples.estimate(best - own, digits=5)
    parameters = setting if gained["low"] > 0 else {}
    return Tuned(name, parameters, ndcg_own, gained["mean"], gained["low"], len(tried), left)

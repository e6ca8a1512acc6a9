"""Risk control, measured: the threshold is found on one half of held-out users and tried on the other, again and again.

Models and scorer are trained on users that are in neither half. Each split draws the halves anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from concierge_tools.config import InteractionsConfig
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.risk.conformal import fewest_users, least_level, monotone, random_halves, threshold_index
from concierge_tools.risk.held_out import HeldOut, hold_out
from concierge_tools.risk.judgements import judgements
from concierge_tools.risk.lists import N, Outcomes, Rankings, grid, outcomes

HELD = 0.5
"""Of the users who judged anything, how many are held out, to be halved in every split."""
NONE, RANDOM, DROPPED, REPLACED = "no control", "dropped at random", "dropped", "replaced (served)"


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """One way to leave items out: what its thresholds do to the lists of the held-out users."""

    name: str
    condensed: Outcomes
    """Of lists of the items that people judged later."""
    whole: Outcomes
    """Of lists of the whole catalog, where what they did not judge counts as no loss."""
    calibrates: bool


def measure(
    interactions: Interactions,
    config: InteractionsConfig,
    rows: csr_array,
    blend: Sequence[str],
    *,
    levels: Sequence[float],
    splits: int = 1_000,
    seed: int = 0,
) -> dict[str, Any]:
    """Return what was realised on the users that did not calibrate, for each level, as JSON.

    Args:
        interactions: The log.
        config: Says what is unwanted.
        rows: What items are like, shape (items, terms).
        blend: The members of the blend that is served.
        levels: The risks to keep to.
        splits: How many times the held-out users are halved.
        seed: Draws users and splits.

    Raises:
        DataError: Nothing is unwanted, or the log has too few users for a level.
    """
    known = judgements(config, interactions)
    if not known.unwanted.any():
        raise DataError("Nothing in the log is unwanted; correct negative or negative_events under [interactions].")
    held, _ = hold_out(interactions, known, rows, blend, share=HELD, seed=seed)
    users = len(held.condensed.odds)
    calibrating = users // 2
    if too_low := [level for level in levels if calibrating < fewest_users(level)]:
        raise DataError(
            f"A level of {too_low[0]:g} takes {fewest_users(too_low[0]):,} users to calibrate on; "
            f"half of those held out are {calibrating:,}. Give a level of {least_level(calibrating):g} or more."
        )
    halves = random_halves(users, splits, np.random.default_rng((seed, 3)))
    systems = _systems(held, np.random.default_rng((seed, 4)))
    return {
        "n": N,
        "splits": splits,
        "seed": seed,
        "blend": [*blend],
        "users": {"trained": held.trained, "calibrating": calibrating, "tried": users - calibrating},
        "negatives": round(float(known.unwanted.mean()), 4),
        "levels": [
            {"level": level, "rows": [_realised(system, halves, level) for system in systems]} for level in levels
        ],
    }


def _systems(held: HeldOut, rng: np.random.Generator) -> list[System]:
    thresholds, even = grid(held.base), grid(0.5)
    true = (held.condensed, held.whole)
    shuffled = (_shuffled(held.condensed, rng), _shuffled(held.whole, rng))

    def system(name: str, rankings: tuple[Rankings, Rankings], at: NDArray[np.float64], replace: bool) -> System:
        condensed, whole = (outcomes(one, at, replace=replace) for one in rankings)
        return System(name, condensed, whole, calibrates=name != NONE)

    return [
        system(NONE, true, thresholds[-1:], replace=False),
        system(RANDOM, shuffled, even, replace=False),
        system(DROPPED, true, thresholds, replace=False),
        system(REPLACED, true, thresholds, replace=True),
    ]


def _shuffled(rankings: Rankings, rng: np.random.Generator) -> Rankings:
    """Return the rankings with chance in place of the odds."""
    odds = np.where(np.isnan(rankings.odds), np.nan, rng.standard_normal(rankings.odds.shape)).astype(np.float32)
    return Rankings(odds, rankings.unwanted, rankings.liked, rankings.wanted)


def _realised(system: System, halves: NDArray[np.bool_], level: float) -> dict[str, Any]:
    """Return what one system realised over the splits: means, and the spread of the risk from split to split."""
    chosen = np.zeros(len(halves), np.intp)
    if system.calibrates:
        sums = halves @ monotone(system.condensed.loss)
        chosen = np.maximum(threshold_index(sums, int(halves[0].sum()), level), 0)
    tried = ~halves
    risk = _means(system.condensed.loss, tried, chosen)
    error = float(risk.std()) / np.sqrt(len(risk))
    whole = system.whole
    return {
        "system": system.name,
        "risk": round(float(risk.mean()), 5),
        "error": round(error, 5),
        "low": round(float(np.percentile(risk, 5)), 5),
        "high": round(float(np.percentile(risk, 95)), 5),
        "over": round(float((risk > level).mean()), 4),
        "kept": bool(risk.mean() <= level + 2 * error),
        "length": round(float(_means(system.condensed.length, tried, chosen).mean()), 3),
        "empty": round(float(_means((system.condensed.length == 0) * 1.0, tried, chosen).mean()), 4),
        f"NDCG@{N}": round(float(_means(system.condensed.ndcg, tried, chosen).mean()), 5),
        "whole": {
            "risk": round(float(_means(whole.loss, tried, chosen).mean()), 5),
            "length": round(float(_means(whole.length, tried, chosen).mean()), 3),
            f"NDCG@{N}": round(float(_means(whole.ndcg, tried, chosen).mean()), 5),
        },
    }


def _means(values: NDArray[np.float64], tried: NDArray[np.bool_], chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the mean over the tried users that have a value, under each split's threshold, shape (splits,)."""
    there = ~np.isnan(values[:, 0])
    sums = tried @ np.nan_to_num(values)
    picked = np.take_along_axis(sums, chosen[:, None], axis=1)[:, 0]
    return np.asarray(picked / np.maximum(1, tried @ there.astype(np.float64)), np.float64)

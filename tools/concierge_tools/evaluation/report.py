"""The report of `run` over several seeds: figures with intervals over users, and what they do not say."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.bootstrap import Resamples, as_json, jackknife
from concierge_tools.evaluation.checks import half_of_positives, warnings
from concierge_tools.evaluation.models import CUTOFFS, PLAIN_ALS, K, Run, accuracy
from concierge_tools.evaluation.served import SERVED
from concierge_tools.evaluation.whole import whole_figures
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.training.blending import ENOUGH

MAIN = f"NDCG@{K}"
_DIGITS = 5

Figures = Mapping[str, NDArray[np.float64]]
"""By metric, shape (targets,)."""


def report(runs: Sequence[Run], interactions: Interactions) -> dict[str, Any]:
    """Return the report of one or more runs on the same log as JSON.

    Every figure comes with its 95% interval over users, who are drawn again with all that they were asked in every run,
    and with its difference from plain ALS and from popularity, user by user. HR of one target each is recall.
    """
    rng = np.random.default_rng((runs[0].seed, 7))
    resamples = Resamples.of(np.concatenate([one.users for one in runs]), rng)
    figures = {name: _figures(runs, name) for name in runs[0].ranks}
    whole = {name: whole_figures(runs, name) for name in figures}
    bases = [name for name in (PLAIN_ALS, Popularity.name) if name in figures]
    return {
        "seeds": [one.seed for one in runs],
        "targets": len(resamples.owner),
        "users": resamples.draws.shape[1],
        "enough": resamples.draws.shape[1] >= ENOUGH,
        "cutoffs": list(CUTOFFS),
        "main": MAIN,
        "bases": bases,
        "data": _data(runs, interactions),
        "chosen": [{"seed": one.seed, **one.chosen.to_json()} for one in runs],
        "rows": [_row(name, runs, figures, whole, bases, resamples) for name in figures],
        "slices": _slices(runs, figures, bases, resamples),
        "fit": {name: _mean_of([one.costs[name].seconds for one in runs]) for name in runs[0].costs},
        "warnings": [
            asdict(said) for said in warnings(interactions, [one.facts for one in runs], users=resamples.draws.shape[1])
        ],
    }


def _figures(runs: Sequence[Run], system: str) -> Figures:
    own = accuracy(np.concatenate([one.ranks[system] for one in runs]))
    return own | {name: np.concatenate([one.beyond[system][name] for one in runs]) for name in runs[0].beyond[system]}


def _row(
    name: str,
    runs: Sequence[Run],
    figures: Mapping[str, Figures],
    whole: Mapping[str, Figures],
    bases: Sequence[str],
    resamples: Resamples,
) -> dict[str, Any]:
    over = {
        base: _named(figures[name], resamples, less=figures[base]) | _left_out(whole[name], less=whole[base])
        for base in bases
        if base != name
    }
    took = np.concatenate([one.milliseconds[name] for one in runs])
    parts = [[one.costs[part] for part in one.parts.get(name, ())] for one in runs]
    return {
        "system": name,
        "chosen": name == SERVED,
        **_named(figures[name], resamples),
        **_left_out(whole[name]),
        "over": over,
        "milliseconds": {"p50": round(float(np.median(took)), 3), "p99": round(float(np.percentile(took, 99)), 3)},
        "fit_seconds": _mean_of([sum(cost.seconds for cost in own) for own in parts]) if all(parts) else None,
        "bytes": round(float(np.mean([sum(cost.size for cost in own) for own in parts]))) if all(parts) else None,
    }


def _named(own: Figures, resamples: Resamples, *, less: Figures | None = None) -> dict[str, dict[str, float]]:
    table = np.stack([values if less is None else values - less[metric] for metric, values in own.items()], axis=1)
    return dict(zip(own, resamples.estimates(table, digits=_DIGITS), strict=True))


def _left_out(own: Figures, *, less: Figures | None = None) -> dict[str, dict[str, float]]:
    """Return figures of all lists together with their jackknife intervals; the first of each is that of all users."""
    tables = {metric: values if less is None else values - less[metric] for metric, values in own.items()}
    return {
        metric: as_json(float(values[0]), *jackknife(float(values[0]), values[1:]), digits=_DIGITS)
        for metric, values in tables.items()
    }


def _slices(
    runs: Sequence[Run], figures: Mapping[str, Figures], bases: Sequence[str], resamples: Resamples
) -> list[dict[str, Any]]:
    """Return the main metric of every system in each slice, and its difference from the first base."""
    table = np.stack([own[MAIN] for own in figures.values()], axis=1)
    base = table[:, [list(figures).index(bases[0])]]
    rows = []
    for kind, name in dict.fromkeys((kind, name) for one in runs for kind, own in one.slices.items() for name in own):
        nobody = [np.zeros(len(one.users), np.bool_) for one in runs]
        chosen = np.concatenate(
            [one.slices.get(kind, {}).get(name, none) for one, none in zip(runs, nobody, strict=True)]
        )
        users = len(np.unique(resamples.owner[chosen]))
        means = resamples.estimates(table, digits=_DIGITS, among=chosen)
        gains = resamples.estimates(table - base, digits=_DIGITS, among=chosen)
        rows.append(
            {
                "kind": kind,
                "slice": name,
                "targets": int(chosen.sum()),
                "users": users,
                "enough": users >= ENOUGH,
                MAIN: dict(zip(figures, means, strict=True)),
                f"over {bases[0]}": dict(zip(figures, gains, strict=True)),
            }
        )
    return rows


def _data(runs: Sequence[Run], interactions: Interactions) -> dict[str, Any]:
    positive = interactions.weights > 0
    times = interactions.times[positive & (interactions.times >= 0)]
    half, items = half_of_positives(interactions)
    return {
        "users": len(np.unique(interactions.users)),
        "interactions": len(interactions),
        "positives": int(positive.sum()),
        "items_with_positives": items,
        "items_with_half_of_positives": half,
        "from": int(times.min()) if len(times) else None,
        "to": int(times.max()) if len(times) else None,
        "splits": [asdict(one.facts) for one in runs],
    }


def _mean_of(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 3)

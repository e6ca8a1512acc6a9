"""The report of `run` over several seeds: means with intervals over users, and what one may not conclude from them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.evaluation.models import CHOSEN, PLAIN_ALS, K, Run, accuracy

_RUSH = 0.5
"""When this share of the targets comes within a minute of the one before, the order of a page may pass for taste."""


def report(runs: Sequence[Run], interactions: Interactions) -> dict[str, Any]:
    """Return the report of one or more runs on the same log as JSON.

    A gain is paired: users are drawn again with all that they were asked in every run.
    """
    rng = np.random.default_rng((runs[0].seed, 7))
    users = np.concatenate([one.users for one in runs])
    ranks = {name: np.concatenate([one.ranks[name] for one in runs]) for name in runs[0].ranks}
    resamples = Resamples.of(users, rng)
    metrics = {name: accuracy(own) for name, own in ranks.items()}
    base = PLAIN_ALS if PLAIN_ALS in ranks else "popularity"
    main = f"NDCG@{K}"
    rows = []
    for name, own in metrics.items():
        beyond = [one.beyond[name] for one in runs]
        row: dict[str, Any] = {"system": name}
        row |= {metric: resamples.estimate(values, digits=5) for metric, values in own.items()}
        row["gain"] = resamples.estimate(own[main] - metrics[base][main], digits=5)
        row |= {key: round(float(np.mean([b[key] for b in beyond])), 4) for key in beyond[0]}
        rows.append(row)
    return {
        "seeds": [one.seed for one in runs],
        "targets": len(users),
        "base": base,
        "chosen": [{"seed": one.seed, **one.chosen.to_json()} for one in runs],
        "rows": rows,
        "slices": _slices(runs, metrics, main),
        "fit_seconds": {n: round(float(np.mean([r.fit_seconds[n] for r in runs])), 3) for n in runs[0].fit_seconds},
        "warnings": warnings(runs, interactions),
    }


def warnings(runs: Sequence[Run], interactions: Interactions) -> list[str]:
    """Return what makes the figures say less than they seem to."""
    said = []
    positive = interactions.weights > 0
    repeated = int(positive.sum()) - len(np.unique(interactions.pairs[positive]))
    if repeated:
        said.append(f"{repeated:,} positives repeat an earlier pair of user and item; each pair counts once.")
    if not interactions.has_times:
        said.append("The log has no times: the item to foresee is drawn at random, not the last one.")
    elif len(np.unique(interactions.times[positive])) == 1:
        said.append("All positives have the same time, so that the last one is drawn at random.")
    quick = [one.slices.get("within a minute of the one before") for one in runs]
    share = float(np.mean([chosen.mean() for chosen in quick if chosen is not None] or [0.0]))
    if share > _RUSH:
        said.append(
            f"{share:.0%} of what is foreseen came within a minute of what was liked before: part of a gain may be the "
            "order of a page and not taste. Look at the slice 'later than an hour'."
        )
    return said


def _slices(
    runs: Sequence[Run], metrics: Mapping[str, Mapping[str, NDArray[np.float64]]], main: str
) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(name for one in runs for name in one.slices))
    shown = [name for name in (PLAIN_ALS, "als", CHOSEN, "popularity") if name in metrics]
    rows = []
    for name in names:
        empty = [np.zeros(len(one.users), np.bool_) for one in runs]
        chosen = np.concatenate([one.slices.get(name, none) for one, none in zip(runs, empty, strict=True)])
        means = {system: round(float(metrics[system][main][chosen].mean()), 5) for system in shown}
        rows.append({"slice": name, "targets": int(chosen.sum()), main: means})
    return rows

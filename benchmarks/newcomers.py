"""Newcomers: what to show somebody of whom nothing is known, judged by what they liked afterwards.

    python benchmarks/newcomers.py --store DIR [--part validation|test]

Users are taken in the order of their first interaction. For each, the list is made of the log before that moment
alone, and compared with everything they ever liked. The middle users are for choosing, the last third for reporting.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.interactions import Interactions
from concierge_tools.ranking.cold_start import told_apart
from concierge_tools.ranking.ranking import Ranking, ranked
from concierge_tools.recommenders.popularity import DAY, RECENT_DAYS
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.store import Store

K = 10
SHARES = (0.1, 0.2, 0.3)
"""Of the log's time until then, how much counts as recent."""
ENOUGH = 100
"""Positives that the log must hold before somebody's first interaction."""
PARTS = {"validation": (0.4, 0.7), "test": (0.7, 1.0)}
RESAMPLES = 2000


def main() -> None:
    """Run it on a store with a log and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--part", choices=sorted(PARTS), default="test")
    options = parser.parse_args()
    artifact = Store(options.store).load()
    log = artifact.interactions
    if log is None or not log.has_times:
        raise SystemExit("The store has no interaction log with times.")
    gains: dict[str, list[float]] = defaultdict(list)
    hits: dict[str, list[float]] = defaultdict(list)
    first = np.full(len(log.user_ids), np.iinfo(np.int64).max)
    np.minimum.at(first, log.users, log.times)
    start, end = (int(share * len(first)) for share in PARTS[options.part])
    for user in np.argsort(first, kind="stable")[start:end]:
        liked = np.unique(log.items[(log.users == user) & (log.weights > 0)])
        before = log.only(log.times < first[user])
        if len(liked) and int((before.weights > 0).sum()) >= ENOUGH:
            for name, ranking in _lists(artifact, before):
                hit = np.isin(ranking.items[:K], liked)
                discount = 1 / np.log2(np.arange(2, K + 2))
                gains[name].append(float((hit * discount).sum() / discount[: min(K, len(liked))].sum()))
                hits[name].append(float(hit.any()))
    base = np.array(gains["ever"])
    print(f"{artifact.config.name}: {len(base):,} newcomers ({options.part}); difference from popularity ever")
    for name, own in gains.items():
        low, high = _interval(np.array(own) - base)
        print(
            f"  {name:28} NDCG@{K} {np.mean(own):.4f} [{low:+.4f}, {high:+.4f}]  "
            f"one or more of {K} liked {np.mean(hits[name]):.3f}"
        )


def _lists(artifact: Artifact, before: Interactions) -> Iterator[tuple[str, Ranking]]:
    items = len(artifact.catalog)
    every = np.ones(items, np.bool_)
    positive = before.weights > 0
    times, chosen, weights = before.times[positive], before.items[positive], before.weights[positive]
    ever = np.bincount(chosen, weights, minlength=items).astype(np.float32)
    ties = np.argsort(-ever, kind="stable").astype(np.int32)
    yield "ever", ranked(ever, every, basis="ever")
    for share in SHARES:
        days = max(RECENT_DAYS, share * float(times.max() - times.min()) / DAY)
        late = times > times.max() - days * DAY
        recent = np.bincount(chosen[late], weights[late], minlength=items).astype(np.float32)
        ranking = ranked(recent, every, ties=ties, basis="recent")
        yield f"recent {share:g}", ranking
        yield f"recent {share:g}, told apart", told_apart(ranking, artifact.content.rows)


def _interval(differences: NDArray[np.float64]) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    means = differences[rng.integers(0, len(differences), (RESAMPLES, len(differences)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


if __name__ == "__main__":
    main()

"""Items nobody has touched: all interactions of a fifth of the items are held out, and the blend is fitted on the rest.

    python benchmarks/cold_items.py --store DIR [--seeds 0 1 2] [--weights 0 0.65 0.75]

Among the held-out items alone: does content put those first that a user liked later? And in a whole list, for each
weight of content's word on them: what known items lose (each user's last positive of a known item is foreseen), what
share of the places the held-out items take, and how many of those the user liked. Every unseen item is ranked.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from concierge_tools.evaluation.foresight import ndcg, rank_of, subjects
from concierge_tools.evaluation.splits import leave_last_out
from concierge_tools.ranking.cold_start import COLD_WEIGHT, with_untouched
from concierge_tools.ranking.scoring import Scoring
from concierge_tools.recommenders.blend import fused, total
from concierge_tools.recommenders.recommender import LinearRecommender, Mask, Profile
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.store import Store
from concierge_tools.training.members import Log, fit_member

K = 10
HELD_OUT = 0.2
Measured = dict[str, list[float]]


def main() -> None:
    """Run it on a store with a log and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--weights", type=float, nargs="+", default=[0.0, COLD_WEIGHT, 0.75])
    options = parser.parse_args()
    artifact = Store(options.store).load()
    found: Measured = defaultdict(list)
    with threadpool_limits(1, "blas"):
        for seed in options.seeds:
            for name, value in _run(artifact, seed, options.weights):
                found[name].append(value)
    print(f"{artifact.config.name}: blend of {', '.join(artifact.blend)}, seeds {options.seeds}")
    for name, values in found.items():
        print(f"  {name:44} {np.mean(values):.4f}  ({len(values):,})")


def _run(artifact: Artifact, seed: int, weights: list[float]) -> Iterator[tuple[str, float]]:
    log, items = artifact.interactions, len(artifact.catalog)
    if log is None:
        raise SystemExit("The store has no interaction log.")
    rng = np.random.default_rng(seed)
    touched = np.flatnonzero(np.bincount(log.items, minlength=items))
    held = np.zeros(items, np.bool_)
    held[rng.choice(touched, int(HELD_OUT * len(touched)), replace=False)] = True
    split = leave_last_out(log.only(~held[log.items]), fewest=5, seed=seed)
    members = {name: fit_member(name, Log(split.train, items)) for name in artifact.blend}
    untouched = np.bincount(split.train.items, minlength=items) == 0
    later = (log.weights > 0) & held[log.items]
    for user, (profile, eligible, target) in zip(split.users, subjects(split, items), strict=True):
        liked = np.unique(log.items[later & (log.users == user)])
        if len(liked):
            content = np.nan_to_num(artifact.content.scores(profile), nan=-np.inf)
            for name, scores in (("content", content), ("random", rng.random(items))):
                first = np.argsort(-np.where(held, scores, -np.inf), kind="stable")[:K]
                yield f"among held out, {name}: NDCG@{K}", _gain(np.isin(first, liked), len(liked))
                yield f"among held out, {name}: HR@{K}", float(np.isin(first, liked).any())
        scoring = _scoring(members, profile, eligible)
        for weight in weights:
            changed = (
                with_untouched(scoring, profile, artifact.content, untouched, weight=weight) if weight else scoring
            )
            scores = np.nan_to_num(total(changed.shares.values(), items), nan=0.0)
            best = np.argsort(-np.where(eligible, scores, -1), kind="stable")[:K]
            rank = np.array([rank_of(target, scores, eligible)], np.float64)
            yield f"weight {weight:g}: NDCG@{K} of known items", float(ndcg(rank, K)[0])
            yield f"weight {weight:g}: share of places held out", float(held[best].mean())
            if len(liked):
                yield f"weight {weight:g}: held out and liked, per list", float(np.isin(best, liked).sum())


def _scoring(members: Mapping[str, LinearRecommender], profile: Profile, eligible: Mask) -> Scoring:
    own = {name: member.scores(profile) for name, member in members.items() if member.knows(profile)}
    shares = {name: fused(scores, eligible) for name, scores in own.items()}
    return Scoring(eligible, shares, "blend", dict(members), own)


def _gain(hit: NDArray[np.bool_], relevant: int) -> float:
    discount = 1 / np.log2(np.arange(2, K + 2))
    return float((hit * discount).sum() / discount[: min(K, relevant)].sum())


if __name__ == "__main__":
    main()

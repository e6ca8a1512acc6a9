"""How near Spark's ALS comes to the one on this machine: python -m benchmarks.spark [STORE].

The last positive of each user of a fitted store's log (the demo's by default) is held out. Both engines train on the
rest with the parameters that `fit` takes, and are served alike; implicit's second seed says how near two trainings of
one engine come to each other.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.evaluation.foresight import hits, ndcg, rank_of, subjects
from concierge_tools.evaluation.splits import leave_last_out
from concierge_tools.recommenders.als import Als
from concierge_tools.storage.store import Store
from concierge_tools.training.members import Log
from concierge_tools.training.spark import spark_trainer


def main() -> None:
    """Print a row for each training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path, nargs="?", default=Path(".demo/store"))
    parser.add_argument("--spark-master")
    parser.add_argument("--spark-folder", type=Path)
    options = parser.parse_args()
    artifact = Store(options.store).load()
    if artifact.interactions is None:
        raise SystemExit("The store has no log.")
    items = len(artifact.catalog)
    split = leave_last_out(artifact.interactions)
    log = Log(split.train, items)
    trainer = spark_trainer(master=options.spark_master, folder=options.spark_folder)
    trained: dict[str, tuple[Als, float]] = {}
    for name, train in {
        "implicit": lambda: Als.fit(log.matrix),
        "implicit, other seed": lambda: Als.fit(log.matrix, seed=1),
        "spark": lambda: trainer.train(log, lambda: None),
    }.items():
        started = time.perf_counter()
        als = train()
        trained[name] = als, time.perf_counter() - started

    ranks: dict[str, list[float]] = {name: [] for name in trained}
    best: dict[str, list[set[int]]] = {name: [] for name in trained}
    with threadpool_limits(1, "blas"):
        for profile, eligible, target in subjects(split, items):
            for name, (als, _) in trained.items():
                scores = np.nan_to_num(als.scores(profile))
                ranks[name].append(rank_of(target, scores, eligible))
                order = np.argsort(-np.where(eligible, scores, -np.inf), kind="stable")
                best[name].append(set(order[:10].tolist()))
    resamples = Resamples.of(split.users, np.random.default_rng(0))
    print(f"{len(split.users):,} users, {log.matrix.nnz:,} positives, {items:,} items")
    print(f"{'':<22}NDCG@10   HR@10   against implicit (95%)   top 10 as implicit   time")
    reference = ndcg(np.array(ranks["implicit"]), 10)
    for name, (_, seconds) in trained.items():
        own, hit = ndcg(np.array(ranks[name]), 10), hits(np.array(ranks[name]), 10).mean()
        low, high = resamples.interval(own - reference)
        overlap = np.mean([len(a & b) / 10 for a, b in zip(best[name], best["implicit"], strict=True)])
        took = seconds / trained["implicit"][1]
        print(f"{name:<22}{own.mean():.4f}   {hit:.4f}   {low:+.4f} to {high:+.4f}   {overlap:>16.3f}   {took:>6.1f}x")


if __name__ == "__main__":
    main()

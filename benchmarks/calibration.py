"""What calibration and diversity cost in accuracy, and what they buy: the blend of a store, foreseeing last choices.

    python benchmarks/calibration.py --store STORE

Everything is fitted anew without what is foreseen; the store is only read.
"""

import argparse
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from concierge_tools.evaluation import lists as of_lists
from concierge_tools.evaluation.foresight import ndcg, subjects
from concierge_tools.evaluation.splits import leave_last_out
from concierge_tools.ranking.calibration import calibrate
from concierge_tools.ranking.diversity import diversify
from concierge_tools.ranking.ranking import Ranking, ranked
from concierge_tools.ranking.tags import mix_field, tag_shares
from concierge_tools.recommenders.blend import fuse
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.storage.store import Store
from concierge_tools.training.members import Log, fit_member

K = 10
STEPS = [(0.0, 0.0), *((c, 0.0) for c in (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0)), (0.0, 0.1), (0.0, 0.3), (0.2, 0.1)]
"""(calibration, diversity)."""


def main() -> None:
    """Print one line per setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    artifact = Store(given.store).load()
    if artifact.interactions is None:
        raise SystemExit("The store has no interaction log.")
    items = len(artifact.catalog)
    split = leave_last_out(artifact.interactions, fewest=5, seed=given.seed)
    members = [fit_member(name, Log(split.train, items)) for name in artifact.blend]
    popularity = Popularity.fit(split.train, items)
    tags, rows = tag_shares(artifact.catalog), artifact.content.rows
    lists: dict[tuple[float, float], list[Ranking]] = {step: [] for step in STEPS}
    histories, targets = [], []
    with threadpool_limits(1, "blas"):
        for profile, eligible, target in subjects(split, items):
            scores = fuse({m.name: m.scores(profile) for m in members if m.knows(profile)}, eligible)
            ranking = ranked(scores, eligible, basis="blend")
            histories.append(profile.items)
            targets.append(target)
            for calibration, diversity in STEPS:
                step = calibrate(ranking, tags, profile, calibration)
                lists[calibration, diversity].append(diversify(step, rows, diversity))
    print(f"{len(targets):,} users; tags: {mix_field(artifact.catalog)}; blend: {' + '.join(artifact.blend)}")
    print("calibration  diversity  NDCG@10  miscalibration  list diversity  coverage  popularity  long tail")
    reachable = int(np.count_nonzero(popularity.people))
    for (calibration, diversity), rankings in lists.items():
        found = np.array([_rank(one, target) for one, target in zip(rankings, targets, strict=True)])
        shown = [one.items[:K] for one in rankings]
        bias = of_lists.popularity_bias(shown, popularity.people, len(split.train.user_ids))
        print(
            f"{calibration:11.2f}  {diversity:9.2f}  {ndcg(found, K).mean():7.4f}  "
            f"{of_lists.miscalibration(shown, histories, tags).mean():14.3f}  "
            f"{of_lists.diversity(shown, rows).mean():14.3f}  {of_lists.coverage(shown, reachable):8.3f}  "
            f"{bias['popularity']:10.3f}  {bias['long_tail']:9.3f}"
        )


def _rank(ranking: Ranking, target: int) -> float:
    places = (ranking.items == target).nonzero()[0]
    return float(places[0] + 1) if len(places) else float("inf")


if __name__ == "__main__":
    main()

"""What `fit --update` loses against a full fit, and what it saves: python -m benchmarks.update [STORE].

The log of a fitted store (the demo's by default) is cut at several points of its time. At each, a base is trained on
all but the newest part of what came before, updated with that part, and asked for what each user newly liked in the
tenth of the log after the point. Beside it: the base as it was, with the histories of then ("stale"); the base's
factors with the histories of now ("histories"); and a full fit, with a second seed of it, which says how far two full
fits are apart. Every system but the blends is ALS alone.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.evaluation.foresight import hits, ndcg, rank_of
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.blend import fuse
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Matrix, Profile
from concierge_tools.recommenders.transitions import Transitions
from concierge_tools.storage.store import Store
from concierge_tools.training.update import ITERATIONS, RANDOM

POINTS = (0.6, 0.7, 0.8, 0.9)
"""Of the positives, those before the point at which the update is made."""
WINDOW = 0.1
SHARES = (0.05, 0.1, 0.2, 0.4)
"""Of the positives before the point, the newest ones, which the base has not seen."""
OTHERS = (1, 3)
"""Other numbers of iterations than an update's own."""
FEWEST = 3
LISTS = 100
"""Users whose top ten are compared with the full fit's at each point."""

Scores = Callable[[Profile, Mask], Floats]


@dataclass
class Tally:
    """What one system did over all points."""

    ranks: list[float] = field(default_factory=list)
    overlaps: list[float] = field(default_factory=list)
    seconds: float = 0.0


def main() -> None:
    """Print a table for each share of what is new."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path, nargs="?", default=Path(".demo/store"))
    artifact = Store(parser.parse_args().store).load()
    if artifact.interactions is None or not artifact.interactions.has_times:
        raise SystemExit("The store's log has no times.")
    for share in SHARES:
        tallies: dict[str, Tally] = {}
        owners: list[NDArray[np.int32]] = []
        for point in POINTS:
            owners.append(_measure(artifact.interactions, len(artifact.catalog), point, share, tallies))
        _print(share, tallies, np.concatenate(owners))


def _measure(log: Interactions, items: int, point: float, share: float, tallies: dict[str, Tally]) -> NDArray[np.int32]:
    """Measure every system at one point; return the user of each target."""
    base, now, later = (_until(log, q) for q in (point * (1 - share), point, point + WINDOW))
    systems = dict(_systems(base, now, items, tallies))
    users, targets = _targets(now, later, items)
    with threadpool_limits(1, "blas"):
        for user in np.unique(users).tolist():
            profile, eligible = _subject(now, user, items)
            before = _subject(base, user, items)[0]
            for name, scores in systems.items():
                asked = before if name == "stale" else profile
                found = np.nan_to_num(scores(asked, eligible)) if len(asked) else np.zeros(items, np.float32)
                own = targets[users == user].tolist()
                tallies[name].ranks += [rank_of(target, found, eligible) for target in own]
        known = np.flatnonzero(np.bincount(now.users[now.weights > 0]) >= FEWEST)
        for user in np.random.default_rng(0).permutation(known)[:LISTS].tolist():
            profile, eligible = _subject(now, user, items)
            best = {name: _best(scores(profile, eligible), eligible) for name, scores in systems.items()}
            for name, own in best.items():
                full = best["full blend" if name.endswith("blend") else "full"]
                if name != "stale":
                    tallies[name].overlaps.append(len(own & full) / len(full))
    return users


def _systems(
    base: Interactions, now: Interactions, items: int, tallies: dict[str, Tally]
) -> Iterator[tuple[str, Scores]]:
    matrix, stale = now.matrix(items), Als.fit(base.matrix(items))

    def timed(name: str, train: Callable[[], Als]) -> Als:
        started = time.perf_counter()
        als = train()
        tallies.setdefault(name, Tally()).seconds += time.perf_counter() - started
        return als

    full = timed("full", lambda: Als.fit(matrix))
    yield "full", _alone(full)
    yield "full, other seed", _alone(timed("full, other seed", lambda: Als.fit(matrix, seed=1)))
    for name in ("stale", "histories"):
        tallies.setdefault(name, Tally())
        yield name, _alone(stale)
    start = np.random.default_rng(0).random(stale.factors.shape, np.float32) * np.float32(RANDOM)
    start = np.where(stale.known[:, None], stale.factors, start)
    for iterations in sorted((*OTHERS, ITERATIONS)):
        name = f"update, {iterations} iterations"
        updated = timed(name, lambda n=iterations: _updated(matrix, stale, start, n))
        yield name, _alone(updated)
    rest: dict[str, LinearRecommender] = {
        Neighbours.name: Neighbours.fit(matrix),
        Transitions.name: Transitions.fit(now, items),
    }
    for name, als in (("full blend", full), ("update blend", _updated(matrix, stale, start, ITERATIONS))):
        tallies.setdefault(name, Tally())
        yield name, _blended({Als.name: als, **rest})


def _updated(matrix: Matrix, stale: Als, start: Floats, iterations: int) -> Als:
    return Als.fit(matrix, regularization=stale.regularization, iterations=iterations, start=start)


def _alone(member: LinearRecommender) -> Scores:
    return lambda profile, eligible: member.scores(profile)


def _blended(members: dict[str, LinearRecommender]) -> Scores:
    def scores(profile: Profile, eligible: Mask) -> Floats:
        return fuse({name: m.scores(profile) for name, m in members.items() if m.knows(profile)}, eligible)

    return scores


def _until(log: Interactions, share: float) -> Interactions:
    times = np.sort(log.times[log.weights > 0])
    return log.only(log.times <= times[min(len(times) - 1, int(share * len(times)))])


def _targets(now: Interactions, later: Interactions, items: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return what users with a history liked after the point and had not touched before it."""
    had = np.bincount(now.users[now.weights > 0], minlength=len(now.user_ids))
    pairs = later.users.astype(np.int64) * items + later.items
    before = now.users.astype(np.int64) * items + now.items
    rows = np.flatnonzero((later.weights > 0) & (had[later.users] >= FEWEST) & ~np.isin(pairs, before))
    rows = rows[np.argsort(later.users[rows], kind="stable")]
    return later.users[rows], later.items[rows]


def _subject(log: Interactions, user: int, items: int) -> tuple[Profile, Mask]:
    first, last = np.searchsorted(log.users, [user, user + 1])
    rows = np.arange(last - 1, first - 1, -1)
    liked = rows[log.weights[rows] > 0]
    eligible = np.ones(items, np.bool_)
    eligible[log.items[rows]] = False
    return Profile.of(history=log.items[liked].tolist(), weights=log.weights[liked].tolist()), eligible


def _best(scores: Floats, eligible: Mask) -> set[int]:
    usable = np.where(eligible & ~np.isnan(scores), scores, -np.inf)
    return set(np.argsort(-usable, kind="stable")[:10].tolist())


def _print(share: float, tallies: dict[str, Tally], users: NDArray[np.int32]) -> None:
    print(f"{share:.0%} of the positives new, {len(users):,} targets of {len(np.unique(users))} users")
    print(f"  {'':<22}  NDCG@10   HR@10   against full (95%)   top 10 as full   ALS time")
    resamples = Resamples.of(users, np.random.default_rng(0))
    for name, tally in tallies.items():
        full = tallies["full blend" if name.endswith("blend") else "full"]
        gain, own = ndcg(np.array(tally.ranks), 10), ndcg(np.array(full.ranks), 10)
        low, high = resamples.interval(gain - own)
        hit = hits(np.array(tally.ranks), 10).mean()
        overlap = f"{np.mean(tally.overlaps):.3f}" if tally.overlaps else "-"
        took = f"{tally.seconds / full.seconds:.2f}x" if tally.seconds else "-"
        row = f"{gain.mean():.4f}   {hit:.4f}   {low:+.4f} to {high:+.4f}   {overlap:>14}   {took:>8}"
        print(f"  {name:<22}  {row}", flush=True)


if __name__ == "__main__":
    main()

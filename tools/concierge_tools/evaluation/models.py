"""The models of a store, measured: every recommender and blend foresees what users of the log chose next.

All is fitted anew on the log without what is foreseen, also the choice of the blend. Every item is ranked that the user
did not have; there are no sampled negatives.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.evaluation import lists as of_lists
from concierge_tools.evaluation.foresight import hits, ndcg, rank_of, reciprocal, subjects
from concierge_tools.evaluation.splits import Split, leave_last_out, temporal
from concierge_tools.ranking.tags import tag_shares
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.blend import fuse
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Positions, Profile
from concierge_tools.training.blending import BlendChoice, choose_blend, default_blend
from concierge_tools.training.members import FITS, Log, fit_member, unfit

K = 10
SplitName = Literal["last", "time"]
System = Callable[[Profile, Mask], Floats]
PLAIN_ALS, CHOSEN = "als, no recency", "blend (chosen)"
_SHORT, _LONG = 10, 50
_HEAD = 0.1
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One seed: what was foreseen and how each system did. Arrays have shape (users,)."""

    seed: int
    users: NDArray[np.int32]
    chosen: BlendChoice
    ranks: Mapping[str, NDArray[np.float64]]
    """By system; infinite where the target was not ranked."""
    beyond: Mapping[str, Mapping[str, float]]
    """By system: coverage, novelty, diversity, popularity bias, miscalibration, milliseconds per user."""
    slices: Mapping[str, NDArray[np.bool_]]
    """Whom each slice holds."""
    fit_seconds: Mapping[str, float]


def run(
    interactions: Interactions,
    catalog: Catalog,
    *,
    split: SplitName = "last",
    tune: bool = True,
    seed: int = 0,
    on_step: Callable[[], object] = lambda: None,
) -> Run:
    """Fit every system on the log without what is foreseen, and rank.

    Args:
        interactions: The whole log.
        catalog: Its items.
        split: "last" foresees each user's last positive, "time" each user's first one after a point in time.
        tune: Whether the blend is chosen on validation folds within the training log, or is the default one.
        seed: Draws ties and users.
        on_step: Called after each model and each user.

    Raises:
        DataError: No user has enough positives, or nothing connects items.
    """
    cut = leave_last_out(interactions, fewest=5, seed=seed) if split == "last" else temporal(interactions, seed=seed)
    skipped = unfit(cut.train)
    names = [name for name in FITS if name not in skipped]
    if not len(cut.users) or not names:
        raise DataError("No user of the log has enough positives to foresee one; nothing can be measured.")
    log, seconds = Log(cut.train, len(catalog)), dict[str, float]()
    members: dict[str, LinearRecommender] = {}
    for name in names:
        start = time.perf_counter()
        members[name] = fit_member(name, log)
        seconds[name] = round(time.perf_counter() - start, 3)
        on_step()
    chosen = choose_blend(cut.train, len(catalog), names, seed=seed) if tune else default_blend(names)
    popularity = Popularity.fit(cut.train, len(catalog))
    content = Content.fit(catalog)
    systems = dict(_systems(members, popularity, content, chosen))
    ranks, beyond = _ranked(systems, cut, catalog, popularity, content, on_step)
    return Run(seed, cut.users, chosen, ranks, beyond, _slices(interactions, cut, popularity), seconds)


def _systems(
    members: Mapping[str, LinearRecommender], popularity: Popularity, content: Content, chosen: BlendChoice
) -> Iterator[tuple[str, System]]:
    yield "popularity", lambda profile, eligible: popularity.ever
    if popularity.window_days:
        yield "popularity, recent", lambda profile, eligible: popularity.recent + popularity.ever * 1e-6
    yield "content", lambda profile, eligible: content.scores(profile)
    if (als := members.get(Als.name)) is not None:
        yield PLAIN_ALS, lambda profile, eligible: als.scores(replace(profile, recency=False))
    for name, member in members.items():
        yield name, _alone(member)
    for label, blend in (("blend (default)", default_blend([*members])), (CHOSEN, chosen)):
        yield label, _blended({name: members[name] for name in blend.members})


def _alone(member: LinearRecommender) -> System:
    return lambda profile, eligible: member.scores(profile)


def _blended(members: Mapping[str, LinearRecommender]) -> System:
    def scores(profile: Profile, eligible: Mask) -> Floats:
        return fuse({name: m.scores(profile) for name, m in members.items() if m.knows(profile)}, eligible)

    return scores


def _ranked(
    systems: Mapping[str, System],
    split: Split,
    catalog: Catalog,
    popularity: Popularity,
    content: Content,
    on_step: Callable[[], object],
) -> tuple[dict[str, NDArray[np.float64]], dict[str, dict[str, float]]]:
    ranks: dict[str, list[float]] = {name: [] for name in systems}
    shown: dict[str, list[Positions]] = {name: [] for name in systems}
    took = dict.fromkeys(systems, 0.0)
    histories: list[Positions] = []
    with threadpool_limits(1, "blas"):
        for profile, eligible, target in subjects(split, len(catalog)):
            histories.append(profile.items)
            for name, system in systems.items():
                start = time.perf_counter()
                scores = np.nan_to_num(system(profile, eligible), nan=0.0)
                shown[name].append(_best(scores, eligible))
                took[name] += time.perf_counter() - start
                ranks[name].append(rank_of(target, scores, eligible))
            on_step()
    tags, users = tag_shares(catalog), len(split.train.user_ids)
    reachable = int(np.count_nonzero(popularity.people))
    beyond = {
        name: {
            "coverage": of_lists.coverage(shown[name], reachable),
            "novelty": float(of_lists.novelty(shown[name], popularity.people, users).mean()),
            "diversity": float(of_lists.diversity(shown[name], content.rows).mean()),
            **of_lists.popularity_bias(shown[name], popularity.people, users),
            "miscalibration": float(of_lists.miscalibration(shown[name], histories, tags).mean()),
            "milliseconds": 1000 * took[name] / max(1, len(histories)),
        }
        for name in systems
    }
    return {name: np.array(own) for name, own in ranks.items()}, beyond


def _best(scores: Floats, eligible: Mask) -> Positions:
    chosen = np.flatnonzero(eligible & (scores > 0)).astype(np.int32)
    return chosen[np.argsort(-scores[chosen], kind="stable")[:K]]


def _slices(interactions: Interactions, split: Split, popularity: Popularity) -> dict[str, NDArray[np.bool_]]:
    train = split.train
    positive = train.weights > 0
    lengths = np.bincount(train.users[positive], minlength=len(train.user_ids))[split.users]
    head = np.argsort(-popularity.ever, kind="stable")[: max(1, int(_HEAD * np.count_nonzero(popularity.ever)))]
    slices = {
        f"history under {_SHORT}": lengths < _SHORT,
        f"history {_SHORT} to {_LONG}": (lengths >= _SHORT) & (lengths <= _LONG),
        f"history over {_LONG}": lengths > _LONG,
        "popular target": np.isin(split.targets, head),
        "other target": ~np.isin(split.targets, head),
    }
    if interactions.has_times:
        gap = _gaps(interactions, split)
        slices |= {
            "within a minute of the one before": gap < _MINUTE,
            "within an hour": (gap >= _MINUTE) & (gap < _HOUR),
            "later than an hour": gap >= _HOUR,
        }
    return {name: chosen for name, chosen in slices.items() if chosen.any()}


def _gaps(interactions: Interactions, split: Split) -> NDArray[np.int64]:
    """Return the seconds between each target and the newest positive before it in the training."""
    train = split.train
    latest = np.full(len(train.user_ids), -1, np.int64)
    positive = train.weights > 0
    np.maximum.at(latest, train.users[positive], train.times[positive])
    pairs = interactions.pairs
    order = np.lexsort((interactions.times, pairs))
    width = int(interactions.items.max(initial=0)) + 1
    wanted = split.users.astype(np.int64) * width + split.targets
    rows = order[np.searchsorted(pairs[order], wanted, side="right") - 1]
    gaps: NDArray[np.int64] = np.abs(interactions.times[rows] - latest[split.users])
    return gaps


def accuracy(ranks: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return each user's metrics: with one target each, HR is recall."""
    return {f"HR@{K}": hits(ranks, K), f"NDCG@{K}": ndcg(ranks, K), "MRR": reciprocal(ranks)}

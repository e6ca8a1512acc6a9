"""The models, measured: every recommender and blend foresees what users of the log chose next.

All is fitted anew on the log without what is foreseen, also the choice of the blend. Every item is ranked that the user
did not have; there are no sampled negatives.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.evaluation import lists as of_lists
from concierge_tools.evaluation.checks import SplitFacts
from concierge_tools.evaluation.costs import Cost, fit_costed
from concierge_tools.evaluation.foresight import hits, ndcg, rank_of, reciprocal, subjects
from concierge_tools.evaluation.served import RANKER, SERVED, served_systems
from concierge_tools.evaluation.slices import Slices, slices
from concierge_tools.evaluation.splits import Split, leave_last_out, temporal
from concierge_tools.ranking.tags import tag_shares
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.blend import fuse
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Positions, Profile
from concierge_tools.training.blending import BlendChoice, default_blend
from concierge_tools.training.choosing import choose
from concierge_tools.training.members import FITS, Log, fit_member, unfit

K = 10
"""How long the lists are that are described beyond accuracy."""
CUTOFFS = (5, K, 20)
"""Where accuracy looks."""
FEWEST = 5
"""Users with fewer positives are trained on, and not asked about when the last one is foreseen."""
SplitName = Literal["last", "time"]
System = Callable[[Profile, Mask], Floats]
PLAIN_ALS, CHOSEN = "als, no recency", "blend (chosen)"
CHOOSING = "choosing the blend"


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One seed: what was foreseen and how each system did. Arrays have shape (users,)."""

    seed: int
    users: NDArray[np.int32]
    people: NDArray[np.int64]
    """How many liked each item in the training, shape (items,)."""
    facts: SplitFacts
    chosen: BlendChoice
    ranks: Mapping[str, NDArray[np.float64]]
    """By system; infinite where the target was not ranked."""
    shown: Mapping[str, list[Positions]]
    """By system: each user's list."""
    beyond: Mapping[str, Mapping[str, NDArray[np.float64]]]
    """By system: what each list is like, such as its novelty."""
    milliseconds: Mapping[str, NDArray[np.float64]]
    """By system: what it took to score and choose each list."""
    slices: Slices
    parts: Mapping[str, tuple[str, ...]]
    """By system: what it is made of."""
    costs: Mapping[str, Cost]
    """By part."""


def run(
    interactions: Interactions,
    catalog: Catalog,
    *,
    split: SplitName = "last",
    tune: bool = True,
    seed: int = 0,
    most: int | None = None,
    on_step: Callable[[], object] = lambda: None,
) -> Run:
    """Fit every system on the log without what is foreseen, and rank.

    Args:
        interactions: The whole log.
        catalog: Its items.
        split: "last" foresees each user's last positive, "time" each user's first one after a point in time.
        tune: Whether the blend is chosen on validation folds within the training log, or is the default one.
        seed: Draws ties and users.
        most: Foresee for so many users when there are more.
        on_step: Called after each model and each user.

    Raises:
        DataError: No user has enough positives, or nothing connects items.
    """
    cut = (
        leave_last_out(interactions, fewest=FEWEST, most=most, seed=seed)
        if split == "last"
        else temporal(interactions, most=most, seed=seed)
    )
    skipped = unfit(cut.train)
    names = [name for name in FITS if name not in skipped]
    if not len(cut.users) or not names:
        raise DataError("No user of the log has enough positives to foresee one; nothing can be measured.")
    log, costs = Log(cut.train, len(catalog)), dict[str, Cost]()
    members: dict[str, LinearRecommender] = {}
    for name in names:
        members[name] = fit_costed(costs, partial(fit_member, name, log))
        on_step()
    content = fit_costed(costs, lambda: Content.fit(catalog))
    start = time.perf_counter()
    chosen, ranker = choose(cut.train, catalog, names, content, seed=seed) if tune else (default_blend(names), None)
    costs[CHOOSING] = Cost(time.perf_counter() - start)
    popularity = fit_costed(costs, lambda: Popularity.fit(cut.train, len(catalog)))
    systems = dict(_systems(members, popularity, content, chosen))
    systems |= served_systems(chosen, ranker, {**members, content.name: content}, popularity, catalog, cut.train)
    ranks, shown, took, histories = _ranked(systems, cut, len(catalog), on_step)
    return Run(
        seed=seed,
        users=cut.users,
        people=popularity.people,
        facts=SplitFacts.of(interactions, cut),
        chosen=chosen,
        ranks=ranks,
        shown=shown,
        beyond=_beyond(shown, histories, catalog, popularity, content, len(cut.train.user_ids)),
        milliseconds=took,
        slices=slices(interactions, cut),
        parts=_parts(members, chosen),
        costs=costs,
    )


def _parts(members: Mapping[str, LinearRecommender], chosen: BlendChoice) -> dict[str, tuple[str, ...]]:
    """Return what each system is made of, by the names of what was fitted."""
    return {
        Popularity.name: (Popularity.name,),
        "popularity, recent": (Popularity.name,),
        Content.name: (Content.name,),
        PLAIN_ALS: (Als.name,),
        **{name: (name,) for name in members},
        "blend (default)": default_blend([*members]).members,
        CHOSEN: (*chosen.members, CHOOSING),
        RANKER: (*members, Content.name, Popularity.name, CHOOSING),
        SERVED: (*members, Content.name, Popularity.name, CHOOSING),
    }


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
    systems: Mapping[str, System], split: Split, items: int, on_step: Callable[[], object]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, list[Positions]], dict[str, NDArray[np.float64]], list[Positions]]:
    """Return, by system, ranks, lists and milliseconds, and what each user had liked before."""
    ranks: dict[str, list[float]] = {name: [] for name in systems}
    shown: dict[str, list[Positions]] = {name: [] for name in systems}
    took: dict[str, list[float]] = {name: [] for name in systems}
    histories: list[Positions] = []
    with threadpool_limits(1, "blas"):
        for profile, eligible, target in subjects(split, items):
            histories.append(profile.items)
            for name, system in systems.items():
                start = time.perf_counter()
                scores = np.nan_to_num(system(profile, eligible), nan=0.0)
                shown[name].append(_best(scores, eligible))
                took[name].append(1000 * (time.perf_counter() - start))
                ranks[name].append(rank_of(target, scores, eligible))
            on_step()
    return _arrays(ranks), shown, _arrays(took), histories


def _arrays(lists: Mapping[str, list[float]]) -> dict[str, NDArray[np.float64]]:
    return {name: np.array(own) for name, own in lists.items()}


def _beyond(
    shown: Mapping[str, list[Positions]],
    histories: list[Positions],
    catalog: Catalog,
    popularity: Popularity,
    content: Content,
    users: int,
) -> dict[str, dict[str, NDArray[np.float64]]]:
    tags, people = tag_shares(catalog), popularity.people
    return {
        name: {
            "novelty": of_lists.novelty(own, people, users),
            "diversity": of_lists.diversity(own, content.rows),
            "miscalibration": of_lists.miscalibration(own, histories, tags),
            "popularity": of_lists.popularity(own, people, users),
            "long_tail": of_lists.long_tail(own, people),
        }
        for name, own in shown.items()
    }


def _best(scores: Floats, eligible: Mask) -> Positions:
    chosen = np.flatnonzero(eligible & (scores > 0)).astype(np.int32)
    return chosen[np.argsort(-scores[chosen], kind="stable")[:K]]


def accuracy(ranks: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return each user's metrics, shape (users,): recall is HR, as each has one target."""
    at = {f"{name}@{k}": of(ranks, k) for name, of in (("HR", hits), ("recall", hits), ("NDCG", ndcg)) for k in CUTOFFS}
    return {**at, "MRR": reciprocal(ranks)}

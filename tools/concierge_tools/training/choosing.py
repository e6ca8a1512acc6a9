"""What has the last word on a taste: the blend, or a ranker learned over all recommenders' candidates.

Both are chosen on the same validation folds, which are walked once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.foresight import Seen
from concierge_tools.evaluation.splits import Split
from concierge_tools.ranking.candidate_signals import SignalReader
from concierge_tools.ranking.ranker import Ranker
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Profile
from concierge_tools.stages import Stages
from concierge_tools.training.blending import FOLDS, USERS, BlendChoice, blend_of, default_blend, validate
from concierge_tools.training.members import FITS
from concierge_tools.training.ranker import Lessons, choose_ranker
from concierge_tools.training.tuning import SETTINGS, Tuned, tune_members

Tune = Literal["off", "quick", "full"]


def steps_of(tune: Tune) -> int:
    """Return how many steps a choice takes at most."""
    return {"off": 0, "quick": FOLDS, "full": FOLDS + sum(map(len, SETTINGS.values()))}[tune]


def decide(
    interactions: Interactions | None,
    catalog: Catalog,
    skipped: Mapping[str, str],
    content: Callable[[], Content] | None,
    *,
    tune: Tune,
    seed: int,
    stages: Stages,
) -> tuple[BlendChoice, Ranker | None]:
    """Choose as much as `tune` says; the ranker is returned only where it has the last word.

    Args:
        interactions: The log, if there is one.
        catalog: Its items.
        skipped: The recommenders that it does not allow, and why.
        content: Gives what was fitted on the items, for a ranker; None where none may have the last word.
        tune: As for `fit`.
        seed: Draws ties, users and resamples.
        stages: Times the stages.
    """
    names = [name for name in FITS if name not in skipped]
    if interactions is None or not names:
        return BlendChoice((), next(iter(skipped.values()), "no recommender by taste")), None
    if tune == "off":
        return default_blend(names), None
    tuned: tuple[Tuned, ...] = ()
    if tune == "full":
        with stages.stage("tuning", steps=0):
            tuned = tune_members(interactions, len(catalog), names, seed=seed, done=stages.step)
    with stages.stage("choosing the blend", steps=0):
        learned = content() if content else None
        blend, ranker = choose(interactions, catalog, names, learned, seed=seed, tuned=tuned, done=stages.step)
    return blend, ranker if blend.ranker and blend.ranker.used else None


def choose(
    interactions: Interactions,
    catalog: Catalog,
    names: Sequence[str],
    content: Content | None,
    *,
    folds: int = FOLDS,
    most: int = USERS,
    seed: int = 0,
    tuned: tuple[Tuned, ...] = (),
    done: Callable[[], object] = lambda: None,
) -> tuple[BlendChoice, Ranker | None]:
    """Choose the members of the blend and whether a ranker has the last word, and train it if that can be.

    Args:
        interactions: The training log; nothing but it is looked at.
        catalog: Its items.
        names: What can be fitted, without content.
        content: Fitted on the items, for the ranker to weigh as well; None where no ranker is tried.
        folds: The most last choices of each user that are foreseen, one at a time.
        most: The most users a fold foresees.
        seed: Draws ties, users and resamples.
        tuned: The parameters of each recommender, where they were tuned.
        done: Called after each fold.
    """
    added: Mapping[str, LinearRecommender] = {content.name: content} if content else {}
    lessons = Lessons.none([*names, *added])

    def watch(split: Split, members: Mapping[str, LinearRecommender]) -> Seen:
        popularity = Popularity.fit(split.train, len(catalog))
        reader = SignalReader(members, popularity, catalog, split.train)

        def seen(profile: Profile, eligible: Mask, target: int, own: Mapping[str, Floats]) -> None:
            lessons.add(reader.read(profile, eligible, own=own), reader.names, target, len(profile))

        return seen

    validation = validate(
        interactions,
        len(catalog),
        names,
        folds=folds,
        most=most,
        seed=seed,
        parameters={one.member: one.parameters for one in tuned},
        beside=added,
        watch=watch if added else None,
        done=done,
    )
    blend = replace(blend_of(validation, names, seed=seed), tuned=tuned)
    if not added or not len(validation.users):
        return blend, None
    said, ranker = choose_ranker(lessons, validation.users, validation.ndcg[_sorted(blend, names)], seed=seed)
    return replace(blend, ranker=said), ranker


def _sorted(blend: BlendChoice, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in blend.members)

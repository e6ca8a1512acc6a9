"""Fit: from the owner's files to a published artifact."""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import cache, partial
from pathlib import Path

from concierge_tools.config import Config
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.fit_report import FitReport, mostly_unusable, report_of
from concierge_tools.ingest.owner_data import Forgotten, OwnerData, modified_at, nobody, read_owner_data
from concierge_tools.ingest.quarantine import write_rejects
from concierge_tools.ranking.ranker import Ranker
from concierge_tools.ranking.similar import SimilarItems
from concierge_tools.recommenders.als import ITERATIONS, REGULARIZATION, Als
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.neighbours import K1, NEIGHBOURS, B, Neighbours
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import LinearRecommender
from concierge_tools.risk.calibrate import calibrate, check_risk
from concierge_tools.risk.control import Calibrated, RiskControl
from concierge_tools.stages import Stages
from concierge_tools.storage.artifact import MEANING, Artifact, write_artifact, write_indexes
from concierge_tools.storage.manifest import Lineage
from concierge_tools.storage.store import Store
from concierge_tools.text.meaning import embedded
from concierge_tools.training.blending import BlendChoice, default_blend
from concierge_tools.training.choosing import Tune, decide, steps_of
from concierge_tools.training.members import FITS, HERE, SEED, AlsTrainer, Log, Parameters, fit_member, unfit
from concierge_tools.training.tuning import tuned_of
from concierge_tools.training.update import Parent

QUARANTINE_FILE = "quarantine.jsonl"
STAGES = 7 + len(FITS)
"""The most stages of one step each."""

ALWAYS = (Als.name, Neighbours.name)
"""Fitted whatever the blend is made of: likeness goes by them, and clients may ask for them by name."""


def dry_run(config: Config, *, tune: Tune = "off", forgotten: Forgotten = nobody, quiet: bool = False) -> FitReport:
    """Read and check the owner's files as `fit` would, without training or writing anything.

    Raises:
        DataError: As for `fit`.
    """
    stages = Stages(2, quiet=quiet)
    data = _read(config, forgotten, stages)
    stages.close()
    skipped = unfit(data.interactions)
    names = [name for name in FITS if name not in skipped]
    fitted = names if tune != "off" else [n for n in names if n in (*ALWAYS, *default_blend(names).members)]
    models = (*fitted, Content.name, Popularity.name)
    return report_of(config, data, version=None, models=models, skipped=skipped, rejects=None, seconds=stages.seconds)


def fit(
    config: Config,
    store: Store,
    *,
    tune: Tune = "off",
    forgotten: Forgotten = nobody,
    quiet: bool = False,
    trainer: AlsTrainer = HERE,
) -> FitReport:
    """Read the owner's files, train every recommender that the data allows and publish an artifact.

    Args:
        config: What to read, as `load_config` returns it.
        store: Where to publish; rows that cannot be used go to `quarantine.jsonl` in its folder.
        tune: "off" takes the default blend; "quick" chooses its members, and whether a learned ranker has the
            last word, by what users of the log chose last; "full" tunes the recommenders' parameters by it before.
        forgotten: Tells, of the log's users, those whose interactions are to be left out.
        quiet: Show no bar on standard error.
        trainer: Trains ALS.

    Raises:
        DataError: A file or column is missing, nothing in a file can be used, or most of the catalog cannot: then the
            artifact of before stays in force.
    """
    return _fit(config, store, None, tune=tune, forgotten=forgotten, quiet=quiet, trainer=trainer)


def update(config: Config, store: Store, *, forgotten: Forgotten = nobody, quiet: bool = False) -> FitReport:
    """Read the owner's files again and publish an artifact that goes on from the current one instead of from nothing.

    Arguments and errors are those of `fit`; see `concierge_tools.training.update` for what goes on and what is anew.

    Raises:
        DataError: The artifact cannot be gone on from; says why.
        StoreError: There is no artifact.
    """
    parent = Parent.of(store.load(), config, forgotten)
    return _fit(config, store, parent, tune="off", forgotten=forgotten, quiet=quiet, trainer=HERE)


def _fit(
    config: Config,
    store: Store,
    parent: Parent | None,
    *,
    tune: Tune,
    forgotten: Forgotten,
    quiet: bool,
    trainer: AlsTrainer,
) -> FitReport:
    stages = Stages(STAGES + trainer.iterations + steps_of(tune), quiet=quiet)
    data = _read(config, forgotten, stages)
    store.folder.mkdir(parents=True, exist_ok=True)
    path = store.folder / QUARANTINE_FILE
    rejected = [*data.rejected_items, *data.rejected_interactions]
    write_rejects(path, rejected)
    if refusal := mostly_unusable(data.catalog, data.rejected_items):
        stages.close()
        raise DataError(f"{refusal} Nothing was published. Each line is in {str(path)!r}.")
    skipped = unfit(data.interactions)
    plan = parent.update(data.catalog, data.interactions, skipped) if parent else None
    content = cache(partial(Content.fit, data.catalog))
    if plan is not None:
        blend, ranker = plan.blend, plan.ranker
    else:
        known = (
            content if config.risk is None else None
        )  # what risk control promises is calibrated on the blend's lists
        blend, ranker = decide(data.interactions, data.catalog, skipped, known, tune=tune, seed=SEED, stages=stages)
    modified = modified_at(Path(config.items.path))
    version, models, risk = _publish(
        config,
        data,
        store,
        blend,
        skipped,
        content,
        stages,
        modified=modified,
        ranker=ranker,
        trainer=plan.trainer if plan else trainer,
        lineage=plan.lineage if plan else None,
    )
    stages.close()
    return report_of(
        config,
        data,
        version=version,
        models=models,
        skipped=skipped,
        rejects=path if rejected else None,
        seconds=stages.seconds,
        blend=blend,
        risk=risk,
        lineage=plan.lineage if plan else None,
    )


def refit(artifact: Artifact, interactions: Interactions, store: Store) -> str:
    """Train on another log over the catalog of an artifact and publish to `store`, whose state is its own.

    For evaluations that hold interactions out: no recommender has seen what the log leaves out. Returns the version.
    """
    stages = Stages(STAGES + ITERATIONS, quiet=True)
    data = OwnerData(artifact.catalog, interactions, [], [])
    config = artifact.config.model_copy(update={"state": None, "risk": None})
    skipped = unfit(interactions)
    kept = tuple(name for name in artifact.blend if name not in skipped)
    blend = BlendChoice(kept, "that of the artifact", tuned=tuned_of(artifact.manifest.parameters))
    ranker = artifact.ranker if artifact.ranker and skipped.keys().isdisjoint(artifact.ranker.members) else None
    modified, content = artifact.items_modified_at, partial(Content.fit, artifact.catalog)
    version, _, _ = _publish(config, data, store, blend, skipped, content, stages, modified=modified, ranker=ranker)
    stages.close()
    return version


def _publish(
    config: Config,
    data: OwnerData,
    store: Store,
    blend: BlendChoice,
    skipped: Mapping[str, str],
    content: Callable[[], Content],
    stages: Stages,
    *,
    modified: str,
    ranker: Ranker | None,
    trainer: AlsTrainer = HERE,
    lineage: Lineage | None = None,
) -> tuple[str, tuple[str, ...], Calibrated | None]:
    """Train what the data allows and publish it; return the version, the recommenders' names and how risk is kept."""
    wanted = {*ALWAYS, *blend.members, *(ranker.members if ranker else ())} - skipped.keys()
    als, members = _members(data, wanted, content, stages, trainer, blend.parameters)
    with stages.stage("popularity, likeness"):
        popularity = Popularity.fit(data.interactions, len(data.catalog))
        similar = SimilarItems.build(als.factors, als.shrinkage()) if als else None
    risk: RiskControl | None = None
    if config.risk is not None and data.interactions is not None:
        with stages.stage("risk control", steps=0):
            risk = calibrate(config, data.interactions, members, blend.members, seed=SEED)
    with stages.stage("meanings"):
        meanings = embedded(data.catalog, config.search.semantic, seed=SEED)

    def write(folder: Path) -> None:
        with stages.stage("writing"):
            write_artifact(
                folder,
                config=config,
                catalog=data.catalog,
                interactions=data.interactions,
                popularity=popularity,
                members=members,
                ranker=ranker,
            )
            if risk is not None:
                risk.save(folder)
        with stages.stage("search index"):
            write_indexes(folder, catalog=data.catalog, similar=similar, meanings=meanings)

    factors = als.factors.shape[1] if als else 0
    version = store.publish(
        write,
        parameters={
            "items": {"modified_at": modified},
            Als.name: {
                "engine": trainer.engine,
                "factors": factors,
                "regularization": als.regularization if als else REGULARIZATION,
                "iterations": blend.parameters.get(Als.name, {}).get("iterations", trainer.iterations),
                "seed": SEED,
            },
            Neighbours.name: {"neighbours": NEIGHBOURS, "k1": K1, "b": B, **blend.parameters.get(Neighbours.name, {})},
            Popularity.name: {"window_days": popularity.window_days},
            "blend": blend.to_json(),
            **({MEANING: meanings.to_json()} if meanings is not None else {}),
            "similar": similar.choice.to_json() if similar else None,
        },
        counts=data.counts,
        lineage=lineage,
    )
    return (
        version,
        (*(member.name for member in members), Popularity.name),
        risk.calibrated if risk is not None else None,
    )


def _read(config: Config, forgotten: Forgotten, stages: Stages) -> OwnerData:
    data = read_owner_data(config, forgotten, stages)
    check_risk(config, data.interactions)
    return data


def _members(
    data: OwnerData,
    wanted: Set[str],
    content: Callable[[], Content],
    stages: Stages,
    trainer: AlsTrainer,
    parameters: Mapping[str, Parameters],
) -> tuple[Als | None, Sequence[LinearRecommender]]:
    als: Als | None = None
    members: list[LinearRecommender] = []
    if data.interactions is not None:
        log = Log(data.interactions, len(data.catalog))
        for name in FITS:
            if name not in wanted:
                continue
            with stages.stage(name):
                member = fit_member(name, log, stages.step, trainer=trainer, parameters=parameters.get(name))
            members.append(member)
            als = member if isinstance(member, Als) else als
    with stages.stage("content"):
        members.append(content())
    return als, members

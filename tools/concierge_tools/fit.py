"""Fit: from the owner's files to a published artifact."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from concierge_tools.config import Config, PolicyConfig
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import mask
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError, InputError
from concierge_tools.fit_report import FieldReport, FitReport, mostly_unusable, positive_words
from concierge_tools.ingest.files import read_items, read_log
from concierge_tools.ingest.quarantine import Reject, write_rejects
from concierge_tools.recommenders.als import ITERATIONS, REGULARIZATION, Als
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.neighbours import K1, NEIGHBOURS, B, Neighbours
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import LinearRecommender
from concierge_tools.risk.calibrate import calibrate, check_risk
from concierge_tools.risk.control import Calibrated, RiskControl
from concierge_tools.stages import Stages
from concierge_tools.storage.artifact import Artifact, write_artifact, write_indexes
from concierge_tools.storage.store import Store
from concierge_tools.training.blending import FOLDS, BlendChoice, choose_blend, default_blend
from concierge_tools.training.members import FITS, SEED, Log, fit_member, unfit

QUARANTINE_FILE = "quarantine.jsonl"
STAGES = 8

ALWAYS = (Als.name, Neighbours.name)
"""Fitted whatever the blend is made of: likeness goes by them, and clients may ask for them by name."""

Tune = Literal["off", "quick"]
Forgotten = Callable[[list[str]], set[str]]


def nobody(user_ids: list[str]) -> set[str]:
    """Return that none of the users is to be forgotten."""
    return set()


@dataclass(frozen=True, slots=True)
class _Data:
    catalog: Catalog
    interactions: Interactions | None
    rejected_items: list[Reject]
    rejected_interactions: list[Reject]


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
    return _report(config, data, version=None, models=models, skipped=skipped, rejects=None, seconds=stages.seconds)


def fit(
    config: Config, store: Store, *, tune: Tune = "off", forgotten: Forgotten = nobody, quiet: bool = False
) -> FitReport:
    """Read the owner's files, train every recommender that the data allows and publish an artifact.

    Args:
        config: What to read, as `load_config` returns it.
        store: Where to publish; rows that cannot be used go to `quarantine.jsonl` in its folder.
        tune: "off" takes the default blend; "quick" chooses its members by what users of the log chose last.
        forgotten: Tells, of the log's users, those whose interactions are to be left out.
        quiet: Show no bar on standard error.

    Raises:
        DataError: A file or column is missing, nothing in a file can be used, or most of the catalog cannot: then the
            artifact of before stays in force.
    """
    stages = Stages(STAGES + ITERATIONS + (FOLDS if tune != "off" else 0), quiet=quiet)
    data = _read(config, forgotten, stages)
    store.folder.mkdir(parents=True, exist_ok=True)
    path = store.folder / QUARANTINE_FILE
    rejected = [*data.rejected_items, *data.rejected_interactions]
    write_rejects(path, rejected)
    if refusal := mostly_unusable(data.catalog, data.rejected_items):
        stages.close()
        raise DataError(f"{refusal} Nothing was published. Each line is in {str(path)!r}.")
    skipped = unfit(data.interactions)
    blend = _blend(data, skipped, tune, stages)
    modified = _modified(Path(config.items.path))
    version, models, risk = _publish(config, data, store, blend, skipped, stages, modified=modified)
    stages.close()
    return _report(
        config,
        data,
        version=version,
        models=models,
        skipped=skipped,
        rejects=path if rejected else None,
        seconds=stages.seconds,
        blend=blend,
        risk=risk,
    )


def refit(artifact: Artifact, interactions: Interactions, store: Store) -> str:
    """Train on another log over the catalog of an artifact and publish to `store`, whose state is its own.

    For evaluations that hold interactions out: no recommender has seen what the log leaves out. Returns the version.
    """
    stages = Stages(STAGES + ITERATIONS, quiet=True)
    data = _Data(artifact.catalog, interactions, [], [])
    config = artifact.config.model_copy(update={"state": None, "risk": None})
    skipped = unfit(interactions)
    blend = BlendChoice(tuple(name for name in artifact.blend if name not in skipped), "that of the artifact")
    version, _, _ = _publish(config, data, store, blend, skipped, stages, modified=artifact.items_modified_at)
    stages.close()
    return version


def _publish(
    config: Config,
    data: _Data,
    store: Store,
    blend: BlendChoice,
    skipped: Mapping[str, str],
    stages: Stages,
    *,
    modified: str,
) -> tuple[str, tuple[str, ...], Calibrated | None]:
    """Train what the data allows and publish it; return the version, the recommenders' names and how risk is kept."""
    with stages.stage("popularity"):
        popularity = Popularity.fit(data.interactions, len(data.catalog))
    als, members = _members(data, blend, skipped, stages)
    risk: RiskControl | None = None
    if config.risk is not None and data.interactions is not None:
        with stages.stage("risk control", steps=0):
            risk = calibrate(config, data.interactions, members, blend.members, seed=SEED)

    def write(folder: Path) -> None:
        with stages.stage("writing"):
            write_artifact(
                folder,
                config=config,
                catalog=data.catalog,
                interactions=data.interactions,
                popularity=popularity,
                members=members,
            )
            if risk is not None:
                risk.save(folder)
        with stages.stage("search index"):
            write_indexes(folder, catalog=data.catalog, als=als)

    factors = als.factors.shape[1] if als else 0
    version = store.publish(
        write,
        parameters={
            "items": {"modified_at": modified},
            Als.name: {"factors": factors, "regularization": REGULARIZATION, "iterations": ITERATIONS, "seed": SEED},
            Neighbours.name: {"neighbours": NEIGHBOURS, "k1": K1, "b": B},
            Popularity.name: {"window_days": popularity.window_days},
            "blend": blend.to_json(),
        },
        counts=_counts(data),
    )
    models = (*(member.name for member in members), Popularity.name)
    return version, models, risk.calibrated if risk is not None else None


def _read(config: Config, forgotten: Forgotten, stages: Stages) -> _Data:
    with stages.stage("reading items"):
        catalog, rejected_items = read_items(config.items, config.name)
        _check_policy(config.policy, catalog)
    interactions, rejected = None, list[Reject]()
    with stages.stage("reading interactions"):
        if config.interactions is not None:
            interactions, rejected = read_log(config.interactions, catalog)
            interactions = _without(interactions, forgotten(interactions.user_ids))
        check_risk(config, interactions)
    return _Data(catalog, interactions, rejected_items, rejected)


def _modified(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="microseconds")


def _check_policy(policy: PolicyConfig, catalog: Catalog) -> None:
    """Raise a DataError for a rule on an unknown field or with an operator that its field does not take."""
    rules: dict[str, Sequence[Constraint]] = {
        "require": policy.require,
        "disclose": policy.disclose,
        "confirm": policy.confirm,
    }
    for key, constraints in rules.items():
        try:
            mask(catalog, constraints)
        except InputError as error:
            raise DataError(f"{key} under [policy] cannot be applied: {error}") from None
    for name in policy.ask_first:
        try:
            catalog.field(name)
        except InputError as error:
            raise DataError(f"ask_first under [policy] cannot be asked: {error}") from None


def _without(interactions: Interactions, forgotten: set[str]) -> Interactions:
    if forgotten.isdisjoint(interactions.user_ids):
        return interactions
    kept = np.array([user not in forgotten for user in interactions.user_ids], np.bool_)
    rows = kept[interactions.users]
    renumbered = np.cumsum(kept, dtype=np.int32) - 1
    remaining = interactions.only(rows)
    return replace(
        remaining,
        user_ids=[user for user in interactions.user_ids if user not in forgotten],
        users=renumbered[remaining.users].astype(np.int32),
    )


def _members(
    data: _Data, blend: BlendChoice, skipped: Mapping[str, str], stages: Stages
) -> tuple[Als | None, Sequence[LinearRecommender]]:
    als: Als | None = None
    members: list[LinearRecommender] = []
    if data.interactions is not None:
        log = Log(data.interactions, len(data.catalog))
        for name in FITS:
            if name in skipped or name not in (*ALWAYS, *blend.members):
                continue
            with stages.stage(name):
                member = fit_member(name, log, stages.step)
            members.append(member)
            als = member if isinstance(member, Als) else als
    with stages.stage("content"):
        members.append(Content.fit(data.catalog))
    return als, members


def _blend(data: _Data, skipped: Mapping[str, str], tune: Tune, stages: Stages) -> BlendChoice:
    names = [name for name in FITS if name not in skipped]
    if data.interactions is None or not names:
        return BlendChoice((), next(iter(skipped.values()), "no recommender by taste"))
    if tune == "off":
        return default_blend(names)
    with stages.stage("choosing the blend", steps=0):
        return choose_blend(data.interactions, len(data.catalog), names, seed=SEED, done=stages.step)


def _counts(data: _Data) -> dict[str, int]:
    log = data.interactions
    return {
        "items": len(data.catalog),
        "users": len(log.user_ids) if log else 0,
        "interactions": len(log) if log else 0,
        "positives": int((log.weights > 0).sum()) if log else 0,
        "rejected_items": sum(not reject.used for reject in data.rejected_items),
        "rejected_interactions": len(data.rejected_interactions),
        "rejected_cells": sum(reject.used for reject in data.rejected_items),
    }


def _report(
    config: Config,
    data: _Data,
    *,
    version: str | None,
    models: tuple[str, ...],
    skipped: Mapping[str, str],
    rejects: Path | None,
    seconds: Mapping[str, float],
    blend: BlendChoice | None = None,
    risk: Calibrated | None = None,
) -> FitReport:
    rejected = [*data.rejected_items, *data.rejected_interactions]
    left_out, cells = (
        Counter(f"{Path(r.file).name}: {r.reason.partition(': ')[0]}" for r in rejected if r.used is used)
        for used in (False, True)
    )
    return FitReport(
        name=config.name,
        version=version,
        counts=_counts(data),
        fields=tuple(
            FieldReport(f.name, f.type, f.role, data.catalog.column(f.name).missing) for f in data.catalog.fields
        ),
        positive=positive_words(config),
        rejects=dict(left_out.most_common()),
        cells=dict(cells.most_common()),
        rejects_path=str(rejects) if rejects else None,
        models=models,
        skipped=skipped,
        seconds=seconds,
        blend=blend,
        risk=risk,
    )

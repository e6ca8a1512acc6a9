"""Updates: what a fit takes over from the artifact before it, and when that no longer suffices.

ALS goes on from the item factors it had, for a third of the iterations: a first half-step folds every user in, also new
ones, the second solves every item for those users, also new ones. Popularity, neighbours, transitions and whatever else
is read off the log at once is fitted anew; what was chosen by measuring (the members of the blend) stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from concierge_tools.config import Config
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.ranking.ranker import Ranker
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.recommender import Floats
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.manifest import Lineage
from concierge_tools.training.blending import BlendChoice
from concierge_tools.training.members import HERE, SEED, AlsTrainer, Log
from concierge_tools.training.tuning import tuned_of

ITERATIONS = 5
"""Of ALS. Measured by `python -m benchmarks.update`: fewer are faster and further from a full fit."""
LARGEST_SHARE = 0.2
"""Of the positives or of the items, those new since the full fit; beyond it a full fit is due. Measured likewise."""
RANDOM = 0.01
"""Factors that are not known yet are drawn between 0 and this, as the library does."""

_MEANT = ("user", "item", "event", "value", "positive", "weights", "time")
"""The keys of [interactions] that say what a positive is."""


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """How a fit goes on from an artifact."""

    trainer: AlsTrainer
    blend: BlendChoice
    ranker: Ranker | None
    lineage: Lineage


@dataclass(frozen=True, slots=True, eq=False)
class Parent:
    """An artifact that may be updated."""

    artifact: Artifact

    @classmethod
    def of(cls, artifact: Artifact, config: Config, forgotten: Callable[[Sequence[str]], set[str]]) -> Self:
        """Take an artifact for updates under the configuration as it is now.

        Raises:
            DataError: What it learned does not mean what it did, or somebody was forgotten who is still in it.
        """
        if changed := _changed(artifact.config, config):
            raise DataError(
                f"{changed} since {artifact.version!r} was fitted, so that what it learned cannot be carried on; "
                "run `concierge fit` without --update."
            )
        log = artifact.interactions
        if log is not None and (gone := len(forgotten(log.user_ids))):
            raise DataError(
                f"{gone:,} users were forgotten since {artifact.version!r} was fitted, and its factors still learned "
                "from them; run `concierge fit` without --update."
            )
        return cls(artifact)

    def update(self, catalog: Catalog, interactions: Interactions | None, skipped: Mapping[str, str]) -> Update:
        """Say how a fit on the files as they are now goes on from here.

        Args:
            catalog: The items now.
            interactions: The log now.
            skipped: The recommenders that the log now does not allow, and why.

        Raises:
            DataError: The log now allows less than the artifact's blend needs, or more than it has.
        """
        artifact, als = self.artifact, self._als
        members = artifact.blend
        if lost := next((name for name in members if name in skipped), None):
            raise self._unfit(f"the log no longer allows {lost}: {skipped[lost]}")
        if als is None and Als.name not in skipped:
            raise self._unfit("the log now allows recommenders that it did not allow then")
        continued = [] if als is None else [Als.name]
        rebuilt = [name for name in artifact.members if name not in continued]
        ranked = artifact.ranker is not None and skipped.keys().isdisjoint(artifact.ranker.members)
        return Update(
            trainer=HERE if als is None else self._trainer(als, catalog),
            blend=BlendChoice(
                members,
                f"that of {artifact.version}, which was updated",
                tuned=tuned_of(artifact.manifest.parameters),
            ),
            ranker=artifact.ranker if ranked else None,
            lineage=self._lineage(catalog, interactions, continued, rebuilt),
        )

    @property
    def _als(self) -> Als | None:
        als = self.artifact.members.get(Als.name)
        return als if isinstance(als, Als) else None

    def _trainer(self, als: Als, catalog: Catalog) -> AlsTrainer:
        start, regularization = self._start(als, catalog), als.regularization

        def train(log: Log, on_step: Callable[[], object]) -> Als:
            return Als.fit(
                log.matrix,
                regularization=regularization,
                iterations=ITERATIONS,
                seed=SEED,
                start=start,
                on_iteration=on_step,
            )

        return AlsTrainer(HERE.engine, ITERATIONS, train)

    def _start(self, als: Als, catalog: Catalog) -> Floats:
        """Return the factors where they are known, and small random ones elsewhere, shape (items, factors)."""
        old_ids = self.artifact.catalog.ids
        known = np.flatnonzero(als.known).tolist()
        pairs = [(old, catalog.position(old_ids[old])) for old in known if old_ids[old] in catalog]
        if not pairs:
            raise self._unfit("none of the items that anybody liked then is in the catalog now")
        old, new = np.array(pairs, np.int64).T
        start = np.random.default_rng(SEED).random((len(catalog), als.factors.shape[1]), np.float32)
        start *= np.float32(RANDOM)
        start[new] = als.factors[old]
        return start

    def _lineage(
        self, catalog: Catalog, interactions: Interactions | None, continued: list[str], rebuilt: list[str]
    ) -> Lineage:
        artifact, before = self.artifact, self.artifact.manifest.lineage
        changes = _changes(artifact, catalog, interactions)
        earlier = before.since_full if before else {}
        came = {
            "items": earlier.get("items", 0) + changes["new_items"],
            "positives": earlier.get("positives", 0) + changes["new_positives"],
        }
        positives = int((interactions.weights > 0).sum()) if interactions is not None else 0
        there = {"items": len(catalog), "positives": positives}
        shares = {kind: min(1.0, came[kind] / max(1, there[kind])) for kind in there}
        most = max(shares, key=lambda kind: shares[kind])
        due = None
        if shares[most] > LARGEST_SHARE:
            due = f"{shares[most]:.0%} of the {most} came since the last full fit, more than {LARGEST_SHARE:.0%}"
        return Lineage(
            parent=artifact.version,
            full=before.full if before else artifact.version,
            updates=(before.updates if before else 0) + 1,
            continued=continued,
            rebuilt=rebuilt,
            kept=[*(["blend"] if artifact.blend else []), *(["ranker"] if artifact.ranker else [])],
            changes=changes,
            since_full=came,
            new_share=round(shares[most], 4),
            due=due,
        )

    def _unfit(self, reason: str) -> DataError:
        return DataError(
            f"{self.artifact.version!r} cannot be updated, because {reason}; run `concierge fit` without --update."
        )


def _changed(then: Config, now: Config) -> str | None:
    """Say what a positive, an item or a field was and is; None where they mean what they did."""
    if (then.interactions is None) != (now.interactions is None):
        return "An [interactions] table was added" if then.interactions is None else "[interactions] was removed"
    if then.interactions is not None and now.interactions is not None:
        for key in _MEANT:
            old, new = getattr(then.interactions, key), getattr(now.interactions, key)
            if old != new:
                return f"{key} under [interactions] changed (from {old!r} to {new!r})"
    if then.items.id != now.items.id:
        return f"id under [items] changed (from {then.items.id!r} to {now.items.id!r})"
    kinds = [{name: (f.type, f.unit) for name, f in config.items.fields.items()} for config in (then, now)]
    for name in sorted(kinds[0].keys() | kinds[1].keys()):
        if kinds[0].get(name) != kinds[1].get(name):
            return f"The field {name!r} under [items.fields] changed"
    return None


def _changes(artifact: Artifact, catalog: Catalog, interactions: Interactions | None) -> dict[str, int]:
    """Count what came and what went since the artifact was made."""
    then, log = artifact.interactions, interactions
    old_users = set(then.user_ids) if then is not None else set[str]()
    users = set(log.user_ids) if log is not None else set[str]()
    changes = {
        "new_items": sum(item_id not in artifact.catalog for item_id in catalog.ids),
        "gone_items": sum(item_id not in catalog for item_id in artifact.catalog.ids),
        "new_users": len(users - old_users),
        "gone_users": len(old_users - users),
        "new_interactions": 0,
        "gone_interactions": 0,
        "new_positives": 0,
    }
    if then is None or log is None:
        return changes
    rows = _rows(then, artifact.catalog).join(
        _rows(log, catalog), on=["user", "item", "time", "event", "value", "weight"], how="full", nulls_equal=True,
        coalesce=True,
    )  # fmt: skip
    more = rows["count_right"].fill_null(0).cast(pl.Int64) - rows["count"].fill_null(0).cast(pl.Int64)
    changes["new_interactions"] = int(more.clip(lower_bound=0).sum())
    changes["gone_interactions"] = -int(more.clip(upper_bound=0).sum())
    changes["new_positives"] = int(more.filter(rows["weight"] > 0).clip(lower_bound=0).sum())
    return changes


def _rows(log: Interactions, catalog: Catalog) -> pl.DataFrame:
    """Return the distinct rows of a log in the owner's own ids, and how often each comes."""
    events = pl.Series([*log.events, None], dtype=pl.String)
    frame = pl.DataFrame(
        {
            "user": pl.Series(log.user_ids, dtype=pl.String).gather(log.users),
            "item": pl.Series(catalog.ids, dtype=pl.String).gather(log.items),
            "time": log.times,
            "event": events.gather(np.where(log.event_codes < 0, len(log.events), log.event_codes)),
            "value": log.values,
            "weight": log.weights,
        }
    )
    return frame.group_by(frame.columns).len("count")

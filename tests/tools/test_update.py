"""An update goes on from the current artifact: new users, items and interactions get in without a fit from nothing."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from concierge_tools.config import Config, FieldConfig
from concierge_tools.errors import DataError, StoreError
from concierge_tools.fit import fit, update
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.store import Store
from concierge_tools.training.members import AlsTrainer
from tests.tools.toy_store import fitted, small_config, toy_config

NEW = [(f"new{n}", f"i{(2 * n + step) % 14 if step < 8 else 14:02}") for n in range(6) for step in (0, 2, 6, 8)]
"""Users who like even items, and item 14, which no one touched before."""


def add(config: Config, pairs: Sequence[tuple[str, str]]) -> None:
    assert config.interactions is not None
    lines = [f"\n{user},{item},{20_000_000 + i}" for i, (user, item) in enumerate(pairs)]
    with Path(config.interactions.path).open("a", encoding="utf-8") as file:
        file.write("".join(lines))


def als(artifact: Artifact) -> Als:
    member = artifact.members["als"]
    assert isinstance(member, Als)
    return member


def best(artifact: Artifact, liked: str) -> list[str]:
    position = artifact.catalog.position(liked)
    scores = np.nan_to_num(als(artifact).scores(Profile.of(liked=[position])), nan=-1.0)
    scores[position] = -1.0
    return [artifact.catalog.ids[i] for i in np.argsort(-scores, kind="stable")]


def test_new_users_and_a_new_item_are_folded_in(tmp_path: Path) -> None:
    store, first = fitted(tmp_path, config := toy_config(tmp_path))
    assert not als(store.load()).known[14]
    add(config, NEW)
    report = update(config, store, quiet=True)
    artifact = store.load()
    assert artifact.version == report.version != first.version
    assert artifact.interactions is not None
    assert "new5" in artifact.interactions.user_ids
    assert artifact.popularity.people[14] == 6
    evens = {f"i{i:02}" for i in range(0, 14, 2)}
    assert set(best(artifact, "i14")[:7]) == evens
    assert artifact.blend == ("als", "neighbours", "transitions")


def test_the_manifest_says_what_an_artifact_came_of(tmp_path: Path) -> None:
    store, first = fitted(tmp_path, config := toy_config(tmp_path))
    assert store.load().manifest.lineage is None
    add(config, NEW[:20])
    second = update(config, store, quiet=True)
    add(config, NEW[20:])
    third = update(config, store, quiet=True)
    lineage = store.load().manifest.lineage
    assert lineage is not None
    assert lineage == third.lineage
    assert (lineage.full, lineage.parent, lineage.updates) == (first.version, second.version, 2)
    assert lineage.continued == ["als"]
    assert lineage.rebuilt == ["neighbours", "transitions", "content"]
    assert lineage.changes["new_users"] == 1
    assert lineage.changes["new_interactions"] == lineage.changes["new_positives"] == 4
    assert lineage.since_full == {"items": 0, "positives": 24}
    assert lineage.due is None
    assert json.loads(third.to_json())["lineage"]["parent"] == second.version


def test_a_full_fit_begins_a_new_line(tmp_path: Path) -> None:
    store, _ = fitted(tmp_path, config := toy_config(tmp_path))
    update(config, store, quiet=True)
    report = fit(config, store, quiet=True)
    assert report.lineage is None
    assert store.load().manifest.lineage is None


def test_an_update_with_nothing_new_says_so_and_recommends_alike(tmp_path: Path) -> None:
    store, _ = fitted(tmp_path, config := toy_config(tmp_path))
    before = best(store.load(), "i02")[:6]
    report = update(config, store, quiet=True)
    assert report.lineage is not None
    assert set(report.lineage.changes.values()) == {0}
    assert set(best(store.load(), "i02")[:6]) == set(before)


def test_updating_twice_from_the_same_artifact_gives_equal_factors(tmp_path: Path) -> None:
    store, first = fitted(tmp_path, config := toy_config(tmp_path))
    add(config, NEW)
    update(config, store, quiet=True)
    once = als(store.load()).factors
    assert first.version is not None
    pinned = Store(store.folder, version=first.version)
    update(config, pinned, quiet=True)
    np.testing.assert_array_equal(als(Store(store.folder).load()).factors, once)


def test_training_goes_on_from_the_factors_there_were(tmp_path: Path) -> None:
    config, store = toy_config(tmp_path), Store(tmp_path / "store")
    other = AlsTrainer("implicit", 15, lambda log, _: Als.fit(log.matrix, seed=7))
    fit(config, store, trainer=other, quiet=True)
    before = als(store.load()).factors[:14]
    update(config, store, quiet=True)
    after = als(store.load()).factors[:14]
    cosines = (before * after).sum(axis=1) / np.linalg.norm(before, axis=1) / np.linalg.norm(after, axis=1)
    assert cosines.min() > 0.99


def test_removed_items_and_users_vanish(tmp_path: Path) -> None:
    store, _ = fitted(tmp_path, config := toy_config(tmp_path))
    rows = json.loads(Path(config.items.path).read_text(encoding="utf-8"))
    Path(config.items.path).write_text(json.dumps(rows[1:]), encoding="utf-8")
    report = update(config, store, quiet=True)
    artifact = store.load()
    assert "i00" not in artifact.catalog
    assert len(als(artifact).factors) == 15
    assert report.lineage is not None
    assert report.lineage.changes["gone_items"] == 1
    assert report.lineage.changes["gone_interactions"] > 0
    assert set(best(artifact, "i02")[:5]) == {"i04", "i06", "i08", "i10", "i12"}


def test_a_full_fit_is_due_when_a_fifth_is_new(tmp_path: Path) -> None:
    store, _ = fitted(tmp_path, config := toy_config(tmp_path))
    add(config, [(f"new{n}", f"i{item:02}") for n in range(10) for item in (0, 2, 4, 6)])
    report = update(config, store, quiet=True)
    assert report.lineage is not None
    assert report.lineage.due == "22% of the positives came since the last full fit, more than 20%"


def test_without_an_artifact_there_is_nothing_to_update(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"No store at .*run `concierge fit`"):
        update(toy_config(tmp_path), Store(tmp_path / "store"), quiet=True)


def test_what_was_learned_under_another_meaning_is_not_gone_on_with(tmp_path: Path) -> None:
    store, report = fitted(tmp_path, config := toy_config(tmp_path))
    assert config.interactions is not None
    log = config.interactions.model_copy(update={"positive": ">= 4"})
    with pytest.raises(DataError, match=r"positive under \[interactions\] changed \(from None to '>= 4'\)"):
        update(config.model_copy(update={"interactions": log}), store, quiet=True)
    fields = config.items.fields | {"price": FieldConfig(type="category")}
    items = config.items.model_copy(update={"fields": fields})
    with pytest.raises(DataError, match=r"The field 'price' under \[items.fields\] changed"):
        update(config.model_copy(update={"items": items}), store, quiet=True)
    with pytest.raises(DataError, match=r"\[interactions\] was removed"):
        update(config.model_copy(update={"interactions": None}), store, quiet=True)
    assert store.current_version() == report.version


def test_factors_that_learned_from_forgotten_users_are_not_gone_on_with(tmp_path: Path) -> None:
    store, _ = fitted(tmp_path, config := toy_config(tmp_path))
    with pytest.raises(DataError, match=r"1 users were forgotten since .*run `concierge fit` without --update"):
        update(config, store, forgotten=lambda users: {"u00"} & set(users), quiet=True)


def test_a_log_that_allows_other_recommenders_than_before_needs_a_full_fit(tmp_path: Path) -> None:
    store, _ = fitted(tmp_path, config := small_config(tmp_path, [("a", "i0"), ("b", "i1")]))
    small_config(tmp_path, [("a", "i0"), ("a", "i1"), ("b", "i1")])
    with pytest.raises(DataError, match=r"the log now allows recommenders that it did not allow then"):
        update(config, store, quiet=True)
    fit(config, store, quiet=True)
    small_config(tmp_path, [("a", "i0"), ("b", "i1")])
    with pytest.raises(DataError, match=r"the log no longer allows als"):
        update(config, store, quiet=True)


def test_a_catalog_without_a_log_is_updated_too(tmp_path: Path) -> None:
    store, _ = fitted(tmp_path, config := small_config(tmp_path, None))
    small_config(tmp_path, None, items=6)
    report = update(config, store, quiet=True)
    assert len(store.load().catalog) == 6
    assert report.lineage is not None
    assert report.lineage.changes["new_items"] == 2
    assert report.lineage.due == "33% of the items came since the last full fit, more than 20%"

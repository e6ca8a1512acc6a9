"""Fit makes an artifact of any catalog that has an item, and says what it could not do."""

import json
from pathlib import Path

import numpy as np
import pytest

from concierge_tools.config import FieldConfig
from concierge_tools.errors import DataError
from concierge_tools.fit import dry_run, fit
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Store
from concierge_tools.training.members import FITS
from tests.tools.toy_store import fitted, small_config, toy_config


def recommended(store: Store, liked: list[int]) -> tuple[str, list[int]]:
    artifact = store.load()
    others = np.ones(len(artifact.catalog), np.bool_)
    others[liked] = False
    ranking = Retrieval(artifact, artifact.catalog).recommend(Profile.of(liked=liked), others)
    return ranking.basis, ranking.items.tolist()


def test_a_log_gives_every_model(tmp_path: Path) -> None:
    store, report = fitted(tmp_path, toy_config(tmp_path))
    assert report.models == ("als", "neighbours", "transitions", "content", "popularity")
    assert report.skipped == {}
    assert report.counts["positives"] == report.counts["interactions"] == 140
    assert report.version == store.current_version() == store.load().version
    assert json.loads(report.to_json())["counts"]["items"] == 16


def test_fitting_again_gives_equal_files(tmp_path: Path) -> None:
    config = toy_config(tmp_path)
    store, _ = fitted(tmp_path, config)
    first = store.load().manifest.files
    fit(config, store, quiet=True)
    second = store.load().manifest.files
    same = {name for name in first if not name.startswith("search/")}
    assert {name: first[name] for name in same} == {name: second[name] for name in same}


def test_a_catalog_without_a_log_goes_by_content(tmp_path: Path) -> None:
    store, report = fitted(tmp_path, small_config(tmp_path, None))
    assert report.models == ("content", "popularity")
    assert report.skipped == dict.fromkeys(FITS, "there is no interaction log")
    assert store.load().interactions is None
    assert recommended(store, [0]) == ("content", [2, 1, 3])


def test_a_single_user_is_enough(tmp_path: Path) -> None:
    store, report = fitted(tmp_path, small_config(tmp_path, [("u", "i0"), ("u", "i1"), ("u", "i2")]))
    assert "als" in report.models
    assert set(recommended(store, [0])[1]) == {1, 2, 3}


def test_users_with_one_item_each_connect_nothing(tmp_path: Path) -> None:
    store, report = fitted(tmp_path, small_config(tmp_path, [("a", "i0"), ("b", "i1"), ("c", "i1"), ("c", "i1")]))
    assert report.skipped["als"] == "no user has two positives, so that nothing connects one item with another"
    assert store.load().popularity.people.tolist() == [1, 2, 0, 0]
    assert recommended(store, [0]) == ("content", [2, 1, 3])


def test_one_item_is_enough(tmp_path: Path) -> None:
    store, _ = fitted(tmp_path, small_config(tmp_path, [("a", "i0")], items=1))
    assert recommended(store, []) == ("popularity (no taste to go on yet)", [0])


def test_a_log_of_no_positives_counts_as_none(tmp_path: Path) -> None:
    config = small_config(tmp_path, [("a", "i0"), ("a", "i1")])
    assert config.interactions is not None
    (tmp_path / "log.csv").write_text("user,item,stars\na,i0,1\na,i1,2\n", encoding="utf-8")
    log = config.interactions.model_copy(update={"value": "stars", "positive": ">= 4"})
    store, report = fitted(tmp_path, config.model_copy(update={"interactions": log}))
    assert report.models == ("content", "popularity")
    assert report.counts["interactions"] == 2
    assert report.positive == "stars >= 4"
    assert recommended(store, [])[0].startswith("catalog order")


def test_rows_that_cannot_be_used_are_counted_and_kept_in_quarantine(tmp_path: Path) -> None:
    store, report = fitted(tmp_path, small_config(tmp_path, [("a", "i0"), ("a", "nowhere"), ("a", "i1")]))
    assert report.counts["rejected_interactions"] == 1
    assert report.rejects_path == str(store.folder / "quarantine.jsonl")
    (row,) = (tmp_path / "store" / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(row)["line"] == 3


def test_forgotten_users_leave_no_trace(tmp_path: Path) -> None:
    config = small_config(tmp_path, [("a", "i0"), ("b", "i1"), ("b", "i2"), ("c", "i2")])
    store = Store(tmp_path / "store")
    fit(config, store, forgotten=lambda users: {"b"} & set(users), quiet=True)
    log = store.load().interactions
    assert log is not None
    assert log.user_ids == ["a", "c"]
    assert log.items[log.history("c")].tolist() == [2]
    assert log.history("b").tolist() == []


def test_a_dry_run_reports_the_same_and_writes_nothing(tmp_path: Path) -> None:
    config = small_config(tmp_path, [("a", "i0"), ("a", "i1"), ("a", "nowhere")])
    before = sorted(tmp_path.rglob("*"))
    plan = dry_run(config, quiet=True)
    assert sorted(tmp_path.rglob("*")) == before
    _, report = fitted(tmp_path, config)
    assert plan.version is None
    assert (plan.counts, plan.models, plan.skipped, plan.fields, plan.rejects) == (
        report.counts,
        report.models,
        report.skipped,
        report.fields,
        report.rejects,
    )


def test_a_catalog_that_mostly_cannot_be_read_is_not_published_and_the_old_one_stays(tmp_path: Path) -> None:
    store, report = fitted(tmp_path, config := small_config(tmp_path, None))
    rows = [{"id": f"i{i}", "title": "" if i else "Only one", "size": "huge", "kind": "", "price": 1} for i in range(3)]
    Path(config.items.path).write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"More than half of the items cannot be used \(2 of 3\), mostly: missing title"
    ):
        fit(config, store, quiet=True)
    Path(config.items.path).write_text(json.dumps([{**row, "title": "T"} for row in rows]), encoding="utf-8")
    sized = config.items.model_copy(update={"fields": {"size": FieldConfig(type="number", unit="cm")}})
    with pytest.raises(DataError, match=r"cells of 'size' cannot be read.*'huge'.*under \[items.fields.size\]"):
        fit(config.model_copy(update={"items": sized}), store, quiet=True)
    assert store.load().version == report.version
    assert (store.folder / "quarantine.jsonl").exists()


def test_a_missing_file_stops_before_anything_is_written(tmp_path: Path) -> None:
    config = small_config(tmp_path, None)
    (tmp_path / "items.json").unlink()
    with pytest.raises(DataError, match=r"items\.json"):
        fit(config, Store(tmp_path / "store"), quiet=True)
    assert not (tmp_path / "store").exists()


def test_progress_is_shown_on_standard_error_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fit(small_config(tmp_path, [("a", "i0"), ("a", "i1")]), Store(tmp_path / "store"))
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "search index" in captured.err
    assert "100%" in captured.err

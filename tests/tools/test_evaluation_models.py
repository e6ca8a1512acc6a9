"""What is reported of models: lists as their formulas say, and figures of systems fitted without the targets."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.evaluation.lists import coverage, diversity, miscalibration, novelty
from concierge_tools.evaluation.models import CHOSEN, PLAIN_ALS, Run, run
from concierge_tools.evaluation.report import report
from concierge_tools.evaluation.slices import GAP, HISTORY, POPULARITY
from concierge_tools.evaluation.splits import temporal

ITEMS, USERS = 24, 60
BEYOND = ("novelty", "diversity", "miscalibration", "popularity", "long_tail", "coverage", "gini")


def catalog() -> Catalog:
    rows: list[Mapping[str, FieldValue]] = [
        {"id": f"i{i:02}", "title": f"Item {i}", "kind": ["even" if i % 2 == 0 else "odd"]} for i in range(ITEMS)
    ]
    return Catalog.of("toy", [Field("kind", "tags", "tags")], rows)


def log() -> Interactions:
    """Everybody goes from one item to the next one of its kind."""
    steps = [(user, (user + 2 * step) % ITEMS, 1000 * step + user) for user in range(USERS) for step in range(6)]
    return Interactions.of([f"u{u:02}" for u, *_ in steps], [i for _, i, _ in steps], times=[t for *_, t in steps])


@pytest.fixture(scope="module")
def measured() -> Run:
    return run(log(), catalog())


def test_lists_are_described_as_the_formulas_say() -> None:
    lists = [np.array([0, 1], np.int32), np.array([2], np.int32)]
    rows = csr_array(np.array([[1, 0], [0.6, 0.8], [0, 1.0]], np.float32))
    assert coverage(lists, 4) == 0.75
    np.testing.assert_allclose(novelty(lists, np.array([4, 1, 0]), 4), [1.0, 3.0])
    np.testing.assert_allclose(diversity(lists, rows), [0.4, 0], atol=1e-6)
    tags = csr_array(np.array([[1, 0], [0, 1.0], [0, 1.0]]))
    apart = miscalibration([lists[0], lists[1]], [np.array([0, 1]), np.array([0])], tags, blend=0.01)
    np.testing.assert_allclose(apart, [0, np.log2(1 / 0.01)], atol=1e-9)


def test_who_follows_the_steps_foresees_them_and_popularity_does_not(measured: Run) -> None:
    body = report([measured], log())
    rows = {row["system"]: row for row in body["rows"]}
    assert rows["transitions"]["HR@10"]["mean"] == 1.0
    assert rows["transitions"]["NDCG@10"]["mean"] > rows["popularity"]["NDCG@10"]["mean"]
    assert {PLAIN_ALS, CHOSEN, "popularity", "svd", "ease"} <= set(rows)
    assert set(rows["transitions"]["over"]) == {PLAIN_ALS, "popularity"}
    assert rows["transitions"]["over"]["popularity"]["NDCG@10"]["low"] > 0
    assert body["targets"] == body["users"] == USERS
    for kind in (HISTORY, POPULARITY, GAP):
        assert sum(row["targets"] for row in body["slices"] if row["kind"] == kind) == USERS


def test_a_figure_lies_within_its_interval_and_a_difference_is_that_of_the_figures(measured: Run) -> None:
    body = report([measured], log())
    rows = {row["system"]: row for row in body["rows"]}
    for row in rows.values():
        for metric in ("HR@5", "NDCG@10", "recall@20", "MRR", *BEYOND):
            assert row[metric]["low"] <= row[metric]["mean"] <= row[metric]["high"]
            for base, found in row["over"].items():
                apart = row[metric]["mean"] - rows[base][metric]["mean"]
                assert found[metric]["mean"] == pytest.approx(apart, abs=2e-5)
        assert row["recall@10"] == row["HR@10"]
        assert row["bytes"] > 0
        assert row["fit_seconds"] >= 0


def test_a_slice_of_few_users_says_that_it_decides_nothing() -> None:
    few = Interactions.of(
        [f"u{u}" for u in range(12) for _ in range(6)],
        [(u + 2 * step) % ITEMS for u in range(12) for step in range(6)],
        times=[1000 * step + u for u in range(12) for step in range(6)],
    )
    body = report([run(few, catalog(), tune=False)], few)
    assert [row["enough"] for row in body["slices"]] == [False] * len(body["slices"])
    assert "few users" in [warning["kind"] for warning in body["warnings"]]


def test_intervals_are_the_middle_of_the_means_of_users_drawn_with_all_they_were_asked() -> None:
    rng = np.random.default_rng(3)
    owners, values, among = rng.integers(0, 9, 40), rng.random((40, 2)), rng.random(40) < 0.6
    resamples = Resamples.of(owners, rng, resamples=200)
    names = sorted(set(owners.tolist()))
    means = [
        [
            np.average(values[among, column], weights=[drawn[names.index(int(own))] for own in owners[among]])
            for column in range(2)
        ]
        for drawn in resamples.draws
    ]
    low, high = resamples.intervals(values, among=among)
    np.testing.assert_allclose(low, np.percentile(means, 2.5, axis=0))
    np.testing.assert_allclose(high, np.percentile(means, 97.5, axis=0))


def test_a_cap_on_users_draws_that_many_of_both_splits() -> None:
    for split in ("last", "time"):
        assert len(run(log(), catalog(), split=split, tune=False, most=7).users) == 7


def test_coverage_counts_the_lists_of_every_user_and_its_interval_what_one_user_adds(measured: Run) -> None:
    shown = [np.array([user % 10, 10 + user, 10 + user // 3], np.int32) for user in range(USERS)]
    liked = np.ones(90, np.int64)
    run_of_many = replace(measured, shown={**measured.shown, "transitions": shown}, people=liked)
    body = report([run_of_many], log())
    found = next(row for row in body["rows"] if row["system"] == "transitions")["coverage"]
    without = [
        len({int(item) for other, own in enumerate(shown) if other != user for item in own}) / 90
        for user in range(len(shown))
    ]
    mean = sum(without) / len(without)
    error = ((len(shown) - 1) / len(shown) * sum((one - mean) ** 2 for one in without)) ** 0.5
    assert found["mean"] == pytest.approx(len({int(i) for own in shown for i in own}) / 90, abs=1e-5)
    assert found["high"] - found["mean"] == pytest.approx(1.959964 * error, abs=1e-5)


def test_a_split_in_time_trains_on_nothing_later() -> None:
    interactions = log()
    split = temporal(interactions, share=0.6)
    point = split.train.times.max()
    assert len(split.users) > 0
    for user, target in zip(split.users.tolist(), split.targets.tolist(), strict=True):
        own = interactions.users == user
        assert interactions.times[own & (interactions.items == target)].min() > point


def test_a_log_in_which_nobody_can_be_foreseen_is_refused() -> None:
    with pytest.raises(DataError, match="nothing can be measured"):
        run(Interactions.of(["a", "b"], [0, 1]), catalog())

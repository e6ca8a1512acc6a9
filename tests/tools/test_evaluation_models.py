"""What is reported of models: lists as their formulas say, and figures of systems fitted without the targets."""

from collections.abc import Mapping

import numpy as np
import pytest
from scipy.sparse import csr_array

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.evaluation.lists import coverage, diversity, miscalibration, novelty, popularity_bias
from concierge_tools.evaluation.models import CHOSEN, PLAIN_ALS, Run, run
from concierge_tools.evaluation.report import report
from concierge_tools.evaluation.splits import temporal

ITEMS, USERS = 24, 60


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


def test_popularity_bias_is_described_as_the_formulas_say() -> None:
    people = np.array([10, 4, 3, 2, 1, 0])
    one = np.array([0, 0, 0, 1], np.int32)
    found = popularity_bias([one[:2], one[2:]], people, 10)
    assert found == pytest.approx({"popularity": 0.85, "long_tail": 0.25, "gini": 0.7})
    even = popularity_bias([np.arange(5, dtype=np.int32)], people, 10)
    assert even == pytest.approx({"popularity": 0.4, "long_tail": 0.8, "gini": 0.0})
    assert popularity_bias([], people, 10) == {"popularity": 0.0, "long_tail": 0.0, "gini": 0.0}


def test_who_follows_the_steps_foresees_them_and_popularity_does_not(measured: Run) -> None:
    body = report([measured], log())
    rows = {row["system"]: row for row in body["rows"]}
    assert rows["transitions"]["HR@10"]["mean"] == 1.0
    assert rows["transitions"]["NDCG@10"]["mean"] > rows["popularity"]["NDCG@10"]["mean"]
    assert {PLAIN_ALS, CHOSEN, "popularity", "svd", "ease"} <= set(rows)
    assert rows[PLAIN_ALS]["gain"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert body["targets"] == USERS
    assert sum(s["targets"] for s in body["slices"] if "history" in s["slice"]) == USERS


def test_the_report_warns_of_what_may_pass_for_taste() -> None:
    hasty = Interactions.of(
        [f"u{u}" for u in range(40) for _ in range(5)],
        [(u + step) % ITEMS for u in range(40) for step in range(5)],
        times=[u * 100_000 + step for u in range(40) for step in range(5)],
    )
    said = report([run(hasty, catalog(), tune=False)], hasty)["warnings"]
    assert any("within a minute" in text for text in said)


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

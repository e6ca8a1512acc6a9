"""`concierge evaluate elicitation` reports every policy under every kind of user, the same for the same seed."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from concierge_server.cli import main
from concierge_server.evaluation.elicitation import OURS, USERS, Setting, measure, tasks
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.store import Store
from tests.server.conftest import Call
from tests.tools.toy_store import fitted, small_config


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("elicitation")
    log = [(f"u{user}", f"i{item}") for user in range(8) for item in range(user, 120, 7)]
    return fitted(folder, small_config(folder, log, items=120))[0]


@pytest.fixture(scope="module")
def artifact(store: Store) -> Artifact:
    return store.load()


def test_every_policy_meets_every_user(artifact: Artifact) -> None:
    report = measure(artifact, Setting(targets=6, shown=3))
    names = {row["policy"] for row in report["rows"]}
    assert names == {"greedy", "maximum entropy", "maximum entropy, brief", OURS}
    assert {(row["policy"], row["user"]) for row in report["rows"]} == {(n, u) for n in names for u in USERS}
    for row in report["rows"]:
        assert 0 <= row["success"]["low"] <= row["success"]["mean"] <= row["success"]["high"] <= 1
        assert 1 <= row["turns"]["mean"] <= 15
    greedy = [row for row in report["rows"] if row["policy"] == "greedy"]
    assert all(row["asked"]["mean"] == 0 and row["success"] == greedy[0]["success"] for row in greedy)


def test_a_margin_is_ours_less_the_best_of_the_others(artifact: Artifact) -> None:
    report = measure(artifact, Setting(targets=8, shown=2, turns=6))
    success = {(row["policy"], row["user"]): row["success"]["mean"] for row in report["rows"]}
    for margin in report["margins"]:
        best = max(mean for (name, user), mean in success.items() if user == margin["user"] and name != OURS)
        assert success[margin["over"], margin["user"]] == best
        assert margin["success"]["mean"] == pytest.approx(success[OURS, margin["user"]] - best, abs=2e-4)


def test_the_same_seed_gives_the_same_report(artifact: Artifact) -> None:
    one, same, other = (measure(artifact, Setting(targets=6, shown=2, seed=seed)) for seed in (1, 1, 2))
    assert one == same
    assert one["rows"] != other["rows"]


def test_validation_and_test_share_no_target_whatever_the_seed(artifact: Artifact) -> None:
    test = {task.item_id for seed in (1, 2) for task in tasks(artifact, Setting(targets=60, seed=seed))}
    other = {
        task.item_id for seed in (1, 2) for task in tasks(artifact, Setting(targets=60, seed=seed, part="validation"))
    }
    assert len(test) > 20
    assert len(other) > 20
    assert not test & other


def test_the_target_is_among_the_candidates_and_its_own_interaction_is_left_out(artifact: Artifact) -> None:
    ever = artifact.popularity.ever
    for task in tasks(artifact, Setting(targets=20)):
        assert task.belief.chances.sum() == pytest.approx(1.0)
        assert task.belief.chances[task.target] > 0
        alike = ever == ever[artifact.catalog.position(task.item_id)]
        assert alike.sum() > 1  # all items of the toy log are about as popular: left out, the target is the least
        assert task.belief.chances[task.target] <= np.median(task.belief.chances)


@pytest.mark.anyio
async def test_a_set_that_fits_one_list_is_to_be_shown(call: Call) -> None:
    few = await call("search_catalog", query="", filters=[{"field": "runtime", "op": "<=", "value": 90}])
    assert 1 < few["total"] <= 5
    assert "fit into one list" in (await call("suggest_question", candidates=few["candidates"]))["stop"]


@pytest.mark.anyio
async def test_the_stores_own_labels_and_stock_are_never_asked_about(call: Call) -> None:
    asked: list[str] = []
    while (found := await call("suggest_question", known=asked))["field"]:
        asked.append(found["field"])
    assert asked
    assert not {"stock", "sponsored"} & set(asked)


def test_the_command_prints_the_table_and_json(store: Store) -> None:
    base = ["evaluate", "elicitation", "--store", str(store.folder), "--targets", "4", "--shown", "3"]
    table = CliRunner().invoke(main, base)
    assert table.exit_code == 0, table.output
    assert "SR@15" in table.output
    assert "points of SR over" in table.output
    printed = json.loads(CliRunner().invoke(main, [*base, "--json"]).output)
    assert printed["targets"] == 4
    assert printed == json.loads(json.dumps(measure(store.load(), Setting(targets=4, shown=3))))


def test_a_store_without_anything_to_ask_about_says_so(tmp_path: Path) -> None:
    config = small_config(tmp_path, None)
    bare = config.model_copy(update={"items": config.items.model_copy(update={"fields": {}})})
    found, _ = fitted(tmp_path, bare)
    result = CliRunner().invoke(main, ["evaluate", "elicitation", "--store", str(found.folder)])
    assert result.exit_code != 0
    assert "field that can be asked about" in result.output

"""`concierge evaluate ranking` counts right, whatever the model does. Nothing here says how good one is."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from concierge_agent.claude.brain import ClaudeBrain
from concierge_agent.claude.settings import ClaudeSettings
from concierge_server.cli import main
from concierge_server.evaluation.ranking import Setting, measure
from concierge_tools.errors import DataError
from concierge_tools.evaluation.splits import leave_last_out
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.store import Store
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Step, failure, json_reply
from tests.tools.toy_store import fitted, small_config

pytestmark = pytest.mark.anyio

USERS = 6
SETTING = Setting(targets=USERS, candidates=30)
FEW = replace(SETTING, candidates=1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("ranking")
    log = [(f"u{user}", f"i{item}") for user in range(USERS) for item in range(user, 40, 3)]
    return fitted(folder, small_config(folder, log, items=40))[0]


@pytest.fixture(scope="module")
def artifact(store: Store) -> Artifact:
    return store.load()


@pytest.fixture(scope="module")
def api() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        yield scripted


@pytest.fixture
def run(artifact: Artifact, api: ScriptedMessagesApi) -> Callable[..., Any]:
    async def measured(*steps: Step, setting: Setting = SETTING) -> dict[str, Any]:
        api.script(*steps)
        brain = partial(ClaudeBrain, ClaudeSettings(api_key=SecretStr("k"), base_url=api.url, max_retries=0))
        body = await measure(artifact, brain, setting, lambda: None)
        api.finish()
        return body

    return measured


def candidates(body: dict[str, Any]) -> list[str]:
    text = body["messages"][0]["content"][-1]["text"]
    return [row[0] for row in json.loads(text.removeprefix("<candidates>").removesuffix("</candidates>"))]


def targets(artifact: Artifact) -> list[str]:
    assert artifact.interactions is not None
    held = leave_last_out(artifact.interactions, fewest=5, most=USERS, seed=SETTING.seed)
    return [artifact.catalog.ids[position] for position in held.targets.tolist()]


async def test_a_model_that_knows_the_answer_reaches_all_that_can_be_reached(
    artifact: Artifact, run: Callable[..., Any]
) -> None:
    body = await run(*[json_reply({"ids": [target, "i99", target]}) for target in targets(artifact)])

    retrieval, model = body["rows"]
    reached = body["among_candidates"] / USERS
    assert 0 < reached <= 1
    assert model["hit_rate"]["mean"] == model["ndcg"]["mean"] == pytest.approx(reached, abs=1e-4)
    assert model["gain"]["mean"] == pytest.approx(model["ndcg"]["mean"] - retrieval["ndcg"]["mean"], abs=2e-4)
    assert model["invalid"] >= 2 / 3 - 0.01
    assert (model["failed"], model["model_calls"]) == (0, USERS)


async def test_users_whose_item_no_order_can_reach_may_be_left_out(run: Callable[..., Any]) -> None:
    everyone = await run(*[json_reply({"ids": []})] * USERS, setting=FEW)
    reached = everyone["among_candidates"]

    body = await run(*[json_reply({"ids": []})] * reached, setting=replace(FEW, reachable=True))

    assert 0 < reached < USERS
    assert body["among_candidates"] == body["rows"][1]["model_calls"] == reached


async def test_a_model_that_fails_scores_as_the_retrieval_does_and_is_counted(run: Callable[..., Any]) -> None:
    body = await run(*[failure(500, "broken")] * USERS)

    retrieval, model = body["rows"]
    assert model["failed"] == USERS
    assert model["invalid"] is None
    assert model["ndcg"] == retrieval["ndcg"]
    assert model["gain"] == {"mean": 0.0, "low": 0.0, "high": 0.0}


async def test_the_target_is_in_nothing_that_the_model_is_told_of_the_user(
    artifact: Artifact, run: Callable[..., Any], api: ScriptedMessagesApi
) -> None:
    await run(*[lambda body: json_reply({"ids": candidates(body)[:1]})] * USERS)

    for request, target in zip(api.requests, targets(artifact), strict=True):
        user = request.messages[0].split("<candidates>")[0]
        assert f'"Item {target[1:]}"' not in user
        assert len(json.loads(user.strip().removeprefix("<user>").removesuffix("</user>"))["history"]) >= 10


async def test_samples_and_variety_are_compared_each_with_the_retrieval_of_its_variety(
    run: Callable[..., Any],
) -> None:
    setting = Setting(targets=2, candidates=30, samples=(1, 3), variety=(0.0, 0.8))

    body = await run(*[lambda given: json_reply({"ids": candidates(given)[:3]})] * 16, setting=setting)

    ways = [(row["order"], row["samples"], row["variety"]) for row in body["rows"]]
    assert ways == [(order, n, v) for v in (0.0, 0.8) for order, n in (("retrieval", 0), ("model", 1), ("model", 3))]
    assert [row["model_calls"] for row in body["rows"]] == [0, 2, 6] * 2


async def test_a_log_of_strangers_is_refused(tmp_path: Path) -> None:
    folder = tmp_path
    log = [(f"u{user}", f"i{user}") for user in range(4)] + [("u0", "i1")]
    with pytest.raises(DataError, match="has 5 positives"):
        await measure(fitted(folder, small_config(folder, log))[0].load(), lambda: None, SETTING, lambda: None)


def test_without_a_model_the_command_measures_the_retrieval_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    arguments = ["evaluate", "ranking", "--store", str(store.folder), "--targets", "2", "--variety", "0, 0.5"]

    told = CliRunner().invoke(main, [*arguments, "--json"])
    shown = CliRunner().invoke(main, arguments)

    assert [row["variety"] for row in json.loads(told.stdout)["rows"]] == [0.0, 0.5]
    assert "2 users" in shown.stdout
    assert CliRunner().invoke(main, [*arguments, "--samples", "1,ten"]).exit_code == 2

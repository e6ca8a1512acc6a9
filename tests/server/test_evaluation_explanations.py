import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from concierge_agent.claude.brain import ClaudeBrain
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.errors import BrainError
from concierge_server.commands.evaluate import evaluate
from concierge_server.evaluation.generated.play import oracle_of
from concierge_server.evaluation.intents.scores import Classified, macro_f1
from concierge_server.evaluation.intents.utterances import fingerprint, load_utterances
from concierge_server.evaluation.judging.cases import Case
from concierge_server.evaluation.judging.model import judge
from concierge_server.evaluation.judging.rules import RuleJudge
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import json_reply

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def api() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def rules(shop_store: Path) -> RuleJudge:
    return RuleJudge(oracle_of(shop_store))


@pytest.fixture
def case(rules: RuleJudge) -> Case:
    item = next(row for row in rules.oracle.items.values() if row["category"] == "Tents" and row["price"] < 300)
    conditions = ({"field": "category", "op": "==", "value": "Tents"}, {"field": "price", "op": "<", "value": 300})
    text = f"It meets what you asked: category Tents, price {item['price']} EUR (under 300)."
    return Case("a tent under 300", conditions, (), item, text)


def test_a_true_explanation_that_says_what_was_asked_is_accurate_and_relevant(rules: RuleJudge, case: Case) -> None:
    scores = rules.judge(case)

    assert scores["accuracy"] == scores["relevance"] == scores["helpfulness"] == 5


def test_a_false_value_costs_accuracy(rules: RuleJudge, case: Case) -> None:
    false = replace(case, text=case.text.replace("Tents", "Cooking"))

    assert rules.judge(false)["accuracy"] < rules.judge(case)["accuracy"]


def test_praise_that_fits_everything_is_neither_specific_nor_relevant(rules: RuleJudge, case: Case) -> None:
    scores = rules.judge(replace(case, text="A good pick for every occasion."))

    assert scores["specificity"] == scores["relevance"] == 1


def test_corrupted_explanations_score_lower_pair_by_pair(shop_store: Path) -> None:
    command = ["explanations", "--store", str(shop_store), "--n", "10", "--json"]

    done = CliRunner().invoke(evaluate, command)

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["judge"] == "rules"
    right = {name: row["right"]["mean"] for name, row in report["corruptions"].items()}
    assert list(right) == ["false values", "another item's", "generic", "cut short"]
    assert min(right.values()) >= 0.9


def scored(*letters: str) -> Any:
    row = {"relevance": 5, "specificity": 4, "accuracy": 3, "helpfulness": 2}
    return json_reply({"scores": [{"letter": letter, **row} for letter in letters]})


async def test_a_model_judges_several_at_once_without_names_or_ids(api: ScriptedMessagesApi, case: Case) -> None:
    brain = ClaudeBrain(ClaudeSettings(base_url=api.url))
    api.script(scored("A"), scored("A", "B"))

    scores = await judge(brain, [case, case], seed=0)

    api.finish()
    assert [s["accuracy"] for s in scores] == [3, 3]
    assert str(case.item["id"]) not in api.requests[0].messages[0]
    assert "no scores for B" in api.requests[1].messages[-1]


async def test_a_model_that_judges_nothing_is_an_error(api: ScriptedMessagesApi, case: Case) -> None:
    api.script(scored(), scored())

    with pytest.raises(BrainError, match="cannot be used"):
        await judge(ClaudeBrain(ClaudeSettings(base_url=api.url)), [case], seed=0)


def test_the_utterances_are_the_frozen_ones() -> None:
    parts = [fingerprint(part) for part in ("dev", "held_out")]
    sizes = [sum(len(load_utterances(c, part)) for c in ("films", "shop")) for part in ("dev", "held_out")]

    assert sizes == [60, 160]
    assert parts == ["17c8ddbe90dc", "86cc2215e043"]


def test_macro_f1_counts_every_class_alike() -> None:
    found = [Classified("", "ask", "ask")] * 8 + [
        Classified("", "general", "ask"),
        Classified("", "general", "general"),
    ]

    assert macro_f1(found) == pytest.approx((16 / 17 + 2 / 3) / 2)


def test_a_brain_s_intents_are_scored_in_their_contexts(shop_store: Path) -> None:
    command = ["intents", "--store", str(shop_store), "--set", "shop", "--part", "dev", "--json"]

    done = CliRunner().invoke(evaluate, command)

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["utterances"] == sum(row["of"] for row in report["classes"].values())
    assert report["low"] <= report["macro_f1"] <= report["high"]
    assert report["macro_f1"] > 0.5


def test_intents_without_a_store_say_what_to_run(tmp_path: Path) -> None:
    done = CliRunner().invoke(evaluate, ["intents", "--store", str(tmp_path / "none")])

    assert done.exit_code == 4
    assert "run `concierge fit` to make one" in done.stderr

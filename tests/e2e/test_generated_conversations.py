"""Generated conversations, honest and with a model that lies: what is promised holds every time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concierge_server.brains import BrainChoice
from concierge_server.evaluation.generated.play import Settings, oracle_of, play
from concierge_server.evaluation.generated.report import kept, report_json
from tests.lying_model import INVENTED, MAKERS, LyingModel
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.strict_shop import fit_strict_shop

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def strict_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_strict_shop(tmp_path_factory.mktemp("strict"))


@pytest.fixture
def lying(monkeypatch: pytest.MonkeyPatch, strict_shop: Path) -> Iterator[None]:
    oracle = oracle_of(strict_shop)
    with ScriptedMessagesApi() as api:
        api.always(LyingModel(list(oracle.items.values()), list(oracle.fields.values()), seed=5))
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "none-needed")
        yield


async def test_the_offline_brain_keeps_every_promise_in_generated_conversations(strict_shop: Path) -> None:
    settings = Settings(conversations=15, seed=11)
    oracle = oracle_of(strict_shop)

    played, brain = await play(strict_shop, settings, lambda _: None, oracle=oracle)

    report = report_json(oracle.name, settings, brain, played)
    assert kept(report), report["findings"]
    assert report["items"] > 80
    assert report["understanding"]["satisfaction of what the user told"]["rate"] > 0.7


@pytest.mark.usefixtures("lying")
async def test_a_lying_model_s_items_breaches_and_falsehoods_never_reach_the_user(strict_shop: Path) -> None:
    settings = Settings(conversations=8, seed=12, brain=BrainChoice("anthropic", fresh=True))
    oracle = oracle_of(strict_shop)

    played, brain = await play(strict_shop, settings, lambda _: None, oracle=oracle)

    report: dict[str, Any] = report_json(oracle.name, settings, brain, played)
    assert brain == "anthropic"
    assert kept(report), report["findings"]
    assert report["items"] > 10
    replies = "\n".join(turn.reply for conversation in played for turn in conversation.turns)
    assert not [name for name in (*INVENTED, *MAKERS, "award", "9.9") if name in replies]

"""A repeat asks no model; whatever a reply rests on and has changed makes it be asked again. All over real HTTP."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select

from concierge_agent.answer import Answer
from concierge_server.brains import BrainChoice
from concierge_server.commands.forget import forget
from concierge_server.opening import open_desk, open_state
from concierge_server.session import open_session
from concierge_server.state.database import REPLIES, open_database
from concierge_server.state.replies import LONGEST, DatabaseReplies
from concierge_tools.config import load_config
from concierge_tools.fit import fit
from concierge_tools.storage.store import Store
from tests.scripted_completions_api import ScriptedCompletionsApi
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.scripted_model import Step, cut_stream, draft_reply, plan_reply, refusal, text_reply
from tests.server.cinema import fit_cinema

pytestmark = pytest.mark.anyio

PLAN = plan_reply(
    {"intent": "ask", "steps": [{"id": "s1", "tool": "search_catalog", "arguments": {"query": "harbour"}}]}
)
GOOD = draft_reply(
    {
        "opening": "Here is one.",
        "items": [{"id": "m1", "reason": "It runs 95 minutes.", "claims": [{"name": "runtime", "value": 95}]}],
    }
)
LIE = draft_reply({"opening": "Here is one.", "items": [{"id": "m99", "reason": "A gem.", "claims": []}]})
CLAUDE = BrainChoice("anthropic")
TEXT = "a harbour, under 80 minutes if possible"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema")).parent


@pytest.fixture
def store(fitted: Path, tmp_path: Path) -> Path:
    shutil.copytree(fitted, tmp_path / "cinema")
    return tmp_path / "cinema" / "store"


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as scripted:
        yield scripted


@pytest.fixture
def api(server: ScriptedMessagesApi, monkeypatch: pytest.MonkeyPatch) -> ScriptedMessagesApi:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    for name in ("CONCIERGE_CACHE_TTL", "CONCIERGE_PROMPTS", "CONCIERGE_PRICES", "CONCIERGE_MAX_COST"):
        monkeypatch.delenv(name, raising=False)
    return server


async def ask(store: Path, text: str = TEXT, *, user: str | None = "ann", brain: BrainChoice = CLAUDE) -> Answer:
    """Say one thing in a new conversation."""
    async with open_session(store=store, connect=None, user_id=user, choice=brain) as session:
        _, answer = await session.agent.turn(session.conversation, text)
    return answer


async def asked(api: ScriptedMessagesApi, store: Path, *steps: Step, text: str = TEXT, user: str | None = "ann") -> int:
    """Say one thing in a new conversation against this script, and return how many requests that took."""
    api.script(*steps)
    await ask(store, text, user=user)
    api.finish()
    return len(api.requests)


async def test_a_repeat_in_another_conversation_asks_no_model_and_says_the_same(
    store: Path, api: ScriptedMessagesApi
) -> None:
    api.script(PLAN, GOOD)

    first, second = await ask(store), await ask(store)

    assert len(api.requests) == 2
    assert second.reply == first.reply
    assert [item.id for item in second.items] == ["m1"]
    assert (first.usage.model_calls, first.usage.cached_calls) == (2, 0)
    assert (second.usage.model_calls, second.usage.cached_calls, second.usage.input_tokens) == (0, 2, 0)


async def test_the_replies_of_a_small_model_s_server_are_repeated_too(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCIERGE_PROMPTS", "detailed")
    small = BrainChoice("openai", "small")
    with ScriptedCompletionsApi() as api:
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        api.script(PLAN, GOOD)
        await ask(store, brain=small)
        assert (await ask(store, brain=small)).usage.cached_calls == 2
        api.finish()


def live_values(store: Path, _: pytest.MonkeyPatch) -> None:
    with open_desk(store) as desk:
        desk.live.update({"m1": {"stock": 3}})  # what it was: no prompt shows the change, so the key must


def feedback(store: Path, _: pytest.MonkeyPatch) -> None:
    with open_desk(store) as desk:
        desk.feedback.record("owner", "ann", "m6", "like", None, None)


def artifact(store: Path, _: pytest.MonkeyPatch) -> None:
    fit(load_config(store.parent / "concierge.toml"), Store(store), quiet=True)


def template(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_PROMPTS", "quick")


def model(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_PLAN_MODEL", "another")


def turned_off(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_CACHE_TTL", "0")


@pytest.mark.parametrize("change", [live_values, feedback, artifact, template, model, turned_off])
async def test_what_a_reply_rests_on_is_asked_anew_when_it_changes(
    change: Callable[[Path, pytest.MonkeyPatch], None],
    store: Path,
    api: ScriptedMessagesApi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await asked(api, store, PLAN, GOOD)

    change(store, monkeypatch)
    api.script(refusal())
    await ask(store)

    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("text", "user"), [(TEXT.replace("80", "100"), "ann"), (TEXT, "bob"), (TEXT, None)], ids=["words", "user", "guest"]
)
async def test_other_words_and_other_users_are_asked_for_themselves(
    text: str, user: str | None, store: Path, api: ScriptedMessagesApi
) -> None:
    await asked(api, store, PLAN, GOOD)

    assert await asked(api, store, PLAN, GOOD, text=text, user=user) == 2


async def test_who_measures_a_model_asks_it_anew(store: Path, api: ScriptedMessagesApi) -> None:
    await asked(api, store, PLAN, GOOD)

    api.script(PLAN, GOOD)
    await ask(store, brain=BrainChoice("anthropic", fresh=True))

    assert len(api.requests) == 2


async def test_another_ledger_or_history_is_another_request(store: Path, api: ScriptedMessagesApi) -> None:
    api.script(PLAN, GOOD, refusal())
    async with open_session(store=store, connect=None, user_id="ann", choice=CLAUDE) as session:
        conversation, _ = await session.agent.turn(session.conversation, TEXT)
        await session.agent.turn(conversation, TEXT)

    assert len(api.requests) == 3


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ((cut_stream(PLAN), cut_stream(PLAN)), (PLAN, GOOD)),
        ((refusal(),), (PLAN, GOOD)),
        ((text_reply("no JSON"), text_reply("no JSON")), (PLAN, GOOD)),
        ((text_reply("no JSON"), PLAN, GOOD), (PLAN,)),
        ((PLAN, LIE, GOOD), (GOOD,)),
        ((PLAN, LIE, LIE), (GOOD,)),
    ],
    ids=["cut", "refused", "unreadable", "unreadable once", "disproved once", "disproved"],
)
async def test_a_reply_that_was_cut_refused_or_sent_back_is_asked_for_again(
    first: tuple[Step, ...], again: tuple[Step, ...], store: Path, api: ScriptedMessagesApi
) -> None:
    await asked(api, store, *first)

    assert await asked(api, store, *again) == len(again)
    assert await asked(api, store) == 0


def rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(REPLIES)).scalar_one()


async def test_forgetting_a_user_erases_the_replies_to_them_alone(store: Path, api: ScriptedMessagesApi) -> None:
    for user in ("ann", "bob"):
        await asked(api, store, PLAN, GOOD, user=user)

    result = CliRunner().invoke(forget, ["--user", "ann", "--store", str(store)])

    assert "2 cached replies" in result.output
    with open_state(store) as (_, engine):
        assert rows(engine) == 2
    assert await asked(api, store, user="bob") == 0


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'state.db'}")


def test_a_reply_is_kept_until_it_expires_or_is_let_go(engine: Engine) -> None:
    kept, expired = DatabaseReplies(engine, "ann", lifetime=60), DatabaseReplies(engine, "ann", lifetime=0)

    kept.keep("a", "one")
    kept.keep("b", "two \ud800")
    expired.keep("c", "three")
    kept.drop("a")
    kept.drop("nothing")

    assert [kept.find(key) for key in "abc"] == [None, "two \ud800", None]


def test_the_oldest_replies_make_room_and_what_is_too_long_is_not_kept(engine: Engine) -> None:
    replies = DatabaseReplies(engine, None, lifetime=60, most=2)

    for key in "abc":
        replies.keep(key, key)
    replies.keep("d", "x" * (LONGEST + 1))

    assert [replies.find(key) for key in "abcd"] == [None, "b", "c", None]
    assert rows(engine) == 2

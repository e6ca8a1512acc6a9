"""When the offline brain asks, and what it shows to somebody who tells it nothing."""

from pathlib import Path

import click
import pytest

from concierge_agent.answer import Answer
from concierge_agent.ledger import Change, Entry
from concierge_agent.plan import Plan, Proposal, Step
from concierge_agent.values import Constraint, Question
from concierge_server.brains import BrainChoice, questions_in_a_row
from tests.agent.shop import ScriptedBrain
from tests.server.cinema import fit_cinema
from tests.server.recorded import again, converse
from tests.tools.toy_store import fitted, small_config

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"))


@pytest.fixture(scope="module")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose items need nobody's consent."""
    folder = tmp_path_factory.mktemp("open")
    pairs = [(f"u{u}", f"i{i}") for u in range(6) for i in range(u % 2, 24, 2)]
    return fitted(folder, small_config(folder, pairs, items=24))[0].folder


@pytest.fixture(scope="module")
def one_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("one"), "max_items = 1\n")


async def test_a_stranger_who_tells_nothing_is_shown_something_and_asked_one_question_with_it(
    open_store: Path,
) -> None:
    said = ("recommend something", "odd", "more")
    vague, answered, more = await converse(open_store, *said, conversation="v", user=None)

    assert vague.items
    assert vague.question is not None
    assert vague.question.options
    assert [entry["value"] for entry in answered.ledger] == ["odd"]
    assert (answered.question, more.question) == (None, None)
    assert (await again(open_store, vague.trace)).differences == ()


async def test_an_option_of_a_question_means_what_it_says(open_store: Path) -> None:
    first, after = await converse(open_store, "what is there under 12?", "from 6", conversation="opt", user=None)

    assert {item.fields["price"] for item in after.items} <= {*range(6, 12)}, first.question


@pytest.mark.parametrize("said", ["no preference", "thanks", "hmm ok", "why the first one?"])
async def test_the_question_that_came_with_items_may_be_passed_over(open_store: Path, said: str) -> None:
    _, after = await converse(open_store, "recommend something", said, conversation=f"p{said}", user=None)

    assert "did not recognise" not in after.reply
    assert after.error is None


async def test_a_user_who_is_known_is_shown_their_items_without_a_question(open_store: Path) -> None:
    [answer] = await converse(open_store, "recommend something", conversation="k", user="u1")

    assert answer.items
    assert answer.question is None


async def test_a_store_that_shows_one_item_at_a_time_adds_no_question(one_at_a_time: Path) -> None:
    [answer] = await converse(one_at_a_time, "recommend something", conversation="o", user=None)

    assert answer.question is None


async def test_a_request_that_few_items_meet_is_answered_without_a_question(store: Path) -> None:
    [answer] = await converse(
        store,
        "a drama on netflix",
        conversation="few",
        brain=ScriptedBrain([_asking("a drama on netflix")]),
        user=None,
    )

    assert [item.id for item in answer.items] == ["m1"]
    assert answer.question is None


async def test_when_no_question_is_worth_asking_what_fits_is_shown(store: Path) -> None:
    dramas = [{"field": "genres", "op": "contains", "value": "Drama"}, {"field": "runtime", "op": "<", "value": 100}]
    plan = Plan(steps=(Step(id="s1", tool="suggest_question", arguments={"filters": dramas}),))

    [answer] = await converse(
        store, "a drama", conversation="stop", brain=ScriptedBrain([Proposal(intent="ask", plan=plan)]), user=None
    )

    assert answer.items


async def test_somebody_who_never_says_anything_of_use_is_not_asked_four_times_in_a_row(store: Path) -> None:
    said = ["hm", "dunno", "xyzzy", "blah", "hmm", "qwertz", "eh", "what", "no idea", "foo"]

    answers = await converse(store, *said, conversation="ten", user=None)

    assert "????" not in "".join("?" if _asks(answer) else "." for answer in answers)


def _asks(answer: Answer) -> bool:
    """Whether the agent asks of its own accord; consent is the store's to ask for, however often."""
    if any((call.result or {}).get("confirmation") for call in answer.trace.calls):
        return False
    return not answer.items and (answer.question is not None or answer.reply.rstrip("_").endswith("?"))


def _asking(text: str) -> Proposal:
    told = [
        Constraint(field="genres", op="contains", value="Drama"),
        Constraint(field="services", op="contains", value="Netflix"),
    ]
    changes = tuple(
        Change(op="add", entry=Entry(id="", kind="constraint", turn=0, text=text, constraint=constraint))
        for constraint in told
    )
    return Proposal(intent="ask", changes=changes, question=Question(field="runtime", text="Which runtime?"))


@pytest.mark.parametrize(
    ("option", "variable", "expected"), [(None, None, 3), (None, "5", 5), (0, "5", 0)], ids=["default", "env", "option"]
)
def test_the_owner_says_how_many_questions_may_follow_each_other(
    option: int | None, variable: str | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONCIERGE_MAX_QUESTIONS", raising=False)
    if variable is not None:
        monkeypatch.setenv("CONCIERGE_MAX_QUESTIONS", variable)

    assert questions_in_a_row(BrainChoice(max_questions=option)) == expected


def test_a_number_of_questions_that_is_none_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_MAX_QUESTIONS", "few")

    with pytest.raises(click.UsageError, match="CONCIERGE_MAX_QUESTIONS must be a number"):
        questions_in_a_row(BrainChoice())


async def test_a_bound_that_nothing_meets_is_answered_with_the_nearest_value(store: Path) -> None:
    short = Constraint(field="runtime", op="<", value=60)
    change = Change(op="add", entry=Entry(id="", kind="constraint", turn=0, text="short", constraint=short))
    plan = Plan(steps=(Step(id="s1", tool="recommend_for_user", arguments={}),))
    brain = ScriptedBrain([Proposal(intent="ask", changes=(change,), plan=plan)])

    [answer] = await converse(store, "under an hour", conversation="near", brain=brain, user=None)

    assert 'Without "runtime under 60 min" there are 7 (the nearest runtime: 80 min).' in answer.reply

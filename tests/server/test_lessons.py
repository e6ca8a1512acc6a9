"""What a turn taught is kept for its user where the owner wants it, and reaches others as slots alone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from mcp import Client

from concierge_agent.agent import Agent
from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.lessons import Lesson, Trait, recalled, reduced
from concierge_agent.llm.state import quoted, state_of
from concierge_agent.offline.brain import OfflineBrain
from concierge_agent.plan import Proposal
from concierge_agent.values import Constraint
from concierge_server.cli import main
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from concierge_server.state.conversations import DatabaseConversations, Mode
from tests.server.cinema import fit_cinema

pytestmark = pytest.mark.anyio
NETFLIX = Constraint(field="services", op="contains", value="Netflix")
SECRET = Constraint(field="genres", op="contains", value="my sister Ann's wedding")


class Listening(OfflineBrain):
    """The offline brain, noting what a model would have read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        self.read.append(quoted(state_of(context.conversation, (), context.lessons)))
        return await super().plan(context, problems)


async def tell(store: Path, mode: Mode, user: str | None, *texts: str) -> list[str]:
    """Say texts in a new conversation, and return what a model would have read of each turn."""
    brain = Listening()
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            conversations = DatabaseConversations(desk.engine, lessons=mode)
            agent = Agent(client, brain, None, conversations, user_id=user)
            held = Conversation(id=f"{mode}-{user}-{len(texts)}", user_id=user)
            for text in texts:
                held, _ = await agent.turn(held, text)
    return brain.read


async def test_a_verdict_on_what_was_shown_is_a_lesson_for_the_next_request_like_it(tmp_path: Path) -> None:
    store = fit_cinema(tmp_path)
    await tell(store, "own", "ann", "on Netflix please", "I hated Quiet Harbour")

    first, second = await tell(
        store,
        "own",
        "ann",
        "on Netflix please",
        "more",
    )

    assert "lessons" not in first
    [lesson] = json.loads(second)["lessons"]
    assert lesson["request"] == [NETFLIX.model_dump()]
    assert {"field": "genres", "value": "Drama"} in lesson["refused"]
    assert "Quiet Harbour" not in json.dumps(lesson)


@pytest.mark.parametrize(("mode", "heard"), [("off", False), ("own", False), ("shared", True)])
async def test_others_hear_of_it_only_where_lessons_are_shared(tmp_path: Path, mode: Mode, heard: bool) -> None:
    store = fit_cinema(tmp_path)
    await tell(store, "own", "ann", "on Netflix please", "I hated Quiet Harbour")

    _, second = await tell(store, mode, "bob", "on Netflix please", "more")
    _, guest = await tell(store, mode, None, "on Netflix please", "more")

    assert ("lessons" in second) == heard
    assert "lessons" not in guest


async def test_what_a_user_typed_never_leaves_them_and_the_forgotten_teach_nobody(tmp_path: Path) -> None:
    store = fit_cinema(tmp_path)
    drama = Trait(field="genres", value="Drama")
    typed = Lesson(request=(SECRET, NETFLIX), shown=3, refused=(drama, Trait(field="title", value="Quiet Harbour")))
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            description = await Agent(client, OfflineBrain(), None, DatabaseConversations(desk.engine)).open()

    assert reduced(typed, description) == Lesson(request=(NETFLIX,), shown=3, refused=(drama,))
    assert reduced(typed.model_copy(update={"request": (SECRET,)}), description) is None

    await tell(store, "own", "ann", "on Netflix please", "I hated Quiet Harbour")
    assert "1 lessons" in CliRunner().invoke(main, ["forget", "--user", "ann", "--store", str(store)]).stdout
    _, second = await tell(store, "shared", "bob", "on Netflix please", "more")
    assert "lessons" not in second


async def test_feedback_about_what_was_last_shown_teaches_as_well(tmp_path: Path) -> None:
    store = fit_cinema(tmp_path)
    await tell(store, "own", "ann", "on Netflix please")
    with open_desk(store) as desk:
        conversations = DatabaseConversations(desk.engine, lessons="own")
        conversations.take_feedback("ann", "m1", good=True)
        conversations.take_feedback("ann", "not shown", good=True)
        conversations.take_feedback("stranger", "m1", good=True)

    _, second = await tell(store, "own", "ann", "on Netflix please", "more")

    [lesson] = json.loads(second)["lessons"]
    assert {"field": "genres", "value": "Drama"} in lesson["taken"]


def test_the_lessons_recalled_are_those_of_the_requests_most_alike_the_newest_first() -> None:
    short = Constraint(field="runtime", op="<", value=90)
    lessons = [Lesson(request=request, shown=n) for n, request in enumerate([(short,), (NETFLIX, short), (NETFLIX,)])]

    assert [lesson.shown for lesson in recalled([*lessons, lessons[2]], [NETFLIX])] == [2, 2, 1]
    assert recalled(lessons, []) == ()


def test_lessons_cannot_be_measured_on_a_log_without_refusals(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["evaluate", "lessons", "--store", str(fit_cinema(tmp_path))])

    assert done.exit_code == 2
    assert "taken and what was refused" in done.stderr

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from concierge_agent.answer import Answer, Preview
from concierge_agent.conversation import Conversation, Turn
from concierge_agent.errors import ConnectionFailed
from concierge_agent.trace import Trace
from concierge_agent.values import CatalogDescription, PolicyDescription
from concierge_server.terminal.lines import LineReader
from concierge_server.terminal.prompt import PromptReader
from concierge_server.terminal.repl import Repl

CATALOG = CatalogDescription(
    name="Corner shop", items=12, fields=[], policy=PolicyDescription(), models=["als"], artifact="a1"
)


class Echo:
    """An agent that answers with what it was told, remembers turns, and can be told to fail or to take for ever."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.heard: list[str] = []

    async def turn(
        self,
        conversation: Conversation,
        text: str,
        *,
        on_progress: Callable[[str], None] | None = None,
        on_sentence: Callable[[str], None] | None = None,
        on_preview: Callable[[Preview], None] | None = None,
    ) -> tuple[Conversation, Answer]:
        self.heard.append(text)
        if text == "fail":
            raise ConnectionFailed("The server went away.")
        if text == "wait":
            self.started.set()
            await asyncio.Event().wait()
        reply = f"You said {text}."
        if on_progress and on_sentence:
            on_progress("thinking")
            on_sentence(reply)
        turn = Turn(number=len(conversation.turns) + 1, text=text, reply=reply, intent="ask")
        after = conversation.model_copy(update={"turns": (*conversation.turns, turn)})
        trace = Trace(id="t1", conversation=conversation.id, turn=turn.number, text=text)
        return after, Answer(turn=turn.number, reply=reply, trace_id="t1", trace=trace)


@asynccontextmanager
async def conversing() -> AsyncIterator[tuple[Repl, Echo, Console, PipeInput, "asyncio.Task[None]"]]:
    """Run a conversation over piped keys."""
    console = Console(file=io.StringIO(), width=80, force_terminal=False)
    agent = Echo()
    repl = Repl(agent, Conversation(id="c1", user_id="ann"), CATALOG, console=console, errors=console, brain="offline")
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        running = asyncio.create_task(repl.run(PromptReader(repl.toolbar)))
        yield repl, agent, console, keys, running


def test_a_conversation_over_the_prompt_keeps_its_turns_and_runs_commands() -> None:
    async def scenario() -> str:
        async with conversing() as (repl, _, console, keys, running):
            keys.send_text("hello\rfail\r/plan\r/nope\r/quit\r")
            await running
            assert [turn.text for turn in repl.conversation.turns] == ["hello"]
            assert isinstance(console.file, io.StringIO)
            return console.file.getvalue()

    said = asyncio.run(scenario())

    assert "Corner shop, 12 items." in said
    assert "You said hello." in said
    assert "The server went away. Nothing was changed." in said
    assert "The plan that ran" in said
    assert "No command /nope" in said


def test_why_with_a_title_asks_why_not_that_one() -> None:
    async def scenario() -> list[str]:
        async with conversing() as (_, agent, _, keys, running):
            keys.send_text("/why Iron Bed\r/quit\r")
            await running
            return agent.heard

    assert asyncio.run(scenario()) == ["Why not Iron Bed?"]


def test_ctrl_c_stops_the_turn_and_the_conversation_goes_on() -> None:
    async def scenario() -> str:
        async with conversing() as (repl, agent, console, keys, running):
            keys.send_text("hello\rwait\r")
            await agent.started.wait()
            os.kill(os.getpid(), signal.SIGINT)
            keys.send_text("again\r\x04")
            await running
            assert [turn.text for turn in repl.conversation.turns] == ["hello", "again"]
            assert isinstance(console.file, io.StringIO)
            return console.file.getvalue()

    assert "Stopped; nothing was changed." in asyncio.run(scenario())


def test_ctrl_c_at_the_prompt_hints_at_the_way_out() -> None:
    async def scenario() -> str:
        async with conversing() as (_, _, console, keys, running):
            keys.send_text("\x03/exit\r")
            await running
            assert isinstance(console.file, io.StringIO)
            return console.file.getvalue()

    assert "/quit" in asyncio.run(scenario())


def test_new_forgets_the_conversation_and_keeps_the_user() -> None:
    async def scenario() -> Repl:
        async with conversing() as (repl, _, _, keys, running):
            keys.send_text("hello\r/new\r\x04")
            await running
            return repl

    repl = asyncio.run(scenario())

    assert (repl.conversation.turns, repl.conversation.user_id) == ((), "ann")
    assert repl.conversation.id != "c1"
    assert repl.toolbar() == "offline · ann · 0 constraints · /help"


def test_lines_from_a_pipe_are_read_as_they_are_and_echoed() -> None:
    console = Console(file=io.StringIO(), width=80)
    agent = Echo()
    repl = Repl(agent, Conversation(id="c1"), CATALOG, console=console, errors=console, brain="offline")
    lines = io.BytesIO("\ufeffCaf\u00e9?\r\n\n  two \nbad \xff byte".encode("utf-8").replace(b"\xc3\xbf", b"\xff"))

    asyncio.run(repl.run(LineReader(lines), echo=True))

    assert agent.heard == ["Café?", "two", "bad \ufffd byte"]
    assert isinstance(console.file, io.StringIO)
    assert "> Café?" in console.file.getvalue()

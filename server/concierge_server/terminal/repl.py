"""The conversation itself: read a line, run a turn or a command, print, until the user leaves."""

import asyncio
import signal
import uuid
from collections.abc import Coroutine
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from concierge_agent.answer import Answer
from concierge_agent.conversation import Conversation
from concierge_agent.errors import AgentError
from concierge_agent.values import CatalogDescription
from concierge_server.terminal.answers import render_answer
from concierge_server.terminal.details import render_evidence, render_ledger, render_why
from concierge_server.terminal.lines import Reader
from concierge_server.terminal.plans import render_plan
from concierge_server.terminal.slash import COMMANDS, after, command, unknown
from concierge_server.terminal.speaker import Speaker
from concierge_server.terminal.stage import stage_for, streamed
from concierge_server.terminal.wording import count, line

T = TypeVar("T")


class Interrupted(Exception):  # noqa: N818  (reads as what happened)
    """The user pressed Ctrl-C while a turn ran."""


class Repl:
    """A conversation on a terminal; a turn that fails or is stopped leaves it as it was."""

    def __init__(
        self,
        agent: Speaker,
        conversation: Conversation,
        description: CatalogDescription,
        *,
        console: Console,
        errors: Console,
        brain: str,
        kept: bool = False,
    ) -> None:
        """Put a conversation together; `kept` says that it can be continued when the process has ended."""
        self.conversation = conversation
        self._agent = agent
        self._description = description
        self._console = console
        self._errors = errors
        self._brain = brain
        self._kept = kept
        self._answer: Answer | None = None
        self._presented: Answer | None = None

    def toolbar(self) -> str:
        """Return the line under the prompt: brain, user, active constraints."""
        limits = len(self.conversation.ledger.active("constraint"))
        user = line(self.conversation.user_id or "guest")
        return f"{self._brain} · {user} · {count(limits, 'constraint')} · /help"

    async def run(self, reader: Reader, *, echo: bool = False) -> None:
        """Converse until the reader ends or the user leaves; `echo` repeats each line, for input that shows none."""
        self._greet()
        await self._converse(reader, echo=echo)
        if self._kept and self.conversation.turns:
            self._say(f"To go on later: --continue, or --conversation {self.conversation.id}")

    async def _converse(self, reader: Reader, *, echo: bool) -> None:
        while True:
            try:
                text = (await reader.read()).strip()
            except EOFError:
                return
            except KeyboardInterrupt:
                self._say("Type /quit or press Ctrl-D to leave.")
                self._console.print()
                continue
            if not text:
                continue
            if echo:
                self._console.print(Text(f"> {text}", style="bold"))
            name = command(text)
            if name == "/quit":
                return
            told = after(text)
            if name == "/why" and told and not told.isdecimal():
                await self._turn(f"Why not {told}?")
            elif name is not None:
                self._command(name, told)
            else:
                await self._turn(text)
            self._console.print()

    async def _turn(self, text: str) -> None:
        stage = stage_for(self._console, self._errors)
        try:
            with stage:
                self.conversation, answer = await interruptible(
                    self._agent.turn(
                        self.conversation,
                        text,
                        on_progress=stage.progress,
                        on_sentence=stage.sentence,
                        on_preview=stage.preview,
                    )
                )
        except Interrupted:
            self._say("Stopped; nothing was changed.", style="yellow")
            return
        except AgentError as error:
            self._say(f"{line(str(error))} Nothing was changed.", style="red")
            return
        self._answer = answer
        if answer.items:
            self._presented = answer
        render_answer(self._console, answer, self._description, reply=not streamed(stage, answer), evidence=False)

    def _command(self, name: str, told: str) -> None:
        match name:
            case "/help":
                self._help()
            case "/ledger":
                render_ledger(self._console, self.conversation.ledger, self._description)
                self._say(f"  conversation {self.conversation.id}")
            case "/new":
                self.conversation = Conversation(id=f"c_{uuid.uuid4().hex}", user_id=self.conversation.user_id)
                self._answer = self._presented = None
                self._say("A new conversation; what was said before no longer counts.")
            case "/plan" if self._answer is not None:
                render_plan(self._console, self._answer, self._description)
            case "/why" if self._presented is not None:
                render_why(self._console, self._presented, number=int(told) if told else None)
            case "/evidence" if self._presented is not None:
                render_evidence(self._console, self._presented, self._description)
            case "/plan" | "/why" | "/evidence":
                self._say("Nothing was answered yet; ask for something first.")
            case _:
                self._say(unknown(line(name)))

    def _greet(self) -> None:
        about = f"{line(self._description.name)}, {count(self._description.items, 'item')}."
        self._console.print(Text.assemble((about, "bold"), " Say what you are looking for; /help lists commands."))
        if turns := len(self.conversation.turns):
            self._say(f"Going on after {count(turns, 'turn')}; /ledger shows what counts.")
        self._console.print()

    def _help(self) -> None:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="cyan", no_wrap=True)
        table.add_column()
        for name, purpose in COMMANDS.items():
            table.add_row(f"  {name}", purpose)
        self._console.print(table)

    def _say(self, words: str, *, style: str = "dim") -> None:
        self._console.print(Text(words, style=style))


async def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Run `work`, cancelling it when the user presses Ctrl-C. Call it from the main thread.

    Raises:
        Interrupted: It was cancelled so.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    pressed = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal pressed
        pressed = True
        loop.call_soon_threadsafe(task.cancel)

    before = signal.signal(signal.SIGINT, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if pressed:
            raise Interrupted from None
        raise
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)

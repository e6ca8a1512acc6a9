"""The prompt: prompt-toolkit with history, completion of commands and a toolbar."""

from collections.abc import Callable, Iterable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

PROMPT = "> "


class PromptReader:
    """A prompt-toolkit prompt with history, completion of commands and a toolbar."""

    def __init__(
        self,
        toolbar: Callable[[], str],
        *,
        commands: Iterable[str] = (),
        history: Path | None = None,
        input: Input | None = None,  # noqa: A002  (prompt-toolkit's own name for it)
        output: Output | None = None,
    ) -> None:
        """Make the prompt.

        Args:
            toolbar: Asked for the toolbar's text each time the prompt is drawn.
            commands: What Tab completes.
            history: A file that keeps what was typed, for the owner of the account alone; None keeps nothing.
            input: Where keys come from; the terminal by default.
            output: Where the prompt is drawn; the terminal by default.
        """
        self._session: PromptSession[str] = PromptSession(
            PROMPT,
            bottom_toolbar=lambda: f" {toolbar()}",
            completer=WordCompleter(list(commands), sentence=True),
            complete_while_typing=False,
            history=_history(history),
            style=Style.from_dict({"bottom-toolbar": "noreverse fg:ansibrightblack", "prompt": "ansicyan"}),
            input=input,
            output=output,
        )

    async def read(self) -> str:
        """Return the next line; see `Reader`."""
        return await self._session.prompt_async()


def _history(path: Path | None) -> History:
    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("ab"):
            pass
    except OSError:  # a home that cannot be written to is no reason not to talk
        return InMemoryHistory()
    return FileHistory(path)

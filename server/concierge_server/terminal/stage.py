"""What the user sees while a turn runs: a spinner with what is being done, and verified sentences as they come."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.spinner import Spinner
from rich.status import Status
from rich.text import Text

from concierge_agent.answer import Answer, Preview
from concierge_server.terminal.answers import markdown
from concierge_server.terminal.wording import clean, line

_START = "Thinking"
_FIRST = "First ideas, while a model works on it:"
_THEN = "What the model makes of it:"


class Stage(Protocol):
    """Takes a turn's progress and sentences; a context manager that leaves the terminal as the answer needs it."""

    spoken: str
    """The sentences that stay on the screen; empty when whoever prints the answer must print the reply."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def progress(self, text: str) -> None:
        """Show what is being done now."""
        ...

    def sentence(self, text: str) -> None:
        """Show one more verified sentence."""
        ...

    def preview(self, preview: Preview) -> None:
        """Show first ideas until there is something better."""
        ...


def stage_for(console: Console, errors: Console) -> Stage:
    """Return the stage that suits the terminals behind `console` (stdout) and `errors` (stderr)."""
    if console.is_terminal:
        return SpokenStage(console) if console.is_dumb_terminal else LiveStage(console)
    return QuietStage(errors)


class LiveStage:
    """A growing reply above a spinner; it goes away when the turn ends, and the finished answer takes its place."""

    def __init__(self, console: Console) -> None:
        self.spoken = ""
        self._said = ""
        self._first: Preview | None = None
        self._spinner = Spinner("dots", text=Text(_START, style="dim"), style="cyan")
        self._live = Live(console=console, get_renderable=self._render, transient=True, refresh_per_second=12)

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def progress(self, text: str) -> None:
        """Show what is being done now beside the spinner."""
        self._spinner.update(text=Text(line(text), style="dim"))

    def sentence(self, text: str) -> None:
        """Add a sentence to the growing reply."""
        self._said = joined(self._said, clean(text))
        self._live.refresh()

    def preview(self, preview: Preview) -> None:
        """Show first ideas above the spinner, until the first sentence comes."""
        self._first = preview
        self._live.refresh()

    def _render(self) -> RenderableType:
        if self._said:
            return Group(_Tail(markdown(self._said)), self._spinner)
        if self._first is not None:
            ideas = Group(Text(_FIRST, style="dim"), markdown(clean(self._first.reply), self._first.items))
            return Group(_Tail(ideas), self._spinner)
        return self._spinner


class SpokenStage:
    """Prints each sentence once and for all, for terminals that cannot move the cursor."""

    def __init__(self, console: Console) -> None:
        self.spoken = ""
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return None

    def progress(self, text: str) -> None:
        """Say nothing: a spinner would leave a trail here."""

    def sentence(self, text: str) -> None:
        """Print the sentence."""
        self.spoken = joined(self.spoken, clean(text))
        self._console.print(Text(clean(text)))

    def preview(self, preview: Preview) -> None:
        """Print first ideas, told apart from the answer that follows."""
        self._console.print(Text(f"{_FIRST}\n{clean(preview.reply)}\n{_THEN}"))


class QuietStage:
    """Shows nothing on stdout; a spinner on stderr when that is a terminal."""

    def __init__(self, errors: Console) -> None:
        self.spoken = ""
        self._status: Status | None = None
        if errors.is_terminal and not errors.is_dumb_terminal:
            self._status = errors.status(Text(_START, style="dim"))

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def progress(self, text: str) -> None:
        """Show what is being done now beside the spinner."""
        if self._status is not None:
            self._status.update(Text(line(text), style="dim"))

    def sentence(self, text: str) -> None:
        """Say nothing: the finished answer holds the sentence."""

    def preview(self, preview: Preview) -> None:
        """Say nothing: where nobody watches, the answer alone counts."""


def joined(said: str, sentence: str) -> str:
    """Return `said` with one more sentence, a space between them where neither brings its own."""
    if not said or not sentence or said[-1].isspace() or sentence[0].isspace():
        return said + sentence
    return f"{said} {sentence}"


def streamed(stage: Stage, answer: Answer) -> bool:
    """Tell whether the whole reply stands on the screen already."""
    return bool(stage.spoken) and stage.spoken.split() == clean(answer.reply).split()


class _Tail:
    """The last lines of something that may be higher than the screen."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = options.height or console.height
        unbounded = options.update(height=None)
        for row in console.render_lines(self._renderable, unbounded, pad=False)[-max(1, height - 3) :]:
            yield from row
            yield Segment.line()

"""An answer on a terminal: the reply, what is presented, the question that is open, and how it came about."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from concierge_agent.answer import Answer, AnswerItem
from concierge_agent.rendering import blocks, question_text
from concierge_agent.values import CatalogDescription, Question
from concierge_server.terminal.items import presented
from concierge_server.terminal.plans import render_plan
from concierge_server.terminal.wording import clean, count, line, seconds_text, spent_text, value_text

_MARKUP = str.maketrans({character: "\\" + character for character in "*_`[]<>#~"})


def render_answer(
    console: Console,
    answer: Answer,
    description: CatalogDescription,
    *,
    reply: bool = True,
    evidence: bool = True,
    show_plan: bool = False,
) -> None:
    """Print an answer.

    Args:
        console: Where to; its width decides between a table and a list of items.
        answer: The finished turn.
        description: The catalog's description, for fields and units.
        reply: Whether to print the reply; False when its sentences have been streamed already.
        evidence: Whether to print what proves each reason.
        show_plan: Whether to print the plan and the calls that ran.
    """
    if answer.error:
        console.print(Text(f"This turn went wrong: {line(answer.error)}", style="red"))
    if reply and (words := prose(answer)):
        console.print(markdown(words, answer.items))
    if answer.items:
        console.print()
        console.print(presented(answer, description, width=console.width, evidence=evidence))
    if answer.question is not None:
        console.print()
        console.print(_question(answer.question))
    if show_plan:
        console.print()
        render_plan(console, answer, description)
    console.print()
    console.print(status(answer))


def prose(answer: Answer) -> str:
    """Return the reply without its blocks on the items and the question, which are shown apart."""
    text = answer.reply
    for block in blocks("", answer.items):
        text = text.replace(block, "", 1)
    if answer.question is not None:
        text = text.replace(question_text(answer.question), "", 1)
    return clean(text).strip()


def markdown(text: str, items: Sequence[AnswerItem] = ()) -> Markdown:
    """Return a reply as Markdown in which the titles of `items` are literal, whatever characters they are made of."""
    for title in {line(item.title) for item in items}:
        text = text.replace(title, title.translate(_MARKUP))
    return Markdown(text, hyperlinks=False)


def status(answer: Answer) -> Text:
    """Return the dim line that says how the answer came about: method, tool calls, seconds, what models cost."""
    usage = answer.usage
    parts = [line(answer.method), count(usage.tool_calls, "tool call"), seconds_text(usage.seconds)]
    if spent := spent_text(usage):
        parts.append(spent)
    if answer.abstained:
        parts.append("no recommendation")
    return Text(" · ".join(parts), style="dim")


def _question(question: Question) -> RenderableType:
    parts: list[RenderableType] = [Text(line(question.text), style="bold")]
    if question.options:
        options = Table.grid(padding=(0, 1))
        options.add_column(justify="right", style="cyan", min_width=4)
        options.add_column()
        options.add_column(style="dim", justify="right")
        for number, option in enumerate(question.options, start=1):
            options.add_row(
                f"{number}.", Text(value_text(option.value)), count(option.count, "item") if option.count else ""
            )
        parts.append(options)
    return Group(*parts)

"""A turn's plan and what really ran, for people."""

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from concierge_agent.answer import Answer
from concierge_agent.trace import Call, Trace
from concierge_agent.values import CatalogDescription
from concierge_server.terminal.wording import arguments_text, count, line, seconds_text


def render_plan(console: Console, answer: Answer, description: CatalogDescription | None = None) -> None:
    """Print each call that ran, in order, with what it was for, its arguments, its outcome and its time.

    Steps that were planned and did not run are named as such; notes of the turn (repairs, fallbacks, what the
    verifier cut) come last.
    """
    render_calls(console, answer.trace, description)


def render_calls(console: Console, trace: Trace, description: CatalogDescription | None = None) -> None:
    """Print what ran in a recorded turn; see `render_plan`."""
    purposes = {step.id: step.purpose for step in trace.plan.steps}
    rows = Table.grid(padding=(0, 2, 0, 0), expand=True)
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(ratio=1)
    rows.add_column(justify="right", style="dim", no_wrap=True)
    for call in trace.calls:
        purpose = purposes.get(call.step, "")
        rows.add_row(f"  {line(call.step)}", _call(call, purpose, description), seconds_text(call.seconds))
    ran = {call.step for call in trace.calls}
    for step in trace.plan.steps:
        if step.id not in ran:
            why = _left_out(trace.merged.get(step.id))
            rows.add_row(f"  {line(step.id)}", Text.assemble((line(step.tool), "cyan"), (f"  {why}", "yellow")), "")
    console.print(Text("The plan that ran", style="bold"))
    console.print(rows if rows.row_count else Text("  No tool was needed."))
    for note in trace.notes:
        console.print(Text(f"  note: {line(note)}", style="dim"))


def outcome(call: Call) -> str:
    """Return what a call came to in a few words."""
    if call.error is not None:
        return f"refused: {line(call.error)}"
    result = call.result or {}
    items, total = result.get("items"), result.get("total")
    parts = []
    if isinstance(items, list):
        parts.append(f"{len(items)} of {count(total, 'item')}" if isinstance(total, int) else count(len(items), "item"))
    if isinstance(mentions := result.get("mentions"), list):
        parts.append(count(len(mentions), "mention"))
    if isinstance(status := result.get("status"), str):
        parts.append(line(status))
    if isinstance(basis := result.get("basis"), str):
        parts.append(line(basis))
    return " · ".join(parts) or "done"


def _left_out(stands: str | None) -> str:
    if stands is None:
        return "did not run"
    return f"did not run: part of {line(stands)}" if stands else "did not run: not needed"


def _call(call: Call, purpose: str, description: CatalogDescription | None) -> RenderableType:
    head = Text(line(call.tool), style="cyan")
    if purpose:
        head.append(f"  {line(purpose)}", style="default")
    arguments = arguments_text(call.arguments, description)
    lines = [Text(arguments, style="dim")] if arguments else []
    lines.append(Text(f"→ {outcome(call)}", style="red" if call.error is not None else "default"))
    return Group(head, *lines)

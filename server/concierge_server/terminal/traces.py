"""Recorded turns for people: a list of them, one in full, and how a replay compares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from concierge_agent.answer import AnswerItem, Evidence
from concierge_agent.ground import Ground, agrees
from concierge_agent.trace import Reply, Trace
from concierge_agent.values import FieldValue
from concierge_server.state.traces import TraceEntry
from concierge_server.terminal.plans import render_calls
from concierge_server.terminal.wording import clean, count, line, seconds_text, spent_text, value_text

if TYPE_CHECKING:
    from concierge_server.replaying import Replayed

_SHOWN = 60


def render_list(console: Console, entries: Sequence[TraceEntry]) -> None:
    """Print one line per recorded turn, and the conversation at its first."""
    if not entries:
        console.print(Text("No turns are recorded here yet; `concierge chat` records each of its own."))
        return
    rows = _grid()
    conversation = ""
    for entry in entries:
        trace = entry.trace
        if trace.conversation != conversation:
            conversation = trace.conversation
            _print(console, rows)
            console.print(
                Text(f"conversation {line(conversation)}  user {line(entry.user_id or 'guest')}", style="dim")
            )
            rows = _grid()
        rows.add_row(
            f"  {trace.id}",
            Text(entry.created_at[:19].replace("T", " "), style="dim"),
            f"turn {trace.turn}",
            Text(line(trace.method)[:20], style="dim"),
            line(trace.text)[:_SHOWN],
        )
    _print(console, rows)


def render_trace(console: Console, trace: Trace) -> None:
    """Print a recorded turn: what was asked, what ran, what the brains said, and what proves the answer."""
    console.print(Text(f"{trace.id}  turn {trace.turn} of conversation {line(trace.conversation)}", style="bold"))
    console.print(Text(f"> {line(trace.text)}"))
    usage = trace.usage
    calls = count(len(trace.calls), "tool call") + (f" and {len(trace.aside)} set aside" if trace.aside else "")
    spent = f"{spent_text(usage) or 'no model call'}, {calls}"
    console.print(Text(f"{line(trace.method)} · {spent} · {seconds_text(usage.seconds)}", style="dim"))
    if trace.start is not None:
        console.print(Text(f"artifact {line(trace.start.artifact)}", style="dim"))
    if trace.prompts:
        used = ", ".join(f"{line(name)} {line(str(version))}" for name, version in trace.prompts.items())
        console.print(Text(f"prompts {used}", style="dim"))
    console.print()
    render_calls(console, trace)
    for reply in trace.replies:
        console.print(_said(reply))
    if trace.answer is None:
        return
    console.print()
    console.print(Text("The answer", style="bold"))
    console.print(Text(clean(str(trace.answer.get("reply", "")))))
    ground = Ground.of(trace.calls)
    for raw in trace.answer.get("items", ()):
        item = AnswerItem.model_validate(raw)
        console.print()
        console.print(Text.assemble((line(item.title), "bold"), (f"  id {line(item.id)}", "dim")))
        for proof in item.evidence:
            console.print(_proof(proof, ground))
        if not item.evidence:
            console.print(Text("  no claims", style="dim"))


def recorded_value(proof: Evidence, ground: Ground) -> tuple[bool, FieldValue]:
    """Follow an evidence pointer: return whether that step's result holds the fact, and the value it holds."""
    for fact in ground.facts.get(proof.item_id, ()):
        pointed_at = (fact.step, fact.source, fact.name) == (proof.step, proof.source, proof.name)
        if pointed_at and (fact.value == proof.value or agrees(fact.value, proof.value)):
            return True, fact.value
    return False, None


def render_replay(console: Console, replayed: "Replayed", *, changed: bool) -> None:
    """Print how a replay compares with the recording, line by line where they differ; of a changed one, the reply."""
    trace = replayed.recorded
    told = f"Turn {trace.turn} of conversation {line(trace.conversation)}"
    if changed:
        console.print(Text(clean(replayed.answer.reply)))
        console.print()
    if not replayed.differences:
        compared = f"answer, plan, {count(len(trace.calls), 'call')} and notes"
        console.print(Text(f"{told} comes out the same: {compared}.", style="green"))
        return
    console.print(Text(f"{told} comes out differently:", style="default" if changed else "red"))
    for row in replayed.differences:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(row[:1], "dim")
        console.print(Text(clean(row), style=style))


def _proof(proof: Evidence, ground: Ground) -> Text:
    held, value = recorded_value(proof, ground)
    text = Text(f"  {proof.source} {line(proof.name)} of {line(proof.item_id)} in {line(proof.step)}: ")
    if held:
        return text.append(value_text(value))
    return text.append(f"{value_text(proof.value)} (not in that step's result)", style="yellow")


def _said(reply: Reply) -> Text:
    kind = {"plan": "proposal", "step": "step", "write": "draft", "rank": "order"}[reply.kind]
    said = kind if reply.error is None else f"no {kind}: {line(reply.error)}"
    aside = " (set aside)" if reply.aside else ""
    return Text(f"  {line(reply.brain)}: {said}{aside}", style="dim" if reply.error is None else "yellow")


def _grid() -> Table:
    rows = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(4):
        rows.add_column(no_wrap=True)
    rows.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    return rows


def _print(console: Console, rows: Table) -> None:
    if rows.row_count:
        console.print(rows)

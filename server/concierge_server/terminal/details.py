"""What stands behind an answer: explanations, evidence and the ledger, for people."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, Group
from rich.text import Text

from concierge_agent.answer import Answer
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.phrases import label, phrase
from concierge_agent.values import CatalogDescription
from concierge_server.terminal.items import numbered
from concierge_server.terminal.proofs import proofs
from concierge_server.terminal.wording import count, line, value_text

_SAYS = {"like": "likes", "dislike": "dislikes", "wish": "looks for", "answer": "answered", "consent": "agreed to"}


def render_why(console: Console, answer: Answer, *, number: int | None = None) -> None:
    """Print the detailed explanation of each presented item, or its reason where the trace holds no explanation.

    `number` is that of the only one to explain, from 1.
    """
    if not answer.items:
        console.print(Text("The last answer presented nothing to explain."))
        return
    if number is not None and not 1 <= number <= len(answer.items):
        console.print(Text(f"There is no number {number}; the last list has {count(len(answer.items), 'item')}."))
        return
    explained = {str(found.get("id")): found for found in _explanations(answer)}
    rows = numbered()
    for place, item in enumerate(answer.items, start=1):
        if number not in (None, place):
            continue
        found = explained.get(item.id, {})
        words = [Text(line(item.title), style="bold")]
        words.append(Text(line(str(found.get("detailed") or item.reason or "No reason was given."))))
        for part in found.get("contributions") or []:
            if part.get("layer") in ("fusion", "ranker"):
                rank = f", rank {part['rank']}" if part.get("rank") else ""
                words.append(Text(f"{line(str(part['signal']))} {float(part['value']):+.4f}{rank}", style="dim"))
        rows.add_row(f"{place}.", Group(*words))
    console.print(rows)


def render_evidence(console: Console, answer: Answer, description: CatalogDescription) -> None:
    """Print the proof of every claim about every presented item, with the step whose result holds it."""
    if not answer.items:
        console.print(Text("The last answer presented nothing, so it claims nothing."))
        return
    rows = numbered()
    for number, item in enumerate(answer.items, start=1):
        words = [Text.assemble((line(item.title), "bold"), (f"  id {line(item.id)}", "dim"))]
        for proof, said in proofs(item, description):
            words.append(Text(f"{proof.source}: {said}").append(f"  ({line(proof.step)})", style="dim"))
        if not item.evidence:
            words.append(Text("no claims", style="dim"))
        rows.add_row(f"{number}.", Group(*words))
    console.print(rows)


def render_ledger(console: Console, ledger: Ledger, description: CatalogDescription | None = None) -> None:
    """Print what counts now with the turn it was said in, then what was taken back."""
    if not ledger.entries:
        console.print(Text("Nothing yet: no wishes, no limits, no likes."))
        return
    for entry in ledger.entries:
        if entry.active:
            console.print(entry_text(entry, description))
    for entry in ledger.entries:
        if not entry.active:
            text = entry_text(entry, description)
            text.stylize("dim strike")
            console.print(text.append(f"  taken back in turn {entry.retracted}", style="dim not strike"))


def entry_text(entry: Entry, description: CatalogDescription | None) -> Text:
    """Return a ledger entry with the turn it was said in, how far it reaches when that is always, and the words."""
    since = f"  turn {entry.turn}  " if entry.turn else "  before  "
    text = Text.assemble((since, "dim"), entry_words(entry, description))
    return text.append("  (always)", style="dim") if entry.scope == "user" else text


def entry_words(entry: Entry, description: CatalogDescription | None) -> Text:
    """Return what an entry says, and the user's words when they say it otherwise."""
    if entry.constraint is not None:
        words = line(phrase(entry.constraint, description)) + ("" if entry.hard else " (if possible)")
    elif entry.kind == "answer":
        reply = "no preference" if entry.value is None else value_text(entry.value)
        words = f"{line(label(entry.field or 'question'))}: {reply}"
    else:
        subject = entry.title or entry.item_id or entry.text
        words = f"{_SAYS.get(entry.kind, entry.kind)} {line(subject)}"
    text = Text(words)
    if line(entry.text).casefold() not in words.casefold():
        text.append(f"  “{line(entry.text)}”", style="dim")
    return text


def _explanations(answer: Answer) -> Iterable[dict[str, Any]]:
    for call in reversed(answer.trace.calls):
        if call.tool == "explain_recommendation" and call.result is not None:
            return call.result.get("items") or []
    return []

"""Rendering: an answer as Markdown for people and as JSON for programs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from concierge_agent.answer import Answer, AnswerItem, DraftItem
from concierge_agent.ledger import SAID, Entry, Ledger
from concierge_agent.phrases import value_words
from concierge_agent.values import Question

_HANDLE = re.compile(r"\bcs_[0-9a-f]{32}\b")
"""A candidate set's handle; a note about one is for whoever reads the trace."""
_ENTRY_KEYS = ("item_id", "title", "field")


def blocks(
    opening: str, items: Sequence[AnswerItem], closing: Iterable[str] = (), notes: Iterable[str] = ()
) -> list[str]:
    """Return a reply's blocks in order: opening, one line per item with its disclosures, closing sentences, notes."""
    lines = [_item_line(number, item) for number, item in enumerate(items, start=1)]
    told = (note.strip() for note in notes if not _HANDLE.search(note))
    said = [opening, "\n".join(lines), *closing, *(f"_{note.replace('_', ' ')}_" for note in told)]
    return [block for block in said if block.strip()]


def lookup_blocks(opening: str, items: Sequence[DraftItem], titles: Mapping[str, str], closing: str = "") -> list[str]:
    """Return the blocks of an answer that recommends nothing: what was looked up, by item."""
    lines = [f"- **{_literal(titles.get(item.id, item.id))}** – {item.reason}" for item in items if item.reason]
    return [block for block in (opening, "\n".join(lines), closing) if block.strip()]


def question_text(question: Question) -> str:
    """Return a question with its options and how many items each leaves."""
    if not question.options or {option.value for option in question.options} == {"yes", "no"}:
        return question.text
    offered = "\n".join(
        f"- {_literal(value_words(option.value))}{f' ({option.count})' if option.count else ''}"
        for option in question.options
    )
    return f"{question.text}\n\n{offered}"


def ledger_json(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the active entries with the keys that apply to each; a consent's token is left out."""
    return [_entry_json(entry) for entry in ledger.active()]


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as `chat --json` prints it, with exactly the keys that the interface promises."""
    items = [_item_json(item) for item in answer.items]
    return {
        "turn": answer.turn,
        "reply": answer.reply,
        "items": items,
        "question": answer.question.model_dump(mode="json") if answer.question is not None else None,
        "abstained": answer.abstained,
        "method": answer.method,
        "ledger": list(answer.ledger),
        "plan": list(answer.plan),
        "trace_id": answer.trace_id,
        "usage": answer.usage.model_dump(mode="json"),
        "error": answer.error,
    }


def _item_json(item: AnswerItem) -> dict[str, Any]:
    left_out = {"fields"} if item.agreement is not None else {"fields", "agreement"}
    return item.model_dump(mode="json", exclude=left_out)


def _item_line(number: int, item: AnswerItem) -> str:
    reason = f" – {' '.join(item.reason.split())}" if item.reason.strip() else ""
    told = [" ".join(text.split()) for text in item.disclosures]
    disclosed = "".join(f" *{_literal(text)}*" for text in told)
    return f"{number}. **{_literal(item.title)}**{reason}{disclosed}"


def _literal(text: str) -> str:
    """Return text on one line with what Markdown would take for bold, code, links or HTML escaped."""
    line = " ".join(text.split())
    return re.sub(r"([*`<]|\](?=\())", r"\\\1", line)


def _entry_json(entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"id": entry.id, "kind": entry.kind, "turn": entry.turn, "text": entry.text}
    if entry.constraint is not None:
        told |= entry.constraint.model_dump(mode="json")
    if entry.kind in ("constraint", "wish"):
        told["hard"] = entry.hard and entry.kind == "constraint"
    told |= {key: getattr(entry, key) for key in _ENTRY_KEYS if getattr(entry, key) is not None}
    if entry.kind == "answer":
        told["value"] = entry.value
    if entry.scope == "user":
        told["scope"] = entry.scope
    if entry.confidence < SAID:
        told["confidence"] = entry.confidence
    return told

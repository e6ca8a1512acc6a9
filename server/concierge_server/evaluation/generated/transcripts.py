"""Transcripts of generated conversations: a page each, with what was told, what was kept and what was wrong."""

from pathlib import Path

from concierge_server.evaluation.generated.checks import Checked
from concierge_server.evaluation.generated.play import Played
from concierge_server.evaluation.predicates import Predicate


def write_transcript(folder: Path, played: Played) -> Path:
    """Write NUMBER.md into `folder` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    who = f"user {played.user_id}" if played.user_id is not None else "a guest"
    lines = [f"# Conversation {played.number}, {who}{'' if played.satisfiable else ', nothing fits'}"]
    for number, turn in enumerate(played.turns, start=1):
        lines += ["", f"**User {number} ({turn.said.move}):** {turn.said.text}", "", f"**Agent:** {turn.reply}", ""]
        lines += [f"<sub>{line}</sub>  " for line in _notes(turn)]
    page = folder / f"{played.number:04}.md"
    page.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return page


def _notes(turn: Checked) -> list[str]:
    notes = [f"told: {_listed(turn.said.told)}"]
    wrong = {
        "missed": [_spelt(p) for p in turn.missed],
        "added": [_spelt(p) for p in turn.added],
        "invented": turn.invented,
        "against the ledger": turn.against_ledger,
        "against what was told": turn.against_told,
        "rules": turn.broken_rules,
        "evidence": turn.false_pointers,
        "unproven": turn.false_words,
        "error": [turn.error] if turn.error else [],
    }
    return [*notes, *(f"{name}: {'; '.join(found)}" for name, found in wrong.items() if found)]


def _listed(predicates: tuple[Predicate, ...]) -> str:
    return "; ".join(map(_spelt, predicates)) or "nothing"


def _spelt(predicate: Predicate) -> str:
    return f"{predicate.field} {predicate.op} {predicate.value}"

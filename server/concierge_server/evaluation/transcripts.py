"""Transcripts: each conversation as a page for people and as JSON for programs."""

import json
from pathlib import Path
from typing import Any

from concierge_server.evaluation.trials import Trial


def write_transcript(folder: Path, trial: Trial) -> Path:
    """Write TASK-NUMBER.md and TASK-NUMBER.json into `folder` and return the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{trial.task.id}-{trial.number}"
    body = json.dumps(_json(trial), ensure_ascii=False, indent=1)
    (folder / f"{name}.json").write_text(body + "\n", encoding="utf-8")
    page = folder / f"{name}.md"
    page.write_text(_page(trial), encoding="utf-8")
    return page


def _json(trial: Trial) -> dict[str, Any]:
    return {
        "task": trial.task.id,
        "trial": trial.number,
        "brain": trial.brain,
        "reward": trial.verdict.reward,
        "accepted": trial.verdict.accepted,
        "failures": list(trial.verdict.failures),
        "against_word": trial.verdict.against_word,
        "exchanges": [
            {
                "said": exchange.said.text,
                "act": exchange.said.act,
                "told": [p.model_dump(mode="json") for p in exchange.said.told],
                "presented": list(exchange.presented),
                "turn": exchange.turn,
            }
            for exchange in trial.exchanges
        ],
    }


def _page(trial: Trial) -> str:
    task, verdict = trial.task, trial.verdict
    wanted = [f"- {c.reveal}: {c.constraint.field} {c.constraint.op} {c.constraint.value}" for c in task.constraints]
    lines = [
        f"# {task.id}, trial {trial.number}: reward {verdict.reward}",
        "",
        *wanted,
        f"- services: {', '.join(task.user_services) or 'no preference'}",
        *(f"- failed: {failure}" for failure in verdict.failures),
    ]
    for number, exchange in enumerate(trial.exchanges, start=1):
        note = "" if exchange.said.act == "say" else f" ({exchange.said.act})"
        ledger = [_entry(entry) for entry in exchange.turn["ledger"]]
        lines += ["", f"**User {number}{note}:** {exchange.said.text}", "", f"**Agent:** {exchange.turn['reply']}"]
        lines += ["", f"<sub>ledger: {'; '.join(ledger) or 'empty'}</sub>"]
    return "\n".join([*lines, ""])


def _entry(entry: dict[str, Any]) -> str:
    if "op" in entry:
        return f"{entry['field']} {entry['op']} {entry['value']}{'' if entry.get('hard') else ' (soft)'}"
    told = entry.get("title") or entry.get("value") or entry["text"]
    return " ".join(str(part) for part in (entry["kind"], entry.get("field"), told) if part)

"""The report of a run: per task and in total, for people and as JSON."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from concierge_server.evaluation.statistics import Estimate, estimate, pass_hat
from concierge_server.evaluation.tables import report_table
from concierge_server.evaluation.tau_rec import Suite, Task
from concierge_server.evaluation.trials import Settings, Trial
from concierge_server.evaluation.wordings import fingerprint

if TYPE_CHECKING:
    from rich.console import Console

LABEL = "τ-Rec tasks, scripted user"
NOTE = "Not comparable to published numbers, in which a language model plays the user."
_K = (1, 4)


def report_json(suite: Suite, settings: Settings, trials: Sequence[Trial]) -> dict[str, Any]:
    """Return the whole report as JSON, with `pass` by k, rewards by task and what the numbers hold for."""
    rows = [_task(suite, task, [t for t in trials if t.task.id == task.id]) for task in suite.tasks]
    return {
        "suite": "tau-rec",
        "label": LABEL,
        "note": NOTE,
        "brain": trials[0].brain,
        "trials": settings.trials,
        "seed": settings.seed,
        "typos": settings.typos,
        "wordings": fingerprint(),
        "pass": {str(k): asdict(e) for k, e in _passes(rows, settings).items()},
        "against_word": sum(t.verdict.against_word for t in trials),
        "unmarked_unsolvable": [r["id"] for r in rows if not r["solvable"] and not r["marked_unsolvable"]],
        "marked_but_solvable": [r["id"] for r in rows if r["solvable"] and r["marked_unsolvable"]],
        "tasks": rows,
    }


def render_report(console: "Console", body: dict[str, Any]) -> None:
    """Print a report for people."""
    from rich.text import Text

    table = report_table(body["label"], ("task", "complexity", "reveal"), ("passed", "turns"))
    table.add_column("why not")
    for row in body["tasks"]:
        passed = f"{sum(row['rewards'])}/{len(row['rewards'])}"
        style = "" if all(row["rewards"]) else "yellow"
        why = "; ".join(f"{text} ({n})" if n > 1 else text for text, n in row["failures"].items())
        cells = (row["id"], row["complexity"], row["reveal"], passed, f"{row['mean_turns']:.1f}", why)
        table.add_row(*map(Text, cells), style=style)
    console.print(table)
    for k, found in body["pass"].items():
        interval = f"95% interval {found['low']:.1%} to {found['high']:.1%} over tasks"
        console.print(Text(f"pass^{k}  {found['mean']:.1%}  ({interval})", style="bold"))
    count = len(body["tasks"])
    console.print(
        f"{count} tasks, {body['trials']} trials each, brain {body['brain']}, seed {body['seed']}, typos in "
        f"{body['typos']:.1%} of the longer words, wordings {body['wordings']}."
    )
    if body["against_word"]:
        console.print(f"{body['against_word']} items were shown against what the user had told.")
    for key, words in (
        ("unmarked_unsolvable", "Nothing fits, though not marked so (abstaining is right)"),
        ("marked_but_solvable", "Marked as having nothing that fits, though something does"),
    ):
        if body[key]:
            console.print(f"{words}: {', '.join(body[key])}.")
    console.print(body["note"])


def _task(suite: Suite, task: Task, trials: Sequence[Trial]) -> dict[str, Any]:
    turns = [len(t.exchanges) for t in trials]
    failures = Counter(failure for t in trials for failure in t.verdict.failures)
    return {
        "id": task.id,
        "complexity": task.complexity,
        "reveal": task.reveal_difficulty,
        "solvable": suite.solvable(task),
        "marked_unsolvable": task.no_valid_recommendation,
        "rewards": [t.verdict.reward for t in trials],
        "mean_turns": round(math.fsum(turns) / len(turns), 2),
        "failures": dict(failures.most_common()),
    }


def _passes(rows: Sequence[dict[str, Any]], settings: Settings) -> dict[int, Estimate]:
    n = settings.trials
    return {
        k: estimate([pass_hat(sum(r["rewards"]), trials=n, k=k) for r in rows], seed=settings.seed)
        for k in _K
        if k <= n
    }

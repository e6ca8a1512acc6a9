"""Two versions of the prompts on the same tasks, wordings and typos: what one gains over the other."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from concierge_server.brains import open_prompts
from concierge_server.evaluation.statistics import estimate
from concierge_server.evaluation.trials import Settings, Trial

if TYPE_CHECKING:
    from rich.console import Console


def prompts_json(settings: Settings, trials: Sequence[Trial]) -> dict[str, Any]:
    """Return which prompts a run was played with, and the tokens of one conversation on average.

    Raises:
        PromptError: A template is malformed.
    """
    found = open_prompts(settings.brain)
    return {
        "folder": str(settings.brain.prompts) if settings.brain.prompts is not None else "builtin",
        "digest": found.digest,
        "persona": found.tone,
        "versions": found.versions(tuple(found.templates)),
        "input_tokens": _tokens(trials, "input_tokens"),
        "output_tokens": _tokens(trials, "output_tokens"),
    }


def comparison_json(ours: tuple[Settings, Sequence[Trial]], theirs: tuple[Settings, Sequence[Trial]]) -> dict[str, Any]:
    """Return both runs in short, and their paired difference in pass^1 over tasks with its 95% bootstrap interval."""
    tasks = list(dict.fromkeys(trial.task.id for trial in ours[1]))
    differences = [_passed(ours[1], task) - _passed(theirs[1], task) for task in tasks]
    sides = {
        name: {"pass": math.fsum(_passed(trials, task) for task in tasks) / len(tasks)} | prompts_json(settings, trials)
        for name, (settings, trials) in (("prompts", ours), ("against", theirs))
    }
    return sides | {"difference": asdict(estimate(differences, seed=ours[0].seed)), "tasks": len(tasks)}


def render_prompts(console: "Console", side: dict[str, Any], *, name: str = "prompts") -> None:
    """Print which prompts were played and what a conversation cost."""
    from rich.text import Text

    passed = f"pass^1 {side['pass']:.1%}, " if "pass" in side else ""
    tokens = f"{side['input_tokens']:,.0f} tokens in and {side['output_tokens']:,.0f} out a conversation"
    console.print(Text(f"{name:8} {side['folder']} ({side['digest']}): {passed}{tokens}"))


def render_comparison(console: "Console", body: dict[str, Any]) -> None:
    """Print a comparison for people."""
    from rich.text import Text

    for name in ("prompts", "against"):
        render_prompts(console, body[name], name=name)
    found = body["difference"]
    interval = f"95% interval {found['low']:+.1%} to {found['high']:+.1%} over {body['tasks']} tasks, paired"
    console.print(Text(f"difference in pass^1 {found['mean']:+.1%}  ({interval})", style="bold"))


def _passed(trials: Sequence[Trial], task: str) -> float:
    rewards = [trial.verdict.reward for trial in trials if trial.task.id == task]
    return math.fsum(rewards) / len(rewards)


def _tokens(trials: Sequence[Trial], kind: str) -> float:
    spent = [math.fsum(exchange.turn["usage"][kind] for exchange in trial.exchanges) for trial in trials]
    return math.fsum(spent) / len(spent)

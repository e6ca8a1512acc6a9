"""Trials: every task of a suite played several times, each time in other words."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from concierge_server.brains import BrainChoice
from concierge_server.evaluation.conversing import Exchange, converse
from concierge_server.evaluation.predicates import Predicate
from concierge_server.evaluation.reward import Goal, Verdict, judge
from concierge_server.evaluation.scripted_user import MAX_REMARKS, ScriptedUser
from concierge_server.evaluation.stores import Stores
from concierge_server.evaluation.tau_rec import Suite, Task
from concierge_server.evaluation.wordings import Wordings, load_wordings
from concierge_server.session import open_session


@dataclass(frozen=True, slots=True)
class Settings:
    """How a suite is played."""

    brain: BrainChoice = field(default_factory=BrainChoice)
    trials: int = 4
    seed: int = 0
    typos: float = 0.01
    """Share of the longer words that get a typo."""
    max_remarks: int = MAX_REMARKS


@dataclass(frozen=True, slots=True)
class Trial:
    """One conversation and its outcome."""

    task: Task
    number: int
    """From 1."""
    brain: str
    exchanges: tuple[Exchange, ...]
    verdict: Verdict


async def play(suite: Suite, settings: Settings, on_trial: Callable[[Trial], None]) -> list[Trial]:
    """Play every task `settings.trials` times and return the trials in order; `on_trial` hears of each as it ends.

    Raises:
        DataError: The catalog or a history cannot be used.
        click.UsageError: The anthropic brain was asked for and no key is set.
    """
    wordings = load_wordings()
    played: list[Trial] = []
    with TemporaryDirectory(prefix="concierge-evaluate-") as folder:
        stores = Stores(suite, Path(folder))
        for task in suite.tasks:
            for number in range(1, settings.trials + 1):
                with stores.fresh(task) as store:
                    trial = await _play(suite, task, number, store, settings, wordings)
                played.append(trial)
                on_trial(trial)
    return played


async def _play(suite: Suite, task: Task, number: int, store: Path, settings: Settings, wordings: Wordings) -> Trial:
    policy = suite.config.policy
    user = ScriptedUser(
        suite.script(task),
        items=suite.items,
        consent_to=[Predicate.of(rule) for rule in policy.confirm],
        wordings=wordings,
        rng=random.Random(f"{settings.seed}:{task.id}:{number}"),  # noqa: S311  (chooses words, nothing secret)
        typos=settings.typos,
        max_remarks=settings.max_remarks,
    )
    async with open_session(store=store, connect=None, user_id=task.user_id, choice=settings.brain) as session:
        exchanges = await converse(session, user)
        brain = session.brain
    goal = Goal(suite.required(task), suite.solvable(task), frozenset(task.history.watched))
    verdict = judge(goal, exchanges, policy=policy, items=suite.items)
    return Trial(task, number, brain, tuple(exchanges), verdict)

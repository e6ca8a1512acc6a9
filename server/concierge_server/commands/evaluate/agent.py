"""`concierge evaluate agent`: whole conversations with a scripted user."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from concierge_server.brains import NAMES, BrainChoice, BrainName, hosted_brain
from concierge_server.commands.evaluate.printing import print_report
from concierge_server.commands.thinking import RANK, SAMPLES, STRATEGY, VARIETY
from concierge_server.exits import guarded

if TYPE_CHECKING:
    from rich.console import Console

    from concierge_agent.llm.settings import Strategy
    from concierge_server.evaluation.trials import Settings


@click.command()
@click.option("--suite", type=click.Choice(["tau-rec"]), required=True, help="The tasks and the user who plays them.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The suite's folder: for tau-rec, catalog.json and tasks/. It is only read.",
)
@click.option(
    "--brain",
    type=click.Choice(NAMES),
    help="Who plans and writes. Default: anthropic when a key is set, else offline.",
)
@click.option("--model", metavar="NAME", help="The model that plans and writes.")
@click.option(
    "--prompts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of prompt templates, in place of the package's own.",
)
@click.option("--persona", metavar="NAME", help="The tone a model answers in.")
@click.option(
    "--against",
    metavar="DIR|builtin",
    help="Play everything with these prompts as well, and report the paired difference.",
)
@RANK
@SAMPLES
@VARIETY
@STRATEGY
@click.option("--trials", type=click.IntRange(1, 100), default=4, show_default=True, help="Conversations per task.")
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the user's words.")
@click.option(
    "--typos",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    help="Share of the user's longer words with a typo.",
)
@click.option("--task", "only", multiple=True, metavar="ID", help="Play this task only; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--transcripts", type=click.Path(path_type=Path, file_okay=False), help="Write every conversation into this folder."
)
def agent(
    suite: Literal["tau-rec"],
    data: Path,
    brain: BrainName | None,
    model: str | None,
    prompts: Path | None,
    persona: str | None,
    against: str | None,
    rank: bool,
    samples: int,
    variety: float,
    strategy: "Strategy",
    trials: int,
    seed: int,
    typos: float,
    only: tuple[str, ...],
    as_json: bool,
    transcripts: Path | None,
) -> None:
    """Play a suite's tasks against the agent with a scripted user and report pass^1 and pass^4.

    A conversation counts when what the user accepts meets every constraint and no policy is broken, or, where nothing
    fits, when the agent says so. Each runs on a fresh store in a temporary folder.
    """
    del suite
    with guarded():
        from tqdm import tqdm

        from concierge_server.evaluation.prompt_comparison import (
            comparison_json,
            prompts_json,
            render_comparison,
            render_prompts,
        )
        from concierge_server.evaluation.report import render_report, report_json
        from concierge_server.evaluation.tau_rec import read_suite
        from concierge_server.evaluation.transcripts import write_transcript
        from concierge_server.evaluation.trials import Settings, Trial, play

        loaded = read_suite(data, only=only)
        choice = BrainChoice(
            brain,
            model,
            fresh=True,
            prompts=prompts,
            persona=persona,
            rank=rank,
            samples=samples,
            variety=variety,
            strategy=strategy,
        )
        settings = Settings(brain=choice, trials=trials, seed=seed, typos=typos)
        other = _other(settings, against)
        rounds = 1 if other is None else 2
        with tqdm(total=len(loaded.tasks) * trials * rounds, unit="trial", disable=not sys.stderr.isatty()) as bar:

            def counted(_: Trial) -> None:
                bar.update()

            def heard(trial: Trial) -> None:
                counted(trial)
                if transcripts is not None:
                    write_transcript(transcripts, trial)

            played = asyncio.run(play(loaded, settings, heard))
            compared = asyncio.run(play(loaded, other, counted)) if other is not None else []
        body = report_json(loaded, settings, played)
        if body["brain"] != "offline":
            body["prompts"] = prompts_json(settings, played)
        if other is not None:
            body["comparison"] = comparison_json((settings, played), (other, compared))

        def render(console: "Console", told: dict[str, Any]) -> None:
            render_report(console, told)
            if other is not None:
                render_comparison(console, told["comparison"])
            elif "prompts" in told:
                render_prompts(console, told["prompts"])

        print_report(body, render, as_json=as_json)


def _other(settings: "Settings", against: str | None) -> "Settings | None":
    """Return how the same is played with the prompts to compare with, or None when there are none.

    Raises:
        click.UsageError: The folder is not there, or the brain has no prompts to compare.
    """
    if against is None:
        return None
    folder = None if against == "builtin" else Path(against)
    if folder is not None and not folder.is_dir():
        raise click.UsageError(f"--against {against!r} is no folder; give one, or 'builtin'.")
    if hosted_brain(settings.brain) is None:
        raise click.UsageError("--against compares prompts; the offline brain has none.")
    return replace(settings, brain=replace(settings.brain, prompts=folder))

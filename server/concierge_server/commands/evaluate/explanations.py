"""`concierge evaluate explanations`: how good the reasons are, and whether the judge tells bad ones."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from concierge_server.brains import NAMES, BrainChoice, BrainName, hosted_brain
from concierge_server.commands.evaluate.printing import print_report
from concierge_server.exits import guarded

if TYPE_CHECKING:
    from concierge_server.evaluation.judging.cases import Case
    from concierge_server.evaluation.judging.rules import Scores


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder. It is only read.")
@click.option(
    "--n", type=click.IntRange(min=2), default=50, show_default=True, help="How many explanations are judged."
)
@click.option("--brain", type=click.Choice(NAMES), default="offline", show_default=True, help="Who explains.")
@click.option(
    "--judge", type=click.Choice(NAMES), default="offline", show_default=True, help="Who judges; offline goes by rules."
)
@click.option("--model", metavar="NAME", help="The model that explains or judges.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws requests and corruptions.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def explanations(
    store: Path | None, n: int, brain: BrainName, judge: BrainName, model: str | None, seed: int, as_json: bool
) -> None:
    """Judge explanations by relevance, specificity, accuracy and helpfulness, from 1 to 5.

    The same explanations are judged again with false values, swapped between items, generic, and cut short: a judge
    that can be trusted scores those lower.
    """
    with guarded():
        from concierge_server.evaluation.judging.report import render_report
        from concierge_server.settings import store_path

        body = asyncio.run(
            _judged(store_path(store), n, BrainChoice(brain, model, fresh=True), BrainChoice(judge, model), seed)
        )
        print_report(body, render_report, as_json=as_json, width=160)


async def _judged(store: Path, n: int, brain: BrainChoice, judge: BrainChoice, seed: int) -> dict[str, Any]:
    from concierge_agent.llm.brain import ModelBrain
    from concierge_server.evaluation.generated.play import copied, oracle_of
    from concierge_server.evaluation.judging import model
    from concierge_server.evaluation.judging.cases import gather
    from concierge_server.evaluation.judging.report import compare
    from concierge_server.evaluation.judging.rules import RuleJudge
    from concierge_tools.errors import InputError

    oracle = oracle_of(store)
    rules, opened = RuleJudge(oracle), hosted_brain(judge)
    hosted = opened(None) if opened is not None else None

    async def judged(cases: "Sequence[Case]") -> "list[Scores]":
        if isinstance(hosted, ModelBrain):
            return await model.judge(hosted, cases, seed=seed)
        return [rules.judge(case) for case in cases]

    async with copied(store, brain) as session:
        cases = await gather(session, oracle, n, seed=seed)
    if len(cases) < 2:
        raise InputError("Too little was shown to judge its explanations; try another store.")
    name = hosted.name if hosted is not None else "rules"
    return await compare(cases, oracle, judged, name=name, seed=seed)

"""`concierge evaluate ranking`: whether a model orders candidates better than the retrieval does."""

import asyncio
import sys
from functools import partial
from pathlib import Path

import click

from concierge_server.brains import NAMES, BrainChoice, BrainName, hosted_brain
from concierge_server.commands.evaluate.printing import print_report
from concierge_server.exits import guarded


class _List(click.ParamType[tuple[float, ...]]):
    """Numbers with commas between them."""

    name = "list"

    def __init__(self, each: click.ParamType[int] | click.ParamType[float]) -> None:
        self._each = each

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Return the numbers, each once, in their order."""
        parts = str(value).split(",")
        return tuple(dict.fromkeys(self._each.convert(part.strip(), param, ctx) for part in parts))


def _no_brain() -> None:
    return None


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
@click.option(
    "--brain",
    type=click.Choice(NAMES),
    help="Whose model orders. Default: anthropic when a key is set; else the retrieval is measured alone.",
)
@click.option("--model", metavar="NAME", help="The model that orders.")
@click.option(
    "--samples",
    type=_List(click.IntRange(1, 9)),
    default="1",
    show_default=True,
    metavar="N,...",
    help="How often the model is asked for one order; several numbers are compared.",
)
@click.option(
    "--variety",
    type=_List(click.FloatRange(0, 1)),
    default="0",
    show_default=True,
    metavar="X,...",
    help="How varied lists are, from 0 to 1; several numbers are compared.",
)
@click.option("--targets", type=click.IntRange(min=1), default=100, show_default=True, help="Users, one item of each.")
@click.option("--candidates", type=click.IntRange(2, 200), default=100, show_default=True, help="Items to order.")
@click.option("--reachable", is_flag=True, help="Leave out users whose item is not among the candidates.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Draws the users.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def ranking(
    store: Path | None,
    brain: BrainName | None,
    model: str | None,
    samples: tuple[int, ...],
    variety: tuple[float, ...],
    targets: int,
    candidates: int,
    reachable: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Measure whether a model puts users' last items further up than the retrieval does.

    Each user's last positive is held out and the recommenders are trained without it. HR is the share of users whose
    item is among the first ten, NDCG says how far up; invalid is the share of ids that a model names and should not.
    """
    with guarded():
        from tqdm import tqdm

        from concierge_server.evaluation.ranking import Setting, measure, render
        from concierge_server.settings import store_path
        from concierge_tools.storage.store import Store

        open_brain = hosted_brain(BrainChoice(brain, model))
        new_brain = partial(open_brain, None) if open_brain is not None else _no_brain
        artifact = Store(store_path(store)).load()
        setting = Setting(
            targets=targets, candidates=candidates, samples=samples, variety=variety, seed=seed, reachable=reachable
        )
        with tqdm(total=targets, unit="user", disable=not sys.stderr.isatty()) as bar:
            body = asyncio.run(measure(artifact, new_brain, setting, bar.update))
        print_report(body, render, as_json=as_json, width=140)

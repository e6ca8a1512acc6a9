"""`concierge evaluate intents`: what an utterance is taken for, over a labelled set."""

import asyncio
import sys
from pathlib import Path

import click

from concierge_server.brains import NAMES, BrainChoice, BrainName
from concierge_server.commands.evaluate.printing import print_report
from concierge_server.evaluation.intents.utterances import CatalogName, Part
from concierge_server.exits import guarded


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder. It is only read.")
@click.option(
    "--set",
    "catalog",
    type=click.Choice(["films", "shop"]),
    default="films",
    show_default=True,
    help="What the utterances are about: the demo's films, or the shop of examples/shop.",
)
@click.option(
    "--part",
    type=click.Choice(["dev", "held_out"]),
    default="held_out",
    show_default=True,
    help="The utterances that may be looked at, or those that grade.",
)
@click.option("--brain", type=click.Choice(NAMES), default="offline", show_default=True, help="Who plans and writes.")
@click.option("--model", metavar="NAME", help="The model that plans and writes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the interval.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def intents(
    store: Path | None,
    catalog: CatalogName,
    part: Part,
    brain: BrainName,
    model: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Score the intents a brain gives to labelled utterances: macro-F1 over the five of Chat-REC.

    Each utterance is said in its context: at the start, or after items were shown.
    """
    with guarded():
        from tqdm import tqdm

        from concierge_server.evaluation.intents.scores import classify, render_report, report_json
        from concierge_server.evaluation.intents.utterances import load_utterances
        from concierge_server.settings import store_path

        utterances = load_utterances(catalog, part)
        with tqdm(total=len(utterances), unit="utterance", disable=not sys.stderr.isatty()) as bar:
            choice = BrainChoice(brain, model, fresh=True)
            found, name = asyncio.run(classify(store_path(store), catalog, utterances, choice, bar.update))
        body = report_json(catalog, part, name, found, seed=seed)
        print_report(body, render_report, as_json=as_json)

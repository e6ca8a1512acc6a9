"""`concierge evaluate elicitation`: when to ask and when to show."""

import sys
from pathlib import Path
from typing import Literal

import click

from concierge_server.commands.evaluate.printing import print_report
from concierge_server.exits import guarded


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
@click.option("--targets", type=click.IntRange(min=2), default=300, show_default=True, help="Dialogues per row.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Draws targets and answers.")
@click.option(
    "--part",
    type=click.Choice(["test", "validation"]),
    default="test",
    show_default=True,
    help="Which half of the items targets are drawn from; parameters were chosen on the other.",
)
@click.option("--turns", type=click.IntRange(min=1), default=15, show_default=True, help="Turns of a dialogue.")
@click.option("--shown", type=click.IntRange(min=1), default=10, show_default=True, help="Items of a list.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def elicitation(
    store: Path | None,
    targets: int,
    seed: int,
    part: Literal["test", "validation"],
    turns: int,
    shown: int,
    as_json: bool,
) -> None:
    """Measure when to ask and when to show, with simulated users who err, on a fitted store.

    Compares asking by value of information with maximum entropy, which believes every answer, and with always showing
    the best items. SR is the share of dialogues that reach the target, AT the mean turns.
    """
    with guarded():
        from tqdm import tqdm

        from concierge_server.evaluation.elicitation import Setting, measure, render
        from concierge_server.settings import store_path
        from concierge_tools.storage.store import Store

        artifact = Store(store_path(store)).load()
        setting = Setting(targets=targets, seed=seed, part=part, turns=turns, shown=shown)
        with tqdm(total=targets, unit="target", disable=not sys.stderr.isatty()) as bar:
            body = measure(artifact, setting, bar.update)
        print_report(body, render, as_json=as_json)

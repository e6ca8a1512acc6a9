"""`concierge evaluate conversations`: generated conversations over any fitted store, every turn checked."""

import asyncio
import sys
from pathlib import Path

import click

from concierge_server.brains import NAMES, BrainChoice, BrainName
from concierge_server.commands.evaluate.printing import print_report
from concierge_server.exits import guarded


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder. It is only read.")
@click.option(
    "--conversations", type=click.IntRange(min=1), default=1000, show_default=True, help="How many are generated."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws what users want and how they say it.")
@click.option("--brain", type=click.Choice(NAMES), default="offline", show_default=True, help="Who plans and writes.")
@click.option("--model", metavar="NAME", help="The model that plans and writes.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--transcripts", type=click.Path(path_type=Path, file_okay=False), help="Write every conversation into this folder."
)
def conversations(
    store: Path | None,
    conversations: int,
    seed: int,
    brain: BrainName,
    model: str | None,
    as_json: bool,
    transcripts: Path | None,
) -> None:
    """Let generated users talk to the agent about a fitted store, and check every turn against the catalog's rows.

    What users want is drawn from the catalog, and worded by a frozen grammar that knows no catalog. Reported apart:
    what the agent promises whatever it understood (nothing invented, its own ledger met, the owner's rules kept,
    evidence true), and how well it understood (what the user told is met, and nothing else was read into it).
    """
    with guarded():
        from tqdm import tqdm

        from concierge_server.evaluation.generated.play import Played, Settings, oracle_of, play
        from concierge_server.evaluation.generated.report import render_report, report_json
        from concierge_server.evaluation.generated.transcripts import write_transcript
        from concierge_server.settings import store_path

        folder = store_path(store)
        settings = Settings(conversations, seed, BrainChoice(brain, model, fresh=True))
        with tqdm(total=conversations, unit="conversation", disable=not sys.stderr.isatty()) as bar:

            def heard(played: Played) -> None:
                bar.update()
                if transcripts is not None:
                    write_transcript(transcripts, played)

            oracle = oracle_of(folder)
            played, name = asyncio.run(play(folder, settings, heard, oracle=oracle))
        body = report_json(oracle.name, settings, name, played)
        print_report(body, render_report, as_json=as_json)

"""`concierge explanations`: have a model's words about popular items ready before anyone asks."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from concierge_server.brains import NAMES, BrainChoice, BrainName, hosted_brain
from concierge_server.exits import UPSTREAM, guarded

if TYPE_CHECKING:
    from concierge_server.warming import Warmed

QUESTION = "Tell me about {title}."


@click.group()
def explanations() -> None:
    """Have a model's words about popular items ready before anyone asks."""


@explanations.command()
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), help="The store's folder.")
@click.option(
    "--brain",
    type=click.Choice([name for name in NAMES if name != "offline"]),
    help="Whose model words them. Default: anthropic when a key is set.",
)
@click.option("--model", metavar="NAME", help="The model that plans and words them.")
@click.option("--popular", type=click.IntRange(1, 100), default=20, show_default=True, help="How many items.")
@click.option(
    "--question",
    default=QUESTION,
    show_default=True,
    metavar="TEXT",
    help="What guests will ask, word for word, with {title} for the item's title.",
)
def warm(store: Path | None, brain: BrainName | None, model: str | None, popular: int, question: str) -> None:
    """Answer a guest's question about each of the most popular items, so that the replies are kept.

    The same question of a guest who has said nothing yet is then answered without asking the model, as long as replies
    are kept and the catalog, its live values and the prompts stay as they are. Run it after `fit` and from time to
    time, with the question that your page sends. It changes nothing else, and leaves no conversation.
    """
    if "{title}" not in question:
        raise click.UsageError("--question needs {title} where the item's title is to stand.")
    choice = BrainChoice(brain, model)
    if hosted_brain(choice) is None:
        raise click.UsageError("There is no model to ask: set ANTHROPIC_API_KEY, or give --brain openai.")
    with guarded():
        warmed = asyncio.run(_warm(store, choice, popular, question))
    failed = [item for item in warmed if "failed" in item.method]
    calls, tokens = (sum(usage) for usage in zip(*map(_spent, warmed), strict=True)) if warmed else (0, 0)
    click.echo(f"{len(warmed) - len(failed)} of {len(warmed)} items; {calls} model calls, {tokens:,} tokens.")
    if failed:
        click.echo(f"{failed[0].title}: {failed[0].method}", err=True)
        raise SystemExit(UPSTREAM)


async def _warm(store: Path | None, choice: BrainChoice, popular: int, question: str) -> "list[Warmed]":
    import sys

    from tqdm import tqdm

    from concierge_server.warming import warm as warming

    with tqdm(total=popular, unit="item", disable=not sys.stderr.isatty()) as bar:
        found = []
        async for item in warming(store, choice, popular=popular, question=question):
            found.append(item)
            bar.update()
    return found


def _spent(item: "Warmed") -> tuple[int, int]:
    return item.usage.model_calls, item.usage.input_tokens + item.usage.output_tokens

"""Options of how a conversation is thought: `chat` has them, and `evaluate agent` measures them."""

import click

from concierge_server.brains import STRATEGIES

RANK = click.option("--rank", is_flag=True, help="Let the model order what was found. Needs a brain that is a model.")
SAMPLES = click.option(
    "--samples",
    type=click.IntRange(1, 9),
    default=1,
    show_default=True,
    help="With --rank: ask the model so often, in different orders, and combine its replies.",
)
VARIETY = click.option(
    "--variety", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Towards 1 lists get more varied."
)
STRATEGY = click.option(
    "--strategy",
    type=click.Choice(STRATEGIES),
    default="plan",
    show_default=True,
    help="How a model plans: all steps at once, or (react) each after seeing what the last one returned. "
    "Offline both are the same.",
)

"""Spending: what models cost, how much a turn may, and how long a reply is kept, as the environment says."""

import json
import math
from typing import TYPE_CHECKING

import click

from concierge_server.settings import Environment

if TYPE_CHECKING:
    from concierge_agent.llm.prices import Price

DAY = 86_400.0
_FORM = (
    """it must be JSON such as {"some-model": [1.0, 5.0]}: dollars per million tokens of input and output, and, if """
)
_FORM += "they differ, of input read from and written to the maker's prompt cache"
_PARTS = ("input", "output", "cache_read", "cache_write")


def prices(found: Environment) -> "dict[str, Price]":
    """Return the models' prices by name.

    Raises:
        click.UsageError: CONCIERGE_PRICES is not what it must be.
    """
    from pydantic import ValidationError

    from concierge_agent.llm.prices import Price

    try:
        told = json.loads(found.prices or "{}")
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise click.UsageError(f"CONCIERGE_PRICES cannot be read; {_FORM}.")
    read: dict[str, Price] = {}
    for model, numbers in told.items():
        if not isinstance(numbers, list) or not 2 <= len(numbers) <= len(_PARTS):
            raise click.UsageError(f"CONCIERGE_PRICES has no two to four prices for {model!r}; {_FORM}.")
        try:
            read[model] = Price.model_validate(dict(zip(_PARTS, numbers, strict=False)), strict=True)
        except ValidationError:
            raise click.UsageError(f"CONCIERGE_PRICES has a price of {model!r} that is none; {_FORM}.") from None
    return read


def max_cost(found: Environment) -> float | None:
    """Return how many dollars of models a turn may cost; None: any.

    Raises:
        click.UsageError: CONCIERGE_MAX_COST is no amount.
    """
    amount = _number(found.max_cost) if found.max_cost is not None else None
    if found.max_cost is not None and not amount:
        raise click.UsageError(f"CONCIERGE_MAX_COST is {found.max_cost!r}; set dollars per turn, such as 0.02.")
    return amount


def reply_lifetime(found: Environment) -> float:
    """Return for how many seconds the reply of a model is kept, to be given again; 0: not at all.

    Raises:
        click.UsageError: CONCIERGE_CACHE_TTL is no number of seconds.
    """
    seconds = _number(found.cache_ttl) if found.cache_ttl is not None else DAY
    if seconds is None:
        raise click.UsageError(
            f"CONCIERGE_CACHE_TTL is {found.cache_ttl!r}; set the seconds that replies are kept, or 0 to keep none."
        )
    return seconds


def _number(text: str) -> float | None:
    """Return a number from 0, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number >= 0 and math.isfinite(number) else None

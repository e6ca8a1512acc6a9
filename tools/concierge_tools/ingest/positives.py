"""Positives: which interactions speak for an item, and how strongly."""

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from concierge_tools.config import InteractionsConfig
from concierge_tools.errors import DataError

_COMPARISON = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*([+-]?\d+(?:\.\d*)?)\s*")


def comparison(text: str, values: NDArray[np.float32], *, key: str = "positive") -> NDArray[np.bool_]:
    """Return for which values a comparison such as ">= 4" holds; never for NaN. `key` is where it is configured.

    Raises:
        DataError: It is no comparison with a number.
    """
    match = _COMPARISON.fullmatch(text)
    if match is None:
        example = ">= 4" if key == "positive" else "<= 2"
        raise DataError(f'{key} = {text!r} under [interactions] is not a comparison; write for example "{example}".')
    bound = np.float32(match.group(2))
    held: dict[str, NDArray[np.bool_]] = {
        ">=": values >= bound,
        "<=": values <= bound,
        "==": values == bound,
        "!=": (values != bound) & ~np.isnan(values),
        ">": values > bound,
        "<": values < bound,
    }
    return held[match.group(1)]


def weigh(config: InteractionsConfig, events: pl.Series, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weight of each row, shape (rows,): above 0 for a positive, 0 otherwise.

    With `weights`, a row weighs as its event does and 0 when that is not named; otherwise 1. With `positive`, a row
    whose value does not meet the comparison weighs 0; so does one without a value, unless `weights` judges it.

    Raises:
        DataError: `positive` or `weights` cannot be applied.
    """
    weights = np.ones(len(values), dtype=np.float32)
    if config.weights:
        if config.event is None:
            raise DataError('weights under [interactions] need the column of events; add for example event = "event".')
        below = [event for event, weight in config.weights.items() if weight < 0]
        if below:
            raise DataError(
                f"The weight of {below[0]!r} under [interactions] is below 0; write 0 for what says nothing."
            )
        named = pl.DataFrame({"event": list(config.weights), "weight": list(config.weights.values())})
        joined = events.to_frame("event").join(named, on="event", how="left", maintain_order="left")
        weights = joined["weight"].fill_null(0.0).cast(pl.Float32).to_numpy().copy()
    if config.positive is not None:
        if config.value is None:
            raise DataError(
                'positive under [interactions] needs the column of values; add for example value = "rating".'
            )
        unjudged = np.isnan(values) if config.weights else np.zeros(len(values), dtype=np.bool_)
        weights[~(comparison(config.positive, values) | unjudged)] = 0.0
    return weights


def is_consumed(config: InteractionsConfig, events: pl.Series) -> NDArray[np.bool_]:
    """Return which rows count as history to exclude, shape (rows,): those of the events in `consumed`, or all.

    Raises:
        DataError: `consumed` names events, but there is no column of events.
    """
    if not config.consumed:
        return np.ones(len(events), dtype=np.bool_)
    if config.event is None:
        raise DataError('consumed under [interactions] needs the column of events; add for example event = "event".')
    return events.is_in(config.consumed).fill_null(False).to_numpy()

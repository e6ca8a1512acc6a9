"""Judgements: what the users of a log said of items, and which of it the owner calls unwanted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concierge_tools.config import Config, InteractionsConfig
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.ingest.positives import comparison
from concierge_tools.recommenders.recommender import Mask, Positions

HOW = 'add for example negative = "<= 2" (on the column of values) or negative_events = ["dislike"]'


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What somebody is known to have judged: items, each at most once, and which of them they did not want."""

    items: Positions
    unwanted: Mask
    """Shape (len(items),)."""

    @classmethod
    def nothing(cls) -> Self:
        """Return what is known of a stranger."""
        return cls(np.empty(0, np.int32), np.empty(0, np.bool_))

    def and_now(self, wanted: Iterable[int], unwanted: Iterable[int]) -> Self:
        """Return this with what was said since: it replaces what was judged before, and a dislike a liking."""
        said = dict(zip(self.items.tolist(), self.unwanted.tolist(), strict=True))
        said |= dict.fromkeys(wanted, False) | dict.fromkeys(unwanted, True)
        return type(self)(np.array([*said], np.int32), np.array([*said.values()], np.bool_))


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """Pairs of user and item, by user, then by the time they were last spoken of. Arrays have shape (pairs,)."""

    users: NDArray[np.int32]
    items: Positions
    unwanted: Mask
    rows: NDArray[np.intp]
    """The last row of each pair in the log."""


def check_negative(config: Config, interactions: Interactions | None) -> None:
    """Raise a DataError when what is called unwanted cannot be applied, or risk control has nothing to go by."""
    log = config.interactions
    configured = log is not None and (log.negative is not None or bool(log.negative_events))
    if config.risk is not None and interactions is None:
        raise DataError("[risk] needs a log of what users turned down; add [interactions], or take [risk] out.")
    if config.risk is not None and not configured:
        raise DataError(f"[risk] needs to know what is unwanted; under [interactions] {HOW}, or take [risk] out.")
    if configured and log is not None and interactions is not None:
        negative_rows(log, interactions)


def negative_rows(config: InteractionsConfig, interactions: Interactions) -> Mask:
    """Return the rows that say an item was unwanted, shape (rows,).

    Raises:
        DataError: Nothing is configured, it cannot be applied, or a row is a positive as well.
    """
    if config.negative is None and not config.negative_events:
        raise DataError(f"Nothing says what is unwanted; under [interactions] {HOW}, and run `concierge fit` again.")
    result = np.zeros(len(interactions), np.bool_)
    if config.negative is not None:
        if config.value is None:
            raise DataError(
                'negative under [interactions] needs the column of values; add for example value = "rating".'
            )
        result |= comparison(config.negative, interactions.values, key="negative")
    if config.negative_events:
        result |= _event_rows(config, interactions)
    if (result & (interactions.weights > 0)).any():
        example = int(np.flatnonzero(result & (interactions.weights > 0))[0])
        code = int(interactions.event_codes[example])
        what = f"value {interactions.values[example]:g}" if code < 0 else f"event {interactions.events[code]!r}"
        raise DataError(
            f"A row with {what} is a positive and unwanted at once; correct positive, weights, negative or "
            "negative_events under [interactions] so that they exclude each other."
        )
    return result


def judgements(config: InteractionsConfig, interactions: Interactions) -> Judgements:
    """Return what every user judged.

    A pair is unwanted when its latest value is, or when any of its events ever was: a later rating replaces an earlier
    one, a later view does not take a dislike back.

    Raises:
        DataError: As for `negative_rows`.
    """
    negative = negative_rows(config, interactions)
    by_event = _event_rows(config, interactions)
    rows = np.arange(len(interactions))
    _, pair = np.unique(interactions.pairs, return_inverse=True)
    pairs = int(pair.max(initial=-1)) + 1
    last = np.zeros(pairs, np.intp)
    np.maximum.at(last, pair, rows)
    valued = rows[~np.isnan(interactions.values)]
    latest = np.full(pairs, -1, np.intp)
    np.maximum.at(latest, pair[valued], valued)
    unwanted = (latest >= 0) & negative[latest]
    unwanted[pair[by_event]] = True
    order = np.argsort(last, kind="stable")
    at = last[order]
    return Judgements(interactions.users[at], interactions.items[at], unwanted[order], at)


def judged_in(config: InteractionsConfig, interactions: Interactions, rows: NDArray[np.int64]) -> Judged:
    """Return what some rows of one user judge; see `judgements`."""
    own = replace(
        interactions,
        users=interactions.users[rows],
        items=interactions.items[rows],
        weights=interactions.weights[rows],
        values=interactions.values[rows],
        event_codes=interactions.event_codes[rows],
        times=interactions.times[rows],
        consumed=interactions.consumed[rows],
    )
    known = judgements(config, own)
    return Judged(known.items, known.unwanted)


def _event_rows(config: InteractionsConfig, interactions: Interactions) -> Mask:
    if not config.negative_events:
        return np.zeros(len(interactions), np.bool_)
    if config.event is None:
        raise DataError(
            'negative_events under [interactions] need the column of events; add for example event = "event".'
        )
    codes = [code for code, event in enumerate(interactions.events) if event in config.negative_events]
    return np.isin(interactions.event_codes, codes)

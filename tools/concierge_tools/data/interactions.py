"""Interactions: who did what with which item, when, and how much it says."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

INTERACTIONS_FILE = "interactions.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Rows sorted by user, then time (unknown first), then the order of the log. Every array has shape (rows,)."""

    user_ids: list[str]
    """Sorted; each has at least one row."""
    users: NDArray[np.int32]
    """Positions in `user_ids`."""
    items: NDArray[np.int32]
    """Positions in the catalog."""
    weights: NDArray[np.float32]
    """Above 0: a positive, by how much. 0: seen, but not a positive."""
    values: NDArray[np.float32]
    """The raw value, such as a rating; NaN when there is none."""
    events: list[str]
    """The distinct events, sorted."""
    event_codes: NDArray[np.int16]
    """Positions in `events`; -1 when there is none."""
    times: NDArray[np.int64]
    """Seconds since 1970-01-01 UTC; -1 when unknown."""
    consumed: NDArray[np.bool_]
    """Counts as history to exclude."""

    @classmethod
    def of(
        cls,
        users: Sequence[str],
        items: ArrayLike,
        *,
        weights: ArrayLike | None = None,
        values: ArrayLike | None = None,
        events: Sequence[str | None] | None = None,
        times: ArrayLike | None = None,
        consumed: ArrayLike | None = None,
    ) -> Self:
        """Sort rows in the order of the log into place. Without weights each row is a positive of weight 1."""
        user_ids = sorted(set(users))
        known = sorted({event for event in events or () if event is not None})
        user_index = {user: code for code, user in enumerate(user_ids)}
        event_index: dict[str | None, int] = {event: code for code, event in enumerate(known)}
        n = len(users)
        codes = np.fromiter((user_index[user] for user in users), dtype=np.int32, count=n)
        happened = np.fromiter((event_index.get(e, -1) for e in events or [None] * n), dtype=np.int16, count=n)
        at = np.full(n, -1, dtype=np.int64) if times is None else np.asarray(times, dtype=np.int64)
        order = np.lexsort((at, codes))
        return cls(
            user_ids=user_ids,
            users=codes[order],
            items=np.asarray(items, dtype=np.int32)[order],
            weights=(np.ones(n, np.float32) if weights is None else np.asarray(weights, np.float32))[order],
            values=(np.full(n, np.nan, np.float32) if values is None else np.asarray(values, np.float32))[order],
            events=known,
            event_codes=happened[order],
            times=at[order],
            consumed=(np.ones(n, np.bool_) if consumed is None else np.asarray(consumed, np.bool_))[order],
        )

    @classmethod
    def empty(cls) -> Self:
        """Return the log of a catalog that no one has touched."""
        return cls.of([], [])

    @property
    def has_times(self) -> bool:
        """Whether any row says when it happened."""
        return bool((self.times >= 0).any())

    def __len__(self) -> int:
        return len(self.users)

    def history(self, user_id: str) -> NDArray[np.int64]:
        """Return the rows of a user, oldest first; none for strangers."""
        user = bisect_left(self.user_ids, user_id)
        if user == len(self.user_ids) or self.user_ids[user] != user_id:
            return np.empty(0, dtype=np.int64)
        first, last = np.searchsorted(self.users, [user, user + 1])
        return np.arange(first, last, dtype=np.int64)

    def only(self, rows: NDArray[np.bool_]) -> Self:
        """Return the chosen rows, a mask of shape (rows,). Every user stays, also one who has no row left."""
        return replace(
            self,
            users=self.users[rows],
            items=self.items[rows],
            weights=self.weights[rows],
            values=self.values[rows],
            event_codes=self.event_codes[rows],
            times=self.times[rows],
            consumed=self.consumed[rows],
        )

    @property
    def pairs(self) -> NDArray[np.int64]:
        """One number for each pair of user and item, shape (rows,): rows of the same pair have the same."""
        return self.users.astype(np.int64) * (int(self.items.max(initial=0)) + 1) + self.items

    def matrix(self, n_items: int) -> "sparse.csr_matrix[np.float32]":
        """Return the positive weights, shape (users, n_items); a pair that repeats keeps its largest weight."""
        rows = np.flatnonzero(self.weights > 0)
        pairs = self.users[rows].astype(np.int64) * n_items + self.items[rows]
        order = np.argsort(pairs, kind="stable")
        cells, starts = np.unique(pairs[order], return_index=True)
        data = np.maximum.reduceat(self.weights[rows][order], starts) if len(cells) else np.empty(0, np.float32)
        shape = (len(self.user_ids), n_items)
        width = max(n_items, 1)
        return sparse.csr_matrix((data, (cells // width, cells % width)), shape=shape, dtype=np.float32)

    def write(self, folder: Path) -> None:
        """Write `interactions.parquet` into a folder."""
        names = np.array([*self.events, None], dtype=object)
        frame = pl.DataFrame(
            {
                "user": pl.Series(np.array(self.user_ids, dtype=object)[self.users].tolist(), dtype=pl.String),
                "item": self.items,
                "weight": self.weights,
                "value": self.values,
                "event": pl.Series(names[self.event_codes].tolist(), dtype=pl.String),
                "time": self.times,
                "consumed": self.consumed,
            }
        )
        frame.write_parquet(folder / INTERACTIONS_FILE)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote."""
        frame = pl.read_parquet(folder / INTERACTIONS_FILE)
        known = frame["event"].drop_nulls().unique().sort().to_list()
        codes = frame["event"].cast(pl.Enum(known)).to_physical().cast(pl.Int16).fill_null(-1)
        return cls(
            user_ids=frame["user"].unique(maintain_order=True).to_list(),
            users=frame["user"].rle_id().cast(pl.Int32).to_numpy(),
            items=frame["item"].to_numpy(),
            weights=frame["weight"].to_numpy(),
            values=frame["value"].to_numpy(),
            events=known,
            event_codes=codes.to_numpy(),
            times=frame["time"].to_numpy(),
            consumed=frame["consumed"].to_numpy(),
        )

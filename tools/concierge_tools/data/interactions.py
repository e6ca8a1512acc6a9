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

from concierge_tools.data.strings import Strings

INTERACTIONS_FILE = "interactions.parquet"
USERS_FILE = "users.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Rows sorted by user, then time (unknown first), then the order of the log. Every array has shape (rows,)."""

    user_ids: Sequence[str]
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
        distinct = list(dict.fromkeys(users))
        place = {user: code for code, user in enumerate(distinct)}
        n = len(users)
        return cls.coded(
            distinct,
            np.fromiter((place[user] for user in users), dtype=np.int32, count=n),
            np.asarray(items, dtype=np.int32),
            weights=np.ones(n, np.float32) if weights is None else np.asarray(weights, np.float32),
            values=np.full(n, np.nan, np.float32) if values is None else np.asarray(values, np.float32),
            events=pl.Series([None] * n if events is None else [*events], dtype=pl.String),
            times=np.full(n, -1, np.int64) if times is None else np.asarray(times, np.int64),
            consumed=np.ones(n, np.bool_) if consumed is None else np.asarray(consumed, np.bool_),
        )

    @classmethod
    def coded(
        cls,
        names: Sequence[str],
        users: NDArray[np.int32],
        items: NDArray[np.int32],
        *,
        weights: NDArray[np.float32],
        values: NDArray[np.float32],
        events: pl.Series,
        times: NDArray[np.int64],
        consumed: NDArray[np.bool_],
    ) -> Self:
        """Sort rows in the order of the log into place.

        Args:
            names: The users' ids in any order; of those that are equal, or have no row, one or none stays.
            users: Positions in `names`, shape (rows,).
            items: Positions in the catalog.
            weights: See the class, as for the others.
            values: NaN when there is none.
            events: Of strings, null when there is none.
            times: -1 when unknown.
            consumed: Counts as history to exclude.
        """
        told = pl.Series(names, dtype=pl.String)
        used = np.bincount(users, minlength=len(names)) > 0
        user_ids = told.filter(pl.Series(used)).unique().sort()
        places = told.cast(pl.Enum(user_ids), strict=False).to_physical().cast(pl.Int32).fill_null(-1).to_numpy()
        users = places[users]
        known = events.drop_nulls().unique().sort()
        codes = events.cast(pl.Enum(known)).to_physical().cast(pl.Int16).fill_null(-1).to_numpy()
        order = np.lexsort((times, users))
        return cls(
            user_ids=Strings(user_ids),
            users=users[order],
            items=items[order],
            weights=weights[order],
            values=values[order],
            events=known.to_list(),
            event_codes=codes[order],
            times=times[order],
            consumed=consumed[order],
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
        first, last = np.searchsorted(self.users, np.array([user, user + 1], np.int32))  # of its type, or all is copied
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
        """Write `interactions.parquet` and `users.parquet` into a folder."""
        pl.DataFrame({"user": pl.Series([*self.user_ids], dtype=pl.String)}).write_parquet(folder / USERS_FILE)
        events = pl.Series([*self.events], dtype=pl.String)
        codes = pl.Series(self.event_codes).cast(pl.Int32)
        frame = pl.DataFrame(
            {
                "user": self.users,
                "item": self.items,
                "weight": self.weights,
                "value": self.values,
                "event": events.gather(codes.set(codes < 0, None)),
                "time": self.times,
                "consumed": self.consumed,
            }
        )
        frame.write_parquet(folder / INTERACTIONS_FILE, compression="lz4")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote."""
        frame = pl.read_parquet(folder / INTERACTIONS_FILE)
        known = frame["event"].drop_nulls().unique().sort().to_list()
        codes = frame["event"].cast(pl.Enum(known)).to_physical().cast(pl.Int16).fill_null(-1)
        return cls(
            user_ids=Strings(pl.read_parquet(folder / USERS_FILE)["user"]),
            users=frame["user"].to_numpy(),
            items=frame["item"].to_numpy(),
            weights=frame["weight"].to_numpy(),
            values=frame["value"].to_numpy(),
            events=known,
            event_codes=codes.to_numpy(),
            times=frame["time"].to_numpy(),
            consumed=frame["consumed"].to_numpy(),
        )

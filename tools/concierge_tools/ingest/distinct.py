"""Distinct cells: a long column has few different ones, so that each is read once, however many rows hold it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from concierge_tools.ingest.times import UNITS, UNKNOWN, parse_time

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Distinct(Generic[T]):
    """A column of cells, each distinct one read."""

    rows: NDArray[np.int32]
    """Shape (rows,): positions in `read`."""
    read: list[T]
    wrong: Mapping[int, str]
    """What is wrong with those that could not be read, by their position."""

    def bad_rows(self) -> NDArray[np.int64]:
        """Return the rows that hold a wrong cell, ascending."""
        if not self.wrong:
            return np.empty(0, np.int64)
        return np.flatnonzero(np.isin(self.rows, np.fromiter(self.wrong, np.int32)))


def read_distinct(cells: pl.Series, parse: Callable[[str | None], T], otherwise: T) -> Distinct[T]:
    """Read every distinct cell of a column; one for which `parse` raises a ValueError is read as `otherwise`."""
    texts: list[str | None] = [*cells.drop_nulls().unique(maintain_order=True).to_list(), None]
    codes = cells.cast(pl.Enum([text for text in texts if text is not None])).to_physical().cast(pl.Int32)
    read, wrong = list[T](), dict[int, str]()
    for place, text in enumerate(texts):
        try:
            read.append(parse(text))
        except ValueError as error:
            read.append(otherwise)
            wrong[place] = str(error)
    return Distinct(codes.fill_null(len(texts) - 1).to_numpy(), read, wrong)


def read_times(cells: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Read times as `parse_time` does: seconds since 1970, and the rows that are neither ISO nor a count.

    Nearly every time of a log is another one: those of digits alone are read together.
    """
    counts = cells.str.contains("^[0-9]{1,15}$").fill_null(False)
    times = np.full(len(cells), UNKNOWN, np.int64)
    plain = counts.to_numpy()
    seconds = cells.filter(counts).cast(pl.Float64).to_numpy()
    per_second = np.select([seconds >= least for least, _ in UNITS], [unit for _, unit in UNITS], 1.0)
    times[plain] = (seconds / per_second).astype(np.int64)
    other = read_distinct(cells.filter(~counts), parse_time, UNKNOWN)
    places = np.flatnonzero(~plain)
    times[places] = np.array(other.read, np.int64)[other.rows]
    return times, places[other.bad_rows()]

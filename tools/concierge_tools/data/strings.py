"""Strings: many of them, kept as Arrow keeps them until each is asked for."""

from collections.abc import Iterator, Sequence
from typing import overload

import polars as pl


class Strings(Sequence[str]):
    """A column of strings, none of them missing. Immutable; equals any sequence of the same strings."""

    __slots__ = ("series",)

    def __init__(self, series: pl.Series) -> None:
        """Hold a series of strings without nulls."""
        self.series = series

    def __len__(self) -> int:
        return len(self.series)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "Strings": ...
    def __getitem__(self, index: int | slice) -> "str | Strings":
        if isinstance(index, slice):
            return Strings(self.series[index])
        found: str = self.series[int(index)]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.series.to_list())

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and bool((self.series == value).any())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none either

    def __repr__(self) -> str:
        return f"Strings({self.series.head(3).to_list()} and {max(0, len(self) - 3)} more)"

"""Stored columns: what a table on disk holds, each column built when it is first asked for."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl

from concierge_tools.data.columns import BooleanColumn, CategoryColumn, Column, NumberColumn, TagsColumn, column_of
from concierge_tools.data.fields import Field, FieldType
from concierge_tools.data.word_columns import Vocabulary


class StoredColumns(Mapping[str, Column]):
    """The columns of a table that was checked when it was written, by field name."""

    __slots__ = ("_built", "_kinds", "_read")

    def __init__(self, read: Callable[[str], pl.Series], fields: Mapping[str, Field]) -> None:
        """Hold what reads a column by its name and, by the name of its column, each field."""
        self._read = read
        self._kinds = {field.name: (column, field.type) for column, field in fields.items()}
        self._built: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._built:
            column, kind = self._kinds[name]
            self._built[name] = _stored(kind, self._read(column))
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)


def _stored(kind: FieldType, series: pl.Series) -> Column:
    """Return the column of a stored series; what was written needs no second check, value by value."""
    if kind == "tags":
        flat = series.explode(empty_as_null=False).drop_nulls()
        values = flat.unique().sort().to_list()
        indptr = np.zeros(len(series) + 1, dtype=np.int64)
        np.cumsum(series.list.len().fill_null(0).to_numpy(), out=indptr[1:])
        codes = flat.cast(pl.Enum(values)).to_physical().cast(pl.Int32).to_numpy()
        return TagsColumn.posted_by(Vocabulary.of(values), indptr, codes)
    if kind == "category":
        values = series.drop_nulls().unique().sort().to_list()
        coded = series.cast(pl.Enum(values)).to_physical().cast(pl.Int32).fill_null(-1)
        return CategoryColumn(Vocabulary.of(values), coded.to_numpy())
    if kind == "number":
        return NumberColumn(series.fill_null(np.nan).to_numpy())
    return column_of(kind, series.to_list())


def series_of(column: Column) -> pl.Series:
    """Return a column as it is stored."""
    match column:
        case NumberColumn():
            return pl.Series(column.numbers, dtype=pl.Float64, nan_to_null=True)
        case CategoryColumn():
            codes = pl.Series(column.codes)
            return pl.Series(column.values, dtype=pl.String).gather(codes.set(codes < 0, None))
        case TagsColumn():
            lengths = pl.Series(np.diff(column.indptr))
            owners = pl.Series(np.repeat(np.arange(len(column), dtype=np.int64), np.diff(column.indptr)))
            words = pl.Series(column.values, dtype=pl.String).gather(column.codes)
            rows = pl.DataFrame({"owner": owners, "words": words}).group_by("owner", maintain_order=True).agg("words")
            places = (lengths > 0).cast(pl.Int64).cum_sum() - 1
            empty = pl.Series([[]], dtype=pl.List(pl.String)).new_from_index(0, len(column))
            return rows["words"].gather(places.set(lengths == 0, None)).zip_with(lengths > 0, empty)
        case _:
            kind = pl.Boolean if isinstance(column, BooleanColumn) else pl.String
            return pl.Series([column.value(i) for i in range(len(column))], dtype=kind)

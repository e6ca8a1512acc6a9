"""Tables: the owner's files as columns of text, with the line each row stands on.

Every format becomes the same thing, a frame of strings, so that types are read in one place and one bad cell costs one
row. Lists and objects become JSON text, booleans "true" and "false", dates and times ISO text in UTC.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from concierge_tools.data.catalog import close_matches, listed
from concierge_tools.errors import DataError
from concierge_tools.ingest.delimited import read_delimited
from concierge_tools.ingest.quarantine import Reject
from concierge_tools.ingest.records import Record, has_surrogate, shown

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")

_CHUNK = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of a file that could be read, and the ones that could not."""

    path: Path
    frame: pl.DataFrame
    """Every column is text; a missing or empty cell is null."""
    lines: NDArray[np.int64]
    """Shape (rows,): see `Reject.line`."""
    rejects: list[Reject]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in the file's order."""
        return self.frame.columns

    def require(self, column: str, key: str) -> str:
        """Return a column's name if the file has it; `key` is where the configuration names it.

        Raises:
            DataError: There is no such column; names close ones.
        """
        if column in self.columns:
            return column
        close = close_matches(column, self.columns)
        question = f"{close} The" if close else "the"
        raise DataError(
            f"No column {column!r} in {str(self.path)!r}; {question} columns are {listed(self.columns)}. "
            f"Correct {key} in the configuration."
        )

    def reject(self, i: int, reason: str, *, used: bool = False) -> Reject:
        """Return the rejection of the row at an index, or of one cell of it."""
        return Reject(self.path.name, int(self.lines[i]), reason, self.frame.row(i, named=True), used)


def read_table(path: Path) -> Table:
    """Read a csv, tsv, json (a list of objects, or one under "items" or "interactions"), jsonl or parquet file.

    Raises:
        DataError: The file is missing, of an unknown kind, damaged as a whole, or holds no row.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(f"Cannot tell what {str(path)!r} holds; name it {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}.")
    if not path.is_file():
        raise DataError(f"No file {str(path)!r}; correct the path.")
    if suffix == ".parquet":
        table = _parquet(path)
    else:
        if suffix in (".csv", ".tsv"):
            records = read_delimited(path, "\t" if suffix == ".tsv" else None)
        else:
            records = _jsonl(path) if suffix == ".jsonl" else _json(path)
        table = _gathered(path, records)
    if not len(table.frame):
        bad = (
            f"none of its {len(table.rejects)} rows can be read: {table.rejects[0].reason}"
            if table.rejects
            else "it is empty"
        )
        raise DataError(f"No rows in {str(path)!r}; {bad}.")
    return table


def _gathered(path: Path, records: Iterator[Record | Reject]) -> Table:
    chunks: list[pl.DataFrame] = []
    rows: list[Mapping[str, str | None]] = []
    lines: list[int] = []
    rejects: list[Reject] = []
    for record in records:
        if isinstance(record, Reject):
            rejects.append(record)
            continue
        rows.append(record.cells)
        lines.append(record.line)
        if len(rows) == _CHUNK:
            chunks.append(_frame(rows))
            rows = []
    chunks.append(_frame(rows))
    return Table(path, pl.concat(chunks, how="diagonal"), np.array(lines, dtype=np.int64), rejects)


def _frame(rows: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame({name: pl.Series(name, [row.get(name) for row in rows], pl.String) for name in names})


def _json(path: Path) -> Iterator[Record | Reject]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig") or "[]")
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{str(path)!r} is not valid JSON: {error}.") from None
    if isinstance(document, dict):
        document = document.get("items", document.get("interactions"))
    if not isinstance(document, list):
        raise DataError(f'{str(path)!r} must hold a list of objects, or {{"items": [...]}}.')
    for line, row in enumerate(document, start=1):
        yield _record(path, line, row)


def _jsonl(path: Path) -> Iterator[Record | Reject]:
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            text = raw.removeprefix(b"\xef\xbb\xbf").strip()
            if not text:
                continue
            try:
                row = json.loads(text.decode("utf-8"))
            except (json.JSONDecodeError, UnicodeDecodeError) as error:
                cells = {"line": text.decode("utf-8", "backslashreplace")}
                yield Reject(path.name, line, f"not a JSON object in UTF-8: {error}", cells)
            else:
                yield _record(path, line, row)


def _record(path: Path, line: int, row: object) -> Record | Reject:
    if not isinstance(row, dict):
        return Reject(path.name, line, f"not an object: {json.dumps(row)[:80]}", {})
    cells = {str(name): _text(value) for name, value in row.items()}
    if has_surrogate("".join([*cells, *(cell or "" for cell in cells.values())])):
        broken = {shown(name): None if cell is None else shown(cell) for name, cell in cells.items()}
        return Reject(path.name, line, "half of a surrogate pair, which is no character", broken)
    return Record(line, cells)


def _text(value: object) -> str | None:
    match value:
        case None | "":
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value != value:
            return None
        case int() | float():
            return repr(value)
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def _parquet(path: Path) -> Table:
    try:
        frame = pl.read_parquet(path)
        texts = [_column_text(column) for column in frame.get_columns()]
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{str(path)!r} cannot be read as Parquet: {error}.") from None
    return Table(path, pl.DataFrame(texts), np.arange(1, len(frame) + 1, dtype=np.int64), [])


def _column_text(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if dtype.is_nested():
        return pl.Series(column.name, [_text(value) for value in column.to_list()], pl.String)
    if dtype.is_float():
        column = column.fill_nan(None)
    text = column.cast(pl.String)
    return text.set(text == "", None)

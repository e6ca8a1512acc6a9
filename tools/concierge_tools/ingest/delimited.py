"""Delimited files: csv and tsv, read row by row so that a broken row costs no other.

Parsing is the standard library's; Polars' own reader gives up on the whole file at a stray quote.
"""

import csv
import io
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

from concierge_tools.errors import DataError
from concierge_tools.ingest.quarantine import Reject
from concierge_tools.ingest.records import Record, has_surrogate, shown

SEPARATORS = (",", ";", "\t", "|")

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class _Lines:
    """The physical lines of a file, which can be handed back and are counted."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file = file
        self._returned: deque[str] = deque()
        self._number = 0
        self.taken: list[str] = []
        """Lines since `start`."""

    def start(self) -> int:
        """Begin a record and return the number of its first line."""
        self.taken = []
        return self._number + 1

    def hand_back(self) -> None:
        """Give back all but the first line of the record, to be read again."""
        self._returned.extendleft(reversed(self.taken[1:]))
        self._number -= len(self.taken) - 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._file)
        self._number += 1
        self.taken.append(line)
        return line


def read_delimited(path: Path, separator: str | None) -> Iterator[Record | Reject]:
    """Yield the rows of a csv or tsv file; without a separator, the one that splits the header most is used.

    Byte order marks, CRLF, quoted line breaks and blank lines are fine. A row with too few or too many cells, or with
    bytes that are no UTF-8, is rejected; a quote that is never closed costs its own line.

    Raises:
        DataError: The header names a column twice.
    """
    with path.open("rb") as raw:
        encoding = "utf-16" if raw.read(2) in _UTF16 else "utf-8-sig"
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        lines = _Lines(file)
        first = next((line for line in lines if line.strip()), "")
        separator = separator or _sniffed(first)
        header = _header(path, next(csv.reader([first], delimiter=separator), []))
        yield from _rows(path, lines, header, separator)


def _rows(path: Path, lines: _Lines, header: list[str], separator: str) -> Iterator[Record | Reject]:
    reader = csv.reader(lines, delimiter=separator)
    while True:
        line = lines.start()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells, reason = [], f"not a row: {error}"
        else:
            if not any(cell.strip() for cell in cells):
                continue
            reason = _reason(cells, header)
        if not reason:
            yield Record(line, {name: cell or None for name, cell in zip(header, cells, strict=False)})
            continue
        if len(lines.taken) > 1:
            lines.hand_back()
            cells = next(csv.reader(lines.taken[:1], delimiter=separator), [])
        yield Reject(path.name, line, reason, {name: shown(c) for name, c in _named(header, cells)})


def _reason(cells: list[str], header: list[str]) -> str:
    if len(cells) < len(header) or any(cells[len(header) :]):
        return f"a row needs {len(header)} cells: it has {len(cells)}"
    if has_surrogate("".join(cells)):
        return "bytes that are no UTF-8: save the file as UTF-8"
    return ""


def _named(header: list[str], cells: list[str]) -> Iterator[tuple[str, str]]:
    for i, cell in enumerate(cells):
        yield (header[i] if i < len(header) else f"column_{i + 1}"), cell


def _sniffed(header: str) -> str:
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([header], delimiter=separator), [])))


def _header(path: Path, cells: list[str]) -> list[str]:
    names = [shown(cell.strip()) or f"column_{i + 1}" for i, cell in enumerate(cells)]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(f"Two columns of {str(path)!r} are called {repeated[0]!r}; give each its own name.")
    return names

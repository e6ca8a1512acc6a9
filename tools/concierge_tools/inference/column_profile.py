"""Column profiles: what can be told of a column of text without knowing what it is for."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from concierge_tools.data.fields import FieldType
from concierge_tools.data.operands import FALSE, TRUE
from concierge_tools.ingest.cells import MISSING, parse_cell, whole
from concierge_tools.ingest.tables import Table
from concierge_tools.ingest.times import parse_time

TOLERANCE = 0.95
"""Share of the values that must fit a type; the others are taken as missing."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


@dataclass(frozen=True, slots=True)
class Profile:
    """The values of a column, without the missing ones."""

    name: str
    rows: int
    counts: Mapping[str, int]
    """Rows per distinct value."""

    @classmethod
    def of(cls, table: Table, name: str) -> Self:
        """Profile a column of a table."""
        cells = ((cell or "").strip() for cell in table.frame[name].to_list())
        return cls(name, len(table.frame), Counter(cell for cell in cells if cell))

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the name, lower-case: 'productID', 'product id' and 'product_id' are the same."""
        return tuple(word.lower() for word in _WORDS.findall(self.name))

    @property
    def filled(self) -> int:
        """Rows with a value."""
        return sum(self.counts.values())

    @property
    def distinct(self) -> int:
        """Different values."""
        return len(self.counts)

    @property
    def is_unique(self) -> bool:
        """Whether values identify rows, but for the odd repeat or gap."""
        return self.distinct > 0 and self.distinct >= 0.98 * self.rows

    @property
    def length(self) -> float:
        """Letters of an average value."""
        return sum(len(value) * n for value, n in self.counts.items()) / max(self.filled, 1)

    @property
    def word_count(self) -> float:
        """Words of an average value."""
        return sum(len(value.split()) * n for value, n in self.counts.items()) / max(self.filled, 1)

    def named(self, *hints: str) -> bool:
        """Return whether the name holds one of the words."""
        return not set(self.words).isdisjoint(hints)

    def share(self, fits: Callable[[str], bool]) -> float:
        """Return the share of rows with a value whose value fits."""
        return sum(n for value, n in self.counts.items() if fits(value)) / max(self.filled, 1)

    def parses_as(self, kind: FieldType) -> bool:
        """Return whether almost all values can be read as a type."""
        return bool(self.counts) and self.share(lambda value: parses(kind, value)) >= TOLERANCE

    def is_boolean(self) -> bool:
        """Return whether the values are two, and words or digits for true and false."""
        words = {whole(value).casefold() for value in self.counts} - MISSING
        return bool(words) and words <= TRUE | FALSE

    def is_time(self) -> bool:
        """Return whether almost all values are ISO times or seconds of this century, or finer."""
        return bool(self.counts) and self.share(_is_time) >= TOLERANCE

    def numbers(self) -> list[float]:
        """Return the values that are numbers, one for each row, sorted."""
        found: list[float] = []
        for value, n in self.counts.items():
            number = parse_cell("number", value) if parses("number", value) else None
            if isinstance(number, int | float):
                found += [float(number)] * n
        return sorted(found)

    def misfits(self, kind: FieldType) -> int:
        """Return how many rows have a value that is not of a type."""
        return sum(n for value, n in self.counts.items() if not parses(kind, value))


def parses(kind: FieldType, value: str) -> bool:
    """Return whether a value can be read as a type."""
    try:
        parse_cell(kind, value)
    except ValueError:
        return False
    return True


def _is_time(value: str) -> bool:
    try:
        return parse_time(value) > 300_000_000
    except ValueError:
        return False

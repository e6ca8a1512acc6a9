"""Quarantine: the rows and cells that could not be used, each with its line and the reason."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPEATED = "an earlier row has the same id"
"""The reason of rows that cost no item."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was left out, or that is used without one of its cells."""

    file: str
    line: int
    """The line in a csv, tsv or jsonl file (a header is line 1); in json and parquet the number of the row, from 1."""
    reason: str
    """What is wrong, then ": " and the bad value where there is one."""
    row: Mapping[str, str | None]
    """The cells as they stand in the file."""
    used: bool = False
    """Whether the row is used all the same, with the cell of the reason taken as missing."""


def write_rejects(path: Path, rejects: Iterable[Reject]) -> None:
    """Write one JSON object per reject: {"file", "line", "reason", "row", "used"}; without any, remove the file."""
    told = ({"file": r.file, "line": r.line, "reason": r.reason, "row": dict(r.row), "used": r.used} for r in rejects)
    lines = [json.dumps(reject, ensure_ascii=False) for reject in told]
    if lines:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        path.unlink(missing_ok=True)


def main_reason(rejects: Sequence[Reject]) -> str:
    """Return the most common reason without its value, and where it was met first."""
    kinds = Counter(reject.reason.partition(": ")[0] for reject in rejects)
    kind, count = kinds.most_common(1)[0]
    first = next(reject for reject in rejects if reject.reason.startswith(kind))
    return f"{kind} ({count} times, first at line {first.line})"

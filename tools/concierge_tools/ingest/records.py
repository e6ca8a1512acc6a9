"""Records: one row of a file before it is known what its cells mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of a row as text, None where there is nothing, and the line it starts on."""

    line: int
    cells: Mapping[str, str | None]


def has_surrogate(text: str) -> bool:
    """Return whether the text holds bytes that are no UTF-8, or half of a surrogate pair."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def shown(text: str) -> str:
    """Return the text with whatever is no character written as an escape."""
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "backslashreplace")
    return raw.decode("utf-8", "backslashreplace")

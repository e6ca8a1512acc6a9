"""Times: what a log says about when, as seconds since 1970."""

import re
from datetime import UTC, datetime

from concierge_tools.ingest.cells import MISSING

UNKNOWN = -1

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)

# A count since 1970 this large is not in the unit before it: 1e11 seconds are the year 5138, 1e11 milliseconds 1973.
UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def parse_time(text: str | None) -> int:
    """Read a time: ISO (UTC unless it says otherwise), or seconds, milli-, micro- or nanoseconds since 1970.

    Returns UNKNOWN for what is missing.

    Raises:
        ValueError: It is neither, or before 1970.
    """
    text = (text or "").strip()
    if text.casefold() in MISSING:
        return UNKNOWN
    number = _NUMBER.fullmatch(text)
    if number:
        count = float(text)
        seconds = count / next((per_second for least, per_second in UNITS if count >= least), 1)
    else:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if seconds < 0:
        raise ValueError(text)
    return int(seconds)

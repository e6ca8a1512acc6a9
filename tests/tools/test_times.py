"""Times are read from ISO text and from counts since 1970."""

import pytest

from concierge_tools.ingest.times import UNKNOWN, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1260759144", 1260759144),
        ("1260759144.0", 1260759144),
        ("1260759144000", 1260759144),
        ("1260759144000000", 1260759144),
        ("1260759144000000000", 1260759144),
        ("1970-01-02", 86400),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01 00:01:00.000000", 60),
        ("1970-01-01T00:00:05Z", 5),
        ("", UNKNOWN),
        (None, UNKNOWN),
        ("NaN", UNKNOWN),
    ],
)
def test_a_time_is_seconds_since_1970(text: str | None, seconds: int) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["yesterday", "31/12/2020", "-5", "1969-12-31", "2020-13-01"])
def test_what_is_no_time_after_1970_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the caller writes the message)
        parse_time(text)

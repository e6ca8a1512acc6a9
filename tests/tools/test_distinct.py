"""Reading each distinct cell once gives what reading every cell gives."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from concierge_tools.ingest.cells import parse_cell
from concierge_tools.ingest.distinct import read_distinct, read_times
from concierge_tools.ingest.times import UNKNOWN, parse_time

CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", "n/a", "5", " 7", "2020-01-02", "2020-01-02T03:04:05+02:00", "soon", "-4", "1.5e9", "٣"]),
    st.integers(0, 10**19).map(str),
)


@settings(deadline=None)
@given(st.lists(CELLS, max_size=30))
def test_times_are_read_as_one_by_one(cells: list[str | None]) -> None:
    times, bad = read_times(pl.Series(cells, dtype=pl.String))
    expected, wrong = [], []
    for row, cell in enumerate(cells):
        try:
            expected.append(parse_time(cell))
        except ValueError:
            expected.append(UNKNOWN)
            wrong.append(row)
    assert times.tolist() == expected
    assert bad.tolist() == wrong


@settings(deadline=None)
@given(st.lists(CELLS, max_size=30))
def test_numbers_are_read_as_one_by_one(cells: list[str | None]) -> None:
    found = read_distinct(pl.Series(cells, dtype=pl.String), lambda cell: parse_cell("number", cell), None)
    bad = set(found.bad_rows().tolist())
    for row, cell in enumerate(cells):
        try:
            assert found.read[found.rows[row]] == parse_cell("number", cell)
            assert row not in bad
        except ValueError:
            assert row in bad

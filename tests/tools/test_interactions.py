"""The log is sorted by user and time, and becomes a matrix of positives."""

from pathlib import Path

import numpy as np
import pytest

from concierge_tools.data.interactions import Interactions


@pytest.fixture
def log() -> Interactions:
    return Interactions.of(
        ["bo", "al", "bo", "bo", "bo"],
        [0, 1, 2, 0, 1],
        weights=[1.0, 0.0, 0.5, 0.25, 0.0],
        values=[5, 2, np.nan, 3, 1],
        events=["buy", None, "view", "view", "view"],
        times=[30, -1, 10, 20, 20],
        consumed=[True, False, False, False, False],
    )


def test_a_history_is_oldest_first_and_keeps_the_logs_order_at_the_same_time(log: Interactions) -> None:
    assert log.items[log.history("bo")].tolist() == [2, 0, 1, 0]
    assert log.times[log.history("bo")].tolist() == [10, 20, 20, 30]


@pytest.mark.parametrize("stranger", ["", "ann", "zoe"])
def test_a_stranger_has_no_history(log: Interactions, stranger: str) -> None:
    assert log.history(stranger).tolist() == []


def test_the_matrix_holds_the_largest_positive_of_each_pair(log: Interactions) -> None:
    assert log.user_ids == ["al", "bo"]
    assert log.matrix(4).toarray().tolist() == [[0, 0, 0, 0], [1.0, 0, 0.5, 0]]
    assert log.matrix(4).nnz == 2


def test_events_values_and_consumption_stay_with_their_row(log: Interactions) -> None:
    rows = log.history("bo")
    assert [log.events[code] for code in log.event_codes[rows]] == ["view", "view", "view", "buy"]
    assert log.consumed[rows].tolist() == [False, False, False, True]
    assert log.event_codes[log.history("al")].tolist() == [-1]
    assert log.values[rows].tolist()[1:] == [3, 1, 5]


def test_a_log_without_times_says_so(log: Interactions) -> None:
    assert log.has_times
    assert not Interactions.of(["al"], [0]).has_times


def test_a_log_reads_back_as_it_was_written(log: Interactions, tmp_path: Path) -> None:
    log.write(tmp_path)
    read = Interactions.read(tmp_path)
    assert (read.user_ids, read.events) == (log.user_ids, log.events)
    for name in ("users", "items", "weights", "values", "event_codes", "times", "consumed"):
        assert getattr(read, name).dtype == getattr(log, name).dtype
        np.testing.assert_array_equal(getattr(read, name), getattr(log, name))


def test_an_empty_log_works_everywhere(tmp_path: Path) -> None:
    Interactions.empty().write(tmp_path)
    read = Interactions.read(tmp_path)
    assert (len(read), read.matrix(3).shape, read.history("al").tolist(), read.has_times) == (0, (0, 3), [], False)

"""Signals that hold the items they speak of rank as arrays over the whole catalog would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.ranking.ranking import POOL, ranked
from concierge_tools.ranking.signals import Signal, Signals
from concierge_tools.recommenders.recommender import Floats, Mask

ITEMS = 12
VALUES = st.dictionaries(st.integers(0, ITEMS - 1), st.sampled_from([0.25, 0.5, 1.0, 1.25]))
CHOSEN = st.lists(st.booleans(), min_size=ITEMS, max_size=ITEMS).map(lambda flags: np.array(flags, np.bool_))


def signal(values: dict[int, float]) -> Signal:
    return Signal.of(np.array([*values], np.int32), np.array([*values.values()], np.float32))


def dense(values: dict[int, float], size: int = ITEMS) -> Floats:
    result = np.zeros(size, np.float32)
    result[[*values]] = [*values.values()]
    return result


@given(VALUES, VALUES, CHOSEN)
def test_a_signal_is_an_array_with_zeros_left_out(one: dict[int, float], other: dict[int, float], chosen: Mask) -> None:
    items = np.flatnonzero(chosen).astype(np.int32)

    assert signal(one).at(items).tolist() == dense(one)[items].tolist()
    assert [signal(one).of_item(i) for i in range(ITEMS)] == dense(one).tolist()
    larger = signal(one).larger(signal(other))
    assert larger.items.tolist() == sorted(one.keys() | other.keys())
    assert larger.values.tolist() == np.maximum(dense(one), dense(other))[larger.items].tolist()


@given(VALUES, VALUES, CHOSEN, CHOSEN)
def test_a_ranking_is_that_of_arrays_over_the_whole_catalog(
    one: dict[int, float], other: dict[int, float], found: Mask, eligible: Mask
) -> None:
    items = np.flatnonzero(found).astype(np.int32)
    signals = Signals(items, {"words": signal(one).at(items), "title": signal(other).at(items)}, "words")
    plain = np.where(found, dense(one) + dense(other), np.float32(np.nan))
    fillers = np.arange(ITEMS, dtype=np.int32)[::-1]

    for filling in (None, fillers):
        ranking = signals.ranking(eligible, fillers=filling)
        expected = ranked(plain, eligible, fillers=filling, basis="words")
        assert ranking.items.tolist() == expected.items.tolist()
        assert ranking.matched == expected.matched
        assert np.array_equal(ranking.scores, expected.scores, equal_nan=True)
    for item in items.tolist():
        assert signals.breakdown(item, eligible).score == pytest.approx(plain[item])
        assert signals.value("title", item) == other.get(item, 0.0)


def test_more_items_than_a_ranking_holds_are_cut_where_arrays_are_cut() -> None:
    rng = np.random.default_rng(3)
    items = np.sort(rng.choice(20_000, 12_000, replace=False)).astype(np.int32)
    values = rng.integers(1, 400, len(items)).astype(np.float32)
    plain = np.full(20_000, np.nan, np.float32)
    plain[items] = values
    eligible = rng.random(20_000) < 0.7

    ranking = Signals(items, {"words": values}, "words").ranking(eligible)

    assert len(ranking) == POOL
    assert ranking.items.tolist() == ranked(plain, eligible, basis="words").items.tolist()

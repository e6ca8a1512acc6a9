"""Metrics agree with ir-measures, and what describes lists with plain Python."""

import math
from itertools import combinations

import ir_measures
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, R, Success, nDCG
from scipy.sparse import csr_array

from concierge_tools.evaluation.foresight import rank_of
from concierge_tools.evaluation.lists import (
    HEAD,
    coverage,
    diversity,
    gini,
    long_tail,
    miscalibration,
    novelty,
    popularity,
)
from concierge_tools.evaluation.models import CUTOFFS, accuracy

ITEMS = 30

some_lists = st.lists(st.lists(st.integers(0, 7), unique=True, max_size=5), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), users=st.integers(1, 12))
def test_accuracy_agrees_with_ir_measures_on_random_rankings(seed: int, users: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.arange(1, ITEMS + 1, dtype=np.float32), (users, 1)), axis=1)
    eligible = rng.random((users, ITEMS)) < 0.8
    targets = rng.integers(0, ITEMS, users)
    eligible[np.arange(users), targets] = True
    unranked = rng.random((users, ITEMS)) < 0.2
    scores[unranked] = 0

    ranks = np.array([rank_of(int(targets[u]), scores[u], eligible[u]) for u in range(users)])
    own = {name: values.mean() for name, values in accuracy(ranks).items()}

    ranked = {
        f"u{u}": {f"i{i}": float(scores[u, i]) for i in range(ITEMS) if eligible[u, i] and scores[u, i] > 0}
        for u in range(users)
    }
    relevant = {f"u{u}": {f"i{targets[u]}": 1} for u in range(users)}
    theirs: dict[str, ir_measures.Measure] = {"MRR": RR}
    for k in CUTOFFS:
        theirs |= {f"HR@{k}": Success @ k, f"recall@{k}": R @ k, f"NDCG@{k}": nDCG @ k}
    found = ir_measures.calc_aggregate(theirs.values(), relevant, ranked)
    for name, measure in theirs.items():
        assert math.isclose(own[name], found[measure], abs_tol=1e-9), name


def test_items_of_equal_score_share_the_middle_of_their_ranks() -> None:
    scores = np.array([2, 1, 1, 1, 0], np.float32)
    everything = np.ones(5, np.bool_)
    assert [rank_of(item, scores, everything) for item in range(5)] == [1, 3, 3, 3, math.inf]


@given(some_lists)
def test_coverage_is_the_share_of_items_in_some_list(lists: list[list[int]]) -> None:
    assert coverage(_positions(lists), 8) == len({item for one in lists for item in one}) / 8


@given(some_lists, st.lists(st.integers(0, 20), min_size=8, max_size=8))
def test_novelty_is_the_mean_surprise(lists: list[list[int]], people: list[int]) -> None:
    expected = [sum(-math.log2(max(people[i], 0.5) / 20) for i in one) / len(one) if one else 0.0 for one in lists]
    np.testing.assert_allclose(novelty(_positions(lists), np.array(people), 20), expected, atol=1e-12)


@given(some_lists, st.lists(st.integers(0, 20), min_size=8, max_size=8))
def test_popularity_and_the_long_tail_are_means_over_the_list(lists: list[list[int]], people: list[int]) -> None:
    liked = sorted((i for i in range(8) if people[i]), key=lambda i: (-people[i], i))
    head = liked[: max(1, int(HEAD * len(liked)))]
    shares = [sum(people[i] / 20 for i in one) / len(one) if one else 0.0 for one in lists]
    tails = [sum(i not in head for i in one) / len(one) if one else 0.0 for one in lists]
    np.testing.assert_allclose(popularity(_positions(lists), np.array(people), 20), shares, atol=1e-12)
    np.testing.assert_allclose(long_tail(_positions(lists), np.array(people)), tails, atol=1e-12)


@given(st.lists(st.integers(1, 9), max_size=6), st.integers(0, 4))
def test_gini_is_the_mean_difference_of_pairs_over_twice_the_mean(counts: list[int], unseen: int) -> None:
    every = [*counts, *([0] * unseen)]
    total = sum(every)
    apart = sum(abs(a - b) for a in every for b in every)
    expected = apart / (2 * len(every) * total) if total else 0.0
    assert math.isclose(gini(np.array(counts, np.int64), len(every)), expected, abs_tol=1e-12)


@given(some_lists, st.integers(0, 1000))
def test_diversity_is_the_mean_unlikeness_of_pairs(lists: list[list[int]], seed: int) -> None:
    rows = np.random.default_rng(seed).random((8, 4)) + 0.01
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    expected = []
    for one in lists:
        pairs = [1 - sum(a * b for a, b in zip(rows[i], rows[j], strict=True)) for i, j in combinations(one, 2)]
        expected.append(sum(pairs) / len(pairs) if pairs else 0.0)
    np.testing.assert_allclose(diversity(_positions(lists), csr_array(rows)), expected, atol=1e-9)


@given(some_lists, st.lists(st.lists(st.sampled_from("abc"), unique=True), min_size=8, max_size=8), st.data())
def test_miscalibration_is_the_divergence_of_the_mixes_of_tags(
    lists: list[list[int]], tags: list[list[str]], data: st.DataObject
) -> None:
    histories = [data.draw(st.lists(st.integers(0, 7), unique=True, max_size=5)) for _ in lists]
    table = np.array([[own.count(tag) / len(own) if own else 0.0 for tag in "abc"] for own in tags])
    found = miscalibration(_positions(lists), _positions(histories), csr_array(table))
    expected = [_apart(one, past, tags) for one, past in zip(lists, histories, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def _apart(shown: list[int], past: list[int], tags: list[list[str]]) -> float:
    p, q = _mix(past, tags), _mix(shown, tags)
    if not p or not q:
        return 0.0
    return sum(share * math.log2(share / (0.99 * q.get(tag, 0.0) + 0.01 * share)) for tag, share in p.items())


def _mix(items: list[int], tags: list[list[str]]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in items:
        for tag in tags[item]:
            weights[tag] = weights.get(tag, 0.0) + 1 / len(tags[item])
    return {tag: weight / sum(weights.values()) for tag, weight in weights.items()}


def _positions(lists: list[list[int]]) -> list[np.ndarray[tuple[int], np.dtype[np.int32]]]:
    return [np.array(one, np.int32) for one in lists]

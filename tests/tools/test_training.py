"""Training: what is held out is never trained on, and the blend is what foresaw best, where it is clear."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.foresight import blend_ranks, hits, ndcg, rank_of, subjects
from concierge_tools.evaluation.splits import leave_last_out
from concierge_tools.fit import fit
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Store
from concierge_tools.training.blending import DEFAULT, FOLDS, BlendChoice, blend_of, default_blend, validate
from concierge_tools.training.members import FITS, Log, fit_member, unfit
from tests.tools.recommender_contract import ITEMS, toy_interactions
from tests.tools.toy_store import small_config, toy_config

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(-1, 5), st.booleans()), max_size=40)


def chosen(log: Interactions, items: int, *, folds: int = FOLDS) -> BlendChoice:
    """The blend of any recommenders."""
    return blend_of(validate(log, items, list(FITS), folds=folds), list(FITS), seed=0)


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, back=st.integers(1, 2), seed=st.integers(0, 3))
def test_what_is_held_out_is_nowhere_in_the_training(
    rows: list[tuple[int, int, int, bool]], back: int, seed: int
) -> None:
    log = Interactions.of(
        [f"u{user}" for user, *_ in rows],
        [item for _, item, *_ in rows],
        weights=[float(liked) for *_, liked in rows],
        times=[time for _, _, time, _ in rows],
    )
    split = leave_last_out(log, back=back, seed=seed)
    trained = set(zip(split.train.users.tolist(), split.train.items.tolist(), strict=True))
    positives = {(u, i) for u, i, w in zip(log.users.tolist(), log.items.tolist(), log.weights, strict=True) if w > 0}
    for user, target in zip(split.users.tolist(), split.targets.tolist(), strict=True):
        assert (user, target) in positives
        assert (user, target) not in trained
        own = {i for u, i in positives if u == user}
        assert len(own) >= 3
        assert len(own - {i for u, i in trained if u == user}) == back
    held_out = set(split.users.tolist())
    assert {pair for pair in positives if pair[0] not in held_out} <= trained


def test_the_last_positive_is_what_is_to_be_foreseen() -> None:
    log = Interactions.of(["a"] * 4, [3, 1, 2, 0], times=[30, 10, 20, 40], weights=[1, 1, 1, 0])
    split = leave_last_out(log)
    assert (split.users.tolist(), split.targets.tolist()) == ([0], [3])
    ((profile, eligible, target),) = subjects(split, 5)
    assert profile.items.tolist() == [2, 1]
    assert np.flatnonzero(eligible).tolist() == [3, 4]
    assert target == 3


def test_ranks_are_among_what_may_be_ranked_and_ties_share_the_middle() -> None:
    scores = np.array([0.5, 0.9, 0.5, 0.0, 0.7], np.float32)
    eligible = np.array([True, False, True, True, True])
    assert rank_of(0, scores, eligible) == 2.5
    assert rank_of(3, scores, eligible) == float("inf")
    ranks = np.array([1.0, 3.0, 11.0, np.inf])
    np.testing.assert_allclose(ndcg(ranks, 10), [1, 0.5, 0, 0])
    np.testing.assert_array_equal(hits(ranks, 10), [1, 1, 0, 0])


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), depth=st.integers(2, 10), data=st.data())
def test_leaving_out_targets_that_are_surely_too_deep_changes_no_figure(
    seed: int, depth: int, data: st.DataObject
) -> None:
    rng, items = np.random.default_rng(seed), 30
    pairs = [(f"u{user:02}", int(item)) for user in range(30) for item in rng.choice(items, 5, replace=False)]
    log = Interactions.of([u for u, _ in pairs], [i for _, i in pairs], times=rng.integers(0, 20, len(pairs)))
    split = leave_last_out(log, seed=seed)
    members = {name: fit_member(name, Log(split.train, items)) for name in ("neighbours", "transitions")}
    blends = data.draw(st.sampled_from([[("neighbours",)], [("transitions",)], [("neighbours",), ("transitions",)]]))
    every = blend_ranks(members, blends, split, items)
    fewer = blend_ranks(members, blends, split, items, depth=depth)
    for blend in blends:
        np.testing.assert_array_equal(ndcg(fewer[blend], depth), ndcg(every[blend], depth))


def test_a_blend_is_chosen_where_it_clearly_foresees_best() -> None:
    """Everybody goes from an item to the one after it, never back: who goes by company alone cannot tell the two."""
    rng, items = np.random.default_rng(0), 40
    walks = [(user, int(start)) for user in range(80) for start in rng.choice(items, 4, replace=False)]
    steps = [(f"u{user:02}", (start + step) % items) for user, start in walks for step in (0, 1)]
    log = Interactions.of([u for u, _ in steps], [i for _, i in steps], times=list(range(len(steps))))
    choice = chosen(log, items, folds=1)
    assert choice.members == ("transitions",)
    assert choice.users == 80
    assert choice.measured[0].members == ("als",)
    assert choice.measured[1].low > 0


def test_too_few_users_decide_nothing() -> None:
    choice = chosen(toy_interactions(), ITEMS)
    assert choice.members == DEFAULT
    assert "fewer than 30 users" in choice.reason
    assert default_blend(["svd"]).members == ("svd",)


def test_a_fold_that_no_recommender_can_be_trained_on_decides_nothing() -> None:
    """Everybody begins with the same item: the older fold has nothing but that, and nobody with two positives."""
    steps = [(f"u{user:02}", item) for user in range(40) for item in (0, 1 + user, 41 + user)]
    log = Interactions.of([u for u, _ in steps], [i for _, i in steps], times=list(range(len(steps))))
    assert chosen(log, 81).users == 40


def test_what_the_data_does_not_allow_is_left_out_with_its_reason(tmp_path: Path) -> None:
    config = small_config(tmp_path, [("a", "i0"), ("a", "i1"), ("b", "i1"), ("b", "i2")])
    store = Store(tmp_path / "store")
    report = fit(config, store, tune="quick", quiet=True)
    assert set(report.skipped) == {"transitions"}
    assert "with times" in report.skipped["transitions"]
    assert report.blend is not None
    assert store.load().blend == report.blend.members == ("als", "neighbours")
    assert unfit(None).keys() == FITS.keys()


@pytest.mark.parametrize("model", list(FITS))
def test_a_store_offers_what_was_fitted_and_blends_what_was_chosen(tmp_path: Path, model: str) -> None:
    store = Store(tmp_path / "store")
    fit(toy_config(tmp_path), store, quiet=True)
    artifact = store.load()
    assert artifact.blend == DEFAULT
    assert (model in Retrieval(artifact, artifact.catalog).models) == (model in DEFAULT)

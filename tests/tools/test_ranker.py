"""The learned ranker: its weights are the likelihood's, its scores break down, and it wins only where it is better."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from concierge_tools.config import Config, FieldConfig, InteractionsConfig, ItemsConfig
from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.foresight import ndcg
from concierge_tools.fit import fit
from concierge_tools.ranking.candidate_signals import SignalReader, Signals
from concierge_tools.ranking.ranker import Ranker
from concierge_tools.ranking.reranking import BASE, Reranker, Reranking
from concierge_tools.ranking.scoring import Scoring, shares_of
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Store
from concierge_tools.training.members import FITS, Log, fit_member
from concierge_tools.training.ranker import Lessons, choose_ranker
from tests.tools.recommender_contract import ITEMS, TOUCHED, toy_catalog, toy_interactions
from tests.tools.toy_store import fitted, toy_config

NAMES = (("als", "score"), ("als", "rank"), ("time", "above the usual"))


def reader() -> SignalReader:
    interactions, catalog = toy_interactions(), toy_catalog()
    log = Log(interactions, ITEMS)
    members = {name: fit_member(name, log) for name in FITS} | {"content": Content.fit(catalog)}
    return SignalReader(members, Popularity.fit(interactions, ITEMS), catalog, interactions)


@cache
def weighing(seed: int) -> Reranker:
    return reranker(seed=seed)


def reranker(*, shortest: int = 1, seed: int = 0) -> Reranker:
    """A ranker of random weights over the toy's signals."""
    signals = reader()
    rng, size = np.random.default_rng(seed), len(signals.names)
    ranker = Ranker(tuple(signals.members), signals.names, rng.normal(size=size), rng.normal(size=size), shortest)
    return Reranker(ranker, signals)


def blended(profile: Profile, eligible: np.ndarray[tuple[int], np.dtype[np.bool_]], by: Reranker) -> Scoring:
    own = {name: by.reader.members[name].scores(profile) for name in ("als", "neighbours")}
    return Scoring(eligible, shares_of(own, eligible, fuse=True), "blend", by.reader.members, own)


def lessons(*, telling: bool, users: int = 150) -> tuple[Lessons, np.ndarray[tuple[int], np.dtype[np.int32]]]:
    """Choices among ten items; the first signal is high for the chosen one where it is telling, else all are noise."""
    rng, found = np.random.default_rng(1), Lessons.none(["als"])
    for _ in range(users):
        target = int(rng.integers(10))
        values = rng.normal(size=(40, 3))
        values[target, 0] += 2.0 if telling else 0.0
        found.add(Signals(np.arange(40, dtype=np.int32), values, {}, {}), NAMES, target, 5)
    return found, np.arange(users, dtype=np.int32)


def test_the_weights_are_those_of_the_greatest_likelihood() -> None:
    rng = np.random.default_rng(0)
    values, sizes = rng.normal(size=(60, 3)), np.full(12, 5)
    chosen = np.arange(12) * 5 + rng.integers(5, size=12)
    ranker = Ranker.fit(values, sizes, chosen, NAMES, members=["als"], shortest=1, regularization=2.0)
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)

    def loss(weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        scores = (scaled @ weights).reshape(12, 5)
        own = (scaled @ weights)[chosen]
        return float(np.log(np.exp(scores).sum(axis=1)).sum() - own.sum() + weights @ weights)

    np.testing.assert_allclose(ranker.weights * values.std(axis=0), minimize(loss, np.zeros(3)).x, atol=1e-3)


def test_a_ranker_is_read_as_it_was_written(tmp_path: Path) -> None:
    by = reranker()
    by.ranker.save(tmp_path)
    again = Ranker.load(tmp_path)
    values = np.random.default_rng(2).normal(size=(5, len(by.reader.names)))
    np.testing.assert_array_equal(again.scores(values, by.reader.names), by.ranker.scores(values, by.reader.names))
    assert (again.members, again.shortest) == (by.ranker.members, by.ranker.shortest)


def test_a_signal_that_is_no_longer_there_adds_nothing() -> None:
    ranker = Ranker(("als",), NAMES, np.array([1.0, 2, 3]), np.array([1.0, 10, 100]), 1)
    values = np.array([[5.0, 7.0]])
    assert ranker.scores(values, NAMES[:2]).tolist() == [(5 - 1) * 1 + (7 - 2) * 10]
    assert ranker.contributions(values[0], NAMES[:2]) == {"als": 54.0, "time": 0.0}


ITEM_SETS = st.sets(st.integers(0, ITEMS - 1), max_size=6)


@settings(max_examples=60, deadline=None)
@given(liked=ITEM_SETS, disliked=ITEM_SETS, out=ITEM_SETS, seed=st.integers(0, 3))
def test_every_score_is_the_sum_of_its_terms_and_orders_the_candidates_first(
    liked: set[int], disliked: set[int], out: set[int], seed: int
) -> None:
    by = weighing(seed)
    profile = Profile.of(liked=sorted(liked - disliked), disliked=sorted(disliked))
    eligible = ~np.isin(np.arange(ITEMS), [*liked, *disliked, *out])
    blend = blended(profile, eligible, by)
    scoring = by.over(blend, profile)
    ranking = scoring.ranking()
    assert set(ranking.items.tolist()) <= set(np.flatnonzero(eligible).tolist())
    assert (np.diff(ranking.scores) <= 0).all()
    for item, score in zip(ranking.items.tolist(), ranking.scores.tolist(), strict=True):
        breakdown = scoring.breakdown(item, profile)
        assert breakdown.score == pytest.approx(score, abs=1e-4)
        assert sum(term.value for term in breakdown.terms) == pytest.approx(breakdown.score)
        for member, own in breakdown.members.items():
            assert sum(value for _, value in breakdown.contributions[member]) == pytest.approx(own, rel=1e-3, abs=1e-5)
        assert all(share > 0 for share in breakdown.liked(liked).values())
    if isinstance(scoring, Reranking):
        candidates = len(scoring.signals.items)
        assert set(ranking.items[:candidates].tolist()) == set(scoring.signals.items.tolist())
        assert all(scoring.breakdown(int(item), profile).terms[0].member == BASE for item in scoring.signals.items)
        assert (ranking.scores > 0).all()


@pytest.mark.parametrize("diversity", [0.0, 0.4])
def test_what_is_recommended_by_a_ranker_breaks_down_and_other_models_stay_as_they_are(
    tmp_path: Path, diversity: float
) -> None:
    artifact = fitted(tmp_path, toy_config(tmp_path))[0].load()
    signals = SignalReader(artifact.members, artifact.popularity, artifact.catalog, toy_interactions())
    size = len(signals.names)
    weights = np.random.default_rng(5).normal(size=size)
    ranker = Ranker(tuple(artifact.members), signals.names, np.zeros(size), weights, 1)
    plain, ranked = (Retrieval(one, artifact.catalog) for one in (artifact, replace(artifact, ranker=ranker)))
    profile, eligible = Profile.of(liked=[2], disliked=[5], history=[4, 7]), ~np.isin(np.arange(ITEMS), [2, 4, 5, 7])
    found = ranked.recommend(profile, eligible, diversity=diversity)
    assert found.basis.startswith("learned ranker over als, neighbours")
    told = ranked.explain_all(found.items.tolist(), profile, eligible=eligible, diversity=diversity)
    for breakdown, score in zip(told, found.scores.tolist(), strict=True):
        assert breakdown.score == pytest.approx(None if np.isnan(score) else score, abs=1e-5)
        assert sum(t.value for t in breakdown.terms) + breakdown.diversity == pytest.approx(breakdown.score or 0.0)
    for model, taste in (("als", profile), ("blend", Profile.empty()), ("blend", Profile.of(disliked=[3]))):
        expected = plain.recommend(taste, eligible, model=model)
        assert ranked.recommend(taste, eligible, model=model).items.tolist() == expected.items.tolist()


def test_signals_are_taken_after_filtering() -> None:
    signals = reader()
    profile, eligible = Profile.of(liked=[2, 4]), np.isin(np.arange(ITEMS), [6, 8, 9])
    found = signals.read(profile, eligible)
    assert set(found.items.tolist()) <= {6, 8, 9}
    assert found.values.shape == (len(found.items), len(signals.names))
    ranks = found.ranks["als"]
    assert sorted(ranks[ranks > 0].tolist()) == list(range(1, np.count_nonzero(ranks) + 1))
    assert np.isfinite(found.values).all()


def test_what_is_unwanted_is_no_candidate_for_being_popular_alone() -> None:
    signals = reader()
    every = np.ones(ITEMS, np.bool_)
    nothing_known = Profile.of(liked=[TOUCHED])
    popular = signals.read(nothing_known, every, unwanted=np.arange(ITEMS) % 2 == 1)
    assert 1 in signals.read(nothing_known, every).items
    assert 1 not in popular.items


def test_a_profile_shorter_than_all_that_was_learned_from_is_left_to_the_blend() -> None:
    by = reranker(shortest=3)
    eligible = np.ones(ITEMS, np.bool_)
    two, three = Profile.of(liked=[2, 4]), Profile.of(liked=[2, 4, 6])
    blend = blended(two, eligible, by)
    assert by.over(blend, two) is blend
    assert isinstance(by.over(blended(three, eligible, by), three), Reranking)


def test_a_ranker_is_used_where_it_clearly_foresees_better_and_not_for_noise() -> None:
    for telling in (True, False):
        learned_from, users = lessons(telling=telling)
        blend = ndcg(np.full(len(users), 8.0), 10)
        choice, ranker = choose_ranker(learned_from, users, blend, seed=0)
        assert ranker is not None
        assert choice.used == telling == (choice.low > 0)
        assert choice.users == len(users)


def test_too_few_choices_teach_nothing() -> None:
    learned_from, users = lessons(telling=True, users=20)
    choice, ranker = choose_ranker(learned_from, users, np.zeros(20), seed=0)
    assert (choice.used, ranker) == (False, None)
    assert "20 choices" in choice.reason


def test_no_times_and_no_numbers_leave_the_signals_finite() -> None:
    log = Interactions.of(["a", "a", "b", "b", "c", "c"], [0, 1, 1, 2, 0, 2])
    catalog = toy_catalog()
    members = {"als": fit_member("als", Log(log, ITEMS))}
    signals = SignalReader(members, Popularity.fit(log, ITEMS), catalog, log)
    found = signals.read(Profile.of(liked=[0]), np.ones(ITEMS, np.bool_))
    assert np.isfinite(found.values).all()
    assert not any(group == "time" for group, _ in signals.names)


def test_a_log_in_which_something_else_than_company_tells_gives_a_store_with_a_ranker(tmp_path: Path) -> None:
    """Everybody keeps to a price, among so many items that few are liked by the same people."""
    rng = np.random.default_rng(0)
    rows = [{"id": f"i{i}", "title": f"Item {i}", "price": i} for i in range(300)]
    (tmp_path / "items.json").write_text(json.dumps(rows), encoding="utf-8")
    lines = ["user,item,time"]
    for user in range(200):
        level = int(rng.integers(8, 292))
        near = rng.choice(np.arange(level - 8, level + 8), 7, replace=False)
        lines += [f"u{user},i{item},{86400 * step + user}" for step, item in enumerate(near.tolist())]
    (tmp_path / "log.csv").write_text("\n".join(lines), encoding="utf-8")
    items = ItemsConfig(
        path=str(tmp_path / "items.json"), id="id", title="title", fields={"price": FieldConfig(type="number")}
    )
    log = InteractionsConfig(path=str(tmp_path / "log.csv"), user="user", item="item", time="time")
    store = Store(tmp_path / "store")
    report = fit(Config(name="toy", items=items, interactions=log), store, tune="quick", quiet=True)
    assert report.blend is not None
    assert report.blend.ranker is not None
    assert report.blend.ranker.used
    artifact = store.load()
    assert "ranker/ranker.json" in artifact.manifest.files
    found = Retrieval(artifact, artifact.catalog).recommend(
        Profile.of(history=[100, 103, 98, 105]), ~np.isin(np.arange(300), [100, 103, 98, 105])
    )
    assert found.basis.startswith("learned ranker")
    assert np.abs(found.items[:5] - 101).max() < 20

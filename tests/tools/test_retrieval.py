"""Retrieval over the toy: even items go with even ones, the last two items were never touched."""

from pathlib import Path

import numpy as np
import pytest

from concierge_tools.basis import without_taste
from concierge_tools.data.live import LiveItems, with_live
from concierge_tools.errors import InputError
from concierge_tools.ranking.ranking import POOL
from concierge_tools.recommenders.recommender import Mask, Profile
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Artifact
from tests.tools.recommender_contract import ITEMS, TOUCHED
from tests.tools.toy_store import fitted, small_config, toy_config

EVERY = np.ones(ITEMS, np.bool_)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("toy")
    return fitted(folder, toy_config(folder))[0].load()


@pytest.fixture
def retrieval(artifact: Artifact) -> Retrieval:
    return Retrieval(artifact, artifact.catalog)


@pytest.fixture
def without_log(tmp_path: Path) -> Retrieval:
    artifact = fitted(tmp_path, small_config(tmp_path, None))[0].load()
    return Retrieval(artifact, artifact.catalog)


def but(*items: int) -> Mask:
    """Every item but some."""
    mask = EVERY.copy()
    mask[list(items)] = False
    return mask


def test_the_blend_recommends_more_of_the_kind(retrieval: Retrieval) -> None:
    ranking = retrieval.recommend(Profile.of(liked=[2, 4]), but(2, 4))
    assert ranking.basis == "blend of als, neighbours, transitions, and content for items that nobody has touched"
    assert {item % 2 for item in ranking.items[:5].tolist()} == {0}
    assert ranking.matched == len(ranking) == ITEMS - 2


def test_only_eligible_items_are_ranked_and_ranks_are_among_them(retrieval: Retrieval) -> None:
    eligible = np.isin(np.arange(ITEMS), [6, 8, 9])
    ranking = retrieval.recommend(Profile.of(liked=[2, 4]), eligible)
    assert sorted(ranking.items.tolist()) == [6, 8, 9]
    assert ranking.scores[0] == pytest.approx(3 / 61)


def test_items_that_no_model_scores_come_last_by_popularity(retrieval: Retrieval, artifact: Artifact) -> None:
    ranking = retrieval.recommend(Profile.of(liked=[2]), but(2), model="neighbours")
    fillers = ranking.items[np.isnan(ranking.scores)].tolist()
    ever = artifact.popularity.ever
    assert fillers[-2:] == [TOUCHED, TOUCHED + 1]
    assert fillers == sorted(fillers, key=lambda item: (-ever[item], item))
    assert not np.isnan(ranking.scores[: len(ranking) - len(fillers)]).any()


@pytest.mark.parametrize("model", ["als", "neighbours", "content", "popularity"])
def test_each_model_can_be_asked_alone(retrieval: Retrieval, artifact: Artifact, model: str) -> None:
    profile = Profile.of(liked=[2, 4])
    ranking = retrieval.recommend(profile, but(2, 4), model=model)
    source = artifact.popularity if model == "popularity" else artifact.members[model]
    np.testing.assert_array_equal(ranking.scores, source.scores(profile)[ranking.items])
    assert ranking.basis == model


def test_a_taste_for_untouched_items_goes_by_content(retrieval: Retrieval) -> None:
    ranking = retrieval.recommend(Profile.of(liked=[TOUCHED]), but(TOUCHED))
    assert ranking.basis == "content"
    assert {item % 2 for item in ranking.items[:5].tolist()} == {TOUCHED % 2}


def test_with_no_taste_the_answer_is_what_is_trending_and_says_so(retrieval: Retrieval) -> None:
    ranking = retrieval.recommend(Profile.empty(), EVERY)
    assert ranking.items.tolist() == retrieval.trending(EVERY).items.tolist()
    assert ranking.basis.startswith("trending")
    assert "no taste to go on yet" in ranking.basis


def test_dislikes_alone_put_what_is_like_them_last(retrieval: Retrieval) -> None:
    ranking = retrieval.recommend(Profile.of(disliked=[3]), but(3))
    assert np.isnan(ranking.scores).all()
    assert "disliked" in ranking.basis
    touched = [item for item in ranking.items.tolist() if item < TOUCHED]
    assert [item % 2 for item in touched] == [0] * 7 + [1] * 6


def test_when_nothing_eligible_fits_the_taste_the_note_says_so(retrieval: Retrieval) -> None:
    ranking = retrieval.recommend(Profile.of(liked=[2]), np.arange(ITEMS) == TOUCHED + 1)
    assert ranking.items.tolist() == [TOUCHED + 1]
    assert ranking.basis == "popularity (no taste to go on)"
    assert ranking.notes


def test_nothing_eligible_is_an_empty_ranking(retrieval: Retrieval) -> None:
    ranking = retrieval.recommend(Profile.of(liked=[2]), ~EVERY)
    assert (len(ranking), ranking.matched) == (0, 0)


def test_an_unknown_model_and_a_diversity_out_of_range_are_refused(retrieval: Retrieval) -> None:
    with pytest.raises(InputError, match=r"No model 'bpr' here; use blend, als, .*, content or popularity\."):
        retrieval.recommend(Profile.of(liked=[2]), EVERY, model="bpr")
    with pytest.raises(InputError, match="from 0 to 1"):
        retrieval.recommend(Profile.of(liked=[2]), EVERY, diversity=1.5)


def test_a_model_that_could_not_be_fitted_is_refused_with_the_reason(without_log: Retrieval) -> None:
    assert without_log.models == ["blend", "content", "popularity"]
    with pytest.raises(InputError, match="need interactions"):
        without_log.recommend(Profile.of(liked=[0]), np.ones(4, np.bool_), model="als")


@pytest.mark.parametrize("model", ["blend", "als", "neighbours", "content"])
def test_similar_items_are_of_the_kind_and_never_the_seeds(retrieval: Retrieval, model: str) -> None:
    ranking = retrieval.similar([2, 4], EVERY, model=model)
    assert {item % 2 for item in ranking.items[:5].tolist()} == {0}
    assert not {2, 4} & set(ranking.items.tolist())


def test_likeness_goes_by_what_items_are_when_few_people_liked_the_seed(
    retrieval: Retrieval, artifact: Artifact
) -> None:
    seed = 2
    terms = retrieval.similar([seed], EVERY).items[:1].tolist()
    (breakdown,) = retrieval.explain_similar(terms, [seed], eligible=EVERY)
    people = int(artifact.popularity.people[seed])
    weights = {term.member: term.value * (60 + term.rank) for term in breakdown.terms}
    assert weights == pytest.approx(
        {"als": people / (people + 5), "neighbours": people / (people + 5), "content": 5 / (people + 5)}
    )
    untouched = ITEMS - 1
    alike = retrieval.similar([untouched], EVERY)
    assert {item % 2 for item in alike.items[:5].tolist()} == {untouched % 2}


def test_similarity_needs_items_and_a_model_that_knows_it(retrieval: Retrieval) -> None:
    with pytest.raises(InputError, match="at least one id"):
        retrieval.similar([], EVERY)
    with pytest.raises(InputError, match="popularity"):
        retrieval.similar([1], EVERY, model="popularity")


def test_trending_counts_the_window_and_falls_back_on_all_there_was(retrieval: Retrieval, artifact: Artifact) -> None:
    log = artifact.interactions
    assert log is not None
    newest = int(log.items[np.argmax(log.times)])
    ranking = retrieval.trending(EVERY, window_days=1)
    assert ranking.items[0] == newest
    assert ranking.scores.tolist() == [1.0] + [0.0] * (ITEMS - 1)
    others = ranking.items[1:].tolist()
    assert others == sorted(others, key=lambda item: (-artifact.popularity.ever[item], item))
    with pytest.raises(InputError, match="1 or more"):
        retrieval.trending(EVERY, window_days=0)


def test_without_times_trending_is_popularity_and_says_so(tmp_path: Path) -> None:
    artifact = fitted(tmp_path, small_config(tmp_path, [("a", "i1"), ("b", "i1"), ("b", "i2")]))[0].load()
    ranking = Retrieval(artifact, artifact.catalog).trending(np.ones(4, np.bool_))
    assert ranking.items.tolist() == [1, 2, 0, 3]
    assert ranking.basis == "popularity"
    assert "no times" in ranking.notes[0]


def test_search_finds_eligible_items_alone(retrieval: Retrieval) -> None:
    ranking = retrieval.search("item 12", but(2))
    assert ranking.items[0] == 12
    assert 2 not in ranking.items
    assert retrieval.search("nonesuch", EVERY).matched == 0
    assert retrieval.search("  ", EVERY).basis == "popularity (no query)"


def test_ranking_by_a_field_keeps_every_item_and_its_order_among_equals(retrieval: Retrieval) -> None:
    assert retrieval.rank([3, 9, 1], by="price").items.tolist() == [9, 3, 1]
    assert retrieval.rank([3, 9, 1], by="price", descending=False).items.tolist() == [1, 3, 9]
    assert retrieval.rank([3, 9, 12], by="title", descending=False).items.tolist() == [12, 3, 9]


def test_items_without_a_value_come_last_both_ways(artifact: Artifact) -> None:
    retrieval = Retrieval(artifact, with_live(artifact.catalog, LiveItems({"i03": {"price": None}})))
    for descending, order in ((True, [9, 1, 3]), (False, [1, 9, 3])):
        ranking = retrieval.rank([3, 9, 1], by="price", descending=descending)
        assert ranking.items.tolist() == order
        assert ranking.notes == ("1 of them have no price and come last.",)


def test_ranking_by_taste_words_and_popularity_drops_nothing(retrieval: Retrieval) -> None:
    given = [1, 2, 8, 15]
    assert retrieval.rank(given, profile=Profile.of(liked=[4])).items.tolist()[-1] == 15
    assert retrieval.rank(given, by="query", query="item 8").items.tolist()[0] == 8
    assert retrieval.rank(given, by="popularity").items.tolist()[-1] == 15
    assert retrieval.rank(given, by="popularity", descending=False).items.tolist()[0] == 15
    for by in ("personal", "query", "popularity"):
        assert sorted(retrieval.rank(given, by=by, query="8").items.tolist()) == given


@pytest.mark.parametrize(("by", "words"), [("kind", "several values"), ("colour", "No field"), ("query", "give one")])
def test_what_cannot_be_ranked_by_is_refused(retrieval: Retrieval, by: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        retrieval.rank([1, 2], by=by)


@pytest.mark.parametrize("model", ["blend", "als", "neighbours", "content", "popularity"])
@pytest.mark.parametrize(("diversity", "calibration"), [(0.0, 0.0), (0.4, 0.0), (0.0, 0.3), (0.4, 0.3)])
def test_a_breakdown_adds_up_in_every_layer(
    retrieval: Retrieval, model: str, diversity: float, calibration: float
) -> None:
    profile = Profile.of(liked=[2], disliked=[5], history=[4, 7])
    eligible = but(2, 4, 5, 7)
    ranking = retrieval.recommend(profile, eligible, model=model, diversity=diversity, calibration=calibration)
    items = ranking.items.tolist()
    breakdowns = retrieval.explain_all(
        items, profile, eligible=eligible, model=model, diversity=diversity, calibration=calibration
    )
    assert any(breakdown.calibration for breakdown in breakdowns) is (calibration > 0)
    for breakdown, score in zip(breakdowns, ranking.scores.tolist(), strict=True):
        assert breakdown.score == pytest.approx(None if np.isnan(score) else score, abs=1e-6)
        shifts = breakdown.calibration + breakdown.diversity
        assert sum(t.value for t in breakdown.terms) + shifts == pytest.approx(breakdown.score or 0.0)
        assert breakdown.basis == ranking.basis
        for member, own in breakdown.members.items():
            assert sum(value for _, value in breakdown.contributions[member]) == pytest.approx(own, rel=1e-4, abs=1e-6)
        shares = breakdown.liked({2, 4, 7})
        assert set(shares) <= {2, 4, 7}
        assert sum(shares.values()) <= sum(abs(term.value) for term in breakdown.terms) + 1e-9


def test_an_item_that_is_not_eligible_is_explained_as_if_it_were(retrieval: Retrieval) -> None:
    profile = Profile.of(liked=[2])
    assert (
        retrieval.explain(8, profile, eligible=but(2, 8)).score == retrieval.explain(8, profile, eligible=but(2)).score
    )


@pytest.mark.parametrize("model", ["blend", "als", "content"])
def test_a_breakdown_of_similarity_adds_up_over_the_seeds(retrieval: Retrieval, model: str) -> None:
    ranking = retrieval.similar([2, 4], EVERY, model=model)
    found = retrieval.explain_similar(ranking.items[:4].tolist(), [2, 4], eligible=EVERY, model=model)
    for breakdown, score in zip(found, ranking.scores.tolist(), strict=False):
        assert breakdown.score == pytest.approx(score, abs=1e-6)
        for member, own in breakdown.members.items():
            assert sum(value for _, value in breakdown.contributions[member]) == pytest.approx(own, abs=1e-5)


def test_a_pool_is_cut_but_counts_what_matched(tmp_path: Path) -> None:
    artifact = fitted(tmp_path, small_config(tmp_path, None, items=POOL + 50))[0].load()
    ranking = Retrieval(artifact, artifact.catalog).recommend(Profile.of(liked=[0]), np.ones(POOL + 50, np.bool_))
    assert (len(ranking), ranking.matched) == (POOL, POOL + 50)


def test_that_no_likes_are_known_to_a_model_is_said_without_a_double_negation() -> None:
    liked = Profile.of(liked=[0])
    assert without_taste(liked, None)[1] == "No model knows any of the liked items, so this is popularity."
    assert without_taste(liked, "als")[1] == "The model 'als' knows none of the liked items, so this is popularity."

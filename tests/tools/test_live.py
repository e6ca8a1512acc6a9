"""Live items in a catalog and in an artifact: as if they had been there from the start, as far as anybody can know."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concierge_tools.data import filters
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import FieldValue
from concierge_tools.data.live import LiveItems, with_live
from concierge_tools.errors import UnknownItem
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.live_artifact import under
from concierge_tools.text.mentions import Vocabulary
from tests.tools.recommender_contract import ITEMS
from tests.tools.test_filters_oracle import FIELDS, constraints, rows
from tests.tools.toy_store import fitted, toy_config

NEW = LiveItems({"n1": {"kind": ["even"], "price": 3}}, {"n1": "Novelty even"})


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("live")
    return fitted(folder, toy_config(folder))[0].load()


@settings(max_examples=300, deadline=None)
@given(rows, rows, st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)), st.lists(constraints(), max_size=2))
def test_a_live_catalog_is_what_it_would_be_if_built_of_its_rows(
    before: list[dict[str, FieldValue]],
    told: list[dict[str, FieldValue]],
    changed: set[int],
    gone: set[int],
    asked: list[Constraint],
) -> None:
    catalog = Catalog.of("any", FIELDS, [{"id": str(i), "title": f"Item {i}", **r} for i, r in enumerate(before)])
    values = {str(i): row for i, row in enumerate(told) if i in changed or i >= len(before)}
    titles = {item_id: f"New {item_id}" for item_id in values}
    live = with_live(catalog, LiveItems(values, titles, frozenset(map(str, gone))))

    expected = {str(i): {"title": f"Item {i}", **row} for i, row in enumerate(before)}
    expected |= {item_id: {"title": titles[item_id], **row} for item_id, row in values.items()}
    left = [{"id": i, **row} for i, row in expected.items() if int(i) not in gone]
    built = Catalog.of("any", FIELDS, left)
    assert set(live.known_ids) == set(built.ids)
    for item_id in built.ids:
        i, j = live.position(item_id), built.position(item_id)
        assert (live.titles[i], live.row(i)) == (built.titles[j], built.row(j))
    found = {live.ids[i] for i in np.flatnonzero(filters.mask(live, asked)).tolist()}
    assert found == {built.ids[i] for i in np.flatnonzero(filters.mask(built, asked)).tolist()}
    for name in ("tags", "category"):
        ours, theirs = live.column(name), built.column(name)
        assert getattr(ours, "values", None) == getattr(theirs, "values", None)
        assert np.array_equal(getattr(ours, "counts", ()), getattr(theirs, "counts", ()))


def test_a_withdrawn_item_keeps_its_place_and_is_found_by_nobody(artifact: Artifact) -> None:
    live = under(LiveItems(withdrawn=frozenset({"i02"})), artifact)
    assert "i02" not in live.catalog
    assert live.catalog.titles[2] == "Item 2"
    assert not filters.mask(live.catalog, [])[2]
    assert [m.item_id for m in live.vocabulary.resolve("Item 2")] != ["i02"]
    with pytest.raises(UnknownItem):
        live.catalog.position("i02")


def test_an_added_item_is_found_by_its_words_at_once(artifact: Artifact) -> None:
    live = under(NEW, artifact)
    found, scores = live.search.search("novelty", 5)
    assert [live.catalog.ids[i] for i in found] == ["n1"]
    assert (len(found), len(artifact.search.search("novelty", 5)[0])) == (len(scores), 0)
    assert [m.item_id for m in live.vocabulary.resolve("Novelty even") if m.kind == "item"] == ["n1"]


def test_an_item_told_in_other_words_is_found_by_them_and_not_by_the_old_ones(artifact: Artifact) -> None:
    live = under(LiveItems({"i02": {"kind": ["purple"]}}), artifact)
    assert 2 in live.search.search("purple", 20)[0]
    assert 2 not in live.search.search("even", 20)[0]
    assert 2 in artifact.search.search("even", 20)[0]
    assert [(m.field, m.value) for m in live.vocabulary.resolve("something purple")] == [("kind", "purple")]


def test_live_results_are_ordered_as_one_index_would(artifact: Artifact) -> None:
    live = under(LiveItems({"n1": {"kind": ["odd"]}}, {"n1": "Item odd"}), artifact)
    found, scores = live.search.search("item odd", 30)
    assert np.all(np.diff(scores) <= 0)
    assert live.catalog.ids[found[0]] == "n1"
    assert len(live.search.search("item", 3)[0]) == 3


def test_an_added_item_resembles_items_of_its_kind_and_nobody_has_liked_it(artifact: Artifact) -> None:
    live = under(NEW, artifact)
    retrieval, added = Retrieval(live, live.catalog), len(artifact.catalog)
    everything = np.ones(len(live.catalog), np.bool_)
    alike = retrieval.similar([added], everything)
    assert {int(i) % 2 for i in alike.items[: ITEMS // 2]} == {0}
    assert added in retrieval.similar([0], everything).items
    assert retrieval.recommend(Profile.of(liked=[added]), everything).basis == "content"
    assert live.popularity.people[added] == 0
    assert retrieval.trending(everything).items[-1] == added


@pytest.mark.parametrize("model", ["blend", "als", "neighbours", "content"])
def test_what_was_fitted_says_the_same_of_the_items_it_knows(artifact: Artifact, model: str) -> None:
    live = under(NEW, artifact)
    profile = Profile.of(liked=[0], history=[2, 5])
    old = Retrieval(artifact, artifact.catalog).recommend(profile, np.ones(ITEMS, np.bool_), model=model)
    only_known = np.arange(ITEMS + 1) < ITEMS
    new = Retrieval(live, live.catalog).recommend(profile, only_known, model=model)
    assert new.items.tolist() == old.items.tolist()
    np.testing.assert_array_equal(new.scores, old.scores)


def test_shares_of_a_score_add_up_beside_an_added_item(artifact: Artifact) -> None:
    live = under(NEW, artifact)
    retrieval = Retrieval(live, live.catalog)
    everything = np.ones(len(live.catalog), np.bool_)
    profile = Profile.of(liked=[ITEMS, 0], history=[2])
    for item in (4, ITEMS - 1):
        breakdown = retrieval.explain(item, profile, eligible=everything)
        for name, shares in breakdown.contributions.items():
            assert sum(share for _, share in shares) == pytest.approx(breakdown.members[name], abs=1e-5)


def test_a_price_alone_makes_no_index_anew(artifact: Artifact) -> None:
    first = under(NEW, artifact)
    prices = LiveItems({"n1": {"kind": ["even"], "price": 4}, "i03": {"price": 1}}, NEW.titles)
    second = under(prices, artifact, before=first)
    assert second.search is first.search
    assert second.content is first.content
    assert second.catalog.value("price", second.catalog.position("n1")) == 4
    only = under(LiveItems({"i03": {"price": 1}}), artifact)
    assert (only.search, only.content) == (artifact.search, artifact.content)


def test_nothing_live_is_the_artifact_itself(artifact: Artifact) -> None:
    assert under(LiveItems({"gone": {"price": 1}}, withdrawn=frozenset({"gone"})), artifact) is artifact


def test_content_of_an_added_item_is_what_a_fit_would_have_made_of_a_known_text(artifact: Artifact) -> None:
    live = under(LiveItems({"n1": {"kind": ["even"]}}, {"n1": "Item 2"}), artifact)
    np.testing.assert_allclose(live.content.rows[[ITEMS]].toarray(), artifact.content.rows[[2]].toarray(), rtol=1e-6)


@pytest.mark.parametrize(
    "live",
    [
        NEW,
        LiveItems({"i02": {"kind": ["purple"]}}),
        LiveItems(withdrawn=frozenset({"i02"})),
        LiveItems({"n1": {"kind": ["even"]}, "i03": {"kind": ["even"]}}, {"n1": "Item 2", "i04": "Renamed"}),
    ],
)
def test_what_texts_name_is_the_same_whether_an_index_was_taken_over_or_not(
    artifact: Artifact, live: LiveItems
) -> None:
    assert artifact.vocabulary.resolve("odd") != []  # so that there is one to take over
    taken = under(live, artifact).vocabulary
    anew = Vocabulary(under(live, artifact).catalog, under(live, artifact).popularity.ever)
    for text in ("Item 2 and Item 3", "Novelty even", "something purple or odd", "Renamed, Item 4"):
        assert taken.resolve(text) == anew.resolve(text)

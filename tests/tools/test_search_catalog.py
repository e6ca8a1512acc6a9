"""Search over a fitted catalog: words first, then what they mean and for whom, in a sum that can be taken apart."""

import json
from pathlib import Path

import numpy as np
import pytest

from concierge_tools.config import Config, FieldConfig, InteractionsConfig, ItemsConfig, SearchConfig
from concierge_tools.errors import DataError
from concierge_tools.fit import fit
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Artifact, Store
from concierge_tools.text import meaning

ITEMS = [
    ("Scary Movie", ["Comedy"], 2000, "Teenagers are chased in a parody"),
    ("Night House", ["Horror"], 1985, "A family moves into a haunted mansion"),
    ("Cold Cellar", ["Horror"], 2005, "Something waits below the kitchen"),
    ("Red Tide", ["Thriller"], 1975, "A shark attacks swimmers near the beach"),
    ("Blue Tide", ["Documentary"], 1999, "A shark and those who film it"),
    ("Star Rig", ["Adventure"], 2010, "Robots mine an asteroid"),
    ("Kitten Summer", ["Family"], 2012, "Two kittens look for their home"),
    ("Twin", ["Drama"], 1990, "Same"),
    ("Twin", ["Drama"], 1990, "Same"),
    ("Frightening", ["Drama"], 1991, "A short stay at a lake"),
]
EVERY = np.ones(len(ITEMS), np.bool_)


def config(folder: Path, search: SearchConfig) -> Config:
    keys = ("title", "genres", "year", "plot")
    rows = [{"id": str(i), **dict(zip(keys, item, strict=True))} for i, item in enumerate(ITEMS)]
    (folder / "items.json").write_text(json.dumps(rows), encoding="utf-8")
    # Some chose the second shark and the second twin with the kittens; most chose the first shark.
    pairs = [(f"u{u}", item) for u in range(8) for item in (3, 1)] + [
        (f"v{u}", item) for u in range(4) for item in (6, 8, 4)
    ]
    (folder / "log.csv").write_text("\n".join(["user,item", *(f"{u},{i}" for u, i in pairs)]), encoding="utf-8")
    fields = {
        "genres": FieldConfig(type="tags", synonyms={"Horror": ["scary"]}),
        "year": FieldConfig(type="number", role="date"),
    }
    items = ItemsConfig(path=str(folder / "items.json"), id="id", title="title", text=["plot"], fields=fields)
    log = InteractionsConfig(path=str(folder / "log.csv"), user="user", item="item")
    return Config(name="films", items=items, interactions=log, search=search)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("films")
    store = Store(folder / "store")
    fit(config(folder, SearchConfig(semantic="on", ignored=["movie"])), store, quiet=True)
    return store.load()


@pytest.fixture(scope="module")
def retrieval(artifact: Artifact) -> Retrieval:
    return Retrieval(artifact, artifact.catalog)


def titles(retrieval: Retrieval, query: str, profile: Profile | None = None) -> list[str]:
    return [ITEMS[i][0] for i in retrieval.search(query, EVERY, profile).items.tolist()]


@pytest.mark.parametrize("query", ["scary movie", "Frightening", "red tide", "night house 1985"])
def test_the_item_whose_title_is_asked_for_comes_first(retrieval: Retrieval, query: str) -> None:
    assert titles(retrieval, query)[0].lower() in query.lower()


@pytest.mark.parametrize("query", ["asdfghjkl", "qwxzv brrtk plkh", "84739201847"])
def test_nonsense_finds_nothing(retrieval: Retrieval, query: str) -> None:
    assert titles(retrieval, query) == []


def test_what_meets_more_of_a_query_comes_first_and_nothing_is_filtered(retrieval: Retrieval) -> None:
    ranking = retrieval.search("horror from the 80s", EVERY)

    assert [ITEMS[i][0] for i in ranking.items[:2].tolist()] == ["Night House", "Cold Cellar"]
    (note,) = ranking.notes
    assert note.startswith("Understood: genres Horror; year 1980 to 1989. Items that meet more of it come first")


def test_words_for_items_at_large_say_nothing_beside_other_words(retrieval: Retrieval) -> None:
    assert titles(retrieval, "shark movies")[:2] == ["Red Tide", "Blue Tide"]
    assert "Scary Movie" in titles(retrieval, "movie")


def test_equal_matches_come_by_popularity_and_for_a_taste_by_that(retrieval: Retrieval) -> None:
    assert titles(retrieval, "shark")[:2] == ["Red Tide", "Blue Tide"]
    assert retrieval.search("twin", EVERY).items[:2].tolist() == [8, 7]
    assert titles(retrieval, "shark", Profile.of(liked=[6, 8]))[:2] == ["Blue Tide", "Red Tide"]


def test_a_query_finds_what_it_means_in_other_words(retrieval: Retrieval, artifact: Artifact) -> None:
    query = "baby cats"
    found, _ = artifact.search.search(query, len(ITEMS))
    answer = retrieval.by_query.answer(query)

    assert 6 not in found
    assert titles(retrieval, query)[0] == "Kitten Summer"
    assert answer.likeness(6) is not None
    assert answer.signals.breakdown(6, EVERY).terms[0].member == "meaning"


def test_what_is_named_to_be_like_is_left_out(retrieval: Retrieval) -> None:
    ranking = retrieval.search("like Red Tide", EVERY)

    assert 3 not in ranking.items
    assert ITEMS[ranking.items[0]][0] == "Night House"
    assert "like Red Tide" in ranking.notes[0]


@pytest.mark.parametrize("query", ["shark", "scary film from the 80s", "like Twin but scary", "kittens"])
def test_a_score_is_the_sum_of_its_terms(retrieval: Retrieval, query: str) -> None:
    profile = Profile.of(liked=[1])
    ranking = retrieval.search(query, EVERY, profile)
    answer = retrieval.by_query.answer(query, profile)

    breakdowns = [answer.signals.breakdown(item, EVERY) for item in ranking.items.tolist()]
    assert len(breakdowns)
    for score, breakdown in zip(ranking.scores.tolist(), breakdowns, strict=True):
        assert breakdown.score == sum(term.value for term in breakdown.terms) == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("query", ["shark", "scary film from the 80s", "like Red Tide", "baby cats"])
def test_a_filter_changes_no_order_and_no_score(retrieval: Retrieval, query: str) -> None:
    even = np.arange(len(ITEMS)) % 2 == 0
    profile = Profile.of(liked=[1])
    full, narrowed = (retrieval.search(query, mask, profile) for mask in (EVERY, even))

    kept = [(i, score) for i, score in zip(full.items.tolist(), full.scores.tolist(), strict=True) if even[i]]
    assert kept == list(zip(narrowed.items.tolist(), narrowed.scores.tolist(), strict=True))


def test_items_are_not_embedded_where_the_owner_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    fit(config(tmp_path, SearchConfig(semantic="off")), store, quiet=True)
    artifact = store.load()

    assert artifact.encoder is None
    assert "meaning" not in artifact.manifest.parameters
    assert Retrieval(artifact, artifact.catalog).search("shark", EVERY).notes == ()


def test_without_the_package_a_fit_that_needs_it_fails_and_serving_falls_back_on_words(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "PACKAGE", "no_such_package")
    served = Artifact.open(artifact.path, artifact.manifest)
    ranking = Retrieval(served, served.catalog).search("shark", EVERY)

    assert ranking.items[0] == 3
    assert "'no_such_package' is not installed" in ranking.notes[0]
    with pytest.raises(DataError, match=r"concierge-mcp\[semantic\]"):
        fit(config(tmp_path, SearchConfig(semantic="on")), Store(tmp_path / "store"), quiet=True)


def test_embeddings_of_another_encoder_are_not_compared_with(
    artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "DIMENSIONS", 64)
    served = Artifact.open(artifact.path, artifact.manifest)

    assert served.encoder is None
    assert "fit again" in Retrieval(served, served.catalog).search("shark", EVERY).notes[0]


def test_an_item_outside_a_range_meets_no_end_of_it(retrieval: Retrieval, artifact: Artifact) -> None:
    answer = retrieval.by_query.answer("shark from the 70s")

    assert [constraint.op for constraint in answer.met(artifact.catalog, 3)] == [">=", "<="]
    assert answer.met(artifact.catalog, 4) == []
    assert answer.signals.value("understood", 4) == 0


def test_a_field_that_a_query_names_is_no_word_to_search_for(retrieval: Retrieval) -> None:
    assert set(titles(retrieval, "year before 1990")) == {"Night House", "Red Tide"}


def test_what_was_not_understood_is_said(retrieval: Retrieval) -> None:
    ranking = retrieval.search("shark but not lucas", EVERY)

    assert ranking.notes == ("Not understood, and not searched for: “but not lucas”.",)
    assert titles(retrieval, "shark but not lucas")[:2] == ["Red Tide", "Blue Tide"]

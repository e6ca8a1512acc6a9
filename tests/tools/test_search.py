import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.errors import StoreError
from concierge_tools.text.search import SearchIndex

FIELDS = (
    Field("topics", "tags", "tags", synonyms={"Science Fiction": ("sci-fi", "futuristic")}),
    Field("maker", "category", "category"),
    Field("about", "text", "text"),
)

ROWS: list[tuple[str, list[str], str, str]] = [
    ("Toy Story", ["Animation"], "Ann Lake", "Dolls come to life"),
    ("Toy Story 2", ["Animation"], "Ann Lake", "A doll is stolen"),
    ("Toy Soldiers", ["Action"], "Bo Stone", "A story of cadets"),
    ("Amélie", ["Romance"], "Jean Noir", "A waitress helps strangers"),
    ("I, Machine", ["Science Fiction"], "Bo Stone", "Robots turn on people"),
    ("The Robot", ["Comedy"], "Ann Lake", "A lonely inventor builds a friend"),
    ("It", ["Horror"], "Bo Stone", "A clown haunts a town"),
    ("Dust", ["Western"], "Jean Noir", "It rains once, and then it does not"),
    ("Stars", ["Drama"], "Jean Noir", "Two singers"),
    ("Starship", ["Drama"], "Jean Noir", "A long flight"),
    ("Schwarzenegger", ["Documentary"], "Bo Stone", "An actor"),
    ("Stark", ["Drama"], "Jean Noir", "A lawyer"),
    ("Twin", ["Drama"], "Jean Noir", "Same"),
    ("Twin", ["Drama"], "Jean Noir", "Same"),
]


def index_of(rows: list[tuple[str, list[str], str, str]], folder: Path) -> SearchIndex:
    keys = ("title", "topics", "maker", "about")
    named: list[dict[str, FieldValue]] = [
        {"id": str(i), **dict(zip(keys, row, strict=True))} for i, row in enumerate(rows)
    ]
    SearchIndex.build(Catalog.of("shelf", FIELDS, named), folder)
    return SearchIndex.open(folder)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    return index_of(ROWS, tmp_path_factory.mktemp("index"))


def titles(index: SearchIndex, query: str, limit: int = 20) -> list[str]:
    positions, scores = index.search(query, limit)
    assert list(scores) == sorted(scores, reverse=True)
    return [ROWS[position][0] for position in positions]


@pytest.mark.parametrize("query", ["toy story", "jean stranger", "schwarzeneger", "st", "it", "...", "twin"])
def test_matches_are_all_that_a_search_finds_by_position(index: SearchIndex, query: str) -> None:
    found, scores = index.search(query, len(ROWS))
    positions, own = index.matches(query)

    assert list(zip(positions.tolist(), own.tolist(), strict=True)) == sorted(
        zip(found.tolist(), scores.tolist(), strict=True)
    )


def test_the_title_that_is_the_query_comes_first_then_items_with_more_of_its_words(index: SearchIndex) -> None:
    assert titles(index, "toy story") == ["Toy Story", "Toy Story 2", "Toy Soldiers"]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("toy stroy", "Toy Story"),
        ("TOY STORRY 2", "Toy Story 2"),
        ("schwarzeneger", "Schwarzenegger"),
        ("schwarzenegar", "Schwarzenegger"),
        ("animtion toy", "Toy Story"),
        ("watress", "Amélie"),
    ],
)
def test_typos_find_what_was_meant(index: SearchIndex, query: str, first: str) -> None:
    assert titles(index, query)[0] == first


def test_accents_and_case_do_not_matter(index: SearchIndex) -> None:
    assert titles(index, "amelie") == titles(index, "AMÉLIE") == titles(index, "Ame\u0301lie") == ["Amélie"]


def test_the_last_word_may_be_unfinished(index: SearchIndex) -> None:
    assert titles(index, "jean noir starsh")[0] == "Starship"
    assert titles(index, "schw") == ["Schwarzenegger"]


def test_the_whole_word_comes_before_its_other_forms_longer_words_and_typos(index: SearchIndex) -> None:
    assert titles(index, "stars") == ["Stars", "Starship", "Stark"]


def test_texts_are_found_by_other_forms_of_a_word(index: SearchIndex) -> None:
    assert titles(index, "robots") == ["I, Machine", "The Robot"]
    assert titles(index, "robot") == ["The Robot", "I, Machine"]


def test_a_synonym_finds_the_items_with_its_value(index: SearchIndex) -> None:
    assert titles(index, "futuristic") == ["I, Machine"]
    assert titles(index, "sci-fi")[0] == "I, Machine"


def test_stop_words_find_nothing_by_themselves_beside_other_words(index: SearchIndex) -> None:
    assert titles(index, "what is it about a clown") == ["It"]
    assert "Dust" not in titles(index, "it cadets")


def test_two_words_that_matter_outweigh_many_that_do_not(index: SearchIndex) -> None:
    assert titles(index, "it does not rain on two singers and then") == ["Stars", "Dust"]


def test_a_query_of_stop_words_alone_is_still_a_query(index: SearchIndex) -> None:
    assert titles(index, "it") == ["It", "Dust"]


def test_equal_items_come_by_position(index: SearchIndex) -> None:
    positions, scores = index.search("twin", 5)

    assert positions.tolist() == [12, 13]
    assert scores[0] == scores[1]


def test_the_limit_keeps_the_best(index: SearchIndex) -> None:
    assert titles(index, "toy story", limit=1) == ["Toy Story"]
    assert titles(index, "toy story", limit=0) == []


@pytest.mark.parametrize("query", ["", "   ", "?!*", "🎬🍿", "()", '"', "-- ~ ^"])
def test_a_query_without_words_finds_nothing(index: SearchIndex, query: str) -> None:
    assert titles(index, query) == []


@pytest.mark.parametrize("query", ["title:toy", "toy AND", "(toy", '"toy', "toy^9", "-toy", "toy*", "[a TO toy]"])
def test_no_character_is_syntax(index: SearchIndex, query: str) -> None:
    assert "Toy Story" in titles(index, query)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=512))
def test_no_query_fails(index: SearchIndex, query: str) -> None:
    positions, _ = index.search(query, 5)

    assert len(set(positions.tolist())) == len(positions) <= 5


DISTINCT = ("amber", "bridge", "cobalt", "dragon", "emerald", "falcon", "granite", "harbour")


@settings(max_examples=20, deadline=None)
@given(
    held=st.lists(st.sets(st.sampled_from(DISTINCT), min_size=1), min_size=1, max_size=8),
    asked=st.sets(st.sampled_from(DISTINCT), min_size=1),
)
def test_items_that_hold_more_of_the_words_come_first(
    tmp_path_factory: pytest.TempPathFactory, held: list[set[str]], asked: set[str]
) -> None:
    texts = [" ".join(sorted(words)) for words in held]
    rows: list[tuple[str, list[str], str, str]] = [("Thing", [], "Maker", text) for text in texts]
    index = index_of(rows, tmp_path_factory.mktemp("index"))

    positions, _ = index.search(" ".join(sorted(asked)), 10)

    counts = [len(asked & held[position]) for position in positions]
    assert counts == sorted((len(asked & words) for words in held if asked & words), reverse=True)


def test_a_copy_of_the_folder_answers_alike(tmp_path: Path) -> None:
    index = index_of(ROWS, tmp_path / "built")
    shutil.copytree(tmp_path / "built", tmp_path / "copy")

    assert titles(SearchIndex.open(tmp_path / "copy"), "toy story") == titles(index, "toy story")


def test_an_empty_catalog_has_an_index(tmp_path: Path) -> None:
    assert index_of([], tmp_path / "empty").search("toy", 5)[0].tolist() == []


def test_a_folder_without_an_index_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="concierge fit"):
        SearchIndex.open(tmp_path / "missing")

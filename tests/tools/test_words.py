import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.text.spelling import Speller
from concierge_tools.text.titles import natural, variants
from concierge_tools.text.words import Stemmer, fold, tokens, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Amélie's café", ["amelies", "cafe"]),
        ("Ame\u0301lie", ["amelie"]),
        ("Łódź & Ærø", ["lodz", "and", "aero"]),
        ("Disney+ or C++", ["disney+", "or", "c++"]),
        ("this+that", ["this", "that"]),
        ("PG-13", ["pg", "13"]),
        ("Rocky II", ["rocky", "2"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("?! 🎬", []),
    ],
)
def test_words_are_compared_without_case_accents_and_apostrophes(text: str, folded: list[str]) -> None:
    assert words(text) == folded


@given(st.text(max_size=200))
def test_tokens_stand_where_they_say(text: str) -> None:
    found = tokens(text)

    assert [text[token.start : token.end] for token in found] == [token.raw for token in found]
    assert [token.folded for token in found] == words(text)


@given(st.text(max_size=100))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_forms_of_a_word_share_a_stem_and_codes_are_their_own() -> None:
    stemmer = Stemmer()

    assert stemmer.stem("animated") == stemmer.stem("animation")
    assert stemmer.stem("comedies") == stemmer.stem("comedy")
    assert stemmer.stem("4ks") == "4ks"


def test_comparatives_of_frequent_words_are_frequent_words() -> None:
    stemmer = Stemmer()

    assert all(stemmer.common(word) for word in ("shorter", "funniest", "bigger", "nicer", "loved", "cars"))
    assert not stemmer.common("aladdin")


def test_corrections_are_near_and_never_the_word_itself() -> None:
    speller = Speller({"horror": 3, "harbor": 9, "horrors": 1, "western": 2})

    assert speller.corrections("horrror")[0] == ("horror", 1)
    assert speller.corrections("horror") == [("horrors", 1)]
    assert speller.corrections("banana") == []
    assert speller.corrections("hor") == []


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Godfather, The (1972)", "The Godfather"),
        ("Avventura, L' (1960)", "L'Avventura"),
        ("Me, Myself & Irene", "Me, Myself & Irene"),
    ],
)
def test_a_trailing_article_moves_to_the_front(title: str, shown: str) -> None:
    assert natural(title) == shown


def test_a_title_is_known_by_its_head_its_tail_and_without_its_article() -> None:
    keys = dict(variants("The Long Road: Episode 2 - Return of the Goose (1983)"))

    assert max(keys.values()) == keys["the long road episode 2 return of the goose"] == 1
    assert 0.5 < keys["long road"] < keys["the long road"] < 1
    assert keys["return of the goose"] < keys["the long road"]

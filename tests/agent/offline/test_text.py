"""Tokens, numbers in words, decades and ordinals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_agent.offline.text import decade_at, number_at, ordinal_at, tokenize

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def in_words(number: int) -> str:
    """Write 0 to 999,999 in English."""
    if number < 20:
        return ONES.split()[number]
    if number < 100:
        ten = TENS.split()[number // 10 - 2]
        return ten if number % 10 == 0 else f"{ten}-{in_words(number % 10)}"
    if number < 1000:
        rest = "" if number % 100 == 0 else f" {in_words(number % 100)}"
        return f"{in_words(number // 100)} hundred{rest}"
    rest = "" if number % 1000 == 0 else f" {in_words(number % 1000)}"
    return f"{in_words(number // 1000)} thousand{rest}"


@given(st.integers(0, 999_999))
def test_numbers_in_words_are_read_whole(number: int) -> None:
    tokens = tokenize(in_words(number))

    assert number_at(tokens, 0) == (number, len(tokens))


@given(st.integers(0, 9_999_999))
def test_thousands_separators_change_nothing(number: int) -> None:
    assert number_at(tokenize(f"{number:,}"), 0) == number_at(tokenize(str(number)), 0) == (number, 1)


@given(st.text())
def test_every_token_points_at_its_own_characters(text: str) -> None:
    for token in tokenize(text):
        assert 0 <= token.start <= token.end <= len(text)
        assert token.text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("90s", 1990),
        ("1970s", 1970),
        ("'80s", None),
        ("nineties", 1990),
        ("the 90s", None),
        ("00s", 2000),
        ("95s", None),
    ],
)
def test_decades(text: str, first: int | None) -> None:
    found = decade_at(tokenize(text), 0)

    assert (found[0] if found else None) == first


def test_contractions_are_opened_and_keep_their_span() -> None:
    tokens = tokenize("I don’t want that")

    assert [t.text for t in tokens] == ["i", "do", "not", "want", "that"]
    assert tokens[1].start == tokens[2].start == 2


def test_ordinals_in_words_and_digits() -> None:
    assert ordinal_at(tokenize("second"), 0) == (2, 1)
    assert ordinal_at(tokenize("3rd"), 0) == (3, 2)
    assert ordinal_at(tokenize("3 rd"), 0) is None

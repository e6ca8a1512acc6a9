"""Parts of names and misspelt words: what may stand for a value, and what must not."""

import pytest

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field
from concierge_tools.text.mentions import Vocabulary

FIELDS = (
    Field("region", "category", "category"),
    Field("kind", "tags", "tags"),
    Field("language", "category", "category"),
    Field("maker", "category", "category"),
)
ROWS = [
    ("w1", "Cold Morning", "Kestrel Valley", ["Film-Reel"], "English", "Randi Ingerman"),
    ("w2", "Blue Tide", "North Ridge Hills", ["Science Writing"], "German", "Steven Halloway"),
    ("w3", "Old Lantern", "Barolo", ["Drama"], "Icelandic", "Mira Solano"),
]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    keys = ("id", "title", "region", "kind", "language", "maker")
    return Vocabulary(Catalog.of("cellar", FIELDS, [dict(zip(keys, row, strict=True)) for row in ROWS]))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("one from kestrel", "Kestrel Valley"),
        ("neither from barolo nor from kestrel", "Kestrel Valley"),
        ("something ridge hills like", "North Ridge Hills"),
        ("written in inglish", "English"),
        ("by steven hallowya", "Steven Halloway"),
        ("in german", "German"),
    ],
)
def test_a_part_or_a_slip_stands_for_the_one_value_it_can_mean(vocabulary: Vocabulary, text: str, value: str) -> None:
    assert value in {mention.value for mention in vocabulary.resolve(text)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a film like that", "Film-Reel"),
        ("some writing", "Science Writing"),
        ("in german", "Randi Ingerman"),
        ("the valley below", "Kestrel Valley"),
        ("english or unglish", "German"),
    ],
)
def test_an_ordinary_word_stands_for_no_value_that_only_contains_it(
    vocabulary: Vocabulary, text: str, value: str
) -> None:
    assert value not in {mention.value for mention in vocabulary.resolve(text)}

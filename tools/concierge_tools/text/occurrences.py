"""Occurrences: where in an item the words of a query stand."""

from rapidfuzz.distance import Levenshtein

from concierge_tools.data.catalog import Catalog
from concierge_tools.text.words import words

LONGEST_VALUE = 120
"""A longer text is not quoted as evidence; the word found in it is."""


def searched(catalog: Catalog) -> list[str]:
    """Return the fields that words are looked for in, the most telling first."""
    kinds: dict[str, list[str]] = {"tags": [], "category": [], "text": []}
    for field in catalog.fields:
        if field.type in kinds and field.role != "image":
            kinds[field.type].append(field.name)
    return ["title", *kinds["tags"], *kinds["category"], *kinds["text"]]


def occurrence(catalog: Catalog, item: int, name: str, word: str) -> tuple[str, str, str] | None:
    """Return the field, the word there and the value around it; of a long text just the word."""
    value = catalog.value(name, item)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            for token in words(one):
                if _same(word, token):
                    return name, token, one if len(one) <= LONGEST_VALUE else token
    return None


def _same(word: str, token: str) -> bool:
    if word == token:
        return True
    if min(len(word), len(token)) < 4:
        return len(word) == 3 and token.startswith(word)
    if token.startswith(word) or (word.startswith(token) and len(word) - len(token) <= 3):
        return True
    return Levenshtein.distance(word, token, score_cutoff=1) <= 1

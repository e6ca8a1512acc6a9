"""Terms: the values of category and tags fields, and the names of boolean fields, by every form of their words.

A form is found by the letters of its words alone, so that "sci fi", "Sci-Fi" and "scifi" are one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import CategoryColumn, TagsColumn
from concierge_tools.data.fields import Field
from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.spelling import Speller
from concierge_tools.text.words import Stemmer, fold, words

Match = Literal["exact", "synonym", "inflection", "partial", "typo"]

INFLECTED_BELOW = 2_000
"""Fields with more distinct values than this are names: their values have no inflections."""
SMALL = 100
"""Fields with at most this many distinct values are small: a part of a value's name may tell it."""
_VOWELS = "aeiou"
_DERIVED = re.compile(r"(?:at|[aeicty])+$")


@dataclass(frozen=True, slots=True)
class Term:
    """One way to say a value of a field."""

    field: str
    value: str
    weight: float
    """How many items have the value, each counted by its popularity."""
    form: str
    """The words as the catalog writes them."""
    match: Literal["exact", "synonym"]
    name: bool
    """Whether the field holds names of several words, like people."""


class TermIndex:
    """Terms by their letters, their stems and, for names, their parts."""

    __slots__ = (
        "_derived",
        "_exact",
        "_initials",
        "_parts",
        "_pieces",
        "_said",
        "_stems",
        "context",
        "longest",
        "longest_inflected",
        "speller",
        "stemmer",
    )

    def __init__(self, catalog: Catalog, stemmer: Stemmer, popularity: NDArray[np.float64]) -> None:
        self.stemmer = stemmer
        self._said = _said(catalog)
        self._exact: dict[str, list[Term]] = {}
        self._stems: dict[str, list[Term]] = {}
        self._derived: dict[str, list[Term]] = {}
        self._parts: dict[str, list[tuple[Term, bool]]] = {}
        self._pieces: dict[str, list[Term]] = {}
        self._initials: dict[str, list[Term]] = {}
        self.longest = 0
        """Most words that a text may spread a term over."""
        self.longest_inflected = 0
        self.context: dict[str, frozenset[str]] = {}
        """For each field the stems of its name and aliases."""
        counts: dict[str, float] = {}
        for field in catalog.fields:
            said = [word for name in (field.name, *field.aliases) for word in words(name.replace("_", " "))]
            self.context[field.name] = frozenset(stemmer.stem(word) for word in said)
            for term, inflected in _terms(catalog, field, popularity):
                self._add(term, inflected=inflected, counts=counts)
            self._take_pieces(catalog, field)
        self.speller = Speller(counts)

    def tell(self, catalog: Catalog) -> bool:
        """Return whether these are the terms of a catalog: its fields and their values are those that were indexed."""
        return _said(catalog) == self._said

    @property
    def empty(self) -> bool:
        """Whether there is no term at all."""
        return not (self._exact or self._initials)

    def _add(self, term: Term, *, inflected: bool, counts: dict[str, float]) -> None:
        cut = words(term.form)
        compact = "".join(cut)
        if not compact:
            return
        if len(compact) == 1 and compact.isalpha():
            self._initials.setdefault(term.form.strip().upper(), []).append(term)
            return
        self.longest = max(self.longest, len(cut) + 2)
        forms = {compact, compact.replace("+", "plus")} if compact.endswith("+") else {compact}
        for form in forms:
            self._exact.setdefault(form, []).append(term)
        for word in cut:
            counts[word] = counts.get(word, 0) + term.weight
        if inflected:
            self.longest_inflected = max(self.longest_inflected, len(cut))
            self._stems.setdefault(self.stemmed(cut), []).append(term)
            if len(cut) == 1 and len(compact) >= 5:
                self._derived.setdefault(self.derived(compact), []).append(term)
        if term.name and len(cut) > 1:
            for i, word in enumerate(cut):
                if len(word) >= 4 and word not in STOP_WORDS:
                    self._parts.setdefault(word, []).append((term, i == len(cut) - 1))
            if len(cut) > 2:
                self._parts.setdefault(cut[0] + cut[-1], []).append((term, True))

    def _take_pieces(self, catalog: Catalog, field: Field) -> None:
        """Index the parts of a small field's values: their words, and two or more of them in a row."""
        column = catalog.column(field.name)
        if not isinstance(column, CategoryColumn | TagsColumn) or len(column.values) > SMALL:
            return
        for value in column.values:
            cut = words(value)
            whole = [term for term in self.exact("".join(cut)) if (term.field, term.value) == (field.name, value)]
            for size in range(1, len(cut)):
                for i in range(len(cut) - size + 1):
                    piece = cut[i : i + size]
                    if not set(piece) & STOP_WORDS and (size > 1 or len(piece[0]) >= 4):
                        self._pieces.setdefault("".join(piece), []).extend(whole[:1])

    def stemmed(self, cut: list[str]) -> str:
        """Return the stems of words, joined."""
        return "".join(self.stemmer.stem(word) for word in cut)

    def derived(self, word: str) -> str:
        """Return what is left of a word without endings that make one kind of word from another."""
        left = _DERIVED.sub("", self.stemmer.stem(word))
        return left if len(left) >= 4 else word

    def exact(self, compact: str) -> list[Term]:
        """Return the terms whose letters these are."""
        return self._exact.get(compact, [])

    def inflected(self, cut: list[str]) -> list[Term]:
        """Return the terms with the stems of these words."""
        return self._stems.get(self.stemmed(cut), [])

    def related(self, word: str) -> list[Term]:
        """Return the terms that a word is derived from ("romantic", "romance"); none for short and frequent words."""
        if len(word) < 6 or not self._derived:
            return []
        found = self._derived.get(self.derived(word), [])
        return [] if found and self.stemmer.common(word) else found

    def initial(self, letter: str) -> list[Term]:
        """Return the terms that are this capital letter."""
        return self._initials.get(letter, [])

    def parts(self, compact: str) -> list[tuple[Term, bool]]:
        """Return the names that a word is part of, and whether it ends them; or that begin and end with two words."""
        return self._parts.get(compact, [])

    def piece(self, compact: str) -> list[Term]:
        """Return the values of small fields that a word, or words in a row, are part of."""
        return self._pieces.get(compact, [])

    def other_vowel(self, word: str) -> list[tuple[str, int]]:
        """Return a small field's single words that differ from a word by their first vowel alone, as one edit each."""
        if len(word) < 6 or word[0] not in _VOWELS:
            return []
        others = [vowel + word[1:] for vowel in _VOWELS if vowel != word[0]]
        return [(other, 1) for other in others if any(not term.name for term in self.exact(other))]


def _said(catalog: Catalog) -> tuple[tuple[Field, ...], dict[str, Sequence[str]]]:
    """Return the fields of a catalog, and the distinct values of those whose values are terms."""
    columns = {field.name: catalog.column(field.name) for field in catalog.fields if field.type in ("category", "tags")}
    return catalog.fields, {
        name: column.values for name, column in columns.items() if isinstance(column, CategoryColumn | TagsColumn)
    }


def _terms(catalog: Catalog, field: Field, popularity: NDArray[np.float64]) -> Iterator[tuple[Term, bool]]:
    if field.type == "boolean":
        count = float(len(catalog))
        yield Term(field.name, "true", count, field.name.replace("_", " "), "exact", name=False), True
        for alias in field.aliases:
            yield Term(field.name, "true", count, alias, "synonym", name=False), True
    column = catalog.column(field.name)
    if not isinstance(column, CategoryColumn | TagsColumn):
        return
    inflected = len(column.values) <= INFLECTED_BELOW
    several = sum(" " in value.strip() for value in column.values)
    name = several * 2 >= len(column.values)
    known = {fold(value): value for value in column.values}
    counts = dict(zip(column.values, _weights(column, 1 + popularity).tolist(), strict=True))
    for value, count in counts.items():
        yield Term(field.name, value, count, value, "exact", name), inflected
    for said, synonyms in field.synonyms.items():
        value = known.get(fold(said), said)
        if value in counts:
            for synonym in synonyms:
                yield Term(field.name, value, counts[value], synonym, "synonym", name=False), True


def _weights(column: CategoryColumn | TagsColumn, popularity: NDArray[np.float64]) -> NDArray[np.float64]:
    if isinstance(column, CategoryColumn):
        has = column.codes >= 0
        return np.bincount(column.codes[has], popularity[has], len(column.values)).astype(np.float64)
    owned = np.repeat(popularity, np.diff(column.indptr))
    return np.bincount(column.codes, owned, len(column.values)).astype(np.float64)

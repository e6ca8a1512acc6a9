"""Mentions: what a text names of a catalog, items by their titles and values of fields by their words.

Links words alone. Negation, numbers, dates and what "it" refers to are for the reader of the mentions to work out.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import DateColumn, NumberColumn, TextColumn
from concierge_tools.text.passage import Passage
from concierge_tools.text.terms import Match, TermIndex
from concierge_tools.text.title_reader import TitleReader, TitleReading
from concierge_tools.text.titles import TitleIndex, year_of
from concierge_tools.text.value_reader import ValueReading, read_values
from concierge_tools.text.words import Stemmer

ALTERNATIVES = 5
SURE = 0.6
"""From this score on a title rules out misspelt and shortened values within it."""
_LOWER_WORD = re.compile(r"(?<![^\W_])[a-z]{2,}(?![^\W_])")
_LEARN_FROM = 5_000
_LEARN_AT = 2


@dataclass(frozen=True, slots=True)
class AlternativeData:
    """Another reading of a mention."""

    score: float
    item: int | None = None
    item_id: str | None = None
    title: str | None = None
    field: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class MentionData:
    """A stretch of text that names an item or a field's value."""

    span: tuple[int, int]
    """Start and end in characters, end exclusive."""
    text: str
    kind: Literal["item", "value"]
    score: float
    """1 for an exact match; lower for typos, inflections and doubtful titles."""
    match: Match
    item: int | None = None
    """Position of the item."""
    item_id: str | None = None
    title: str | None = None
    field: str | None = None
    value: str | None = None
    alternatives: tuple[AlternativeData, ...] = ()


class Vocabulary:
    """Every title and value of a catalog, ready to be found in texts."""

    __slots__ = ("_catalog", "_named", "_reader", "_terms", "_titles")

    def __init__(
        self,
        catalog: Catalog,
        popularity: NDArray[np.floating] | None = None,
        terms: TermIndex | None = None,
        *,
        before: "Vocabulary | None" = None,
    ) -> None:
        """Index a catalog.

        Args:
            catalog: What texts may name.
            popularity: Shape (items,); settles which of several items of one title is meant.
            terms: Those of the catalog, where they were indexed before.
            before: Of the catalog as it was: its titles are taken over where they are the same.
        """
        self._catalog = catalog
        weights = weights_of(catalog, popularity)
        self._terms = TermIndex(catalog, Stemmer(), weights) if terms is None else terms
        self._named = [title if here else "" for title, here in zip(catalog.titles, catalog.present, strict=True)]
        named = before is not None and before._named == self._named
        self._titles: TitleIndex = before._titles if before and named else TitleIndex(self._named, weights)
        self._reader = TitleReader(self._titles, self._terms.stemmer, _learned(catalog), self._dated)

    def titles(self, passage: Passage) -> list[TitleReading]:
        """Return the stretches of a passage that name items, by start; they do not overlap."""
        return self._reader.read(passage, set())

    def resolve(self, text: str) -> list[MentionData]:
        """Return what a text names, by start, the longer first, then the surer.

        Mentions of items do not overlap one another; mentions of values may overlap them and one another.
        """
        passage = Passage(text)
        values = read_values(passage, self._terms)
        certain = {(v.first, v.end) for v in values if v.best.match not in ("typo", "partial")}
        titles = self._reader.read(passage, certain)
        loose = [v for v in values if not (v.best.match in ("typo", "partial") and _inside(v, titles))]
        found = [self._item(passage, t) for t in titles] + [self._value(passage, v) for v in loose]
        return sorted(found, key=lambda m: (m.span[0], -m.span[1], -m.score, m.kind))

    def _item(self, passage: Passage, reading: TitleReading) -> MentionData:
        best, *others = reading.namings
        span = self._span(passage, reading.first, reading.end)
        alternatives = tuple(
            AlternativeData(
                item=other.position,
                item_id=self._catalog.ids[other.position],
                title=self._catalog.titles[other.position],
                score=round(reading.score * other.quality / best.quality, 3),
            )
            for other in others[:ALTERNATIVES]
        )
        return MentionData(
            span=span,
            text=passage.text[slice(*span)],
            kind="item",
            score=round(reading.score, 3),
            match=reading.match,
            item=best.position,
            item_id=self._catalog.ids[best.position],
            title=self._catalog.titles[best.position],
            alternatives=alternatives,
        )

    def _value(self, passage: Passage, reading: ValueReading) -> MentionData:
        best, *others = reading.said
        span = passage.span(reading.first, reading.end)
        alternatives = tuple(
            AlternativeData(field=other.term.field, value=other.term.value, score=round(other.score, 3))
            for other in others[:ALTERNATIVES]
        )
        return MentionData(
            span=span,
            text=passage.text[slice(*span)],
            kind="value",
            score=round(best.score, 3),
            match=best.match,
            field=best.term.field,
            value=best.term.value,
            alternatives=alternatives,
        )

    def _span(self, passage: Passage, first: int, end: int) -> tuple[int, int]:
        start, stop = passage.span(first, end)
        closes = passage.tokens[end - 1].gap.endswith("(") and passage.text[stop : stop + 1] == ")"
        return start, stop + closes

    def _dated(self, position: int, year: str) -> bool:
        own = year_of(self._catalog.titles[position])
        if own is not None:
            return own == year
        for field in self._catalog.fields:
            column = self._catalog.column(field.name)
            if isinstance(column, DateColumn | NumberColumn):
                value = column.value(position)
                if isinstance(value, str):
                    if value[:4] == year:
                        return True
                elif value is not None and value == float(year):
                    return True
        return False


def weights_of(catalog: Catalog, popularity: NDArray[np.floating] | None) -> NDArray[np.float64]:
    """Return the weight of each item where several fit a word; all alike where no popularity is known."""
    return np.zeros(len(catalog)) if popularity is None else np.nan_to_num(popularity.astype(np.float64))


def _inside(value: ValueReading, titles: list[TitleReading]) -> bool:
    return any(
        t.score >= SURE and t.first <= value.first and value.end <= t.end and t.end - t.first > value.end - value.first
        for t in titles
    )


def _learned(catalog: Catalog) -> frozenset[str]:
    """Return the words that the catalog's texts use in lower case more than once: ordinary words, not names."""
    counts: Counter[str] = Counter()
    for field in catalog.fields:
        column = catalog.column(field.name)
        if isinstance(column, TextColumn):
            for text in column.texts[:_LEARN_FROM]:
                counts.update(set(_LOWER_WORD.findall(text or "")))
    return frozenset(word for word, count in counts.items() if count >= _LEARN_AT)

"""Search: items by words, tolerant of typos and of a last word that is not finished.

A query is words and nothing else: no character of it is syntax. An item's score is a sum over the query's words of the
best way it holds the word, plus what a title adds when it holds the words side by side or is the query. The word
itself weighs 1, another form of it less, the start of a word a quarter, a word with typos a tenth; a stop word weighs a
fiftieth of that. So items that hold more of the words come first. Knows no meaning: "scary" finds no "frightening".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from tantivy import (
    DocAddress,
    Document,
    Filter,
    Index,
    Occur,
    Query,
    Schema,
    SchemaBuilder,
    Searcher,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.errors import StoreError
from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.titles import natural, variants
from concierge_tools.text.words import fold, words

PREFIX = 0.25
FUZZY = 0.1
STOP = 0.02
STEM = 0.8
IN_TITLE = 0.08
IN_VALUE = 0.04
"""What the place of a word adds; small, so that no place outweighs one more word."""
PHRASE = 0.3
WHOLE_TITLE = 0.5
RELEVANCE = 0.001
"""Weight of BM25, which settles what the tiers leave equal."""
WHOLE_QUALITY = 0.9
"""Which forms of a title count as all of it: with or without its article."""
WIDEN_BELOW = 3
"""A word that fewer items hold is also looked for with typos."""
MAX_WORDS = 24
MAX_WORD = 40
_HEAP = 256_000_000
_SMALL_HEAP = 20_000_000


@dataclass(frozen=True, slots=True)
class _Word:
    plain: str
    stem: str

    @property
    def weight(self) -> float:
        return STOP if self.plain in STOP_WORDS else 1.0


class Search(Protocol):
    """Finds items by words."""

    def search(self, query: str, limit: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the positions and scores of the best items, best first; ties by position."""

    def matches(self, query: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the positions, ascending, and the scores of all items that are found."""

    def titled(self, query: str) -> NDArray[np.int32]:
        """Return the positions of the items whose title is the query, up to its article."""

    def quotes_title(self, query: str) -> bool:
        """Return whether a title is the query, or holds its words side by side."""


class SearchIndex:
    """A tantivy index over titles, values and texts. Immutable once built."""

    __slots__ = ("_counted", "_plain", "_schema", "_searcher", "_stemmed")

    def __init__(self, index: Index, *, beside: Sequence[Self] = ()) -> None:
        """Read an index; how rare words are is counted over it and the indexes `beside` it."""
        self._plain, self._stemmed = _register(index)
        self._schema: Schema = index.schema
        self._searcher: Searcher = index.searcher()
        self._counted = [self._searcher, *(other._searcher for other in beside)]

    @classmethod
    def of(cls, catalog: Catalog, *, beside: Sequence[Self] = ()) -> Self:
        """Build the index of a small catalog in memory; its terms are as rare as they are in those `beside` it."""
        index = Index(_schema(), sort_by_field="position")
        cls._fill(index, catalog, _SMALL_HEAP)
        index.reload()
        return cls(index, beside=beside)

    @classmethod
    def build(cls, catalog: Catalog, folder: Path) -> None:
        """Write the index of a catalog into a folder, which is created."""
        folder.mkdir(parents=True, exist_ok=True)
        cls._fill(Index(_schema(), path=str(folder), sort_by_field="position"), catalog, _HEAP)

    @staticmethod
    def _fill(index: Index, catalog: Catalog, heap: int) -> None:
        _register(index)
        writer = index.writer(heap, 1)
        valued = [field for field in catalog.fields if field.type in ("category", "tags")]
        for i, title in enumerate(catalog.titles):
            values = [word for field in valued for word in _named(field, catalog.value(field.name, i))]
            text = _plain_text(catalog.document(i))
            names = [" ".join(words(value)) for value in values]
            writer.add_document(
                Document(
                    position=i,
                    whole=[key for key, quality in variants(title) if quality >= WHOLE_QUALITY],
                    title=" ".join(words(natural(title))),
                    values=names,
                    text=[text, *names],
                    words=[text, *names],
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an index; tantivy writes lock files into the folder.

        Raises:
            StoreError: There is no index in the folder, or it is damaged.
        """
        try:
            return cls(Index.open(str(folder)))
        except (ValueError, OSError) as error:
            raise StoreError(f"No search index in {str(folder)!r}; run `concierge fit` again. ({error})") from None

    def search(self, query: str, limit: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the positions and scores of the best items, best first; ties by position.

        A query without words finds nothing. An item must hold a word that is not a stop word, if the query has any.
        """
        found, scores = self._hits(query, limit)
        order = np.lexsort((found, -scores))
        return found[order], scores[order]

    def matches(self, query: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the positions, ascending, and the scores of all items that are found."""
        found, scores = self._hits(query, self._searcher.num_docs)
        order = np.argsort(found, kind="stable")
        return found[order], scores[order]

    def _hits(self, query: str, limit: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        parsed = self.parse(query)
        if parsed is None or limit < 1 or self._searcher.num_docs == 0:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        hits = self._searcher.search(parsed, limit=min(limit, self._searcher.num_docs), count=False).hits
        scores = np.fromiter(map(itemgetter(0), hits), np.float32, len(hits))
        return self._positions(hits), scores

    def titled(self, query: str) -> NDArray[np.int32]:
        """Return the positions of the items whose title is the query, up to its article."""
        return self._positions(self._searcher.search(self._whole(query), limit=max(1, self._searcher.num_docs)).hits)

    def quotes_title(self, query: str) -> bool:
        """Return whether a title is the query, or holds its words side by side."""
        ways = Query.boolean_query(
            [(Occur.Should, way) for way in (self._whole(query), *self._phrases(self._words(query)))]
        )
        return bool(self._searcher.search(ways, limit=1).hits)

    def parse(self, query: str) -> Query | None:
        """Return what a query asks of tantivy; None for one without words."""
        terms = self._words(query)
        return self._query(query, terms) if terms else None

    def _words(self, query: str) -> list[_Word]:
        plain: list[str] = self._plain.analyze(" ".join(words(query)))
        cut = [_Word(word, "".join(self._stemmed.analyze(word))) for word in plain]
        return list(dict.fromkeys(cut))[:MAX_WORDS]

    def _query(self, query: str, terms: list[_Word]) -> Query:
        matches = [(word, self._match(word, last=word is terms[-1])) for word in terms]
        content = [match for word, match in matches if word.plain not in STOP_WORDS] or [m for _, m in matches]
        parts = [(Occur.Must, Query.boolean_query([(Occur.Should, match) for match in content]))]
        if len(content) < len(matches):
            parts += [(Occur.Should, match) for word, match in matches if word.plain in STOP_WORDS]
        parts += [(Occur.Should, _constant(phrase, PHRASE)) for phrase in self._phrases(terms)]
        parts.append((Occur.Should, _constant(self._whole(query), WHOLE_TITLE)))
        return Query.boolean_query(parts)

    def _whole(self, query: str) -> Query:
        return Query.term_query(self._schema, "whole", " ".join(words(query)))

    def _positions(self, hits: list[tuple[float, DocAddress]]) -> NDArray[np.int32]:
        values = self._searcher.fast_field_values("position", [address for _, address in hits])
        return np.fromiter(values, np.int32, len(hits))

    def _phrases(self, terms: list[_Word]) -> Iterator[Query]:
        plain = [word.plain for word in terms]
        if len(plain) > 1 and not all(word in STOP_WORDS for word in plain):
            yield Query.phrase_query(self._schema, "title", [*plain])

    def _match(self, word: _Word, *, last: bool) -> Query:
        ways: list[Query] = []
        relevance: list[tuple[Occur, Query]] = []
        for field, term, score in (
            ("title", word.plain, 1 + IN_TITLE),
            ("words", word.plain, 1.0),
            ("text", word.stem, STEM),
        ):
            exact = Query.term_query(self._schema, field, term)
            ways.append(_constant(exact, word.weight * score))
            relevance.append((Occur.Should, Query.boost_query(exact, word.weight * RELEVANCE)))
        valued = Query.term_query(self._schema, "values", word.stem)
        relevance.append((Occur.Should, _constant(valued, word.weight * IN_VALUE)))
        holders = sum(max(s.doc_freq("title", word.plain), s.doc_freq("text", word.stem)) for s in self._counted)
        length = len(word.plain)
        if last and 2 <= length <= MAX_WORD:
            ways += self._loose(word, PREFIX, distance=0, prefix=True)
        if 4 <= length <= MAX_WORD and holders < WIDEN_BELOW:
            ways += self._loose(word, FUZZY, distance=1, prefix=False)
            if last and holders == 0:
                ways += self._loose(word, FUZZY * 0.8, distance=1, prefix=True)
            if length >= 8 and holders == 0:
                ways += self._loose(word, FUZZY * 0.6, distance=2, prefix=False)
        return Query.boolean_query([(Occur.Should, Query.disjunction_max_query(ways)), *relevance])

    def _loose(self, word: _Word, score: float, *, distance: int, prefix: bool) -> Iterator[Query]:
        for field in ("title", "words"):
            query = Query.fuzzy_term_query(self._schema, field, word.plain, distance=distance, prefix=prefix)
            bonus = 1 + IN_TITLE if field == "title" else 1.0
            yield _constant(query, word.weight * score * bonus)


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_integer_field("position", stored=True, fast=True, indexed=False)
    builder.add_text_field("whole", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name="plain")
    builder.add_text_field("words", tokenizer_name="plain", index_option="freq")
    builder.add_text_field("values", tokenizer_name="stemmed", index_option="freq")
    builder.add_text_field("text", tokenizer_name="stemmed", index_option="freq")
    return builder.build()


def _register(index: Index) -> tuple[TextAnalyzer, TextAnalyzer]:
    plain = TextAnalyzerBuilder(Tokenizer.simple()).build()
    stemmed = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.stemmer("english")).build()
    index.register_tokenizer("plain", plain)
    index.register_tokenizer("stemmed", stemmed)
    return plain, stemmed


def _constant(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)


def _named(field: Field, value: FieldValue) -> Iterator[str]:
    for name in value if isinstance(value, list) else [value]:
        if isinstance(name, str):
            yield name
            yield from field.synonyms.get(name, ())


def _plain_text(text: str) -> str:
    return fold(text).replace("'", "")

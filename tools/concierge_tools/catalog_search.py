"""Search over a catalog: words, what they say of fields, what they mean, likeness, taste and popularity, in one sum.

The unit of every term is a word of the query that an item holds. Words alone decide which items are found by words, and
a query that has nothing but words is answered by them and popularity.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import mask, unmet
from concierge_tools.ranking.ranking import Ranking
from concierge_tools.ranking.signals import Signal, Signals
from concierge_tools.recommenders.blend import FUSION
from concierge_tools.recommenders.recommender import Floats, Mask, Positions, Profile
from concierge_tools.storage.artifact import Artifact
from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.words import words

if TYPE_CHECKING:
    from concierge_tools.text.meaning import Meanings
    from concierge_tools.text.understanding import Understanding

BASIS = "text relevance"
VALUE = 0.25
"""What meeting a value adds to the words for it, which the items that have the value hold as well."""
QUANTITY = 1.0
TITLE = 2.0
"""What an item gets whose title is the query: more than the other signals can give another."""
MEANING = 0.75
LIKENESS = 1.0
TASTE = 0.3
"""For a known taste, in place of popularity, which it is informed by."""
POPULARITY = 0.3
"""What the most popular item gets; others by the logarithm of theirs."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """How a query was answered, so that every score can be explained."""

    signals: Signals
    understanding: "Understanding"
    query: str
    text: str
    """The words of the query that were searched for."""
    near: Signal | None
    """The items that are like the query in meaning, with the cosines; None where meaning took no part."""

    def met(self, catalog: Catalog, item: int) -> list[Constraint]:
        """Return what the item meets of that which was understood."""
        parts = [part.constraints for part in self.understanding.parts]
        met = [constraint for part in parts if not unmet(catalog, item, part) for constraint in part]
        return list(dict.fromkeys(met))

    def words(self, item: int) -> str:
        """Return the words that an item may have been found by: for one whose title is the query, all of it."""
        return self.query if self.signals.value("title", item) > 0 else self.text

    def likeness(self, item: int) -> float | None:
        """Return how like the query an item is in meaning; None where that is noise, or words found it as well."""
        if self.near is None or self.signals.value("words", item) > 0:
            return None
        return self.near.of_item(item) or None

    def like(self, item: int) -> tuple[int, ...]:
        """Return the items that the query names and that this one is like."""
        return self.understanding.likes if self.signals.value("likeness", item) > 0 else ()


class CatalogSearch:
    """Answers queries over one artifact."""

    def __init__(
        self,
        artifact: Artifact,
        catalog: Catalog,
        recommend: Callable[[Profile, Mask], Ranking],
        similar: Callable[[Sequence[int], Mask], Ranking],
        *,
        by_meaning: bool = True,
    ) -> None:
        """Hold an artifact and its catalog with live values, and what ranks for a taste and by likeness.

        Without `by_meaning`, meaning takes no part where it could.
        """
        self._by_meaning = by_meaning
        self._artifact = artifact
        self._catalog = catalog
        self._recommend = recommend
        self._similar = similar

    def answer(self, query: str, profile: Profile | None = None) -> Answer:
        """Score the items that a query finds in the whole catalog, so that no filter changes their order.

        Args:
            query: Has words.
            profile: The taste by which equal matches are ordered.
        """
        from concierge_tools.text.understanding import understand

        asked = understand(query, self._catalog, self._artifact.terms, lambda: self._artifact.vocabulary, self._ignored)
        text = self._text(asked)
        held = self._words(query, text)
        meaning = self._meaning(text)
        if asked.parts or asked.likes or meaning is not None or profile:
            items, terms = self._beyond_words(query, asked, text, held, meaning, profile)
        else:
            items, terms = held.items, {"words": held.values}
        if "taste" not in terms and len(items) and self._popularity is not None:
            terms["popularity"] = self._popularity[items]
        signals = Signals(items, terms, _basis(terms), self._notes(asked))
        return Answer(signals, asked, query, text, meaning.near if meaning is not None else None)

    def _text(self, asked: "Understanding") -> str:
        """Return what of a query is searched for as words."""
        text = asked.text
        if self._ignored:
            kept = [word for word in text.split() if not {*words(word)} & self._ignored]
            others = any(not STOP_WORDS.issuperset(words(word)) for word in kept)
            text = " ".join(kept) if others or asked.parts or asked.likes else text
        return "" if (asked.parts or asked.likes) and STOP_WORDS.issuperset(words(text)) else text

    def _words(self, query: str, text: str) -> Signal:
        index = self._artifact.search
        held = Signal(*index.matches(text))
        if text != query and words(text) != words(query) and index.quotes_title(query):
            held = held.larger(Signal(*index.matches(query)))
        return held

    def _beyond_words(
        self,
        query: str,
        asked: "Understanding",
        text: str,
        held: Signal,
        meaning: "_Meaning | None",
        profile: Profile | None,
    ) -> tuple[Positions, dict[str, Floats]]:
        """Return the items that a query finds by more than its words, and what each signal adds to them."""
        signals: dict[str, Signal] = {}
        found = np.zeros(len(self._catalog), np.bool_)
        found[held.items] = True
        meets = [mask(self._catalog, part.constraints) for part in asked.parts]
        bare = not text and not asked.likes
        for part, met in zip(asked.parts, meets, strict=True):
            if bare or part.kind == "value":
                found |= met
        likes = np.array(asked.likes, np.int32)
        if len(likes):
            signals["likeness"] = _by_rank(self._similar(asked.likes, np.ones_like(found)), LIKENESS)
            found[signals["likeness"].items] = True
            found[likes] = False
        if meaning is not None:
            near = meaning.near.items
            found[near[~np.isin(near, likes)] if len(likes) else near] = True
            positions = _positions(found)
            signals["meaning"] = _by_size(positions, meaning.cosines(positions), MEANING)
        if profile:
            signals["taste"] = _by_place(self._recommend(profile, found.copy()), TASTE)
        if len(titled := self._artifact.search.titled(query)):
            signals["title"] = Signal.of(titled, np.full(len(titled), TITLE, np.float32))
            found[titled] = True
        items = _positions(found)
        terms = {"words": held.at(items)}
        if asked.parts:
            terms["understood"] = _understood(items, asked, meets)
        return items, terms | {name: signal.at(items) for name, signal in signals.items()}

    def _meaning(self, text: str) -> "_Meaning | None":
        meanings, encode = self._artifact.meanings, self._artifact.encoder
        if not self._by_meaning or meanings is None or encode is None or not text:
            return None
        return _Meaning(meanings, encode([text])[0])

    def _notes(self, asked: "Understanding") -> tuple[str, ...]:
        said = asked.words(self._catalog)
        notes = [f"Understood: {said}. Items that meet more of it come first; nothing was left out for it."]
        if asked.likes:
            notes = [f"Understood: {said}. Items that meet more of it come first; what they are like is left out."]
        missed = ", ".join(f"“{one}”" for one in asked.missed)
        notes = [*(notes if said else ()), *([f"Not understood, and not searched for: {missed}."] if missed else ())]
        missing = self._artifact.encoder_missing
        return (*notes, *([missing] if missing else ()))

    @cached_property
    def _ignored(self) -> frozenset[str]:
        """The owner's words for items at large, which tell none from another."""
        stem = self._artifact.terms.stemmer.stem
        said = {word for name in self._artifact.config.search.ignored for word in words(name)}
        return frozenset(said | {stem(word) for word in said} | {f"{word}s" for word in said})

    @cached_property
    def _popularity(self) -> Floats | None:
        """What popularity adds to each item, shape (items,); None where nothing was liked by anybody yet."""
        if not self._artifact.popularity.known:
            return None
        people = np.log1p(self._artifact.popularity.ever.astype(np.float32))
        return np.asarray(POPULARITY * people / max(float(people.max()), 1.0), np.float32)


class _Meaning:
    """What a query means, beside what the items mean."""

    __slots__ = ("_meanings", "_query", "near")

    def __init__(self, meanings: "Meanings", query: Floats) -> None:
        self._meanings = meanings
        self._query = query
        self.near = Signal(*meanings.near(query))

    def cosines(self, items: Positions) -> Floats:
        return self._meanings.cosines(self._query, items)


def _positions(chosen: Mask) -> Positions:
    return np.flatnonzero(chosen).astype(np.int32)


def _understood(items: Positions, asked: "Understanding", meets: Sequence[Mask]) -> Floats:
    total = np.zeros(len(items), np.float32)
    for part, met in zip(asked.parts, meets, strict=True):
        total += met[items] * np.float32((VALUE if part.worded else QUANTITY) * part.score)
    return total


def _by_rank(ranking: Ranking, weight: float) -> Signal:
    """Return weight x 61 / (60 + rank) for the items with a score: reciprocal ranks, the first of them the weight."""
    scored = ranking.items[~np.isnan(ranking.scores)]
    return Signal.of(scored, weight * (FUSION + 1) / (FUSION + np.arange(1, len(scored) + 1)))


def _by_place(ranking: Ranking, weight: float) -> Signal:
    """Return weight x (1 - (rank - 1) / n) for the n items with a score: an even step from each to the next."""
    scored = ranking.items[~np.isnan(ranking.scores)]
    return Signal.of(scored, weight * np.linspace(1, 0, len(scored), endpoint=False))


def _by_size(items: Positions, values: Floats, weight: float) -> Signal:
    """Return weight x 61 / (60 + rank) for items, the largest value first."""
    order = items[np.argsort(-values, kind="stable")]
    return Signal.of(order, weight * (FUSION + 1) / (FUSION + np.arange(1, len(order) + 1)))


def _basis(terms: Mapping[str, Floats]) -> str:
    beside = [name for name in terms if name not in ("words", "popularity")]
    return f"{BASIS} ({', '.join(['words', *beside])})" if beside else BASIS

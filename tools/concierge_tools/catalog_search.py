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
from concierge_tools.ranking.signals import Signals
from concierge_tools.recommenders.blend import FUSION
from concierge_tools.recommenders.recommender import Floats, Mask, Profile
from concierge_tools.storage.artifact import Artifact
from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.words import words

if TYPE_CHECKING:
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
    cosines: Floats | None
    """Likeness of meaning, shape (items,); None where meaning took no part."""
    floor: float
    """A likeness of meaning below this is noise."""

    def met(self, catalog: Catalog, item: int) -> list[Constraint]:
        """Return what the item meets of that which was understood."""
        asked = [constraint for part in self.understanding.parts for constraint in part.constraints]
        missed = unmet(catalog, item, asked)
        return [constraint for constraint in dict.fromkeys(asked) if constraint not in missed]

    def words(self, item: int) -> str:
        """Return the words that an item may have been found by: for one whose title is the query, all of it."""
        titled = self.signals.terms.get("title")
        return self.query if titled is not None and titled[item] > 0 else self.text

    def likeness(self, item: int) -> float | None:
        """Return how like the query an item is in meaning; None where that is noise, or words found it as well."""
        if self.cosines is None or self.signals.terms["words"][item] > 0 or self.cosines[item] < self.floor:
            return None
        return float(self.cosines[item])

    def like(self, item: int) -> tuple[int, ...]:
        """Return the items that the query names and that this one is like."""
        by_likeness = self.signals.terms.get("likeness")
        return self.understanding.likes if by_likeness is not None and by_likeness[item] > 0 else ()


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

        asked = understand(query, self._catalog, self._artifact.terms, lambda: self._artifact.vocabulary)
        held, text = self._words(query, asked)
        terms: dict[str, Floats] = {"words": held}
        found = held > 0
        meets = [mask(self._catalog, part.constraints) for part in asked.parts]
        if asked.parts:
            terms["understood"] = self._understood(asked, meets)
            bare = not text and not asked.likes
            for part, met in zip(asked.parts, meets, strict=True):
                if bare or part.kind == "value":
                    found |= met
        likes = np.array(asked.likes, np.int32)
        if len(likes):
            terms["likeness"] = _by_rank(self._similar(asked.likes, np.ones_like(found)), len(held), LIKENESS)
            found |= terms["likeness"] > 0
            found[likes] = False
        cosines = self._cosines(text)
        if cosines is not None and self._artifact.meanings is not None:
            near = cosines >= self._artifact.meanings.floor
            near[likes] = False
            found |= near
            terms["meaning"] = _by_size(cosines, found, MEANING)
        if profile is not None and len(profile):
            terms["taste"] = _by_place(self._recommend(profile, found), len(held), TASTE)
        if len(terms) > 1 and len(titled := self._artifact.search.titled(query)):
            terms["title"] = np.zeros_like(held)
            terms["title"][titled] = TITLE
            found[titled] = True
        if "taste" not in terms and found.any() and self._artifact.popularity.known:
            terms["popularity"] = self._popularity
        signals = Signals(terms, found, _basis(terms), self._notes(asked))
        floor = self._artifact.meanings.floor if cosines is not None and self._artifact.meanings is not None else 1.0
        return Answer(signals, asked, query, text, cosines, floor)

    def _words(self, query: str, asked: "Understanding") -> tuple[Floats, str]:
        """Return the words that each item holds, shape (items,), and the text that was searched for."""
        text = asked.text
        if self._ignored:
            kept = [word for word in text.split() if not {*words(word)} & self._ignored]
            others = any(not STOP_WORDS.issuperset(words(word)) for word in kept)
            text = " ".join(kept) if others or asked.parts or asked.likes else text
        if (asked.parts or asked.likes) and STOP_WORDS.issuperset(words(text)):
            text = ""
        index = self._artifact.search
        held = index.relevance(text)
        if words(text) != words(query) and index.quotes_title(query):
            held = np.maximum(held, index.relevance(query))
        return held, text

    def _understood(self, asked: "Understanding", meets: Sequence[Mask]) -> Floats:
        total = np.zeros(len(self._catalog), np.float32)
        for part, met in zip(asked.parts, meets, strict=True):
            total += met * np.float32((VALUE if part.worded else QUANTITY) * part.score)
        return total

    def _cosines(self, text: str) -> Floats | None:
        meanings, encode = self._artifact.meanings, self._artifact.encoder
        if not self._by_meaning or meanings is None or encode is None or not text:
            return None
        return meanings.cosines(encode([text])[0])

    def _notes(self, asked: "Understanding") -> tuple[str, ...]:
        said = asked.words(self._catalog)
        notes = [f"Understood: {said}. Items that meet more of it come first; nothing was left out for it."]
        if asked.likes:
            notes = [f"Understood: {said}. Items that meet more of it come first; what they are like is left out."]
        missing = self._artifact.encoder_missing
        return (*(notes if said else ()), *([missing] if missing else ()))

    @cached_property
    def _ignored(self) -> frozenset[str]:
        """The owner's words for items at large, which tell none from another."""
        stem = self._artifact.terms.stemmer.stem
        said = {word for name in self._artifact.config.search.ignored for word in words(name)}
        return frozenset(said | {stem(word) for word in said} | {f"{word}s" for word in said})

    @cached_property
    def _popularity(self) -> Floats:
        people = np.log1p(self._artifact.popularity.ever.astype(np.float32))
        return np.asarray(POPULARITY * people / max(float(people.max()), 1.0), np.float32)


def _by_rank(ranking: Ranking, items: int, weight: float) -> Floats:
    """Return weight x 61 / (60 + rank) for the items with a score: reciprocal ranks, the first of them the weight."""
    result = np.zeros(items, np.float32)
    scored = ranking.items[~np.isnan(ranking.scores)]
    result[scored] = weight * (FUSION + 1) / (FUSION + np.arange(1, len(scored) + 1))
    return result


def _by_place(ranking: Ranking, items: int, weight: float) -> Floats:
    """Return weight x (1 - (rank - 1) / n) for the n items with a score: an even step from each to the next."""
    result = np.zeros(items, np.float32)
    scored = ranking.items[~np.isnan(ranking.scores)]
    result[scored] = weight * np.linspace(1, 0, len(scored), endpoint=False)
    return result


def _by_size(values: Floats, chosen: Mask, weight: float) -> Floats:
    """Return weight x 61 / (60 + rank) for the chosen items, the largest value first."""
    result = np.zeros(len(values), np.float32)
    positions = np.flatnonzero(chosen)
    order = positions[np.argsort(-values[positions], kind="stable")]
    result[order] = weight * (FUSION + 1) / (FUSION + np.arange(1, len(order) + 1))
    return result


def _basis(terms: Mapping[str, Floats]) -> str:
    beside = [name for name in terms if name not in ("words", "popularity")]
    return f"{BASIS} ({', '.join(['words', *beside])})" if beside else BASIS

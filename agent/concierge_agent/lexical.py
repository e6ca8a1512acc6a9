"""Plain lexical similarity: TF-IDF vectors over terms, their cosine, and a choice that is relevant and varied."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

_WORD = re.compile(r"\w+")

Vector = Mapping[str, float]
"""Weights of length 1 by term; empty for a text of unknown terms alone."""


class Lexicon:
    """What the terms of some texts weigh: the rarer in them, the more."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._count = len(texts)
        self._holding = Counter(term for text in texts for term in set(text))

    def vector(self, terms: Sequence[str]) -> Vector:
        """Return the vector of a text; a term that none of the texts holds weighs most."""
        counts = Counter(terms)
        raw = {term: (1 + math.log(n)) * self._rarity(term) for term, n in counts.items()}
        length = math.sqrt(math.fsum(weight * weight for weight in raw.values()))
        return {term: weight / length for term, weight in raw.items()} if length > 0 else {}

    def _rarity(self, term: str) -> float:
        held = self._holding[term]
        return math.log(1 + (self._count - held + 0.5) / (held + 0.5))  # as in BM25


def terms_of(text: str) -> list[str]:
    """Return the words of a text, without regard to case."""
    return _WORD.findall(text.casefold())


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors, 0..1."""
    return math.fsum(weight * other[term] for term, weight in one.items() if term in other)


def varied(relevance: Sequence[float], vectors: Sequence[Vector], *, k: int, repetition: float) -> list[int]:
    """Return the places of at most `k` texts, chosen by maximal marginal relevance (Carbonell & Goldstein 1998).

    `repetition`, 0..1, is what likeness to a chosen one takes off. Ties go to the earlier place.
    """
    left, chosen = list(range(len(vectors))), list[int]()
    nearest = [0.0] * len(vectors)
    while left and len(chosen) < k:
        best = max(left, key=lambda at: ((1 - repetition) * relevance[at] - repetition * nearest[at], -at))
        chosen.append(best)
        left.remove(best)
        for at in left:
            nearest[at] = max(nearest[at], cosine(vectors[at], vectors[best]))
    return chosen

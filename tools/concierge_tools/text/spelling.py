"""Spelling: which known words a misspelt one may stand for."""

from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from concierge_tools.text.english import COMMON_WORDS, STOP_WORDS

SHORTEST = 4
"""Words below this length are never corrected, and words of it only where two neighbours are swapped."""
LONGER = 7
"""From this length on two edits are allowed when most letters agree."""
AGREEMENT = 0.83
CHOICES = 3


class Speller:
    """Known words with how often each occurs."""

    __slots__ = ("_buckets", "_counts")

    def __init__(self, counts: Mapping[str, float]) -> None:
        self._counts = counts
        self._buckets: dict[tuple[str, int], list[str]] = {}
        for word in sorted(counts):
            if len(word) >= SHORTEST and word.isalpha():
                self._buckets.setdefault((word[0], len(word)), []).append(word)

    def __contains__(self, word: object) -> bool:
        return word in self._counts

    def corrections(self, word: str) -> list[tuple[str, int]]:
        """Return the known words nearest to an unknown one with the edits between them, nearest and commonest first.

        The first letter must agree. A swap of neighbours is one edit.
        """
        if len(word) < SHORTEST or not word.isalpha():
            return []
        allowed = 2 if len(word) >= LONGER else 1
        found: list[tuple[int, float, str]] = []
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            bucket = self._buckets.get((word[0], length), [])
            for other, edits, _ in process.extract(word, bucket, scorer=OSA.distance, score_cutoff=allowed, limit=None):
                if len(word) == SHORTEST and sorted(word) != sorted(other):
                    continue
                if edits == 1 or Indel.normalized_similarity(word, other) >= AGREEMENT:
                    found.append((int(edits), -self._counts[other], other))
        return [(other, edits) for edits, _, other in sorted(found)[:CHOICES] if edits]


def misspells(word: str, other: str) -> bool:
    """Whether one word may be a misspelling of another; a frequent English word is none."""
    if word in STOP_WORDS or word in COMMON_WORDS or min(len(word), len(other)) < SHORTEST:
        return False
    return OSA.distance(word, other) <= 1 or Indel.normalized_similarity(word, other) >= AGREEMENT


def resembles(given: list[str], known: list[str], speller: Speller) -> bool:
    """Whether given words are known ones with some misspelt and stop words left out; numbers must agree."""
    extra = [word for word in given if word not in known]
    lacking = [word for word in known if word not in given]
    for word in extra:
        if word in STOP_WORDS:
            continue
        partner = next((other for other in lacking if misspells(word, other)), None)
        if partner is None or word in speller:
            return False
        lacking.remove(partner)
    return all(word in STOP_WORDS for word in lacking)

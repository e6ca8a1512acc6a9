"""Reading titles: which stretches of a passage name an item, and how surely.

A title of frequent words is believed only where capitals or quotes mark it; a distinctive one wherever it stands.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.passage import Passage
from concierge_tools.text.terms import Match
from concierge_tools.text.titles import CODE, FULL, LONGEST, WITHOUT_ARTICLE, Naming, TitleIndex, without_article
from concierge_tools.text.words import Stemmer

SURE = 0.6
DOUBTFUL = 0.5
VALUE_INSTEAD = 0.4
ONE_EDIT = 0.92
TWO_EDITS = 0.85
NAME_GOES_ON = 0.6
"""Factor on a title that is part of a longer run of capitalised words."""
OTHER_NUMBER = 0.5
OTHER_YEAR = 0.6
BRACKETED_YEAR = 0.95
YEAR = 0.85
"""What a title is at least worth with its year behind it."""
INSIDE_VALUE = 0.3
"""What a title is at most worth within a longer value's words."""
NAMED_IN_FULL = 0.6
"""What a title of three or more frequent words is worth where it is all that stands behind a cue."""
APART = 0.95
"""Factor where words are joined that the title has apart, or the other way round."""
WORTH_SAYING = 0.25
FUZZY_SPANS = 8

Dated = Callable[[int, str], bool]
"""Whether the item at a position is of a year."""


@dataclass(frozen=True, slots=True)
class TitleReading:
    """A stretch of words, from `first` up to `end`, and the items it may name, likeliest first."""

    first: int
    end: int
    namings: tuple[Naming, ...]
    match: Match
    score: float

    def overlaps(self, other: "TitleReading") -> bool:
        """Whether two readings share a word."""
        return self.first < other.end and other.first < self.end


class TitleReader:
    """Finds titles in passages."""

    __slots__ = ("_dated", "_index", "_learned", "_stemmer")

    def __init__(self, index: TitleIndex, stemmer: Stemmer, learned: frozenset[str], dated: Dated) -> None:
        self._index = index
        self._stemmer = stemmer
        self._learned = learned
        """Words that the catalog's own texts use in lower case."""
        self._dated = dated

    def read(self, passage: Passage, values: set[tuple[int, int]]) -> list[TitleReading]:
        """Find every stretch that names an item; of overlapping ones the longest that is not doubtful.

        `values` are the ranges that name a value of a field: a frequent word there is not a title.
        """
        named: set[int] = set()
        found: list[TitleReading] = []
        for first in range(len(passage)):
            for end in range(first + 1, min(first + LONGEST, len(passage)) + 1):
                reading = self._exact(passage, first, end, values, named)
                if reading is not None:
                    found.append(reading)
                    if reading.score > SURE:
                        named.add(reading.end)
        found += self._misspelt(passage, found, values, named)
        chosen = _apart(found)
        chosen += self._resembling(passage, [reading for reading in chosen if reading.score >= SURE])
        return sorted(_apart(chosen), key=lambda reading: reading.first)

    def _exact(
        self, passage: Passage, first: int, end: int, values: set[tuple[int, int]], named: set[int]
    ) -> TitleReading | None:
        for cut in (passage.folded(first, end), passage.bare(first, end)):
            key = " ".join(cut)
            factor = 1.0
            if not self._index.namings(key):
                joined = self._index.joined("".join(cut))
                if joined is None or len(joined) < 6 or any(word in STOP_WORDS for word in cut if word not in joined):
                    continue
                if len(cut) > 1 and " " not in joined and any(word in STOP_WORDS for word in cut):
                    continue
                key, factor = joined, APART
            score = self._confidence(passage, first, end, key, values, named)
            if score > 0:
                reading = self._settled(passage, first, end, key, score * factor)
                return reading if reading.score >= WORTH_SAYING else None
        return None

    def _settled(self, passage: Passage, first: int, end: int, key: str, score: float) -> TitleReading:
        namings = self._index.namings(key)
        best = namings[0].quality
        match: Match = "exact" if best >= FULL * WITHOUT_ARTICLE else "partial"
        after = passage.tokens[end] if end < len(passage) else None
        if after is not None and after.raw.isdigit() and after.gap in {" ", " (", ", "}:
            year = len(after.raw) == 4
            of_year = [naming for naming in namings if year and self._dated(naming.position, after.raw)]
            if of_year:
                namings = of_year
                score = max(score, BRACKETED_YEAR if "(" in after.gap else YEAR)
                end += 1 if "(" in after.gap or after.gap == " " else 0
            elif year and "(" in after.gap:
                score, match = min(score, OTHER_YEAR), "partial"
            elif not year and after.gap == " " and len(after.raw) < 3 and not key[-1].isdigit():
                score, match = min(score, OTHER_NUMBER), "partial"
        return TitleReading(first, end, tuple(namings), match, score * best)

    def _confidence(
        self, passage: Passage, first: int, end: int, key: str, values: set[tuple[int, int]], named: set[int]
    ) -> float:
        """Return how surely a stretch is meant as the title that it spells, 0..1; 0 when it is not worth a mention."""
        if (first, end) in passage.quotes or self._index.namings(key)[0].quality == CODE:
            return 1.0
        words = passage.bare(first, end)
        content = [word for word in without_article(words) if word not in STOP_WORDS]
        whole = end - first == len(passage)
        cue = passage.cued(first) or passage.continues(first, named)
        capital = passage.capitals and passage.capitalised(first, end)
        marked = capital and (
            not passage.tokens[first].opens_sentence or sum(passage.tokens[i].capital for i in range(first, end)) > 1
        )
        if passage.crosses_sentence(first, end) and not any(mark in key for mark in ".!?"):
            return 0.4 if any(self._rare(word) for word in content) and marked else 0.0
        if len(without_article(words)) == 1:
            score = self._one_word(without_article(words)[0], marked=marked, capital=capital, cue=cue, whole=whole)
            if len(words) > 1 and not marked:
                score = min(0.9, score + 0.15) if self._rare(without_article(words)[0]) else min(score, DOUBTFUL)
        elif any(self._rare(word) for word in content):
            score = 1.0 if marked or whole else 0.9
        elif marked:
            score = 0.95
        elif any(word in self._learned and not self._stemmer.common(word) for word in content):
            score = 0.85 if cue else 0.7
        else:
            score = 0.5 if (cue or whole) and len(content) > 1 else 0.4 if content else 0.3
            if len(without_article(words)) > 2 and cue and (first, end) in passage.cued_spans():
                score = NAMED_IN_FULL
        if any(start <= first and end <= stop and (start, stop) != (first, end) for start, stop in values):
            score = min(score, INSIDE_VALUE)
        if (first, end) in values:
            score = min(score, DOUBTFUL if marked else VALUE_INSTEAD)
        if marked and not whole and passage.goes_on(first, end):
            score *= NAME_GOES_ON
        return score

    def _rare(self, word: str) -> bool:
        return not word.isdigit() and word not in self._learned and not self._stemmer.common(word)

    def _one_word(self, word: str, *, marked: bool, capital: bool, cue: bool, whole: bool) -> float:
        if word.isdigit():
            return DOUBTFUL if cue or whole else 0.0
        if len(word) == 1:
            return 0.4 if marked and (cue or whole) and word != "i" else 0.0
        if word in STOP_WORDS:
            return 0.8 if marked else 0.4 if whole else 0.3 if cue or capital else 0.0
        if self._stemmer.common(word):
            return 0.85 if marked else 0.5 if whole else 0.45 if cue else 0.4 if capital else 0.3
        if word in self._learned:
            return 1.0 if marked else 0.8 if whole else 0.7 if cue else 0.6 if capital else 0.4
        return 1.0 if marked or whole else 0.85 if cue else 0.8 if capital else 0.6

    def _misspelt(
        self, passage: Passage, found: list[TitleReading], values: set[tuple[int, int]], named: set[int]
    ) -> Iterator[TitleReading]:
        taken = [reading for reading in found if reading.score > DOUBTFUL and reading.end - reading.first > 1]
        corrections = self._corrections(passage)
        for first in range(len(passage)):
            for end in range(first + 1, min(first + self._index.longest, len(passage)) + 1):
                wrong = [i for i in range(first, end) if i in corrections]
                inside = any(t.first <= first and end <= t.end for t in taken)
                if not wrong or len(wrong) > 3 or inside or (first, end) in values:
                    continue
                reading = self._corrected(passage, first, end, corrections, values, named)
                if reading is not None:
                    yield reading
                    if reading.score > SURE:
                        named.add(end)

    def _corrections(self, passage: Passage) -> dict[int, list[tuple[str, int]]]:
        found: dict[int, list[tuple[str, int]]] = {}
        for i in range(len(passage)):
            word = passage.bare(i, i + 1)[0]
            if word in self._index.speller or not self._rare(word):
                continue
            corrected = self._index.speller.corrections(word)
            if corrected:
                found[i] = corrected
        return found

    def _corrected(
        self,
        passage: Passage,
        first: int,
        end: int,
        corrections: dict[int, list[tuple[str, int]]],
        values: set[tuple[int, int]],
        named: set[int],
    ) -> TitleReading | None:
        cut = passage.bare(first, end)
        choices = [corrections.get(first + i, [(word, 0)]) for i, word in enumerate(cut)]
        for choice in sorted(product(*choices), key=lambda choice: sum(edits for _, edits in choice)):
            edits = sum(edits for _, edits in choice)
            key = " ".join(word for word, _ in choice)
            if not self._index.namings(key):
                continue
            score = self._confidence(passage, first, end, key, values, named)
            shy = not (passage.capitals and passage.capitalised(first, end)) and (first, end) not in passage.quotes
            if len(without_article(cut)) == 1 and shy and not passage.cued(first):
                score = min(score, DOUBTFUL)
            reading = self._settled(passage, first, end, key, score * (ONE_EDIT if edits == 1 else TWO_EDITS))
            return replace(reading, match="typo")
        return None

    def _resembling(self, passage: Passage, sure: list[TitleReading]) -> Iterator[TitleReading]:
        spans = [*passage.quotes, *passage.capital_runs(), *passage.cued_spans()]
        free = [
            (first, end)
            for first, end in dict.fromkeys(spans)
            if not any(reading.first < end and first < reading.end for reading in sure)
        ]
        for first, end in free[:FUZZY_SPANS]:
            cut = passage.bare(first, end)
            if len("".join(cut)) < 8 or end - first > LONGEST or len(cut) < 2 or self._index.namings(" ".join(cut)):
                continue
            nearest = self._index.nearest(" ".join(cut))
            if nearest is not None:
                key, likeness = nearest
                reading = self._settled(passage, first, end, key, likeness * TWO_EDITS)
                yield replace(reading, match="typo")


def _apart(readings: list[TitleReading]) -> list[TitleReading]:
    """Keep readings that do not overlap: longer ones first, but no doubtful one in place of a sure one."""
    chosen: list[TitleReading] = []
    order = sorted(readings, key=lambda r: (r.score <= DOUBTFUL, r.first - r.end, -r.score, r.first))
    for reading in order:
        if not any(reading.overlaps(other) for other in chosen):
            chosen.append(reading)
    return chosen

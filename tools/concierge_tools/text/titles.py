"""Titles: the forms in which people write them, and which items a run of words may name.

A key is the folded words of a form of a title, joined by spaces. Its quality says how much of the title it is: 1 for
all of it, less without its article, its subtitle or its number, and less for opening words that several titles share.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from concierge_tools.text.english import ARTICLES, ENGLISH_ARTICLES, STOP_WORDS
from concierge_tools.text.spelling import Speller, resembles
from concierge_tools.text.words import words

FULL = 1.0
WITHOUT_ARTICLE = 0.97
OTHER_NAME = 0.85
HEAD = 0.75
TAIL = 0.7
CODE = 0.7
SERIES = 0.6
WITHOUT_NUMBER = 0.5
LONGEST = 10
"""Longest key in words that a text is searched for."""
BUCKETS_ABOVE = 60_000

_YEAR = re.compile(r"\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$")
_OTHER_NAME = re.compile(r"\s*[(\[](?:a\.?k\.?a\.?\s+)?([^()\[\]]+)[)\]]")
_DIGIT = re.compile(r"\d")
_ORDINAL = re.compile(r"\W*\d+(?:st|nd|rd|th|s)\W*", re.IGNORECASE)
_SUBTITLE = re.compile(r",?\s+or:\s+|,\s+or,?\s+|:\s+|\s+[-–—]\s+")


@dataclass(frozen=True, slots=True)
class Naming:
    """A title that a key stands for."""

    position: int
    quality: float


def natural(title: str) -> str:
    """Return a title without its year and with its article in front: "Wind, The (1990)" is "The Wind"."""
    bare = _YEAR.sub("", title).strip()
    head, comma, tail = bare.rpartition(", ")
    if comma and tail.casefold().rstrip("'’") in ARTICLES:
        return f"{tail}{head}" if tail[-1] in "'’" else f"{tail} {head}"
    return bare


def year_of(title: str) -> str | None:
    """Return the year that a title carries in brackets."""
    match = _YEAR.search(title)
    return match.group(1) if match else None


def variants(title: str) -> list[tuple[str, float]]:
    """Return the keys of a title with their quality, best first."""
    bare = _YEAR.sub("", title).strip() or title
    found: dict[str, float] = {}
    for name, quality in _names(bare):
        for key, share in _forms(name):
            found[key] = max(found.get(key, 0.0), quality * share)
    for code in _codes(bare):
        found.setdefault(code, CODE)
    full = next(iter(found), "")
    found.pop("", None)
    return [(key, quality) for key, quality in found.items() if key == full or _telling(key)]


def _telling(key: str) -> bool:
    return any(word not in STOP_WORDS and not word.isdigit() for word in key.split())


def _names(bare: str) -> Iterator[tuple[str, float]]:
    main = _OTHER_NAME.sub("", bare).strip()
    yield natural(main or bare), FULL
    if main and main != bare:
        yield natural(bare), FULL
        for other in _OTHER_NAME.findall(bare):
            yield natural(other), OTHER_NAME


def _forms(name: str) -> Iterator[tuple[str, float]]:
    cut = words(name)
    yield from _with_and_without_article(cut, FULL)
    split = _SUBTITLE.split(name)
    if len(split) > 1:
        parts = [words(part) for part in split]
        yield from _with_and_without_article(parts[0], HEAD)
        if len(without_article(parts[-1])) >= 2:
            yield from _with_and_without_article(parts[-1], TAIL)
    else:
        opening = list(takewhile(lambda word: word not in STOP_WORDS, without_article(cut)))
        if 2 <= len(opening) < len(without_article(cut)):
            yield " ".join(opening), SERIES
        if len(cut) > 1 and cut[-1].isdigit() and len(cut[-1]) < 3:
            yield from _with_and_without_article(cut[:-1], WITHOUT_NUMBER)


def _codes(title: str) -> Iterator[str]:
    """Yield the model numbers in a title, such as "WH-1000XM4"; ordinals and decades are none."""
    for chunk in title.split() if _DIGIT.search(title) else ():
        letters = sum(c.isalpha() for c in chunk)
        digits = sum(c.isdigit() for c in chunk)
        if letters >= 2 and digits and letters + digits >= 5 and not _ORDINAL.fullmatch(chunk):
            yield " ".join(words(chunk))


def _with_and_without_article(cut: list[str], quality: float) -> Iterator[tuple[str, float]]:
    yield " ".join(cut), quality
    if len(cut) > 1 and cut[0] in ARTICLES:
        yield " ".join(cut[1:]), quality * WITHOUT_ARTICLE


class TitleIndex:
    """Every title by its keys, whether the words are joined or apart, and by resemblance."""

    __slots__ = ("_buckets", "_by_key", "_compact", "longest", "speller")

    def __init__(self, titles: Iterable[str], popularity: NDArray[np.float64]) -> None:
        by_key: dict[str, list[Naming]] = {}
        for position, title in enumerate(titles):
            for key, quality in variants(title):
                by_key.setdefault(key, []).append(Naming(position, quality))
        for key in [key for key, namings in by_key.items() if _idle(namings)]:
            del by_key[key]
        for namings in by_key.values():
            namings.sort(key=lambda n: (-n.quality, -popularity[n.position], n.position))
        self._by_key = by_key
        self._compact = {key.replace(" ", ""): key for key in reversed(by_key)}
        self.longest = min(LONGEST, max((key.count(" ") + 1 for key in by_key), default=0))
        counts: dict[str, int] = {}
        self._buckets: dict[str, list[str]] = {}
        for key, namings in by_key.items():
            if namings[0].quality < HEAD:
                continue
            for word in key.split():
                counts[word] = counts.get(word, 0) + 1
            self._buckets.setdefault(key[0] if len(by_key) > BUCKETS_ABOVE else "", []).append(key)
        self.speller = Speller(counts)

    def namings(self, key: str) -> list[Naming]:
        """Return what a key names: the most of a title first, then the most popular."""
        return self._by_key.get(key, [])

    def joined(self, compact: str) -> str | None:
        """Return the key whose letters, without spaces, are these."""
        return self._compact.get(compact)

    def nearest(self, key: str) -> tuple[str, float] | None:
        """Return the key that a misspelt or incomplete one most resembles, with the likeness in 0..1, if any does."""
        bucket = self._buckets.get(key[:1], []) or self._buckets.get("", [])
        close = process.extract(key, bucket, scorer=fuzz.ratio, score_cutoff=80, limit=5)
        given = key.split()
        for found, likeness, _ in close:
            if resembles(given, found.split(), self.speller):
                return found, likeness / 100
        return None


def _idle(namings: list[Naming]) -> bool:
    """Whether opening words belong to one title alone, or a model number to several."""
    quality = max(naming.quality for naming in namings)
    return (quality == SERIES and len(namings) == 1) or (quality == CODE and len(namings) > 1)


def without_article(cut: list[str]) -> list[str]:
    """Drop a leading English article."""
    return cut[1:] if len(cut) > 1 and cut[0] in ENGLISH_ARTICLES else cut

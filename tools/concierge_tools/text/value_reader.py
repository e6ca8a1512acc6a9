"""Reading values: which stretches of a passage name a value of a field, and how surely."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from concierge_tools.text.english import COMMON_WORDS, STOP_WORDS
from concierge_tools.text.passage import Passage
from concierge_tools.text.terms import Match, Term, TermIndex
from concierge_tools.text.words import shared_prefix

INFLECTION = 0.9
SYNONYM = 0.95
INFLECTED_SYNONYM = 0.85
DERIVATION = 0.7
PARTIAL = 0.7
INITIAL = 0.6
DOUBTFUL = 0.4
TYPO = 0.85
TYPOS = 0.75
SHORTEST = 5
"""Words below this length are not corrected to values."""
WITHOUT_CAPITAL = 0.8
"""Factor on a misspelt or shortened name that is not written as a name."""
DOMINATES = 3
"""How many times the items of the next name a partial name's best reading must have."""
INTRODUCE = frozenset(("by", "with", "from"))
"""Words after which a name is expected."""
PRECEDE = INTRODUCE | {"on", "via"}
"""Words after which a part of a value's name is expected too."""
PIECE = 0.8
CONTEXT = 3
"""How many words back the name of a field still says which field is meant."""


@dataclass(frozen=True, slots=True)
class Said:
    """One reading of a stretch: a value, how it matched, and how surely."""

    term: Term
    match: Match
    score: float


@dataclass(frozen=True, slots=True)
class ValueReading:
    """A stretch of words, from `first` up to `end`, and what it may say, likeliest first."""

    first: int
    end: int
    said: tuple[Said, ...]

    @property
    def best(self) -> Said:
        """The likeliest."""
        return self.said[0]


def read_values(passage: Passage, index: TermIndex, *, correct: bool = True) -> list[ValueReading]:
    """Find every stretch that names a value; a stretch within a longer one that names a value is left out.

    Words are corrected unless `correct` is false.
    """
    found: list[ValueReading] = []
    if index.empty:
        return found
    corrections = _corrections(passage, index) if correct else {}
    for first in range(len(passage)):
        for end in range(first + 1, min(first + max(index.longest, 1), len(passage)) + 1):
            if end - first > 1 and passage.stops(end - 1):
                break
            if passage.cuts(first, end):
                continue
            said = list(_said(passage, index, first, end, corrections))
            if said:
                found.append(ValueReading(first, end, _ordered(said, passage, index, first, end)))
    return [reading for reading in found if not any(_within(reading, other) for other in found)]


def _within(inner: ValueReading, outer: ValueReading) -> bool:
    longer = outer.end - outer.first > inner.end - inner.first
    return longer and outer.first <= inner.first and inner.end <= outer.end and outer.best.score > DOUBTFUL


def _said(
    passage: Passage, index: TermIndex, first: int, end: int, corrections: dict[int, list[tuple[str, int]]]
) -> Iterator[Said]:
    cut, bare = passage.folded(first, end), passage.bare(first, end)
    single = passage.tokens[first] if end - first == 1 else None
    if single is not None and len(bare[0]) == 1:
        yield from _initials(passage, index, first)
        return
    exact = index.exact("".join(cut)) or index.exact("".join(bare))
    fitting = [term for term in exact if _fits(passage, term, first, end)]
    if fitting:
        yield from (_exactly(passage, index, term, first, end) for term in fitting)
    elif not all(word in STOP_WORDS for word in cut):
        yield from _loosely(passage, index, first, end, corrections)


def _initials(passage: Passage, index: TermIndex, first: int) -> Iterator[Said]:
    token = passage.tokens[first]
    before, after = token.gap, passage.tokens[first + 1].gap if first + 1 < len(passage) else " "
    free = (not before or before[-1] not in "&'’.-/") and (not after or after[0] not in "&'’" or len(after) > 1)
    dotted = after.startswith(".") and first + 1 < len(passage) and len(passage.tokens[first + 1].raw) == 1
    if token.raw.isupper() and free and not dotted and token.raw not in {"I", "A"} and after != "&":
        yield from (Said(term, "exact", INITIAL) for term in index.initial(token.raw))


def _fits(passage: Passage, term: Term, first: int, end: int) -> bool:
    if end - first > 1:
        if passage.broken(first, end) and "," not in term.form and "." not in term.form and ":" not in term.form:
            return False
        tight = all(token.gap == "-" for token in passage.tokens[first + 1 : end])
        if len(term.form.split()) == 1 and term.form.isalnum() and not tight:
            return not any(word in STOP_WORDS for word in passage.folded(first, end))
    return True


def _exactly(passage: Passage, index: TermIndex, term: Term, first: int, end: int) -> Said:
    score = 1.0 if term.match == "exact" else SYNONYM
    start, stop = passage.span(first, end)
    written, words = passage.text[start:stop], passage.folded(first, end)
    if all(word in STOP_WORDS for word in words) or (term.name and all(word in COMMON_WORDS for word in words)):
        marked = written == term.form and written[0].isupper() and not passage.tokens[first].opens_sentence
        score = 0.9 if marked and passage.capitals else DOUBTFUL
    elif term.name and len(words) == 1 and term.form[:1].isupper() and not _written_as_name(passage, first):
        score = DOUBTFUL
    elif all(word.isdigit() for word in words):
        score = 1.0 if _named_before(passage, index.context[term.field], first) else 0.5
    return Said(term, term.match, score)


def _written_as_name(passage: Passage, first: int) -> bool:
    capital = passage.tokens[first].capital and not (passage.capitals and passage.goes_on(first, first + 1))
    return capital or len(passage) == 1 or _introduced(passage, first)


def _introduced(passage: Passage, first: int) -> bool:
    return first > 0 and passage.tokens[first - 1].folded in INTRODUCE


def _loosely(
    passage: Passage, index: TermIndex, first: int, end: int, corrections: dict[int, list[tuple[str, int]]]
) -> Iterator[Said]:
    bare = passage.bare(first, end)
    if passage.broken(first, end):
        return
    stems = index.inflected(bare) if len(bare) <= index.longest_inflected else []
    inflected = [term for term in stems if _same_length(term, bare)]
    if inflected:
        for term in inflected:
            match: Match = "synonym" if term.match == "synonym" else "inflection"
            yield Said(term, match, INFLECTED_SYNONYM if term.match == "synonym" else INFLECTION)
        return
    partial = list(_partially(passage, index, first, end)) or list(_by_piece(passage, index, first, end))
    if partial:
        yield from partial
        return
    related = index.related(bare[0]) if len(bare) == 1 else []
    if related:
        yield from (Said(term, "inflection", DERIVATION) for term in related)
        return
    if any(i in corrections for i in range(first, end)):
        yield from _misspelt(passage, index, first, end, corrections)


def _same_length(term: Term, cut: list[str]) -> bool:
    return len(cut) == 1 or len(term.form.split()) > 1 or "-" in term.form


def _partially(passage: Passage, index: TermIndex, first: int, end: int) -> Iterator[Said]:
    parts = index.parts("".join(passage.bare(first, end)))
    if not parts or end - first > 2:
        return
    if end - first == 2:
        if any(word in STOP_WORDS for word in passage.bare(first, end)):
            return
        yield from (Said(term, "partial", INFLECTED_SYNONYM) for term, _ in parts)
        return
    token = passage.tokens[first]
    marked = passage.capitals and token.capital
    introduced = _introduced(passage, first)
    if index.stemmer.common(token.folded) and (not marked or token.opens_sentence):
        return
    if not (marked or introduced):
        return
    last = [(term, ends) for term, ends in parts if ends] or parts
    ranked = sorted(last, key=lambda part: (-part[0].weight, part[0].value))
    people = {term.value: term.weight for term, _ in reversed(ranked)}
    best = ranked[0][0]
    others = [count for value, count in people.items() if value != best.value]
    dominates = not others or best.weight >= DOMINATES * max(others)
    surname = ranked[0][1]
    if not surname and not dominates:
        return
    score = PARTIAL if dominates and surname else 0.45
    for term, _ in ranked[:6]:
        score = min(score, DOUBTFUL) if marked and passage.goes_on(first, end) else score
        own = score if term.value == best.value else score * term.weight / (best.weight + 1)
        yield Said(term, "partial", own * (1.0 if marked else WITHOUT_CAPITAL))


def _by_piece(passage: Passage, index: TermIndex, first: int, end: int) -> Iterator[Said]:
    """Read a part of one value of a small field; one small word only where a name is due.

    Frequent words alone are no part of a name: they are what most texts are made of.
    """
    terms = index.piece("".join(passage.bare(first, end)))
    if len({(term.field, term.value) for term in terms}) != 1:
        return
    cut = passage.bare(first, end)
    if any(word in STOP_WORDS for word in cut) or all(index.stemmer.common(word) for word in cut):
        return
    marked = passage.capitals and passage.capitalised(first, end) and not passage.tokens[first].opens_sentence
    due = first > 0 and passage.tokens[first - 1].folded in PRECEDE
    if end - first > 1 or marked or due:
        yield Said(terms[0], "partial", PIECE)


def _misspelt(
    passage: Passage, index: TermIndex, first: int, end: int, corrections: dict[int, list[tuple[str, int]]]
) -> Iterator[Said]:
    cut = passage.bare(first, end)
    choices = [corrections.get(first + i, [(word, 0)]) for i, word in enumerate(cut)]
    if sum(len(choice) > 1 for choice in choices) > 2:
        return
    for choice in product(*choices):
        edits = sum(edits for _, edits in choice)
        terms = index.exact("".join(word for word, _ in choice))
        score = TYPO if edits == 1 else TYPOS
        for term in terms:
            written = passage.capitalised(first, end) and passage.capitals
            yield Said(term, "typo", score if written or not term.name else score * WITHOUT_CAPITAL)
        named = (passage.capitalised(first, end) and passage.capitals) or _introduced(passage, first)
        if not terms and len(choice) == 1 and named:
            parts = sorted((t for t, ends in index.parts(choice[0][0]) if ends), key=lambda t: (-t.weight, t.value))
            others = [term.weight for term in parts if term.value != parts[0].value]
            if parts and parts[0].weight >= DOMINATES * max(others, default=0):
                yield from (Said(term, "typo", DOUBTFUL) for term in parts if term.value == parts[0].value)


def _corrections(passage: Passage, index: TermIndex) -> dict[int, list[tuple[str, int]]]:
    found: dict[int, list[tuple[str, int]]] = {}
    for i in range(len(passage)):
        word = passage.bare(i, i + 1)[0]
        if len(word) >= SHORTEST and word not in index.speller and not index.stemmer.common(word):
            corrected = index.speller.corrections(word) or index.other_vowel(word)
            if corrected:
                found[i] = corrected
    return found


def _ordered(said: list[Said], passage: Passage, index: TermIndex, first: int, end: int) -> tuple[Said, ...]:
    best: dict[tuple[str, str], Said] = {}
    for one in said:
        key = (one.term.field, one.term.value)
        if key not in best or one.score > best[key].score:
            best[key] = one

    def rank(one: Said) -> tuple[float, bool, float, str, str]:
        near = _named_before(passage, index.context[one.term.field], first)
        return -round(one.score, 6), not near, -one.term.weight, one.term.field, one.term.value

    return tuple(sorted(best.values(), key=rank))


def _named_before(passage: Passage, context: frozenset[str], first: int) -> bool:
    before = passage.folded(max(0, first - CONTEXT), first)
    return any(word == name or shared_prefix(word, name) >= 5 for word in before for name in context)

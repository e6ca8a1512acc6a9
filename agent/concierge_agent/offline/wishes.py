"""Free words: what is left of a request when grammar, links and amounts are taken out."""

import re
from collections.abc import Sequence

from concierge_agent.offline.company import set_aside
from concierge_agent.offline.dimensions import DIMENSIONS
from concierge_agent.offline.elements import Parts
from concierge_agent.offline.grammar import (
    ADVERBS,
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    GIFTS,
    PEOPLE,
    PRAISE,
    REQUEST_NOUNS,
)
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.text import Token, stem, word_set
from concierge_agent.offline.units import CURRENCIES, UNITS
from concierge_agent.offline.vocabulary import Vocabulary

_GOVERNORS = word_set("about with featuring involving on for set where regarding like around in")
_TELLS = re.compile(
    r"(?:(?:well|so|and|oh|ah|also|just|but|by the way) )*"
    r"(?:thanks?\b|(?:(?:the|my|our|his|her|their) (?:\w+ ){1,3}|it |there |i |we )"
    r"(?:'s|is|was|were|are|am|'m|has|have|had|'ve|just|got) )"
)
_ASKS = re.compile(
    r"\b(?:about|with|where|should|would|must|want|need|like|love|mood|looking|after|into|set|based|for)\b"
)
_BY = frozenset({"by"})
_SKIPPED = word_set("'s of the a an to and & -")


def read_unknown_names(parts: Parts, words: Vocabulary, reading: Reading) -> set[int]:
    """Note the names that follow "by" or a field's own words and link to nothing; return their positions."""
    tokens, taken = parts.tokens, _taken(parts)
    found: set[int] = set()
    i = 0
    while i < len(tokens):
        named = words.named_at(tokens, i)
        by_field = named is not None and named[0].type in ("category", "tags")
        start = named[1] if named is not None and by_field else i + 1
        if not by_field and tokens[i].text not in _BY:
            i += 1
            continue
        end = start
        while end < len(tokens) and end not in taken and _name_like(tokens[end], strict=not by_field):
            end += 1
        run = [t for t in tokens[start:end] if t.is_word]
        if run and any(t.raw[0].isupper() for t in run):
            name = reading.text[tokens[start].start : tokens[end - 1].end]
            reading.doubt(f"I know no {name!r} here, so I left that aside.")
            found |= set(range(i, end))
        i = max(end, i + 1)
    return found


def _name_like(token: Token, *, strict: bool) -> bool:
    return token.is_word and (token.raw[0].isupper() or (not strict and token.text not in FUNCTION_WORDS))


def _taken(parts: Parts) -> set[int]:
    return {j for e in parts.elements for j in range(e.start, e.end)}


def read_wishes(parts: Parts, words: Vocabulary, reading: Reading, spent: set[int]) -> None:
    """Collect free words as phrases; a noun that a request ends in may only name items, and goes to `heads`."""
    tokens, taken = parts.tokens, _taken(parts) | spent | parts.scope.consumed
    taken |= _told(parts, taken)
    aside = set_aside(tokens, taken)
    taken |= aside
    run: list[int] = []
    for i in [*range(len(tokens)), None]:
        if i is not None and _free(i, parts, words, taken):
            run.append(i)
            continue
        joins = i is not None and i not in taken and tokens[i].text in _SKIPPED and not tokens[i].ends_sentence
        if run and not (joins and _continues(i, parts, words, taken)):
            _phrase(run, parts, words, taken, reading)
            run = []
    if aside and any(_free(i, parts, words, taken - aside) for i in aside):
        told = " ".join(tokens[i].raw for i in sorted(aside))
        reading.notes.append(f"I took {told!r} as whom or what it is for, and looked for no such words.")
    _left_aside(parts, words, taken, reading)


def _told(parts: Parts, taken: set[int]) -> set[int]:
    """Return the positions of sentences that tell something and ask for nothing: "My week was long", "Thanks"."""
    sentences: dict[int, list[int]] = {}
    for i, frame in enumerate(parts.scope.frames):
        sentences.setdefault(frame.sentence, []).append(i)
    found: set[int] = set()
    for positions in sentences.values():
        said = " ".join(parts.tokens[i].text for i in positions)
        if _TELLS.match(said) and not _ASKS.search(said) and taken.isdisjoint(_linked(parts, positions)):
            found |= set(positions)
    return found


def _linked(parts: Parts, positions: Sequence[int]) -> set[int]:
    return {j for e in parts.elements for j in range(e.start, e.end)} & set(positions)


def _continues(i: int | None, parts: Parts, words: Vocabulary, taken: set[int]) -> bool:
    j = (i or 0) + 1
    while j < len(parts.tokens) and parts.tokens[j].text in _SKIPPED:
        j += 1
    return j < len(parts.tokens) and _free(j, parts, words, taken)


def _content(token: Token, words: Vocabulary) -> bool:
    text = token.text
    if not token.is_word or len(text) < 3 or text in FUNCTION_WORDS | ADVERBS | DETERMINERS | CONJUNCTIONS | PRAISE:
        return False
    if text in PEOPLE | GIFTS or text in UNITS or text in CURRENCIES or stem(text) in words.generic:
        return False
    return not any(text in d.nouns | d.low | d.high for d in DIMENSIONS)


def _free(i: int, parts: Parts, words: Vocabulary, taken: set[int]) -> bool:
    frame = parts.scope.frames[i]
    wanted = frame.attitude == "want" and not frame.negated and frame.asked and not frame.complaint
    return i not in taken and wanted and _content(parts.tokens[i], words) and not _named_generic(parts.tokens[i], words)


def _named_generic(token: Token, words: Vocabulary) -> bool:
    """Whether a word of the catalog's own name begins with the word, as "Bookshop" does with "book"."""
    found = stem(token.text)
    return len(found) >= 4 and any(name.startswith(found) for name in words.generic)


def _phrase(run: Sequence[int], parts: Parts, words: Vocabulary, taken: set[int], reading: Reading) -> None:
    texts = [parts.tokens[i].text for i in run]
    if _heads_request(run, parts, taken):
        reading.heads.append(texts.pop())
    if texts:
        reading.wishes.append(" ".join(texts))


def _heads_request(run: Sequence[int], parts: Parts, taken: set[int]) -> bool:
    """Whether the run's last word is the noun of what is requested: "a ... W", "find Ws", W after what it is to be."""
    tokens, follows = parts.tokens, run[-1] + 1
    if follows < len(tokens) and any(e.start == follows for e in parts.elements if e.family == "value"):
        return False
    if _governed(run[0], parts, taken):
        return False
    before = run[0] - 1
    while before >= 0 and tokens[before].text in ADVERBS:
        before -= 1
    if (
        before < 0
        or tokens[before].ends_sentence
        or parts.scope.frames[before].sentence != parts.scope.frames[run[0]].sentence
    ):
        return follows < len(tokens) and tokens[follows].text in _GOVERNORS
    if tokens[before].text in REQUEST_NOUNS or tokens[before].text in (",", "and", "or"):
        return False
    if before in parts.scope.consumed and tokens[before].text not in DETERMINERS:
        return tokens[run[-1]].text.endswith("s")
    return before in taken or tokens[before].text in DETERMINERS


def _governed(start: int, parts: Parts, taken: set[int]) -> bool:
    """Whether a preposition such as "about" or "with" stands before the phrase within its stretch."""
    chunk = parts.scope.frames[start].chunk
    for i in range(start - 1, -1, -1):
        if parts.scope.frames[i].chunk != chunk:
            return False
        text = parts.tokens[i].text
        if text in _GOVERNORS:
            return text != "for" or (
                i > 0 and parts.tokens[i - 1].text not in ("looking", "look", "search", "searching", "hoping")
            )
        if text not in _SKIPPED | ADVERBS | DETERMINERS and i in taken:
            return False
    return False


def _left_aside(parts: Parts, words: Vocabulary, taken: set[int], reading: Reading) -> None:
    """Say which free words were ruled out by the user but cannot be ruled out here."""
    for i, token in enumerate(parts.tokens):
        frame = parts.scope.frames[i]
        against = frame.negated != frame.complaint and frame.attitude == "want"
        if i in taken or not against or not _content(token, words):
            continue
        if (not _named_generic(token, words) and not reading.stated) or (
            not _named_generic(token, words) and not _beside_element(i, parts)
        ):
            reading.doubt(f"No field here says {token.text!r}, so I cannot rule it out.")


def _beside_element(i: int, parts: Parts) -> bool:
    """Whether the word is only the noun of something understood ("no red ones")."""
    return any(e.end == i or e.start == i + 1 for e in parts.elements)

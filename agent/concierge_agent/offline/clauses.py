"""A turn in clauses: stretches between marks, or around "but" and "and I", each of which can be a move by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from concierge_agent.offline.text import Token, word_set

_MARKS = frozenset(",:()")
_JOINS = word_set("and so because")
_SUBJECTS = word_set("i we")
_TURNS = word_set("but though although however")


@dataclass(frozen=True, slots=True)
class Clause:
    """Token positions `start` to `end`, marks left out, and the words in between as one text."""

    start: int
    end: int
    words: str
    asks: bool
    """Whether a question mark ends it."""
    opens: bool
    """Whether a sentence begins with it."""


def clauses(tokens: Sequence[Token]) -> list[Clause]:
    """Split a turn; "but" and "and" before a subject belong to no clause."""
    found: list[Clause] = []
    start, opens = 0, True
    for i in range(len(tokens) + 1):
        token = tokens[i] if i < len(tokens) else None
        if token is not None and not (token.ends_sentence or token.text in _MARKS or _turns(tokens, i)):
            continue
        words = " ".join(t.text for t in tokens[start:i] if t.is_word or t.is_number)
        if words:
            found.append(Clause(start, i, words, token is not None and token.text == "?", opens))
            opens = False
        opens = opens or (token is not None and token.ends_sentence)
        start = i + 1
    return found


def _turns(tokens: Sequence[Token], i: int) -> bool:
    """Whether another statement begins after this word: "but", or "and" before its own subject."""
    following = tokens[i + 1].text if i + 1 < len(tokens) else ""
    return tokens[i].text in _TURNS or (i > 0 and tokens[i].text in _JOINS and following in _SUBJECTS)


def without(text: str, tokens: Sequence[Token], gone: Sequence[Clause]) -> str:
    """Return `text` with the clauses blanked, each with the mark that ends it; what is left keeps its place."""
    letters = list(text)
    for clause in gone:
        last = tokens[min(clause.end, len(tokens) - 1)]
        marked = clause.end < len(tokens) and not (last.is_word or last.is_number)
        first, end = tokens[clause.start].start, last.end if marked else tokens[clause.end - 1].end
        letters[first:end] = " " * (end - first)
    return "".join(letters).strip(" ,;:")

"""Negations: where a query says what is not wanted, in the few forms that English has for it."""

from collections.abc import Mapping, Set

from concierge_tools.data.constraints import Op
from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.passage import Passage

OPPOSITE: Mapping[Op, Op] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEGATIONS = _words(
    """
    no not without except excluding non never nothing neither nor avoid
    dont doesnt didnt isnt arent wasnt wont wouldnt cant cannot
    """
)
_PAIRS = frozenset(
    (
        ("other", "than"), ("rather", "than"), ("instead", "of"), ("apart", "from"), ("aside", "from"),
        ("anything", "but"), ("i", "hate"), ("i", "dislike"),
    )
)  # fmt: skip
_LEFT_OUT = _PAIRS | {("but", "not"), ("but", "no"), ("but", "without"), ("and", "not")}
"""Behind these stands what is not wanted, whatever it is; behind "without" may be the words of a title."""
_OPEN = frozenset(("except", "excluding"))
_ASKING = frozenset(("why", "how"))
_BRIDGES = _words(
    """
    a an the any some another more much too very really that is be it for of in from by to want wanted like need see
    watch read play have get stand mood into interested looking fan feel feeling anything something
    """
)
"""Words that may stand between a negation and what it negates."""
_PREPOSITIONS = frozenset(("by", "from", "of", "in", "for"))
"""Behind "no" itself they negate nothing: "Dr. No by" somebody."""
_JOINTS = frozenset(("or", "nor"))


def negated(passage: Passage, first: int, unwanted: Set[int], ignored: Set[str] = frozenset()) -> int | None:
    """Return where the negation of what begins at `first` begins; None where there is none.

    Args:
        passage: The query.
        first: A position in it.
        unwanted: Where what is not wanted ends, so far: "no horror or war" wants neither.
        ignored: Words for items at large, which may stand between, as in "no films by" somebody.
    """
    i = first
    while i > 0 and not passage.stops(i):
        pair = (passage.tokens[i - 2].folded if i > 1 else "", passage.tokens[i - 1].folded)
        if pair in _PAIRS:
            return i - 2
        if pair[1] in _NEGATIONS:
            title = pair[1] == "no" and i < first and passage.tokens[i].folded in _PREPOSITIONS
            return None if pair[0] in _ASKING or title else i - 1
        if pair[1] in _JOINTS and i - 1 in unwanted:
            return i - 1
        if pair[1] not in _BRIDGES and pair[1] not in ignored:
            return None
        i -= 1
    return None


def left_out(passage: Passage, known: Set[int]) -> list[tuple[int, int]]:
    """Return the stretches that say what is to be left out, in words that are not among the `known` ones."""
    found: list[tuple[int, int]] = []
    for i, token in enumerate(passage.tokens):
        pair = (token.folded, passage.tokens[i + 1].folded if i + 1 < len(passage) else "")
        start = i + 2 if pair in _LEFT_OUT else i + 1 if token.folded in _OPEN else None
        if start is None or i in known:
            continue
        while start < len(passage) and passage.tokens[start].folded in _BRIDGES:
            start += 1
        end = start
        while end < len(passage) and end not in known and passage.tokens[end].folded not in STOP_WORDS:
            if end > start and passage.tokens[end].gap.strip() in {",", ";", "."}:
                break
            end += 1
        if end > start:
            found.append((i, end))
    return found

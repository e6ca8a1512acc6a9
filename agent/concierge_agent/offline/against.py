"""A named field compared with an item: "a lower fee than the second one", "the weight should be below that of X".

Not known here: sums of two items, and shares of an item's value, which `relative` reads.
"""

from collections.abc import Sequence

from concierge_agent.offline.comparators import FLIPPED, Comparison, comparator_ending_at
from concierge_agent.offline.dimensions import DIMENSIONS, Side
from concierge_agent.offline.qualities import Quality, base_of
from concierge_agent.offline.text import Token, number_at, word_set
from concierge_agent.offline.units import UNITS
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import FieldDescription

_UP = word_set("higher greater larger bigger more longer better increased larger later newer")
_DOWN = word_set("lower smaller less fewer shorter reduced worse earlier older")
_LEADING = word_set("the that those of one in for to from your my with what at on it which")
_BETWEEN = word_set(
    "is are was were be been being should must could would can may might has have had to need needs ought a an that "
    "which not no n't never also still ideally preferably please ,"
)
_PASSED = word_set("average overall total mean typical customer user")
_DENYING = word_set("not no never")
_DATED = word_set("out appeared")
_DATE_SIDES = word_set("after before")
_OF_ITEMS = word_set("these those them your the all what")
_REACH = 7
_LONGEST = 4


def against(tokens: list[Token], items: Sequence[tuple[int, int]], words: Vocabulary) -> list[Quality]:
    """Return the comparisons of named fields with the items that stand at these positions."""
    return [found for start, end in items if (found := _with_item(tokens, start, end, words)) is not None]


def _with_item(tokens: list[Token], start: int, end: int, words: Vocabulary) -> Quality | None:
    if _text(tokens, end) == "of" and _text(tokens, end + 1) not in _OF_ITEMS:
        return None
    position, named = start, None
    while position > 0:
        if position > 1 and tokens[position - 1].text == "than":
            break
        if comparator_ending_at(tokens, position) is not None and _bounding(tokens, position) is not None:
            break
        ending = _field_ending_at(tokens, position, words)
        if ending is not None and named is None:
            named, position = ending
        elif tokens[position - 1].text in _LEADING:
            position -= 1
        else:
            return None
    found = _levelled(tokens, position, words) if position else None
    if found is not None:
        first, field, side = found
        op: Comparison = "<" if side == "low" else ">"
        return _made(first, start, side, field, op)
    bound = _bounding(tokens, position)
    if bound is None:
        return None
    op, first = bound
    if named is None:
        before = _field_before(tokens, first, words)
        if before is None:
            return None
        named, left = before
        if _DENYING & {t.text for t in tokens[left:first]}:
            op = FLIPPED[op]
        first = left
    return _made(first, start, "low" if op in ("<", "<=") else "high", named, op)


def _made(first: int, item: int, side: Side, field: FieldDescription, op: Comparison) -> Quality:
    return Quality(first, item, "comparative", side, None, field.name, item, op=op, field=field)


def _bounding(tokens: list[Token], end: int) -> tuple[Comparison, int] | None:
    found = comparator_ending_at(tokens, end) if end else None
    return found if found is not None and found[0] in FLIPPED else None


def _levelled(tokens: list[Token], than: int, words: Vocabulary) -> tuple[int, FieldDescription, Side] | None:
    """Read "a lower fee" before the "than" that ends at this position: where it starts, of which field, which way."""
    if tokens[than - 1].text != "than":
        return None
    ending = _field_ending_at(tokens, than - 1, words)
    if ending is None:
        return None
    field, first = ending
    if _text(tokens, first - 1) in _PASSED:
        first -= 1
    word, before = _text(tokens, first - 1), _text(tokens, first - 2)
    base = base_of(word)
    if before in ("more", "less") and base is not None:
        low = (base[1] == "low") == (before == "more")
        return first - 2, field, "low" if low else "high"
    side = _side(word)
    if side is None:
        return None
    if word in ("better", "worse") and words.dimension_of(field) == "price":
        side = "low" if side == "high" else "high"
    return first - 1, field, side


def _side(word: str) -> Side | None:
    if word in _UP or any(word in d.higher for d in DIMENSIONS):
        return "high"
    return "low" if word in _DOWN or any(word in d.lower for d in DIMENSIONS) else None


def _field_before(tokens: list[Token], end: int, words: Vocabulary) -> tuple[FieldDescription, int] | None:
    """Return the field that is named before a comparison at `end`, past what joins them, and where its name starts."""
    position = end
    while position > 0 and end - position < _REACH:
        ending = _field_ending_at(tokens, position, words)
        if ending is not None:
            return ending
        word = tokens[position - 1].text
        if word in _DATED and tokens[end].text in _DATE_SIDES and words.date is not None:
            return words.date, position - 1
        if word not in _BETWEEN:
            return None
        position -= 1
    return None


def _field_ending_at(tokens: list[Token], end: int, words: Vocabulary) -> tuple[FieldDescription, int] | None:
    """Return the measured field whose name, or noun of its dimension, ends at `end`, and where that starts."""
    word = _text(tokens, end - 1)
    counted = number_at(tokens, end - 2) if word in UNITS and end > 1 else None
    if counted is not None and counted[1] == end - 1:
        return None
    for start in range(max(0, end - _LONGEST), end):
        named = words.named_at(tokens, start)
        if named is not None and named[1] == end and named[0] in words.measured:
            return named[0], start
    which = next((d for d in DIMENSIONS if word in d.nouns and base_of(word) is None and _side(word) is None), None)
    field = words.best_measuring(which) if which is not None else None
    return (field, end - 1) if field is not None else None


def _text(tokens: Sequence[Token], i: int) -> str:
    return tokens[i].text if 0 <= i < len(tokens) else ""

"""Comparisons with items by an amount or a factor: "20 minutes shorter", "half the price", "twice as long".

What they are compared with may be left out; then it is what was shown. Not known here: sums of two items.
"""

from dataclasses import replace

from concierge_agent.offline.comparators import Comparison, comparator_ending_at
from concierge_agent.offline.dimensions import DIMENSIONS, Dimension, Side, dimension
from concierge_agent.offline.measures import Measure
from concierge_agent.offline.measures import text_at as _text
from concierge_agent.offline.measuring import measure_at
from concierge_agent.offline.qualities import Quality, base_of, quality_at
from concierge_agent.offline.text import Token, number_at, word_set
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import FieldDescription

_FACTORS = {"half": 0.5, "twice": 2.0, "double": 2.0, "triple": 3.0, "thrice": 3.0}
_SHARES = {"third": 1 / 3, "quarter": 0.25}
_AT_MOST = frozenset({"<", "<="})
_BY_REACH = 6
_BY_UNIT = {"duration": "duration", "mass": "mass"}
_NO_ITEM = word_set("i you we they he she possible usual")
_EXACT = word_set("least just about exactly roughly")
_LIMITS = word_set("budget limit maximum max cap ceiling")
_PERCENT = 100


def relative_at(tokens: list[Token], i: int, words: Vocabulary) -> Quality | None:
    """Read a comparison by an amount or factor whose first word of measure stands at `i`; it may start earlier."""
    found = _by_amount(tokens, i, words) or _by_factor(tokens, i, words) or _as_much_as(tokens, i)
    return found or _amount_after(tokens, i, words)


def _by_amount(tokens: list[Token], i: int, words: Vocabulary) -> Quality | None:
    """Read "at least 30 minutes shorter", "20% cheaper", "50 euros less", "twenty minutes too long"."""
    measure = measure_at(tokens, i, words)
    if measure is None or measure.kind not in ("unit", "currency") or measure.end >= len(tokens):
        return None
    quality = quality_at(tokens, measure.end) or _less_or_more(tokens, measure, words) or _past_limit(tokens, measure)
    if quality is None or quality.degree not in ("comparative", "too") or quality.which is None:
        return None
    start, bound = _bound(tokens, i)
    return _offset(replace(quality, start=start), measure, bound)


def _offset(quality: Quality, measure: Measure, bound: Comparison | None) -> Quality:
    low = (quality.side == "low") != (quality.degree == "too")
    op: Comparison = "<=" if low != (bound in _AT_MOST) else ">="
    if bound in (">", "<"):
        op = "<" if op == "<=" else ">"
    sign = -1 if low else 1
    if measure.unit is not None and measure.unit.dimension == "share":
        return replace(quality, op=op, factor=1 + sign * measure.low / _PERCENT, degree="comparative")
    return replace(quality, op=op, offset=replace(measure, low=sign * measure.low), degree="comparative")


def _less_or_more(tokens: list[Token], measure: Measure, words: Vocabulary) -> Quality | None:
    word = _text(tokens, measure.end)
    if word not in ("less", "more") or _text(tokens, measure.end + 1) not in ("", "than", ".", "!", ",", "please"):
        return None
    name = "price" if measure.kind == "currency" else _BY_UNIT.get(measure.unit.dimension) if measure.unit else None
    if name is None or not words.measuring(name):
        return None
    side: Side = "low" if word == "less" else "high"
    end = measure.end + 1
    than = end + 1 if _text(tokens, end) == "than" else None
    return Quality(measure.start, than or end, "comparative", side, dimension(name), word, than)


def _past_limit(tokens: list[Token], measure: Measure) -> Quality | None:
    """Read "300 euros over my budget", "20 minutes too much"."""
    i = measure.end
    name = "price" if measure.kind == "currency" else _BY_UNIT.get(measure.unit.dimension) if measure.unit else None
    if name is None:
        return None
    if _text(tokens, i) == "too" and _text(tokens, i + 1) in ("much", "many"):
        return Quality(measure.start, i + 2, "too", "high", dimension(name), _text(tokens, i + 1))
    end = i + 1 + (_text(tokens, i + 1) in ("my", "our", "the"))
    if _text(tokens, i) in ("over", "above", "beyond", "past") and _text(tokens, end) in _LIMITS:
        return Quality(measure.start, end + 1, "too", "high", dimension(name), _text(tokens, end))
    return None


def _bound(tokens: list[Token], i: int) -> tuple[int, Comparison | None]:
    """Return where a bound before position `i` starts and what it is."""
    before = comparator_ending_at(tokens, i)
    return (i, None) if before is None or before[0] in ("==", "about") else (before[1], before[0])


def _amount_after(tokens: list[Token], i: int, words: Vocabulary) -> Quality | None:
    """Read "shorter than that by at least half an hour"."""
    quality = quality_at(tokens, i)
    if quality is None or quality.degree != "comparative" or quality.which is None:
        return None
    for j in range(quality.end, min(quality.end + _BY_REACH, len(tokens) - 1)):
        if tokens[j].text != "by":
            continue
        for k in range(j + 1, min(j + _BY_REACH, len(tokens))):
            measure = measure_at(tokens, k, words)
            if measure is not None and measure.kind in ("unit", "currency"):
                return replace(_offset(quality, measure, _bound(tokens, k)[1]), by=(j, measure.end))
    return None


def _by_factor(tokens: list[Token], i: int, words: Vocabulary) -> Quality | None:
    """Read "half the price of X", "twice as long as X", "three times the weight"."""
    multiple = _multiple(tokens, i)
    if multiple is None:
        return None
    factor, j = multiple
    start, bound = _bound(tokens, i)
    if _text(tokens, j) == "as":
        return _as_adjective(tokens, start, j + 1, factor, bound)
    if _text(tokens, j) not in ("the", "its", "their", "that"):
        return None
    named = words.named_at(tokens, j + 1)
    which = next((d for d in DIMENSIONS if _text(tokens, j + 1) in d.nouns), None)
    field, end = (None, j + 2) if named is None or named[0] not in words.measured else named
    if field is None and which is not None:
        field = words.best_measuring(which)
    if field is None:
        return None
    than = end + 1 if _text(tokens, end) == "of" else None
    return _multiplied(start, than or end, factor, bound, None, field, than)


def _as_adjective(tokens: list[Token], start: int, i: int, factor: float, bound: Comparison | None) -> Quality | None:
    which: Dimension | None
    if _text(tokens, i) == "much":
        which, side = dimension("price"), "high"
    else:
        base = base_of(_text(tokens, i))
        if base is None:
            return None
        which, side = base
    than = i + 2 if _text(tokens, i + 1) == "as" else None
    return _multiplied(start, than or i + 1, factor if side == "high" else 1 / factor, bound, which, None, than)


def _multiplied(
    start: int,
    end: int,
    factor: float,
    bound: Comparison | None,
    which: Dimension | None,
    field: FieldDescription | None,
    than: int | None,
) -> Quality:
    op = bound or ("<=" if factor < 1 else ">=")
    side: Side = "low" if op in _AT_MOST else "high"
    return Quality(start, end, "comparative", side, which, "", than, op=op, factor=factor, field=field)


def _multiple(tokens: list[Token], i: int) -> tuple[float, int] | None:
    """Read "half", "twice", "a third of", "three times" at `i`, with the position after it."""
    word = _text(tokens, i)
    if word in _FACTORS:
        return _FACTORS[word], i + 1 + (_text(tokens, i + 1) == "of")
    if word == "a" and _text(tokens, i + 1) in _SHARES and _text(tokens, i + 2) == "of":
        return _SHARES[_text(tokens, i + 1)], i + 3
    number = number_at(tokens, i)
    if number is not None and number[0] > 0 and _text(tokens, number[1]) == "times":
        return number[0], number[1] + 1
    return None


def _as_much_as(tokens: list[Token], i: int) -> Quality | None:
    """Read "not as long as that", "as short as possible": "as long as" alone is no comparison."""
    base = base_of(_text(tokens, i + 1)) if _text(tokens, i) in ("as", "so") else None
    if base is not None and _text(tokens, i + 2) == "as" and _text(tokens, i + 3) == "possible":
        return Quality(i, i + 4, "superlative", base[1], base[0], f"as {_text(tokens, i + 1)} as possible")
    before = _text(tokens, i - 1)
    if base is None or _text(tokens, i + 2) != "as" or before not in _EXACT | {"not", "quite", "nearly"}:
        return None
    if _text(tokens, i + 3) in _NO_ITEM or not _text(tokens, i + 3):
        return None
    which, side = base
    if before == "least":
        op: Comparison = ">=" if side == "high" else "<="
        return Quality(
            i - 2 if _text(tokens, i - 2) == "at" else i - 1, i + 3, "comparative", side, which, "", i + 3, op=op
        )
    if "not" not in (before, _text(tokens, i - 2)):
        return None
    op = "<" if side == "high" else ">"
    start = i - 1 if before == "not" else i - 2
    return Quality(start, i + 3, "comparative", "low" if side == "high" else "high", which, "", i + 3, op=op)

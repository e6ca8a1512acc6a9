"""Amounts with their comparison, as a text says them: "under two hours", "from 1990 to 1999", "the 70s or 80s".

Not known here: amounts computed from items ("half the price of"), which `relative` reads; calendars finer than days.
"""

from dataclasses import dataclass, replace

from concierge_agent.offline.comparators import Comparison, comparator_ending_at, comparator_starting_at, is_weak
from concierge_agent.offline.dimensions import DIMENSIONS
from concierge_agent.offline.grammar import FUNCTION_WORDS
from concierge_agent.offline.measures import Measure
from concierge_agent.offline.measuring import measure_at
from concierge_agent.offline.text import Token, stem, word_set
from concierge_agent.offline.units import CURRENCY_SIGNS, UNITS
from concierge_agent.offline.vocabulary import Vocabulary

_FILLERS = word_set("a an the of is be was to at its it 's : around score only just still in with has have rated")
_OWNED = frozenset({"my", "our"})
_CAPPING = frozenset({None, "==", "about", ">"})
"""What does not keep "my 95 minutes" from being a limit."""
_NOUNS = 3
_EITHER_WAY = (("give", "or", "take"), ("plus", "or", "minus"), ("plus", "/", "minus"), ("+", "/", "-"), ("±",))
_OF_WHAT = frozenset({"of", "from", "the"})
_JOINTS = frozenset({"-", "–", "to", "through", "thru"})
_ENDS = frozenset({"until", "till"})
_NEARLY = frozenset({"about", "around", "roughly", "say", "some"})
_TRAILING = word_set("or and max maximum tops minimum min at plus")
_ALTERNATIVES = frozenset({"or", "/"})
_LISTED = frozenset({"or", "and", "&", "/", ","})
_BEFORE_ALTERNATIVE = word_set("the from in even maybe perhaps")
_SHOWN = word_set("the these those")
_OF_SHOWN = word_set("of between among either")
_AFTER_COUNT = word_set("is are was were has have do does you i we that which ones please")
_COUNTED = 10
"""A number up to this may count what was shown."""
_YEARS = range(1000, 2201)


@dataclass(frozen=True, slots=True)
class Amount:
    """A comparison with one or two measures, at token positions `start` to `end`."""

    start: int
    end: int
    comparison: Comparison | None
    """None when the text only names the amount."""
    measure: Measure
    upper: Measure | None = None
    """The second amount of a range."""
    also: tuple[Measure, ...] = ()
    """Other amounts that will do as well."""
    cue: str = ""
    """The word that compares, for what it says about the field: "before", "cheaper"."""


def amounts(tokens: list[Token], masked: set[int], words: Vocabulary) -> list[Amount]:
    """Find every amount in `tokens`, skipping positions that belong to titles and values."""
    found: list[Amount] = []
    i = 0
    while i < len(tokens):
        measure = None if i in masked else measure_at(tokens, i, words)
        if (
            measure is None
            or _counts_shown(tokens, measure)
            or any(j in masked for j in range(measure.start, measure.end))
        ):
            i += 1
            continue
        amount = _compared(tokens, measure, words, found[-1].end if found else 0)
        amount = _with_alternatives(tokens, amount, masked, words)
        found.append(amount)
        i = amount.end
    return found


def _counts_shown(tokens: list[Token], measure: Measure) -> bool:
    """Whether a number only counts what was spoken of: "which of the two", "one of these three", "the first two"."""
    if measure.kind != "number" or measure.end != measure.start + 1 or measure.low > _COUNTED or not measure.start:
        return False
    before = tokens[measure.start - 1].text
    earlier = tokens[measure.start - 2].text if measure.start > 1 else ""
    after = tokens[measure.end].text if measure.end < len(tokens) else ""
    closes = measure.end >= len(tokens) or not tokens[measure.end].is_word or after in _AFTER_COUNT
    return (before in _SHOWN and earlier in _OF_SHOWN) or (before in _SHOWN | {"first", "last"} and closes)


def _compared(tokens: list[Token], measure: Measure, words: Vocabulary, floor: int) -> Amount:
    upper = _range_end(tokens, measure, words)
    if upper is not None:
        start = measure.start
        if start > floor and tokens[start - 1].text in ("between", "from"):
            start -= 1
        if measure.kind == "number" and upper.kind in ("unit", "currency"):
            measure = _in_unit_of(tokens, upper, measure)
        return Amount(start, upper.end, "==", measure, upper=upper)
    within = _tolerance(tokens, measure, words)
    if within is not None:
        return within
    comparison, start, cue = _before(tokens, measure, words, floor)
    end = measure.end + (measure.end < len(tokens) and tokens[measure.end].text == "mark")
    after = comparator_starting_at(tokens, end) or _past_noun(tokens, end)
    if after is not None and (comparison in (None, "==", "about") or after[0] == comparison):
        comparison, end = after
    if comparison == "==" and cue == "from" and end < len(tokens) and tokens[end].text == "on":
        comparison, end = ">=", end + 1
    if start and tokens[start - 1].text in _OWNED and measure.kind in ("unit", "currency") and comparison in _CAPPING:
        comparison = "<="
    return Amount(start, end, comparison, measure, cue=cue)


def _tolerance(tokens: list[Token], measure: Measure, words: Vocabulary) -> Amount | None:
    """Read "100 minutes, give or take 10": the amounts from one side of a measure to the other."""
    i = measure.end + (measure.end < len(tokens) and tokens[measure.end].text == ",")
    sign = next((s for s in _EITHER_WAY if tuple(t.text for t in tokens[i : i + len(s)]) == s), None)
    spread = None if sign is None else measure_at(tokens, i + len(sign), words) if i + len(sign) < len(tokens) else None
    if spread is None or measure.kind not in ("number", "unit", "currency"):
        return None
    scale = 1.0
    if spread.unit is not None and measure.unit is not None and spread.kind == "unit":
        scale = spread.unit.factor / measure.unit.factor
    low, high = measure.low - spread.low * scale, measure.high + spread.high * scale
    return Amount(
        measure.start,
        spread.end,
        "==",
        replace(measure, low=low, high=low),
        upper=replace(measure, low=high, high=high),
    )


def _before(tokens: list[Token], measure: Measure, words: Vocabulary, floor: int) -> tuple[Comparison | None, int, str]:
    """Return the comparator left of a measure, past words that only name what is measured; where it starts; its cue."""
    position, weak = measure.start, None
    while position > floor:
        before = comparator_ending_at(tokens, position)
        if before is not None and before[1] >= floor:
            if not is_weak(tokens, before[1], position):
                return before[0], before[1], tokens[before[1]].text
            weak = weak or before
        elif not _filler(tokens, position - 1, words):
            break
        position -= 1
    return (None, measure.start, "") if weak is None else (weak[0], weak[1], tokens[weak[1]].text)


def _past_noun(tokens: list[Token], i: int) -> tuple[Comparison, int] | None:
    """Read a comparator that follows what is counted: "16 GB of memory or more", "a 13-inch screen or smaller"."""
    for j in range(i + 1, min(i + _NOUNS + 1, len(tokens))):
        passed = tokens[j - 1]
        if not passed.is_word or (passed.text in FUNCTION_WORDS and passed.text not in _OF_WHAT):
            return None
        if tokens[j].text in _TRAILING:
            return comparator_starting_at(tokens, j)
    return None


def _with_alternatives(tokens: list[Token], amount: Amount, masked: set[int], words: Vocabulary) -> Amount:
    """Add what "or" joins to an amount; years, decades and centuries may also be listed with "and" and commas."""
    dated = _is_date(amount.measure)
    if amount.upper is not None or amount.end != amount.measure.end or amount.measure.kind in ("ago", "age", "month"):
        return amount
    measure, also, end, joined = amount.measure, list[Measure](), amount.end, False
    while end < len(tokens) and tokens[end].text in (_LISTED if dated else _ALTERNATIVES):
        joined |= tokens[end].text != ","
        i = end + 1
        while i < len(tokens) and tokens[i].text in _BEFORE_ALTERNATIVE | _LISTED:
            i += 1
        other = measure_at(tokens, i, words) if i < len(tokens) else None
        if other is None or any(j in masked for j in range(i, other.end)):
            break
        if comparator_starting_at(tokens, other.end) is not None or _range_end(tokens, other, words) is not None:
            break
        if not (other.kind == measure.kind or (dated and _is_date(other)) or other.kind in ("unit", "currency")):
            break
        if dated != _is_date(other) or (measure.kind != "number" and other.kind == "number" and not dated):
            break
        also.append(other)
        end = other.end
    if not also or not (joined or dated):
        return amount
    last = also[-1]
    if measure.kind == "number" and last.kind in ("unit", "currency"):
        measure, *also = [_in_unit_of(tokens, last, m) for m in (measure, *also)]
    return replace(amount, end=end, measure=measure, also=tuple(also))


def _is_date(measure: Measure) -> bool:
    alone = measure.kind == "number" and measure.end - measure.start == 1
    return measure.kind == "date" or (alone and measure.low.is_integer() and int(measure.low) in _YEARS)


def _in_unit_of(tokens: list[Token], last: Measure, measure: Measure) -> Measure:
    """Read a bare number as of the same unit as the amount after it ("2 to 3 hours"), unless that makes it larger."""
    if measure.kind != "number":
        return measure
    spoken = next((UNITS[t.text] for t in tokens[last.start : last.end] if t.text in UNITS), None)
    scale = spoken.factor / last.unit.factor if spoken is not None and last.unit is not None else 1.0
    low = measure.low * (scale if measure.low * scale <= last.high else 1.0)
    return replace(last, start=measure.start, end=measure.end, low=low, high=low)


def _range_end(tokens: list[Token], measure: Measure, words: Vocabulary) -> Measure | None:
    joint = tokens[measure.end].text if measure.end < len(tokens) else ""
    opener = tokens[measure.start - 1].text if measure.start else ""
    if opener in _NEARLY and measure.start > 1:
        opener = tokens[measure.start - 2].text
    i = measure.end + 1
    if joint == "up" and i < len(tokens) and tokens[i].text == "to":
        joint, i = "to", i + 1
    joined = joint in _JOINTS or (joint == "and" and opener == "between") or (joint in _ENDS and opener == "from")
    upper = measure_at(tokens, i, words) if joined and i < len(tokens) else None
    if upper is None or (upper.low <= measure.low and upper.kind == "number"):
        return None
    if upper.kind == "number" and measure.kind in ("unit", "currency"):
        return replace(measure, start=upper.start, end=upper.end, low=upper.low, high=upper.high)
    return upper


def _filler(tokens: list[Token], i: int, words: Vocabulary) -> bool:
    text = tokens[i].text
    nouns = any(text in d.nouns for d in DIMENSIONS)
    return (
        text in _FILLERS or text in CURRENCY_SIGNS or nouns or any(stem(text) in stem_set for stem_set in _names(words))
    )


def _names(words: Vocabulary) -> list[set[str]]:
    return [
        {stem(part) for name in (f.name, *f.aliases) for part in name.replace("_", " ").split()} for f in words.measured
    ]

"""Words that compare: before an amount ("at most", "a limit of") and after it ("or less", "is my limit").

Patterns are read over tokens with one space between them: those before an amount end there, those after it begin
there. Denials around them ("does not exceed") are the scope's affair; those inside them ("no more than") are read here.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from concierge_agent.offline.dimensions import DIMENSIONS
from concierge_agent.offline.text import Token, number_at, word_set
from concierge_agent.offline.units import CURRENCY_SIGNS

Comparison = Literal["<", "<=", ">", ">=", "==", "about"]
FLIPPED: Mapping[Comparison, Comparison] = MappingProxyType({"<": ">=", "<=": ">", ">": "<=", ">=": "<"})
"""What a comparison becomes when it is denied."""

_REACH = 9
_IS = r"(?:is|are|was|would be|will be|being|as|=|:|has to be|should be|must be)"
_JOINT = r"(?: (?:is|are|of|at|to|:|=|being|would be|will be|should be|set at|set to|a|an|the))*"
_OWN = r"(?:(?:my|our|the|a|an|your|absolute|very|hard|strict|total|top|outer) )*"
_UPPER = r"(?:limit|cap|ceiling|maximum|max|cut - off|cutoff|budget|threshold|upper bound|upper end)"
_LOWER = r"(?:lower limit|minimum|min|floor|lower bound)"
_MORE = r"(?:more|over|above|longer|higher|later|heavier|larger|bigger|further|farther|newer|greater|beyond|past)"
_LESS = r"(?:less|fewer|under|below|shorter|lower|earlier|lighter|smaller|older|cheaper|worse)"
_MOST = "(?:most|longest|latest|highest|largest|heaviest|biggest|newest|furthest|farthest|dearest)"
_LEAST = "(?:least|lowest|earliest|oldest|smallest|shortest|lightest|fewest)"
_FIT = r"(?:fit|fits|fitting|squeeze|done|finish|finished|finishable|doable|completed|complete|over|manageable)"
_DENIED = r"(?:(?:,|but|and|-) )*(?:no|not)(?: (?:a|one|any|much|even))?(?: [a-z]+)?"
_STOP = r"(?= (?:[,.;!?)]|and|but|or|please|thanks|if|for|with|in|on|of|per)(?: |$)| ?$)"
_BEFORE: Mapping[Comparison, tuple[str, ...]] = MappingProxyType(
    {
        "<": (
            "under", "below", "beneath", "before", "prior to", "sub", "sub -", "<",
            "predating", "pre", "pre -", "south of", "short of",
            "(?:less|fewer|lower|smaller|cheaper|shorter|quicker|lighter|older|earlier|worse|closer|nearer) than",
            "less expensive than",
        ),
        "<=": (
            "up to", "up till", "up until", "until", "till", "tops", "within", "inside", "inside of", "through", "thru",
            "<=", "at (?:the )?(?:very )?most", "(?:as )(?:much|high|long|many|late|heavy|far) as",
            "(?:no|not) (?:more|longer|later|newer|heavier|higher|bigger|larger|further|farther|greater) than",
            "(?:no|not) more expensive than", "not (?:over|above|exceeding|past|beyond)", f"{_UPPER}{_JOINT}",
            "(?:limited|restricted|confined) to", "capped at",
            "(?:cap|keep|hold|restrict|limit) (?:at|to|within)",
            "(?:cap|keep|hold|restrict|limit) (?:it|this|that|them|things) (?:at|to|within)",
            "(?:at|on|in) or (?:below|under|before)", "(?:less|lower|smaller|fewer) than or equal(?: to)?",
            f"{_FIT} (?:in|into|within|inside)(?: of)?",
            "(?:spend|afford|spare|pay)(?: up to)?",
            f"{_UPPER} for (?:the |my |our )?(?:[a-z]+ ){{1,4}}{_IS}",
            f"(?:the|my|our) {_MOST} (?:[a-z]+ ){{1,4}}{_IS}",
            f"(?:all|most|max|maximum|longest|highest|furthest)(?: that)? (?:i|we) (?:[a-z]+ ){{1,4}}{_IS}",
        ),
        ">": (
            "over", "above", "after", ">", "past", "beyond", "north of", "in excess of", "upward of", "post", "post -",
            "(?:more|greater|higher|longer|heavier|newer|later|better|bigger|larger|further|farther) than",
            "(?:exceed|exceeds|exceeding|exceeded|surpass|surpasses|surpassing)", "more (?:expensive|recent) than",
        ),
        ">=": (
            "at (?:the )?(?:very )?least", "since", ">=", "upwards of", "from at least", "as (?:of|from)",
            "(?:no|not) (?:less|shorter|lower|smaller|lighter|cheaper|older|earlier|worse|fewer) than",
            "not (?:under|below)", f"{_LOWER}{_JOINT}", f"{_LOWER} for (?:the |my |our )?(?:[a-z]+ ){{1,4}}{_IS}",
            f"(?:the|my|our) {_LEAST} (?:[a-z]+ ){{1,4}}{_IS}", "(?:starting|beginning) (?:from|at|in|with)",
            "from no (?:less|earlier) than", "(?:at|on|in|from) or (?:above|over|after)",
            "(?:greater|more|higher|larger) than or equal(?: to)?", "least(?: that)? (?:i|we) (?:[a-z]+ ){1,4}is",
        ),
        "about": (
            "around", "about", "approximately", "approx", "roughly", "circa", "~", "close to", "nearly", "almost",
            "something like", "more or less", "(?:in|around) the (?:region|neighbourhood|neighborhood|vicinity) of",
        ),
        "==": ("exactly", "precisely", "in", "from", "during", "of", "equal to", "="),
    }
)  # fmt: skip
_AFTER: Mapping[Comparison, tuple[str, ...]] = MappingProxyType(
    {
        "<=": (
            "(?:or|and) (?:less|fewer|under|below|shorter|cheaper|lower|older|earlier|before|lighter|smaller|sooner"
            "|closer)",
            "at (?:the )?(?:very |absolute )*(?:most|maximum|max|outside)", "at the latest", "max", "maximum", "tops",
            "limit", f"(?:{_IS} )?{_OWN}{_UPPER}",
            f"{_IS} (?:the (?:very |absolute )?)?(?:most|longest|all|everything|plenty|enough|tops)",
            f"{_IS} as (?:much|high|far|long|late|heavy|many) as",
            f"{_IS} (?:the|my|our) (?:very |absolute )?{_MOST}",
            "(?:to|that i can|i can|we can) (?:spend|spare|kill|use|pay)", f"{_DENIED} {_MORE}{_STOP}",
        ),
        ">=": (
            "(?:or|and) (?:more|above|over|higher|longer|better|up|later|newer|greater|heavier|bigger|larger|after"
            "|beyond|upwards|onwards|further)",
            r"\+", r"\+ (?:or|and) (?:more|up|above|higher|better)", "onward", "onwards", "on up", "upward", "upwards",
            "(?:to|until|till|through) (?:today|now|present|the present|date)",
            "minimum", "min", "at (?:the )?(?:very |absolute )*(?:least|minimum|min)", "at the earliest",
            f"plus{_STOP}", f"plus (?:or|and) (?:more|up){_STOP}", "or so at least", f"{_IS} {_OWN}{_LOWER}",
            f"{_IS} (?:the|my|our) (?:very |absolute )?{_LEAST}", f"{_DENIED} {_LESS}{_STOP}",
        ),
        "about": ("or so", "ish", "- ish", "or thereabouts", "or around that", "give or take", "more or less"),
        "==": ("on the (?:dot|nose)", "exactly", "sharp", "flat", "precisely", "to the (?:minute|cent|gram|penny)"),
    }
)  # fmt: skip
_NO_AMOUNT_END = word_set("the all that my our")
_TOWARDS_LESS = (
    frozenset({"less"})
    | frozenset().union(*(d.lower for d in DIMENSIONS if d.name != "date"))
    | word_set(
        "weaker slower fewer softer quieter lower narrower thinner nearer closer milder younger smaller earlier older "
        "cooler colder simpler easier"
    )
)
_SHORTEST = 5
_CLOSING = word_set("and but or please thanks if for with in on of per")
_MORE_OR_LESS = frozenset({"more", "less"})
_NOT_COMPARATIVE = word_set("other rather another ever never together over under number order")
_WEAK = frozenset({"in", "of", "from", "during"})


@cache
def _patterns(after: bool) -> tuple[tuple[re.Pattern[str], Comparison], ...]:
    table = _AFTER if after else _BEFORE
    return tuple(
        (re.compile(rf"(?:{body})(?= |$)" if after else rf"(?:^|(?<= ))(?:{body})$"), comparison)
        for comparison, bodies in table.items()
        for body in bodies
    )


def comparator_ending_at(tokens: list[Token], end: int) -> tuple[Comparison, int] | None:
    """Return the longest comparator that ends right before position `end`, with where it starts."""
    first = end
    while first > 0 and end - first < _REACH and not tokens[first - 1].ends_sentence:
        first -= 1
    text = " ".join(token.text for token in tokens[first:end])
    best: tuple[Comparison, int] | None = None
    length = 0
    for pattern, comparison in _patterns(False):
        found = pattern.search(text)
        if found is not None and len(found[0]) > length:
            length = len(found[0])
            best = comparison, end - len(found[0].split())
    return best or _any_comparative(tokens, end)


def is_weak(tokens: list[Token], start: int, end: int) -> bool:
    """Whether a comparator is but a preposition, which a word further left may overrule ("a maximum length of")."""
    return end - start == 1 and tokens[start].text in _WEAK


def _any_comparative(tokens: list[Token], end: int) -> tuple[Comparison, int] | None:
    """Read "stronger than", "more potent than" and their denials, whatever the adjective measures."""
    if end < 2 or tokens[end - 1].text != "than":
        return None
    word, before = tokens[end - 2].text, tokens[end - 3].text if end > 2 else ""
    comparison: Comparison
    if before in _MORE_OR_LESS and tokens[end - 2].is_word:
        comparison, start = ("<" if before == "less" else ">"), end - 3
    elif word.endswith("er") and word not in _NOT_COMPARATIVE:
        comparison, start = ("<" if word in _TOWARDS_LESS else ">"), end - 2
    else:
        return None
    if start and tokens[start - 1].text in ("no", "not"):
        return FLIPPED[comparison], start - 1
    return comparison, start


def comparator_starting_at(tokens: list[Token], start: int) -> tuple[Comparison, int] | None:
    """Return the longest comparator that follows an amount at `start`, with the position after it.

    What goes on to another amount ("and under 50") belongs to that one.
    """
    last = start
    while last < len(tokens) and last - start < _REACH and not (last > start and tokens[last - 1].ends_sentence):
        last += 1
    text = " ".join(token.text for token in tokens[start:last])
    best: tuple[Comparison, int] | None = None
    length = 0
    for pattern, comparison in _patterns(True):
        found = pattern.match(text)
        if found is None or len(found[0]) <= length or not found[0].strip():
            continue
        end = start + len(found[0].split())
        goes_on = end < len(tokens) and (
            tokens[end].text in CURRENCY_SIGNS
            or number_at(tokens, end) is not None
            or (tokens[start].text == "and" and tokens[end].text in _NO_AMOUNT_END)
        )
        if not goes_on:
            length = len(found[0])
            best = comparison, end
    return best or _other_comparative(tokens, start)


def _other_comparative(tokens: list[Token], start: int) -> tuple[Comparison, int] | None:
    """Read "or stronger", "or quieter": a comparative of any other adjective."""
    if start + 1 >= len(tokens) or tokens[start].text not in ("or", "and"):
        return None
    word = tokens[start + 1].text
    if not word.endswith("er") or word in _NOT_COMPARATIVE or len(word) < _SHORTEST or not _closes(tokens, start + 2):
        return None
    return ("<=" if word in _TOWARDS_LESS else ">="), start + 2


def _closes(tokens: list[Token], i: int) -> bool:
    return i >= len(tokens) or not tokens[i].is_word or tokens[i].text in _CLOSING

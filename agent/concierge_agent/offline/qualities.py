"""Adjectives of measurable things: short, cheaper, newest, too long, highly rated; and comparatives of anything."""

from dataclasses import dataclass, replace
from typing import Literal

from concierge_agent.offline.comparators import Comparison
from concierge_agent.offline.dimensions import DIMENSIONS, Dimension, Side, dimension
from concierge_agent.offline.grammar import ADVERBS, BLAME, FUNCTION_WORDS, PRAISE
from concierge_agent.offline.measures import Measure
from concierge_agent.offline.text import Token, word_set
from concierge_agent.offline.units import UNITS
from concierge_agent.values import FieldDescription

Degree = Literal["positive", "too", "comparative", "superlative"]
_NOT_OF_ITEMS = word_set(
    "day days time while way ago run term shift night flight trip drive journey weekend weekends week "
    "year years job friend friends house home place city town story question one chat word look reply answer on of to"
)
_PURCHASES = word_set("need needs needing buy buying replace get getting")
_NOT_PRAISE = word_set("for with at morning evening night idea enough afternoon luck job day")
_SAID_OF = word_set("sounds sound looks look feels so as how that all is was are were 's")
_LONG = 5
_BEFORE = word_set("something anything but bit little much slightly even somewhat lot")
_HIGHLY = word_set("highly well best top critically")
_RATED = word_set("rated reviewed ranked rating ratings reviews scored scoring acclaimed")


@dataclass(frozen=True, slots=True)
class Quality:
    """A word about a dimension (`which`), or a comparative of some other word, at positions `start` to `end`."""

    start: int
    end: int
    degree: Degree
    side: Side
    which: Dimension | None
    word: str
    than: int | None = None
    """Position after "than", where what it is compared with stands."""
    op: Comparison | None = None
    """How the value compares with `factor` times what it is compared with plus `offset`, where the text says so."""
    factor: float = 1.0
    offset: Measure | None = None
    field: FieldDescription | None = None
    """The field, where the text names it."""
    by: tuple[int, int] | None = None
    """Positions of an amount told apart: "shorter ... by ten minutes"."""


def quality_at(tokens: list[Token], i: int) -> Quality | None:
    """Read the quality that starts at `i`."""
    word, following = tokens[i].text, _text(tokens, i + 1)
    if word == "longer" and _text(tokens, i - 1) in ("no", "any") and following != "than":
        return None
    if word == "too" and following:
        found = _positive(tokens, i + 1)
        return None if found is None else _with(found, i, "too")
    if (
        word in ("higher", "better", "lower", "highest", "best", "top", "lowest")
        and _past_dash(tokens, i + 1) in _RATED
    ):
        end = i + 2 + (following == "-")
        degree: Degree = "superlative" if word in ("highest", "best", "top", "lowest") else "comparative"
        return _than(
            tokens, Quality(i, end, degree, "low" if word in ("lower", "lowest") else "high", dimension("rating"), word)
        )
    if (word in _HIGHLY and _past_dash(tokens, i + 1) in _RATED) or (
        word in ("good", "high", "great") and following in _RATED
    ):
        end = i + 2 + (following == "-")
        return Quality(i, end, "positive", "high", dimension("rating"), f"{word} {tokens[end - 1].text}")
    if word in ("more", "less", "most", "least") and following:
        base = base_of(following)
        if base is not None:
            side: Side = base[1] if word in ("more", "most") else ("low" if base[1] == "high" else "high")
            degree = "comparative" if word in ("more", "less") else "superlative"
            return _than(tokens, Quality(i, i + 2, degree, side, base[0], f"{word} {following}"))
    for which in DIMENSIONS:
        for words, degree, side in (
            (which.lower, "comparative", "low"),
            (which.higher, "comparative", "high"),
            (which.lowest, "superlative", "low"),
            (which.highest, "superlative", "high"),
        ):
            if word in words:
                found = _than(tokens, Quality(i, i + 1, degree, side, which, word))
                doubtful = word in ("later", "earlier", "worse") and found.than is None
                return None if doubtful else found
    return _positive(tokens, i)


def _positive(tokens: list[Token], i: int) -> Quality | None:
    if _text(tokens, i) in ("low", "poorly", "badly") and _past_dash(tokens, i + 1) in _RATED:
        end = i + 2 + (_text(tokens, i + 1) == "-")
        return Quality(i, end, "positive", "low", dimension("rating"), f"low {tokens[end - 1].text}")
    base = base_of(_text(tokens, i))
    if base is None:
        return None
    which, side = base
    before, after = _text(tokens, i - 1), _text(tokens, i + 1)
    elsewhere = after in _NOT_OF_ITEMS and not (before == "too" and after in ("to", "on"))
    if before in UNITS or elsewhere or before in ("how", "as", "my", "your", "so", "what", "that's"):
        return None
    praise = side == "high" and before in ("something", "anything")
    predicate = side == "low" or after in _NOT_PRAISE or before in _SAID_OF or not after.isalpha()
    if _is_bought_new(tokens, i):
        return None
    if which.name == "rating" and predicate and not praise:
        return None
    return Quality(i, i + 1, "positive", side, which, tokens[i].text)


def _is_bought_new(tokens: list[Token], i: int) -> bool:
    """Whether "new" tells of a purchase and not of an age: "I need a new coat"."""
    before = _text(tokens, i - 1 - (_text(tokens, i - 1) in ("a", "an", "some", "two")))
    return _text(tokens, i) == "new" and before in _PURCHASES


def base_of(word: str) -> tuple[Dimension, Side] | None:
    """Return what an adjective's plain form measures, and towards which end."""
    for which in DIMENSIONS:
        if word in which.low:
            return which, "low"
        if word in which.high:
            return which, "high"
    return None


def comparative_of_other(tokens: list[Token], i: int) -> Quality | None:
    """Read "funnier" or "more/less suspenseful": a comparative of a word that names no dimension.

    `word` keeps the comparative's own form; `positive_forms` undoes it.
    """
    word, following = tokens[i].text, _text(tokens, i + 1)
    if word in ("more", "less") and following.isalpha() and following not in FUNCTION_WORDS | ADVERBS | PRAISE | BLAME:
        return _than(tokens, Quality(i, i + 2, "comparative", "high" if word == "more" else "low", None, following))
    before = _text(tokens, i - 1)
    if (word.endswith("ier") and len(word) > _LONG) or (
        word.endswith("er") and len(word) >= _LONG and before in _BEFORE
    ):
        return _than(tokens, Quality(i, i + 1, "comparative", "high", None, word))
    return None


def positive_forms(word: str) -> tuple[str, ...]:
    """Return the words that a comparative may come from: "funnier" from "funny", "sadder" from "sad"."""
    if word.endswith("ier"):
        return (f"{word[:-3]}y",)
    if not word.endswith("er"):
        return (word,)
    base = word[:-2]
    single = (base[:-1],) if len(base) > 2 and base[-1] == base[-2] else ()
    return (base, f"{base}e", *single)


def _than(tokens: list[Token], quality: Quality) -> Quality:
    if _text(tokens, quality.end) != "than":
        return quality
    return _with(quality, quality.start, quality.degree, end=quality.end + 1, than=quality.end + 1)


def _with(q: Quality, start: int, degree: Degree, *, end: int | None = None, than: int | None = None) -> Quality:
    return replace(q, start=start, end=q.end if end is None else end, degree=degree, than=than)


def _text(tokens: list[Token], i: int) -> str:
    return tokens[i].text if 0 <= i < len(tokens) else ""


def _past_dash(tokens: list[Token], i: int) -> str:
    return _text(tokens, i + 1) if _text(tokens, i) == "-" else _text(tokens, i)

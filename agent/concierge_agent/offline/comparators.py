"""Words that compare: before an amount ("at most", "before") and after it ("or less", "and up")."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from concierge_agent.offline.dimensions import DIMENSIONS
from concierge_agent.offline.text import Token, word_set

Comparison = Literal["<", "<=", ">", ">=", "==", "about"]
FLIPPED: Mapping[Comparison, Comparison] = MappingProxyType({"<": ">=", "<=": ">", ">": "<=", ">=": "<"})
"""What a comparison becomes when it is denied."""

_BEFORE: Mapping[Comparison, str] = MappingProxyType(
    {
        "<": """
        less than | under | below | fewer than | lower than | smaller than | beneath | cheaper than |
        shorter than | quicker than | lighter than | older than | earlier than | before | prior to | < |
        worse than | less expensive than | predating | pre
    """,
        "<=": """
        up to | at most | at the most | no more than | not more than | no longer than | not longer than | no
        later than | no newer than | no heavier than | no higher than | no bigger than | not over | not
        above | not exceeding | maximum | max | tops | within | until | till | <= | as much as | a maximum of |
        maximum of | max of | capped at | limit of | limit is | budget of | budget is | a budget of | no
        more expensive than | not past | limited to
    """,
        ">": """
        more than | over | above | greater than | higher than | longer than | heavier than | newer than |
        later than | after | > | better than | bigger than | larger than | exceeding | past | north of |
        more expensive than | more recent than | beyond
    """,
        ">=": """
        at least | at the least | no less than | not less than | no fewer than | no shorter than | no older
        than | not older than | no earlier than | no lower than | not under | not below | minimum | min |
        since | >= | a minimum of | minimum of | min of | upwards of | starting from | starting at | from at
        least | as of | no worse than | no smaller than | no cheaper than | no lighter than
    """,
        "about": """
        around | about | approximately | approx | roughly | circa | ~ | close to | nearly | almost | something like
        | more or less | in the region of
    """,
        "==": "exactly|precisely|in|from|during|of|equal to|=|rated",
    }
)
_AFTER: Mapping[Comparison, str] = MappingProxyType(
    {
        "<=": """
        or less | or fewer | or under | or below | or shorter | or cheaper | or lower | or older | or
        earlier | or before | or lighter | or smaller | or sooner | and under | and below | and less | at
        most | at the most | max | maximum | tops | limit | at maximum | and earlier | and older | and
        before
    """,
        ">=": """
        or more | or above | or over | or higher | or longer | or better | or up | or later | or newer | or
        greater | or heavier | or bigger | or after | + | and up | and above | and over | and later | and
        higher | and newer | and more | and better | and beyond | and after | onward | onwards | upward |
        upwards | minimum | at least | at minimum | plus | or so at least | and longer
    """,
        "about": "or so|ish|- ish|or thereabouts|give or take",
    }
)
_ON_ITS_OWN = word_set("max maximum tops min minimum")
_TOWARDS_LESS = (
    frozenset({"less"})
    | frozenset().union(*(d.lower for d in DIMENSIONS if d.name != "date"))
    | word_set(
        "weaker slower fewer softer quieter lower narrower thinner nearer closer milder younger smaller earlier older "
        "cooler colder simpler easier"
    )
)
_MORE_OR_LESS = frozenset({"more", "less"})
_NOT_COMPARATIVE = word_set("other rather")


@cache
def _table(after: bool) -> tuple[tuple[tuple[str, ...], Comparison], ...]:
    rows = [
        (tuple(phrase.split()), comparison)
        for comparison, phrases in (_AFTER if after else _BEFORE).items()
        for phrase in phrases.replace("\n", " ").split("|")
    ]
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


def comparator_ending_at(tokens: list[Token], end: int) -> tuple[Comparison, int] | None:
    """Return the longest comparator that ends right before position `end`, with where it starts."""
    for words, comparison in _table(False):
        start = end - len(words)
        if start >= 0 and tuple(token.text for token in tokens[start:end]) == words:
            return comparison, start
    return _any_comparative(tokens, end)


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
    """Return the longest comparator that follows an amount at `start`, with the position after it."""
    for words, comparison in _table(True):
        end = start + len(words)
        if tuple(token.text for token in tokens[start:end]) == words:
            if words[0] in _ON_ITS_OWN and end < len(tokens) and tokens[end].is_number:
                return None
            return comparison, end
    return None

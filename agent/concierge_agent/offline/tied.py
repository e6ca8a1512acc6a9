"""Whether an amount is about the items at all, or about the speaker's day: "a twelve hour shift", "ten hours a day".

Only weakly bound amounts are doubted; "under two hours" and its like always are about the items.
"""

import re
from dataclasses import replace

from concierge_agent.offline.dimensions import DIMENSIONS
from concierge_agent.offline.elements import Parts
from concierge_agent.offline.grammar import ADVERBS, DETERMINERS, FUNCTION_WORDS
from concierge_agent.offline.quantities import Amount
from concierge_agent.offline.text import Token, stem, word_set
from concierge_agent.offline.units import UNITS
from concierge_agent.offline.vocabulary import Vocabulary

_WEAK = frozenset({None, "==", "about"})
_OF_THE_SPEAKER = word_set(
    "shift shifts flight flights trip drive journey commute meeting meetings break day days week weekend layover nap "
    "wait queue ride train bus car anniversary marriage relationship holiday vacation stay lecture exam"
)
_POSSESSED = re.compile(
    r"(?:^| )(?:i|we|me|us) (?:(?:only|just|really|still|have|has|get|got|do|will|about) )*(?:have|get|got)"
    r"(?: (?:only|just|got|about|around|roughly|maybe|exactly|at most|up to|a|an|the|like|some|max))*$"
)
_LEFT_OVER = word_set("spare free left budget cash money time total available")
_CLAUSE_ENDS = frozenset({",", "but", "and", "so", "(", ")"})
_POSSESSIVES = word_set("my our his her their")
_LIMITS = word_set("limit limits cap ceiling maximum max minimum min budget cutoff cut threshold patience top wallet")
_PER = word_set("a an per each every")
_TIMES_OF_DAY = word_set("night morning evening afternoon")
_REACH = 8


def tied(amount: Amount, parts: Parts, words: Vocabulary) -> Amount | None:
    """Return the amount as it bears on items, at most what the speaker says to have; None when it tells something else.

    A bound is taken as it stands, unless it is told as a habit ("more than ten hours a day").
    """
    tokens, frame = parts.tokens, parts.scope.frames[amount.start]
    timed = amount.measure.kind == "unit" and not amount.measure.rate
    if timed and _distributed(tokens, amount.end):
        return None
    if amount.comparison not in _WEAK or amount.upper is not None or amount.also or amount.measure.kind == "score":
        return amount
    if timed and _of_the_speaker(tokens, amount.end, words):
        return None
    left = _left(tokens, amount.start)
    have = frame.attitude == "have"
    measured = timed or amount.measure.kind == "currency"
    if measured and (have or not frame.asked or _POSSESSED.search(left)):
        if _POSSESSED.search(left) and _stands_alone(tokens, amount.end, words):
            return replace(amount, comparison="<=")
        if have or timed:
            return None
    return None if timed and _someones(tokens, amount.start, words) else amount


def _left(tokens: list[Token], i: int) -> str:
    first = i
    while first > 0 and i - first < _REACH and not tokens[first - 1].ends_sentence:
        first -= 1
    return " ".join(token.text for token in tokens[first:i])


def _distributed(tokens: list[Token], i: int) -> bool:
    """Whether "a day", "per week" follows."""
    if i + 1 >= len(tokens) or tokens[i].text not in _PER:
        return False
    unit = UNITS.get(tokens[i + 1].text)
    return tokens[i + 1].text in _TIMES_OF_DAY or (unit is not None and unit.dimension == "duration")


def _of_the_speaker(tokens: list[Token], i: int, words: Vocabulary) -> bool:
    while i < len(tokens) and (tokens[i].text in ("-", "long", "or", "so", "ish") or tokens[i].text in ADVERBS):
        i += 1
    return i < len(tokens) and tokens[i].text in _OF_THE_SPEAKER and stem(tokens[i].text) not in words.generic


def _stands_alone(tokens: list[Token], i: int, words: Vocabulary) -> bool:
    """Whether no noun follows that the amount would count or describe."""
    if i >= len(tokens) or not tokens[i].is_word:
        return True
    word = tokens[i].text
    return word in FUNCTION_WORDS | DETERMINERS | ADVERBS | _LEFT_OVER or stem(word) in words.generic


def _someones(tokens: list[Token], i: int, words: Vocabulary) -> bool:
    """Whether the clause is about something of the speaker's: "my shift ends in two hours", "the flight takes two"."""
    for j in range(i - 1, max(-1, i - 1 - _REACH), -1):
        word = tokens[j].text
        if tokens[j].ends_sentence or word in _CLAUSE_ENDS:
            return False
        if word in _OF_THE_SPEAKER and stem(word) not in words.generic:
            return True
        if word in _POSSESSIVES and j + 1 < i:
            noun = next((t.text for t in tokens[j + 1 : i] if t.text not in ADVERBS), "")
            return not _about_items(noun, words)
    return False


def _about_items(noun: str, words: Vocabulary) -> bool:
    return noun in _LIMITS or stem(noun) in words.generic or any(noun in d.nouns for d in DIMENSIONS)

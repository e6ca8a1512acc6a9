"""Questions that ask for knowledge and state no wish: "what is the difference between", "is it", "who made".

"Do you have", "is there" and "what is good" ask for items and are none of these.
"""

from collections.abc import Mapping

from concierge_agent.offline.frames import Span
from concierge_agent.offline.text import ORDINALS, Token, word_set

_OPENERS = word_set("and so but ok okay well also hmm wait , then")
_AUXILIARIES = word_set("is are was were does do did has have had will would can could")
_MODALS = word_set("can could may might should must would")
_BE = word_set("is are was were")
_THEY = word_set("it that this they these those he she")
_WELCOME = word_set("ok okay fine alright possible cool enough")
_ARTICLES = word_set("a an the")
_KNOWLEDGE = word_set("difference differences mean means meaning stand")
_WITHIN = 6


def is_inquiry(tokens: list[Token], i: int, spans: Mapping[int, Span]) -> bool:
    """Whether a question for knowledge begins at `i`, where a sentence begins."""
    while i < len(tokens) and tokens[i].text in _OPENERS:
        i += 1
    word, following = _text(tokens, i), _text(tokens, i + 1)
    if word == "who":
        return following not in ("cares", "knows", "wants")
    if word in ("when", "where"):
        return following in _AUXILIARIES
    if word == "why":
        return following in _AUXILIARIES
    if word == "how":
        return following not in ("about", "ever", "")
    if word in ("what", "which"):
        return _asks_what(tokens, i, spans)
    if word in _MODALS and following in _THEY and _text(tokens, i + 2) == "be":
        return False
    return word in _AUXILIARIES and _asks_whether(tokens, i + 1, spans)


def asks_about(tokens: list[Token], i: int) -> bool:
    """Whether a question about something begins at `i`, rather than a request."""
    starts = i == 0 or tokens[i - 1].ends_sentence
    return starts and tokens[i].text in ("what", "how", "who", "when") and _text(tokens, i + 1) in _BE


def _asks_what(tokens: list[Token], i: int, spans: Mapping[int, Span]) -> bool:
    nearby = {t.text for t in tokens[i + 1 : i + 1 + _WITHIN]}
    if nearby & _KNOWLEDGE and nearby & (_BE | {"does", "do", "'s"}):
        return True
    if _text(tokens, i) == "which" or _text(tokens, i + 1) not in _BE:
        return False
    j = i + 2 + (_text(tokens, i + 2) in _ARTICLES)
    end = spans[j].end if j in spans and spans[j].family == "value" else None
    return end is not None and _text(tokens, i + 2) != "the" and (end >= len(tokens) or tokens[end].ends_sentence)


def _asks_whether(tokens: list[Token], i: int, spans: Mapping[int, Span]) -> bool:
    """Whether what is asked about at `i` is something spoken of: a pronoun or an item."""
    if i in spans and spans[i].family == "item":
        return True
    if _text(tokens, i) == "the" and (_text(tokens, i + 1) in ORDINALS or _text(tokens, i + 1) in ("last", "other")):
        return True
    return _text(tokens, i) in _THEY and _text(tokens, i + 1) not in _WELCOME


def _text(tokens: list[Token], i: int) -> str:
    return tokens[i].text if 0 <= i < len(tokens) else ""

"""A change of topic: "forget all that", "new question: ...", "now something for my mother".

What was asked for then no longer holds; what the user told of themselves does. Without a clear sign nothing changes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from concierge_agent.offline.clauses import Clause
from concierge_agent.offline.grammar import GIFTS, PEOPLE
from concierge_agent.offline.text import Token
from concierge_agent.offline.vocabulary import Vocabulary

_LEAD = r"(?:(?:ok|okay|well|so|and|now|no|oh|right|alright|please|thanks|actually|great|hmm|hey|you know what) )*"
_LETS = r"(?:(?:let us|can we|could we|shall we|i want to|i would like to|please|just|i will|we can) )*"
_AFRESH = re.compile(
    rf"{_LEAD}{_LETS}(?:"
    r"(?:start|begin|starting)(?: \w+)? (?:over|again|afresh|anew|fresh|from (?:scratch|the beginning|"
    r"zero))(?: again)?|"
    r"(?:forget|scrap|drop|ignore|never mind|nevermind|disregard|scratch|cancel|discard|leave|ditch|"
    r"clear)(?: about)? "
    r"(?:all(?: (?:of )?(?:it|that|this|those|these))?|all (?:my|the) \w+|everything(?: \w+){0,4}|it all|"
    r"(?:all |everything )?(?:what|that) (?:i|we) (?:\w+ ){0,2}(?:said|told|asked|wanted|mentioned)(?: \w+){0,3}|"
    r"(?:my|the|that) (?:last|previous|earlier|old|first) (?:request|search|question|topic|conditions?|criteria))|"
    r"(?:a |an |my |the )?(?:new|next|different|another|other|fresh|second|separate) "
    r"(?:question|search|request|topic|subject|task|round|occasion|quest|inquiry|enquiry|matter|case|start)|"
    r"(?:a )?(?:change of (?:plans?|subject|topic|mind)|clean slate)|moving on|"
    r"now for something (?:completely |entirely |totally )?(?:different|else)|"
    r"(?:i have|there is|here is) (?:a|another) (?:new|different|other)? ?(?:question|request|thing|task)|"
    r"on (?:to|a) (?:something|another|a different|different) (?:\w+ ?){1,3}|"
    r"(?:switch|change|changing|switching) (?:the )?(?:topics?|subjects?|gears)|"
    r"reset|clear (?:all|everything)|new conversation"
    r")(?: (?:now|then|please|again|entirely|completely|for now|from (?:scratch|the beginning)))*"
)
_EVERYTHING = re.compile(r"\b(?:everything|reset|clear|scratch|slate|zero|conversation)\b")
_FOR_OTHERS = re.compile(
    rf"{_LEAD}(?P<sign>now|next|then|this time|also|finally|lastly|and|another one)?\b.{{0,40}}?"
    r"\bfor (?P<whom>(?:my|our|his|her|their|someone|somebody|another|a different|an other|tomorrow|later|next)\b"
    r"(?: \w+){0,3})"
)
_NOW = re.compile(rf"{_LEAD}(?:now|next|this time|finally|lastly|then)\b")
_OTHER_TIME = re.compile(
    r"\bfor (?:another|a different|some other|one other|tomorrow|next|later)\b|\bsome other (?:day|time|evening)\b"
)


_WHOM = "|".join(sorted(PEOPLE))
_GIVEN = re.compile(
    rf"\b(?:{'|'.join(sorted(GIFTS))}) for\b(?! (?:me|myself|us|ourselves)\b)|"
    rf"\bfor (?:my|our|his|her|their|a|the|an)(?: (?!and\b)\w+){{0,2}} (?:{_WHOM})\b(?! and (?:me|i|myself)\b)"
)


def is_for_others(text: str) -> bool:
    """Whether what a text asks for is meant for somebody else: "a present for my sister", "one for our neighbour"."""
    return bool(_GIVEN.search(text.lower()))


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of topic: `rest` is where the new topic begins, as a token position."""

    kind: Literal["afresh", "everything", "other"]
    """Whether the request is dropped, all that is known of the user too, or the user turns to another request."""
    rest: int


def shift(found: Sequence[Clause], tokens: Sequence[Token], words: Vocabulary) -> Shift | None:
    """Return the change of topic that a turn opens with, if any.

    A turn that says to start afresh does so by itself; one that speaks "now" of somebody else, or of another time,
    leaves everything in it to be read as the new topic.
    """
    afresh = [c for c in found[:3] if _AFRESH.fullmatch(c.words) and not c.asks]
    if afresh:
        rest = min(afresh[-1].end + 1, len(tokens))
        alone = not any(t.is_word or t.is_number for t in tokens[rest:])
        everything = alone and any(_EVERYTHING.search(c.words) for c in afresh)
        return Shift("everything" if everything else "afresh", len(tokens) if alone else rest)
    if not found:
        return None
    first = found[0].words
    named = any(words.named_at(list(tokens), i) is not None for i in range(found[0].start, found[0].end))
    said = " ".join(clause.words for clause in found[:2])
    for_others = _FOR_OTHERS.match(first)
    if for_others is not None and _NOW.match(first) and not named:
        return Shift("other", 0)
    if _OTHER_TIME.search(said) and (_NOW.match(first) or first.startswith(("also", "and also", "something else"))):
        return Shift("other", 0)
    return None

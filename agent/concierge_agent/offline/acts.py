"""What kind of move a turn is: a greeting, "more", "why?", a look-up, a fresh start, a yes or a no."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from concierge_agent.offline.clauses import clauses
from concierge_agent.offline.grammar import FUNCTION_WORDS
from concierge_agent.offline.moves import agrees, refuses
from concierge_agent.offline.text import Token, number_at, tokenize
from concierge_agent.offline.units import CURRENCIES, UNITS

Act = Literal["greeting", "thanks", "help", "more", "why", "details", "availability", "history", "reset", "bye"]

_WHOLE: Mapping[Act, str] = MappingProxyType({
    "greeting": r"(hi|hello|hey|hiya|good (morning|evening|afternoon)|greetings)( (there|again|you|everyone))*",
    "thanks": r"((ok |okay |great |perfect |cool |awesome )*(thanks|thank you|thx|cheers)( (a lot|so much|"
    r"very much|a bunch|again))?"
    r"( (that is|this is|it is)? ?(all|it|great|perfect|enough)( (i need|for now|for today|thanks))?)?)"
    r"|(great|perfect|cool|awesome|nice|wonderful|excellent|sounds good|looks good|lovely|that is (great|"
    r"perfect|all|it))"
    r"( (thanks|thank you))?",
    "bye": r"(bye|goodbye|good bye|see you|good night)( .*)?",
    "help": r"help( me)?|what can you do|who are you|what are you|how does this work|what do you do|"
    r"how can you help( me)?"
    r"|what can i ask( you)?|how do i use (this|you)",
    "more": r"(ok |and |yes |sure )*(show me |give me |got |have you got |do you have |any |are there |"
    r"is there |some |can i see |let us see |"
    r"what about |how about |the |i want |i would like |see |list |find |find me |recommend |suggest )*"
    r"(\d+ |a few |few |some |one |two |three |four |five |six |seven |eight |nine |ten )?"
    r"(more|others|other ones|another|another one|something else|anything else|what else|else|next|"
    r"next one|different ones|"
    r"something different|other options|other ideas|more options|more ideas|more like (this|these|that|"
    r"those)|keep going|go on|"
    r"a different one|another suggestion|other suggestions|more suggestions|another option|another recommendation)"
    r"( (please|then|you have|have you got|do you have|have you|you got|is there|one|ones))*",
    "reset": r"(ok |okay |please |let us |can we )*(start over|start again|start afresh|start fresh|reset|"
    r"begin again|clear everything|"
    r"forget everything|new search|clean slate|forget (it )?all( of it| of that)?|start from scratch|"
    r"begin from scratch|clear all|"
    r"scrap (it all|everything|all of that)|new conversation)( (from scratch|please|again|now|from the beginning))*",
})  # fmt: skip
_WITHIN: Mapping[Act, str] = MappingProxyType({
    "why": r"^(but |and |so |ok |tell me |can you explain |explain )*why\b(?! not)|\bhow come\b|"
    r"^explain\b|\bwhat makes you\b"
    r"|\bwhat is the (reason|connection|link|logic|rationale|reasoning|thinking)\b|\bwhy (did|do|have) you\b"
    r"|\bwhat(ever)? (made|led|convinced|prompted|brought) you\b|\b(on|for) what (grounds|basis|reason)\b"
    r"|\bbased on what\b"
    r"|\bhow did you (come up|choose|pick|decide|select|arrive|get to|land|end up|settle|find)\b"
    r"|\bto do with (me|my|what)\b"
    r"|^(convince|persuade) me\b|\bsell me on\b|\bjustify\b|\bwhat is it about\b|\byour (reason|reasons|reasoning)\b"
    r"|^(and |so |but )*(how|in what way) (does|do|is|are|would) "
    r"(it|that|this|these|those|they|the \w+( one)?|number \w+) "
    r"(fit|match|matches|suit|relate|relates|related|relevant|meet|answer|correspond|similar|what i)\b"
    r"|\bwhat (speaks|spoke) for\b|\b(give|tell) me (a|the|your) reasons?\b|\bwalk me through\b"
    r"|^(and |the |any |so |your )*reasons? (for|behind|why)\b|\bbecause of (what|something|anything) i\b",
    "details": r"\b(tell me )?more (about|on|info|information|details)\b|\btell me about\b|\bdetails (on|"
    r"about|of|for)\b"
    r"|^(what|who) (is|are|was) (it|this|that|the (first|second|third|fourth|fifth|last|\d+))\b"
    r"|^what is .+ about$|^describe\b|^(how|who|when|which|what) .*\b(is|are|was|does|did|directed|made|stars?|in)\b"
    r" ?.*\b(it|that one|this one|(first|second|third|fourth|fifth|last|\d+(st|nd|rd|th))( one)?)$",
    "availability": r"\b(is|are|do you have|have you got|can i (get|buy|watch|see|order|rent|stream)|where can i)\b.*"
    r"\b(available|in stock|left|availability|get|buy|watch|order|stream|rent|sold out|on sale)\b",
    "history": r"\bwhat (have|did|do|had) (i|we) (already )?(watch|watched|seen|see|saw|read|bought|buy|"
    r"own|owned|rated|rate|ordered|order|"
    r"finish|finished|like|liked|take|taken|took|play|played|listened|listen)\b|\bmy (\w+ )?(history|"
    r"purchases|past orders|orders)\b",
})  # fmt: skip
_YES = re.compile(
    r"^(yes|yeah|yep|yup|sure|ok|okay|fine|alright|of course|go ahead|please do|absolutely|definitely|"
    r"certainly|why not|do it|by all means|i do(?! not)|"
    r"no problem|that is (fine|ok|okay|alright)|sounds good|i am (fine|ok|okay) with (it|that)|go for it|"
    r"i agree|agreed|correct|y)\b"
)
_NO = re.compile(
    r"^(no|nope|nah|not really|rather not|i would rather not|please do not|do not|never|n|absolutely not|"
    r"no way|not for me)\b"
)


def act(tokens: list[Token]) -> Act | None:
    """Return the move a turn makes as a whole, or None for a request or a statement."""
    words = spoken(tokens)
    for name, pattern in _WHOLE.items():
        if re.fullmatch(rf"(?:{pattern})(?: please| thanks)?", words):
            return name
    for name, pattern in _WITHIN.items():
        if re.search(pattern, words):
            return name
    return None


def spoken(tokens: list[Token]) -> str:
    """Return the words in lower case, without marks."""
    return " ".join(t.text for t in tokens if t.is_word or t.is_number)


def says_yes(tokens: list[Token]) -> bool:
    """Whether a turn opens with agreement."""
    return bool(_YES.match(spoken(tokens))) and not says_no(tokens)


def decision(tokens: list[Token]) -> Literal["yes", "no"] | None:
    """Return what a turn decides when it was asked to agree: a refusal anywhere in it goes before agreement.

    A mere "no" before agreement denies that anything is wrong: "no, go ahead". Who asks "anything else?" decides
    nothing yet.
    """
    found = [clause.words for clause in clauses(tokens) if not clause.asks or agrees(clause.words)]
    said = ["no" if refuses(words) else "yes" for words in found if refuses(words) or agrees(words)]
    bare = bool(found) and found[0] in ("no", "nope", "nah", "oh no")
    if bare and "yes" in said[1:] and "no" not in said[1:]:
        return "yes"
    if "no" in said:
        return "no"
    if "yes" in said or says_yes(tokens) or spoken(tokens) == "please":
        return "yes"
    return "no" if says_no(tokens) else None


def says_no(tokens: list[Token]) -> bool:
    """Whether a turn opens with refusal."""
    words = spoken(tokens)
    return bool(_NO.match(words)) and not words.startswith("no problem")


_SHOULD = re.compile(
    r"\bwhat (?:should|shall|could|can|might|do you think) (?:i|we)\b|"
    r"\bwhat (?:would|do|can|should) you (?:recommend|suggest|propose)\b"
)
_HESITATES = re.compile(
    r"(?:well |so |oh )*(?:maybe|perhaps|hmm+|hm|um|uh|er|not sure(?: yet)?|i am not sure(?: yet)?|let me think|"
    r"possibly|i guess|depends|it depends|what for|dunno|i do not know)(?: (?:maybe|perhaps|yet|about (?:it|that)))*"
)


def asks_for_advice(tokens: list[Token]) -> bool:
    """Whether a turn asks what to choose, whatever else it tells: "what should I take tonight?"."""
    return bool(_SHOULD.search(spoken(tokens)))


def hesitates(tokens: list[Token]) -> bool:
    """Whether a turn neither agrees nor refuses: "maybe", "hmm"."""
    return bool(_HESITATES.fullmatch(spoken(tokens)))


_MOST = 20
_COUNT = re.compile(
    r"\b(?:(?:just|only|exactly|precisely|give me|show me|show|recommend|suggest|list|pick|want|need|like|"
    r"find me|top|best|to|get me) )"
    r"(?:just |only |exactly |me |the |top )*(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)"
    r"(?! (?:of|or|and|hours?|minutes?|mins?|h|min|stars?|years?|percent|day|that|with|from|like|more than|to)\b)\b"
    r"(?= ?(?:$|please|\w+))"
)
_SINGLE = re.compile(
    r"\b(?:one at a time|a single (?:one|pick|option|recommendation|suggestion|choice)|"
    r"commit to (?:one|a single))\b"
)


def wanted_count(tokens: list[Token]) -> int | None:
    """Return how many items the user asks to see: "just one", "give me three", "one at a time"."""
    words = spoken(tokens)
    if _SINGLE.search(words):
        return 1
    if (counted := _counted(words)) is not None:
        return counted
    found = _COUNT.search(words) or _leading_count(tokens)
    if found is None:
        return None
    number = number_at(tokenize(found[1]), 0)
    return int(number[0]) if number is not None and 1 <= number[0] <= _MOST else None


def only_counts(tokens: list[Token]) -> bool:
    """Whether a turn says how many are wanted, and nothing else."""
    return _counted(spoken(tokens)) is not None


def _counted(words: str) -> int | None:
    """Return the number of a turn that asks for so many and says no more: "2 please", "two of them"."""
    found = _MERE_COUNT.fullmatch(words)
    number = number_at(tokenize(found[1]), 0) if found is not None else None
    return int(number[0]) if number is not None and number[0] >= 1 else None


_NUMBERS = r"\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten"
_LEADING = re.compile(rf"(?:(?:ok|okay|and|yes|yeah|sure|please|maybe|just|then|another) )*({_NUMBERS}) (\w+)")

_MERE_COUNT = re.compile(
    rf"(?:(?:ok|okay|yes|yeah|sure|just|only|then|maybe) )*({_NUMBERS})"
    r"(?: (?:of (?:them|these|those)(?: please| then)?|please|will do|is enough|are enough|would do))"
)


def _leading_count(tokens: list[Token]) -> re.Match[str] | None:
    """Return a count that a turn opens with, before "more" or what is counted: "two mysteries", "one more"."""
    found = _LEADING.match(spoken(tokens))
    if found is None or found[1].startswith("0"):
        return None
    counted = found[2]
    if counted in ("more", "others"):
        return found
    plural = counted.endswith("s") and len(counted) > 3
    measured = counted in UNITS or counted in CURRENCIES or counted in FUNCTION_WORDS
    return found if plural and not measured and found[1] not in ("one", "1") else None

"""Whom and what something is for: "with my girlfriend", "a present for my brother", "for a rainy sunday".

Such words say nothing of the items, so they are not searched for. Not known here: what the people they name would like.
"""

from collections.abc import Sequence

from concierge_agent.offline.text import Token, word_set

_PEOPLE = word_set(
    "girlfriend boyfriend wife husband partner spouse fiance fiancee mom mum mummy mother dad daddy father parent "
    "brother sister sibling son daughter kid child children baby toddler teenager teen friend mate buddy pal "
    "colleague coworker boss neighbour neighbor roommate flatmate housemate grandma grandpa grandmother granny "
    "grandfather grandparent grandson granddaughter grandchild nephew niece uncle aunt auntie cousin family "
    "relative guest crush folks girls guys lads boys everyone everybody someone somebody myself ourselves "
    "classmate teammate stepson stepdaughter godson goddaughter godchild bride groom team wifey hubby ex"
)
_OCCASIONS = word_set(
    "birthday christmas xmas anniversary wedding party holiday trip journey commute flight weekend honeymoon "
    "vacation picnic dinner lunch graduation valentine easter halloween thanksgiving retirement monday tuesday "
    "wednesday thursday friday saturday sunday evening night afternoon morning tonight today tomorrow day "
    "occasion housewarming reunion getaway sleepover ride drive date week month semester term"
)
_GIFTS = word_set("present presents gift gifts")
_BEFORE = word_set("for to with on at during before as")
_POSSESSIVES = word_set("my our his her their your")
_ARTICLES = word_set("a an the some this next that every these those tonight's") | _POSSESSIVES
_STOPS = word_set(
    "and or but with for to in on at by from of about under over below above that which who whose starring featuring "
    "please so because if when where i we he she they it is are was were likes loves wants needs enjoys has have"
)
_SHARED = word_set("watch watching see seeing read reading share sharing go going play playing enjoy drink drinking")
_CONTENT = word_set("about of like on featuring starring")
_LONGEST = 4


def set_aside(tokens: Sequence[Token], taken: set[int]) -> set[int]:
    """Return the positions of words that only say whom or what something is for; `taken` are understood otherwise."""
    found: set[int] = set()
    for i, token in enumerate(tokens):
        if token.text in _GIFTS and _given(tokens, i):
            found |= {i - 1, i} if i and _one_of(tokens[i - 1].text, _OCCASIONS) else {i}
        starts = token.text in _BEFORE or (token.text in _POSSESSIVES and not _is_content(tokens, i))
        if starts and i not in taken:
            found |= _phrase(tokens, i, taken)
    return found


def _given(tokens: Sequence[Token], i: int) -> bool:
    after = tokens[i + 1].text if i + 1 < len(tokens) else ""
    before = [t.text for t in tokens[max(0, i - 2) : i]]
    return after in ("for", "to", "idea", "ideas") or "as" in before or not after or not after.isalpha()


def _is_content(tokens: Sequence[Token], i: int) -> bool:
    return i > 0 and tokens[i - 1].text in _CONTENT


def _phrase(tokens: Sequence[Token], i: int, taken: set[int]) -> set[int]:
    """Return the positions of a person or an occasion that begins at `i`, of all that "and" joins to it."""
    preposition = tokens[i].text if tokens[i].text in _BEFORE else ""
    j = i + 1 if preposition else i
    owned = False
    while j < len(tokens) and tokens[j].text in _ARTICLES:
        owned |= tokens[j].text in _POSSESSIVES
        j += 1
    end = j
    while end < len(tokens) and end - j < _LONGEST and end not in taken and _goes_on(tokens[end]):
        end += 1
    said = [t.text for t in tokens[j:end]]
    people = [k for k, word in enumerate(said) if _one_of(word, _PEOPLE)]
    occasions = [k for k, word in enumerate(said) if _one_of(word, _OCCASIONS)]
    shared = owned or any(t.text in _SHARED for t in tokens[:i])
    if people and (owned or preposition != "with" or shared) and preposition != "as":
        last = max(people + [k for k in occasions if k > people[-1]])
    elif occasions and preposition not in ("", "with", "as") and not (preposition == "to" and not owned):
        last = occasions[-1]
    elif preposition == "with" and owned and said:
        last = len(said) - 1
    else:
        return set()
    found = set(range(j, j + last + 1))
    after = j + last + 1
    if after + 1 < len(tokens) and tokens[after].text == "and":
        found |= _phrase(tokens, after + 1, taken) if tokens[after + 1].text in _POSSESSIVES else set()
    return found


def _goes_on(token: Token) -> bool:
    return (token.is_word or token.text in ("'s", "'", "-")) and token.text not in _STOPS


def _one_of(word: str, nouns: frozenset[str]) -> bool:
    return word in nouns or word.removesuffix("s") in nouns or word.removesuffix("es") in nouns

"""Complaints about a shown item: "that one's too long", "it's for children", "that exceeds my 95 minutes".

What they say of the item is what the user does not want. Stretches that only tell of the user's life are silenced too.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from concierge_agent.offline.clauses import Clause, clauses
from concierge_agent.offline.dimensions import DIMENSIONS, Dimension
from concierge_agent.offline.frames import Scope, Span
from concierge_agent.offline.grammar import ADVERBS, PRAISE
from concierge_agent.offline.moves import LEAD, POINT, accepts, agrees, declines, tells
from concierge_agent.offline.quantities import Amount
from concierge_agent.offline.text import Token, word_set

_VERBS = word_set("is was are were has have had looks seems sounds feels does did")
_OF_SEVERAL = word_set("come cost run last take look seem sound feel go contain exceed weigh need lack are do")
_NOT_VERBS = word_set("this its is his less minus plus us yes always perhaps as")
_NOT_OF_IT = re.compile(
    r"\b(?:should|must|could|would|might|may|shall|ought|needs? to|has to|have to|if|what|why|how)\b|"
    r"\b(?:it|that|this|there) (?:is|are) (?:ok|okay|fine|alright|good|great|no problem|all|important|possible)\b|"
    r"\b(?:is|are) (?:also |perfectly |just )?(?:ok|okay|fine|alright|welcome|allowed|all right|acceptable)\b|"
    r"\b(?:works|matters?|depends)\b"
)
_SUBJECT = re.compile(
    rf"{LEAD}(?:(?:no|nah|but|because|since|as|sorry|not|hmm|the trouble is|unfortunately) )*({POINT}|they) "
)
_BARE = re.compile(
    rf"{LEAD}(?:(?:no|nah|sorry|still|way|just|simply|really|much|far|a (?:bit|little|tad)|rather|somewhat) )*"
    r"(?:too \w+|(?:exceeds?|surpass(?:es)?)\b|(?:over|above|beyond|under|below) (?:my|our|what)\b|"
    r"(?:(?:more|less)(?: \w+)?|\w{2,}er) than (?:i|we|my|our|what)\b|(?:[\w ]+ )?not (?:\w+ ){1,3}enough\b|"
    r"(?:i|we) (?:can|could) not (?:\w+ ){1,2}(?:it|that|this|so much|that much)$)"
)
_GOES_ON = re.compile(
    r"(?:and|or|plus|with|in|on|from|by|about|too|very|quite|rather|also|full of|rated)\b"
    r"(?! (?:i|we|it|that|this|please|only|not|no|something|anything|show|give|find)\b)"
)
_MEMBER = 4
_ENDS_LIST = re.compile(r"^(?:\w+ ){1,2}(?:and|or) (?:\w+ ?){1,2}$")
_REQUESTING = word_set("i we please show give find something anything make want need only but not no it that this")
_MORE = word_set("exceed exceeds exceeded exceeding surpass surpasses over above beyond past")
_BOUNDS = word_set("budget limit max maximum capped limited most")
_LESS = word_set("under below short misses lacks")
_JOINING = word_set("and so")
_SUBORDINATE = word_set("which who because since as that")
_TAG = re.compile(r"(?:is|was|are|were|does|do|did|has|have) (?:not )?(?:it|that|this|they)(?: not)?")
_OWN = word_set("i we my our they he she")


def mark(tokens: Sequence[Token], spans: Sequence[Span], scope: Scope, titles: Sequence[str]) -> None:
    """Mark complaints in `scope`, when `titles` of items were shown, and silence what only tells of the user's life."""
    complaining = doubted = False
    found = clauses(tokens)
    turned_down = any(declines(c.words) for c in found)
    for clause in found:
        inside = [s for s in spans if clause.start <= s.start < clause.end]
        silent = all(s.family in ("amount", "quality") for s in inside) and tells(clause.words)
        if silent:
            for j in range(clause.start, clause.end):
                scope.frames[j] = replace(scope.frames[j], attitude="pass")
            continue
        tagged = any(c.start == clause.end + 1 and c.asks and _TAG.fullmatch(c.words) for c in found)
        begins = bool(titles) and not clause.asks and (_complains(clause, tokens, titles) or tagged)
        goes_on = bool(_GOES_ON.match(clause.words)) or _lists(clause, found)
        complaining = begins or (complaining and not clause.opens and goes_on)
        doubted = _doubtful(clause.words) and not turned_down if begins else doubted
        if complaining:
            _mark(clause, tokens, scope)
            scope.doubted |= set(range(clause.start, clause.end)) if doubted else set()


def _lists(clause: Clause, found: Sequence[Clause]) -> bool:
    """Whether a clause is a member of a list that "and" ends: "too slow, violent and dark"."""
    rest = [c for c in found if c.start >= clause.start and not (c.opens and c is not clause)]
    short = len(clause.words.split()) <= _MEMBER and not _REQUESTING.intersection(clause.words.split())
    return short and any(_ENDS_LIST.search(c.words) for c in rest[:2])


def exceeded(amount: Amount, tokens: Sequence[Token]) -> Amount:
    """Give an amount of a complaint the side that is complained of: "exceeds my 95 minutes", "over my limit of 95"."""
    owned = amount.measure.start > 0 and tokens[amount.measure.start - 1].text in ("my", "our")
    if amount.comparison is not None and amount.cue not in _BOUNDS and not owned:
        return amount
    before: list[str] = []
    for j in range(amount.start - 1, -1, -1):
        if tokens[j].ends_sentence or tokens[j].text == ",":
            break
        before.append(tokens[j].text)
    if _MORE.intersection(before):
        return replace(amount, comparison=">")
    return replace(amount, comparison="<") if _LESS.intersection(before) else amount


def beyond(parts: Sequence[Token], scope: Scope) -> tuple[Dimension, bool] | None:
    """Return what a complaint without an adjective is about, and whether there is too much: "more than I'd spend"."""
    said = [t.text for t, frame in zip(parts, scope.frames, strict=True) if frame.complaint or frame.attitude == "pass"]
    which = next((d for d in DIMENSIONS if d.nouns.intersection(said)), None)
    more, less = _MORE.union({"more", "not"}).intersection(said), _LESS.union({"less"}).intersection(said)
    return (which, bool(more)) if which is not None and bool(more) != bool(less) else None


def _complains(clause: Clause, tokens: Sequence[Token], titles: Sequence[str]) -> bool:
    words = clause.words
    for title in titles:
        if words.startswith(f"{title} "):
            words = f"it {words.removeprefix(title).strip()}"
    if accepts(words) or agrees(words) or _NOT_OF_IT.search(words):
        return False
    said = words.split()
    if PRAISE.intersection(said) and "not" not in said and "too" not in said:
        return False
    subject = _SUBJECT.match(words)
    if subject is None:
        return bool(_BARE.match(words))
    rest = words[subject.end() :].split()
    verb = next((w for w in rest if w not in ADVERBS | {"not", "all", "both"}), "")
    if verb in _OF_SEVERAL and {"they", "these", "those", "both"}.intersection(subject[1].split()):
        return True
    return verb in _VERBS or (len(verb) > 3 and verb.endswith("s") and verb not in _NOT_VERBS)


def _doubtful(words: str) -> bool:
    """Whether "it" need not be the item, as in "it's for children"; what only looks so is the item."""
    return bool(re.match(rf"{LEAD}it (?:is|was|has|'s)\b", words)) and " too " not in words


def _plain(clause: Clause, tokens: Sequence[Token]) -> set[int]:
    """Return the positions of the words that make the complaint and say nothing of the item: its verb, "than I ..."."""
    words = [tokens[j].text for j in range(clause.start, clause.end)]
    subject = _SUBJECT.match(f"{clause.words} ")
    verb = next((k for k, w in enumerate(words) if w in _VERBS | _MORE | _LESS | _OF_SEVERAL), None)
    if verb is None and subject is not None:
        skipped = len(subject[0].split())
        verb = next((k for k in range(skipped, len(words)) if words[k] not in ADVERBS), None)
    verb = -1 if verb is None else verb
    than = next((k for k in range(len(words) - 1) if words[k] == "than" and words[k + 1] in _OWN), len(words))
    return {clause.start + k for k in range(len(words)) if k >= than or words[k] in _MORE or k <= verb}


def _mark(clause: Clause, tokens: Sequence[Token], scope: Scope) -> None:
    """Mark one clause; what a subordinate part says the user cannot do with the item is no condition."""
    aside = False
    scope.consumed |= _plain(clause, tokens)
    for j in range(clause.start, clause.end):
        following = tokens[j + 1].text if j + 1 < len(tokens) else ""
        if j > clause.start and following in _OWN and tokens[j].text in _JOINING:
            return
        aside = aside or (j > clause.start and following in _OWN and tokens[j].text in _SUBORDINATE)
        if scope.frames[j].attitude not in ("want", "have"):
            continue
        scope.frames[j] = replace(scope.frames[j], complaint=not aside, attitude="pass" if aside else "want")

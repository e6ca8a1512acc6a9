"""What a user says of themselves in general: "I never ...", "I'm allergic to ...", "remember that I ...".

Conservative: only clear standing words or an explicit request make a statement one for every conversation. Not known
here: what holds for somebody else ("my son never ..."), and what held once ("I have never seen ...").
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from concierge_agent.ledger import Entry
from concierge_agent.offline.reading import Reading

_CLAUSE = re.compile(
    r"(?<=[.!?;\n])\s+|"
    r",?\s+(?:but|so|and)\s+(?=(?:tonight|today|now|this time|for now|please|show|find|get|give|recommend|suggest|"
    r"can you|could you|something|anything|let|i(?:'d| would| want| need| am looking|'m looking))\b)",
    re.IGNORECASE,
)
_IN_GENERAL = r"altogether|in general|generally|as a rule|on principle|under any circumstances|from now on"
_SELF = r"(?:i am|i'm|we are|we're)"
_ASKED = re.compile(
    r"^(?:please |and |also )?(?:remember|do not forget|don't forget)(?: that|:|,)? "
    r"(?=(?:i|i'm|i've|we|we're|my|our|never|always|no|only)\b)",
    re.IGNORECASE,
)
_STANDING = re.compile(
    r"\b(?:i|we) (?:really |absolutely |simply |would )?(?:"
    r"always (?!wanted|thought|been|had|did|forget|said)|"
    r"never (?!mind|seen|saw|heard|tried|been|watched|got|did|found|thought|knew|said|had))|"
    rf"\b{_SELF} (?:(?!not\b)\w+ )?allergic to\b|"
    rf"^(?:and |also )?(?:i|i'm|we|my)\b.*\b(?:{_IN_GENERAL})\b|"
    rf"^(?:{_IN_GENERAL}),? (?:i|we)\b|"
    rf"^{_SELF} (?:an? )?(?:strict |committed |lifelong )?[\w-]+[.!]?$|"
    r"^(?:please )?(?:always|never) (?!mind\b)(?:show|recommend|suggest|give|anything|with|without|include)\b",
    re.IGNORECASE,
)
_FORGOTTEN = re.compile(
    r"^(?:please |and )?(?:forget|stop remembering) that (?P<said>(?:i|i'm|we|we're|my)\b.*)", re.IGNORECASE
)
_NO_LONGER = re.compile(
    rf"^(?P<who>{_SELF}) (?:(?:not|no longer) (?P<said>(?:an? )?[\w-]+)(?: (?:anymore|any more|any longer))[.!]?"
    r"|no longer (?P<also>(?:an? )?[\w-]+)[.!]?)$",
    re.IGNORECASE,
)
_BEING = re.compile(rf"^(?:and |also )?{_SELF} (?:an? )?(?:[\w-]+ )?[\w-]+[.!]?$", re.IGNORECASE)
_TASTE = re.compile(r"\b(?:like|liked|love|loved|enjoy|enjoyed|prefer|adore)\b", re.IGNORECASE)
_TAGGED = frozenset({"contains", "contains_any", "contains_all"})
_POSITIVE = frozenset({"==", "in", "contains", "contains_any", "contains_all"})


@dataclass(frozen=True, slots=True)
class General:
    """A text taken apart: what it says in general, what it wants forgotten, and the rest."""

    kept: tuple[str, ...] = ()
    """Statements that hold in every conversation, without the words that say so."""
    forgotten: tuple[str, ...] = ()
    """Statements that are to hold no more, as they were once made."""
    rest: str = ""


def take_apart(text: str) -> General:
    """Take the clauses of a text apart by whether they speak of the user in general."""
    kept: list[str] = []
    forgotten: list[str] = []
    rest: list[str] = []
    for clause in _CLAUSE.split(text.strip().replace("’", "'")):
        if gone := _FORGOTTEN.match(clause):
            forgotten.append(gone["said"])
        elif gone := _NO_LONGER.match(clause):
            forgotten.append(f"{gone['who']} {gone['said'] or gone['also']}")
        elif not clause.endswith("?") and (_ASKED.match(clause) or _STANDING.search(clause)):
            plain = re.sub(rf"\s*\b(?:{_IN_GENERAL})\b,?", "", _ASKED.sub("", clause), flags=re.IGNORECASE)
            kept.append(plain.strip())
        else:
            rest.append(clause)
    return General(tuple(kept), tuple(forgotten), " ".join(rest).strip())


def generalised(reading: Reading, clause: str) -> Reading:
    """Leave in a reading what can hold in general: conditions and tastes. What is merely loved becomes a preference.

    So does what somebody merely is: "I'm vegetarian" asks nothing of items that have no such thing about them.
    """
    loved = _TASTE.search(clause) is not None
    being = _BEING.match(clause.strip()) is not None
    stated = [
        replace(s, hard=False)
        if (loved and s.constraint.op in _POSITIVE) or (being and s.constraint.op in _TAGGED)
        else s
        for s in reading.stated
        if s.order is None
    ]
    return Reading(clause, stated=stated, likes=reading.likes, dislikes=reading.dislikes, notes=reading.notes)


def meant(reading: Reading, standing: Iterable[Entry]) -> list[Entry]:
    """Return the standing entries that a statement to be forgotten made: the same field and value, or the same item."""
    items = {named.item_id for named in reading.items}
    said = [s.constraint for s in reading.stated]
    return [
        entry
        for entry in standing
        if entry.item_id in items
        or (entry.constraint is not None and any(_alike(entry, c.field, c.value) for c in said))
    ]


def _alike(entry: Entry, field: str, value: object) -> bool:
    if entry.constraint is None or entry.constraint.field != field:
        return False
    one, other = entry.constraint.value, value
    values = {str(v) for v in one} if isinstance(one, list) else {str(one)}
    return bool(values & ({str(v) for v in other} if isinstance(other, list) else {str(other)}))

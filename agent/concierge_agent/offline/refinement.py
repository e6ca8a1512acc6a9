"""Turns that only refine what stands: a bare number for the last bound, a tolerance, a value to let go or let in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from concierge_agent.ledger import Entry, Ledger
from concierge_agent.offline.acts import spoken
from concierge_agent.offline.extending import values_of
from concierge_agent.offline.grammar import FUNCTION_WORDS
from concierge_agent.offline.quantities import Amount
from concierge_agent.offline.quantities import amounts as all_amounts
from concierge_agent.offline.reading import Reading, Stated
from concierge_agent.offline.text import Token, key, number_at, word_set
from concierge_agent.offline.vocabulary import Vocabulary, tidy
from concierge_agent.values import Constraint, FieldDescription, Scalar

_FIRST_YEAR = 1000
_UPPER = frozenset({"<", "<="})
_LOWER = frozenset({">", ">="})
_BOUNDS = frozenset({"<", "<=", ">", ">="})
_AROUND = word_set(
    "ok okay fine then so well maybe say make it that up to and no wait actually rather sorry let's let us go for try "
    "with how what about please instead now just yes yeah alright is also good enough we can do i mean meant the a an "
    "change set raise lower to be you your limit should could would give take plus minus"
)
_COMPARING = word_set(
    "under over below above than less more fewer least most at max maximum min minimum or higher lower greater from "
    "until not no exceed between and around about roughly exactly up down upwards within"
)
_TOLERANCE = re.compile(r"(?:ok |okay |and |well )*(?:give or take|plus or minus|plus minus|within)\b")
_TAKES_BACK = re.compile(
    r"\b(?:is|are|was|would be) (?:\w+ )?(?:ok|okay|fine|good|alright|allowed|welcome|acceptable|not needed|"
    r"not necessary)\b|^(?:ok |okay |please |and |just )*(?:drop|forget|remove|ignore|without|lose|skip|scrap|allow|"
    r"never mind|leave out|ditch)\b|\bdoes not matter\b|\bafter all$"
)
_NO = r"no(?=\s*[,.!:-]|\s+(?:no|wait|oops|sorry|scratch|correction|my|strike|actually|i|make|rather)\b)"
"""A "no" that is a word by itself and denies nothing that follows."""
_CORRECTS = re.compile(
    rf"(?:(?:{_NO}|oh|oops|sorry|hmm|ah|er|um|uh)[ ,.!]+)*"
    rf"(?:(?:{_NO}|wait|oops|sorry|scratch that|correction|my mistake|strike that|actually|i mean|i meant)[ ,.!:-]+)+"
    rf"(?:(?:{_NO}|sorry|wait|actually|i mean|i meant|make that|make it|rather)[ ,.!:-]+)*"
)
_HESITATION = re.compile(r"\b(?:wait|oops|sorry|scratch that|correction|my mistake|strike that|i mean|i meant)\b")


@dataclass(frozen=True, slots=True)
class Bound:
    """The last bound that the user set."""

    field: FieldDescription
    entries: tuple[Entry, ...]


def corrected(text: str) -> str | None:
    """Return what follows "no wait," and the like, which corrects what was just said; None without such words."""
    found = _CORRECTS.match(text.lower())
    if found is None or not _HESITATION.search(found.group()):
        return None
    rest = text[found.end() :].strip()
    return rest or None


def last_bound(ledger: Ledger, words: Vocabulary, tokens: list[Token]) -> Bound | None:
    """Return the amount of the ledger that a bare number takes the place of; None when there is none, or two might be.

    It bounds its field on the side that is said, and the field holds such numbers; of several the newest counts, then
    the one nearest to the number.
    """
    entries = [e for e in ledger.active("constraint") if e.hard and e.constraint is not None]
    measured = {f.name: f for f in words.measured}
    amounts = [e for e in entries if e.constraint is not None and e.constraint.field in measured]
    if not amounts:
        return None
    said = next(iter(all_amounts(tokens, set(), words)), None)
    if said is not None:
        amounts = _fitting(amounts, said, measured)
    newest = max(e.turn for e in amounts)
    amounts = [e for e in amounts if e.turn == newest]
    fields = {e.constraint.field for e in amounts if e.constraint is not None}
    if len(fields) > 1 and said is not None:
        fields = _nearest(amounts, said.measure.low)
    if len(fields) != 1:
        return None
    field = measured[fields.pop()]
    amounts = [e for e in entries if e.constraint is not None and e.constraint.field == field.name]
    return Bound(field, tuple(e for e in amounts if e.constraint is not None and e.constraint.field == field.name))


def _fitting(entries: list[Entry], said: Amount, fields: Mapping[str, FieldDescription]) -> list[Entry]:
    """Keep the bounds of fields that hold such an amount, on the side that is said; all of them when none does."""
    value = said.measure.low
    if value < _FIRST_YEAR:
        entries = [e for e in entries if e.constraint is not None and not _dated(fields[e.constraint.field])] or entries
    sides = [ops for ops in (_UPPER, _LOWER) if said.comparison in ops]
    if said.measure.kind == "date":
        entries = [e for e in entries if e.constraint is not None and _dated(fields[e.constraint.field])] or entries
    for fits in (
        lambda c: _could_hold(fields[c.field], value),
        lambda c: not sides or c.op in sides[0] or c.op == "==",
    ):
        entries = [e for e in entries if e.constraint is not None and fits(e.constraint)] or entries
    return entries


def _dated(field: FieldDescription) -> bool:
    return field.type == "date" or field.role == "date"


def _could_hold(field: FieldDescription, value: float) -> bool:
    low, high = field.minimum, field.maximum
    if isinstance(low, str) and isinstance(high, str):
        return low[:4] <= f"{value:04.0f}" <= high[:4]
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return False
    return low <= value <= high


def _nearest(entries: Sequence[Entry], value: float) -> set[str]:
    """Return the fields whose bound is nearest to `value`, by their ratio."""
    ratios: dict[str, float] = {}
    for entry in entries:
        held = [v for v in values_of(entry.constraint) if isinstance(v, int | float)] if entry.constraint else []
        if entry.constraint is not None and held and value > 0 and min(held) > 0:
            apart = min(abs(log(value / v)) for v in held)
            name = entry.constraint.field
            ratios[name] = min(apart, ratios.get(name, apart))
    best = min(ratios.values(), default=0.0)
    return {name for name, ratio in ratios.items() if ratio == best}


def only_a_number(tokens: Sequence[Token]) -> bool:
    """Whether a turn holds nothing but a number, a comparison and small words: "ok 150", "ninety-five or more"."""
    i, numbers = 0, 0
    while i < len(tokens):
        found = number_at(list(tokens), i)
        if found is not None and not _pronoun(tokens, i):
            numbers, i = numbers + 1, found[1]
            continue
        if tokens[i].is_word and tokens[i].text not in _AROUND | _COMPARING:
            return False
        i += 1
    return numbers == 1


def _pronoun(tokens: Sequence[Token], i: int) -> bool:
    """Whether "one" stands for an item here ("not that one")."""
    return (
        tokens[i].text == "one" and i > 0 and tokens[i - 1].text in ("that", "this", "the", "another", "which", "any")
    )


def moved(bound: Bound, tokens: list[Token], text: str) -> list[Stated] | None:
    """Return the bound moved to the bare number of a turn ("12 then", "give or take 50"); None when it says more."""
    number = next((found for i in range(len(tokens)) if (found := number_at(tokens, i)) is not None), None)
    if number is None or not only_a_number(tokens):
        return None
    value = tidy(number[0])
    constraints = [e.constraint for e in bound.entries if e.constraint is not None]
    exact = next((c for c in constraints if c.op == "==" and isinstance(c.value, int | float)), None)
    if _TOLERANCE.match(spoken(tokens)):
        if exact is None or not isinstance(exact.value, int | float):
            return None
        low, high = tidy(exact.value - value), tidy(exact.value + value)
        return [Stated(_made(exact, ">=", low), text), Stated(_made(exact, "<=", high), text)]
    said = {t.text for t in tokens if t.is_word}
    if said & (_COMPARING - _AROUND - {"not", "no"}) or len(constraints) != 1:
        return None
    only = constraints[0]
    if only.op not in _BOUNDS | {"=="} or isinstance(only.value, list):
        return None
    spelt: Scalar = f"{int(value):04d}" if isinstance(only.value, str) else value
    return [Stated(Constraint(field=only.field, op=only.op, value=spelt), text)]


def _made(like: Constraint, op: str, value: float) -> Constraint:
    return Constraint.model_validate({"field": like.field, "op": op, "value": value})


def let_go(ledger: Ledger, tokens: list[Token], reading: Reading) -> bool:
    """Read a value of the ledger, named in part, that the user takes back or lets in; say whether there was one."""
    if not _TAKES_BACK.search(spoken(tokens)):
        return False
    said = {stem for t in tokens if t.is_word and t.text not in FUNCTION_WORDS for stem in key(t.text)}
    found: list[tuple[str, str, bool]] = []
    for entry in ledger.active("constraint"):
        constraint = entry.constraint
        if constraint is None:
            continue
        barred = constraint.op in ("!=", "not_in", "not_contains")
        named = [v for v in values_of(constraint) if isinstance(v, str) and said & set(key(v))]
        found += [(constraint.field, str(v), barred) for v in named]
    if len(found) != 1:
        return False
    name, value, barred = found[0]
    (reading.allowed_values if barred else reading.dropped_values).append((name, value))
    stems = set(key(value))
    reading.wishes = [w for w in reading.wishes if not stems & set(key(w))]
    reading.heads = [h for h in reading.heads if not stems & set(key(h))]
    reading.dropped_everything_about = [w for w in reading.dropped_everything_about if not stems & set(key(w))]
    return True

"""Amounts that go on from an earlier turn: "make it an hour" after a limit moves the limit."""

from dataclasses import replace

from concierge_agent.ledger import Ledger
from concierge_agent.offline.elements import Parts
from concierge_agent.offline.grammar import ADVERBS, FUNCTION_WORDS
from concierge_agent.offline.quantities import Amount
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import FieldDescription

_APART = 4
_ONE_SIDED = frozenset({"<", "<=", ">", ">="})


def resumed(
    amount: Amount, field: FieldDescription | None, parts: Parts, words: Vocabulary, reading: Reading, ledger: Ledger
) -> Amount:
    """Give a bare amount the side of the one limit that it moves, where it corrects or stands alone in its turn."""
    bare = amount.comparison is None and amount.upper is None and not amount.also
    if field is None or not bare:
        return amount
    if not reading.correcting and (words.dimension_of(field) == "date" or not _alone(amount, parts)):
        return amount
    limits = [c for c in ledger.constraints if c.field == field.name]
    if len(limits) != 1 or limits[0].op not in _ONE_SIDED:
        return amount
    return replace(amount, comparison="<=" if limits[0].op in ("<", "<=") else ">=")


def carried(amount: Amount, parts: Parts) -> Amount:
    """Give an amount with a unit the bound of the one that "and" joins it to: "up to 8 km and 300 m of climb"."""
    if amount.comparison is not None or amount.upper is not None or amount.measure.kind not in ("unit", "currency"):
        return amount
    earlier = [e.payload for e in parts.elements if isinstance(e.payload, Amount) and e.end <= amount.start]
    if not earlier or earlier[-1].comparison not in _ONE_SIDED:
        return amount
    between = [t.text for t in parts.tokens[earlier[-1].end : amount.start]]
    joined = between[-1:] in (["and"], ["&"], ["plus"]) and len(between) <= _APART
    return replace(amount, comparison=earlier[-1].comparison) if joined and "," not in between else amount


def _alone(amount: Amount, parts: Parts) -> bool:
    """Whether the turn says nothing but the amount."""
    rest = [t for i, t in enumerate(parts.tokens) if not amount.start <= i < amount.end and t.is_word]
    return all(t.text in FUNCTION_WORDS | ADVERBS for t in rest) and all(e.family == "amount" for e in parts.elements)

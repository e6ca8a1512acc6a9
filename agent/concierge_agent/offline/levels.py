"""Fields that should be higher or lower than they are for what was shown: "the fee is too high", "a lower weight"."""

from collections.abc import Sequence

from concierge_agent.answer import AnswerItem
from concierge_agent.offline.elements import Element, Parts
from concierge_agent.offline.grammar import ADVERBS
from concierge_agent.offline.reading import Compared, Reading
from concierge_agent.offline.text import word_set
from concierge_agent.offline.valued import said
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import FieldDescription

_UP = word_set("higher greater larger bigger more longer better increased")
_DOWN = word_set("lower smaller less fewer shorter reduced")
_MUCH = word_set("high large big much long steep great")
_LITTLE = word_set("low small little few short poor weak")
_BETWEEN = word_set(
    "is are was were seems seem looks look be being a bit tad little way rather far too so very such quite"
)

_STRONG = word_set("too so very such quite rather bit tad way not really pretty awfully")


def read_levels(parts: Parts, words: Vocabulary, reading: Reading, shown: Sequence[AnswerItem]) -> None:
    """Compare fields that are named with a level with what was shown; a bound stated for the field goes before that."""
    stated = {s.constraint.field for s in reading.stated} | {c.field for c in reading.compared}
    for element in parts.elements:
        field, frame = element.payload, parts.frame(element)
        if not isinstance(field, FieldDescription) or field not in words.measured or field.name in stated:
            continue
        if not shown or frame.inquiry or frame.attitude not in ("want", "have", "like"):
            continue
        level = _wanted(element, parts)
        if level is not None:
            ids = tuple(item.id for item in shown)
            text = said(parts, element.start, element.end, reading.text)
            reading.compared.append(Compared(field.name, ">" if level else "<", ids, text, hard=not frame.soft))
            stated.add(field.name)


def _wanted(element: Element, parts: Parts) -> bool | None:
    """Return whether more of the field is wanted; None where nothing is said of its level."""
    tokens = [t.text for t in parts.tokens]
    before = tokens[element.start - 1] if element.start else ""
    if before in _UP | _DOWN:
        parts.scope.consumed.add(element.start - 1)
        return (before in _UP) != parts.frame(element).negated
    i, denied, strong = element.end, False, False
    while i < len(tokens) and tokens[i] in _BETWEEN | ADVERBS | {"not"}:
        denied = denied or tokens[i] == "not"
        strong = strong or tokens[i] in _STRONG
        i += 1
    if i >= len(tokens) or not strong or tokens[i] not in _MUCH | _LITTLE:
        return None
    parts.scope.consumed.add(i)
    return (tokens[i] in _LITTLE) != denied

"""What adjectives ask for: bounds at the catalog's own quarters, comparisons with items, an order to sort by."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from concierge_agent.brain import TurnContext
from concierge_agent.ledger import INFERRED
from concierge_agent.offline.bounds import in_unit_of
from concierge_agent.offline.elements import Parts
from concierge_agent.offline.frames import Frame
from concierge_agent.offline.links import Link
from concierge_agent.offline.qualities import Quality, positive_forms
from concierge_agent.offline.reading import Compared, Half, Reading, Stated
from concierge_agent.offline.references import Reference
from concierge_agent.offline.valued import constraints, said
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import Constraint, FieldDescription, Mention, Op

_Bound = Literal["<", "<=", ">", ">="]
_FLIPPED: Mapping[_Bound, _Bound] = MappingProxyType({"<": ">=", "<=": ">", ">": "<=", ">=": "<"})


def read_qualities(
    parts: Parts, words: Vocabulary, reading: Reading, outside: Sequence[Mention], context: TurnContext
) -> None:
    """Turn adjectives into bounds and comparisons; an amount stated for the same field goes before them.

    `outside` are mentions of words in their positive form ("funny" for "funnier").
    """
    explicit = {s.constraint.field for s in reading.stated if words.catalog.field(s.constraint.field) in words.measured}
    for element in parts.elements:
        quality = element.payload
        if not isinstance(quality, Quality):
            continue
        frame = parts.frame(element)
        if frame.inquiry:
            continue
        text = said(parts, element.start, element.end, reading.text)
        if quality.which is None and quality.field is None:
            _read_other_comparative(quality, words, reading, outside, frame, text)
            continue
        field = quality.field or (words.best_measuring(quality.which) if quality.which is not None else None)
        if field is not None and field.name in explicit and quality.degree != "superlative":
            continue
        if field is None:
            if frame.attitude == "want" and quality.which is not None and quality.which.name != "rating":
                reading.doubt(f"Nothing here says how {quality.word} an item is, so I left that aside.")
        elif frame.attitude in ("retract", "okay", "allow"):
            half: Half = "upper" if quality.side == "high" else "lower"
            reading.dropped_fields.append((field.name, half if quality.degree == "comparative" else "both"))
        elif frame.attitude not in ("want", "like", "similar", "have", "dislike"):
            continue
        elif frame.complaint and quality.degree != "superlative" and quality.op is None:
            _read_complaint(quality, field, parts, reading, context, frame, text)
        elif quality.degree == "comparative" or (
            quality.degree == "too" and not frame.negated and context.conversation.last_items
        ):
            _read_comparative(quality, field, parts, words, reading, context, frame, text)
        else:
            _read_degree(quality, field, words, reading, frame, text)


def _read_degree(
    quality: Quality, field: FieldDescription, words: Vocabulary, reading: Reading, frame: Frame, text: str
) -> None:
    """Turn "short", "not too long", "the newest" into a bound at the lowest or highest quarter."""
    denied = frame.negated or quality.degree == "too" or frame.attitude == "dislike"
    mild = (
        quality.degree == "positive"
        and quality.which is not None
        and quality.which.name == "rating"
        and " " not in quality.word
    )
    if mild and (denied or frame.attitude != "want"):
        return
    edge = words.median(field) if mild else words.quantile(field, quality.side)
    if edge is None:
        reading.doubt(f"I do not know how {field.name} is spread here, so I left {quality.word!r} aside.")
        return
    op: Op = "<=" if (quality.side == "low") != denied else ">="
    soft = frame.soft or mild or quality.degree == "superlative"
    constraint = Constraint(field=field.name, op=op, value=edge)
    unit = f" {field.unit}" if field.unit else ""
    bound = "at most" if op == "<=" else "at least"
    if quality.degree == "superlative" and not denied:
        order = "ascending" if quality.side == "low" else "descending"
        reading.stated.append(
            Stated(
                constraint,
                text,
                hard=False,
                order="ascending" if order == "ascending" else "descending",
                confidence=INFERRED,
            )
        )
        reading.notes.append(f"I sorted by {field.name} for {quality.word!r}.")
        return
    reading.stated.append(Stated(constraint, text, hard=not soft, confidence=INFERRED))
    asked = f"not too {quality.word}" if denied else quality.word
    share = "half" if mild else ("three quarters" if denied else "quarter")
    verb = "preferred, where there is any, what is" if soft else "took"
    reading.notes.append(f"I {verb} {asked!r} as {field.name} {bound} {edge}{unit}, as {share} of the items are.")


def _read_comparative(
    quality: Quality,
    field: FieldDescription,
    parts: Parts,
    words: Vocabulary,
    reading: Reading,
    context: TurnContext,
    frame: Frame,
    text: str,
) -> None:
    low = (quality.side == "low") != (quality.degree == "too")
    op: _Bound = "<" if low else ">"
    if frame.negated and quality.degree != "too":
        op = ">=" if low else "<="
    if quality.op in ("<", "<=", ">", ">="):
        op = _FLIPPED[quality.op] if frame.negated and quality.field is not None else quality.op
    items = _compared_with(quality, parts, reading, context)
    if not items and quality.degree == "too":
        items = tuple(item.id for item in context.conversation.last_items)
    if not items and not context.conversation.last_items:
        reading.doubt(f"I have nothing to compare {quality.word!r} with yet.")
        return
    offset = 0.0 if quality.offset is None else in_unit_of(quality.offset, field, words)
    if offset is None:
        reading.doubt(f"{field.name} is not measured like {text!r}, so I left that aside.")
        return
    compared = Compared(field.name, op, items, text, hard=not frame.soft, factor=quality.factor, offset=offset)
    reading.compared.append(compared)


def _read_complaint(
    quality: Quality,
    field: FieldDescription,
    parts: Parts,
    reading: Reading,
    context: TurnContext,
    frame: Frame,
    text: str,
) -> None:
    """Want the opposite of what is said of a shown item, compared with its own value: "it's rather long"."""
    lower = (quality.side == "high") != frame.negated
    shown = context.conversation.last_items
    spoken = [p for e in parts.elements for p in _positions(e.payload) if parts.frame(e).sentence == frame.sentence]
    ids = tuple(shown[p].id for p in spoken) or tuple(item.id for item in shown)
    reading.compared.append(Compared(field.name, "<" if lower else ">", ids, text, hard=not frame.soft))


def _positions(payload: object) -> tuple[int, ...]:
    return payload.positions if isinstance(payload, Reference) else ()


def _compared_with(quality: Quality, parts: Parts, reading: Reading, context: TurnContext) -> tuple[str, ...]:
    shown = context.conversation.last_items
    element = next(
        (e for e in parts.elements if quality.than is not None and e.start in (quality.than, quality.than + 1)), None
    )
    if element is not None and isinstance(element.payload, Link) and element.payload.is_item:
        return (element.payload.mention.item_id or "",)
    if element is not None and isinstance(element.payload, Reference) and element.payload.positions:
        return tuple(shown[p].id for p in element.payload.positions)
    return tuple(n.item_id for n in reading.seeds)


def _read_other_comparative(
    quality: Quality, words: Vocabulary, reading: Reading, outside: Sequence[Mention], frame: Frame, text: str
) -> None:
    found = [
        m
        for m in outside
        if m.text.lower() in positive_forms(quality.word) and m.field is not None and m.value is not None
    ]
    field = words.catalog.field(found[0].field or "") if found else None
    if field is None or not found or found[0].value is None:
        reading.doubt(f"No field here says {quality.word!r}, so I left {text!r} aside.")
        return
    negated = (quality.side == "low") != frame.negated
    for constraint in constraints(field, [found[0].value], negated=negated, any_of=False):
        reading.stated.append(Stated(constraint, text, not frame.soft))

"""From a turn's text to what it says: links and amounts under the scopes that grammar gives them."""

from collections.abc import Sequence

from concierge_agent.brain import TurnContext
from concierge_agent.ledger import INFERRED, SAID, Ledger
from concierge_agent.offline.acts import act, wanted_count
from concierge_agent.offline.bounds import bounds
from concierge_agent.offline.complaints import beyond, exceeded
from concierge_agent.offline.dimensions import DIMENSIONS
from concierge_agent.offline.elements import Element, Parts, take_apart
from concierge_agent.offline.extending import leave_out_impossible
from concierge_agent.offline.frames import Frame
from concierge_agent.offline.levels import read_levels
from concierge_agent.offline.links import SURE, Link
from concierge_agent.offline.measured_fields import choose
from concierge_agent.offline.merging import merge_equals, take_back
from concierge_agent.offline.namesakes import rule_out_namesakes, values_first
from concierge_agent.offline.qualified import read_qualities
from concierge_agent.offline.qualities import Quality, comparative_of_other, positive_forms
from concierge_agent.offline.quantities import Amount
from concierge_agent.offline.reading import Compared, Named, Reading, Stated
from concierge_agent.offline.references import Reference
from concierge_agent.offline.resumed import carried, resumed
from concierge_agent.offline.supplement import supplement
from concierge_agent.offline.text import Token, tokenize
from concierge_agent.offline.tied import tied
from concierge_agent.offline.valued import read_values, said
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.offline.wishes import read_unknown_names, read_wishes
from concierge_agent.values import FieldDescription, Mention

_ALONE = frozenset({"greeting", "thanks", "bye", "help", "more", "reset"})
_ASKING = frozenset({"why", "details", "availability"})
_ADDING = frozenset({"also", "too", "additionally", "plus"})
_LIKELY = 0.3
_MOST = 2000
_RIVALS = 3
_UNSAID = {
    "month": "I need the year too to understand {!r}, so I left that aside.",
    "age": "No field here says who or what is how old, so I left {!r} aside.",
}
_PLURAL = frozenset({"both", "those", "these", "them", "they"})
_SIMILAR = frozenset({"similar", "alike", "comparable"})


async def understand(context: TurnContext, words: Vocabulary, expected: FieldDescription | None = None) -> Reading:
    """Read the user's text in its conversation; one call of `resolve_mentions` at most.

    Args:
        context: The turn.
        words: The catalog's vocabulary.
        expected: The field the user was just asked about.
    """
    text = context.text.strip()
    tokens = tokenize(text)
    reading = Reading(text=text, act=act(tokens))
    if reading.act in _ALONE or not any(t.is_word or t.is_number for t in tokens):
        return reading
    extra = sorted(
        {w for i in range(len(tokens)) if (q := comparative_of_other(tokens, i)) for w in positive_forms(q.word)}
    )
    mentions = await _mentions(context, "\n".join([text, *extra]))
    ledger = context.conversation.ledger
    inside = [m for m in mentions if m.span[1] <= len(text)]
    inside = await values_first(context, tokens, inside, reading)
    outside = [m for m in mentions if m.span[0] > len(text) and m.kind == "value"]
    inside = _raised([*inside, *supplement(tokens, text, words, inside, expected)], expected, ledger)
    shown = context.conversation.last_items
    parts = take_apart(tokens, text, inside, words, shown, asking=reading.act in _ASKING)
    reading.correcting = parts.scope.correcting
    reading.count = wanted_count(tokens)
    reading.adding = any(t.text in _ADDING for t in tokens)
    reading.requested = parts.scope.requested
    reading.complaining = any(frame.complaint for frame in parts.scope.frames)
    _read_items(parts, reading, context)
    read_values(parts, words, reading, expected)
    for element in parts.elements:
        if isinstance(element.payload, Amount):
            _read_amount(element.payload, parts, words, reading, expected, ledger)
    rule_out_namesakes(inside, reading)
    read_qualities(parts, words, reading, outside, context)
    leave_out_impossible(reading)
    if any(e.family == "value" and parts.frame(e).inquiry for e in parts.elements):
        reading.notes.append("I took that as a question, so I changed no conditions.")
    _read_fields(parts, words, reading)
    read_levels(parts, words, reading, shown)
    spent = read_unknown_names(parts, words, reading)
    if reading.act is None:
        read_wishes(parts, words, reading, spent)
    if parts.scope.anymore:
        take_back(reading)
    merge_equals(reading)
    if reading.complaining and not (reading.stated or reading.compared):
        _read_beyond(parts, words, reading, context)
    if reading.complaining and not reading.waved_away:
        reading.waved_away = [Named(item.id, item.title, item.title, by_title=False) for item in shown]
    return reading


def _raised(mentions: Sequence[Mention], expected: FieldDescription | None, ledger: Ledger) -> list[Mention]:
    """Believe what could be a value of the field just asked about, or one that was said before, if only in part."""
    listed = [(c.field, c.value if isinstance(c.value, list) else [c.value]) for c in ledger.constraints]
    stated = {(name, str(value)) for name, values in listed for value in values}
    raised = []
    for m in mentions:
        meanings = [(m.field, m.value), *((a.field, a.value) for a in m.alternatives)]
        before = next((meaning for meaning in meanings if meaning in stated), None)
        if m.kind == "value" and m.score < SURE and before is not None:
            m = m.model_copy(update={"field": before[0], "value": before[1], "score": SURE})
        elif expected is not None and m.field == expected.name and m.score >= _LIKELY:
            m = m.model_copy(update={"score": max(m.score, SURE)})
        raised.append(m)
    return raised


async def _mentions(context: TurnContext, text: str) -> list[Mention]:
    result = await context.toolbox.call("resolve_mentions", {"text": text[:_MOST]}, step="understand")
    return [Mention.model_validate(m) for m in result.get("mentions", [])]


def _read_items(parts: Parts, reading: Reading, context: TurnContext) -> None:
    shown = context.conversation.last_items
    compared = {e.payload.than for e in parts.elements if isinstance(e.payload, Quality) and e.payload.than is not None}
    last: list[Named] = []
    every: list[Named] = []
    for element in parts.elements:
        if element.family != "item":
            continue
        named = every if parts.tokens[element.start].text in _PLURAL else last
        if isinstance(element.payload, Link):
            named = last = [_linked(element.payload, parts, reading)]
            every = [*every, *last]
        elif isinstance(element.payload, Reference) and element.payload.positions:
            words = said(parts, element.start, element.end, reading.text)
            named = [Named(shown[p].id, shown[p].title, words, by_title=False) for p in element.payload.positions]
        if element.start in compared:
            continue
        _take_attitude(named, parts.frame(element), element, reading)
    if any(t.text in _SIMILAR for t in parts.tokens) and not reading.seeds:
        spoken = [*reading.likes, *reading.named, *reading.waved_away]
        pool = spoken or [Named(item.id, item.title, item.title) for item in shown]
        reading.seeds.extend(pool)
        reading.named = [n for n in reading.named if n not in pool]


def _linked(link: Link, parts: Parts, reading: Reading) -> Named:
    mention = link.mention
    rivals = [a for a in mention.alternatives if a.item_id is not None and a.score >= mention.score - 0.05]
    if rivals:
        titles = [mention.title, *(a.title for a in rivals[:_RIVALS])]
        ids = [mention.item_id, *(a.item_id for a in rivals[:_RIVALS])]
        alike = len(set(titles)) < len(titles)
        first, *also = [f"{t!r} (id {i})" if alike else repr(t) for t, i in zip(titles, ids, strict=True)]
        reading.doubt(f"I took {mention.text!r} to be {first}; there is also {', '.join(also)}.")
    elif mention.match in ("typo", "partial"):
        reading.notes.append(f"I took {mention.text!r} to be {mention.title!r}.")
    words = said(parts, link.start, link.end, reading.text)
    return Named(mention.item_id or "", mention.title or mention.text, words)


def _take_attitude(named: Sequence[Named], frame: Frame, element: Element, reading: Reading) -> None:
    pointing = isinstance(element.payload, Reference) and bool(element.payload.positions)
    ambiguous = pointing and len(named) > 1 and frame.attitude in ("like", "dislike")
    if ambiguous and element.end - element.start == 1 and not reading.act:
        reading.unclear.append("Which one do you mean: the first, the second, another?")
        return
    target = {
        "like": reading.dislikes if frame.negated else reading.likes,
        "dislike": reading.dislikes,
        "similar": reading.seeds,
        "seen": reading.waved_away,
        "have": reading.waved_away,
        "pass": reading.waved_away,
        "want": reading.waved_away if frame.negated or frame.complaint else reading.named,
    }.get(frame.attitude, reading.named)
    if frame.attitude in ("seen", "have") and not (frame.negated or frame.inquiry):
        reading.had.extend(named)
    known = {n.item_id for n in target}
    target.extend(n for n in named if n.item_id not in known)
    if target is reading.likes or target is reading.dislikes:
        ids = {n.item_id for n in named}
        reading.waved_away = [n for n in reading.waved_away if n.item_id not in ids]


def _read_amount(
    amount: Amount,
    parts: Parts,
    words: Vocabulary,
    reading: Reading,
    expected: FieldDescription | None,
    ledger: Ledger,
) -> None:
    frame = parts.scope.frames[amount.start]
    if frame.inquiry or frame.attitude == "pass":
        return
    earlier = words.catalog.field(reading.stated[-1].constraint.field) if reading.stated else None
    choice = choose(amount, parts.tokens, words, expected=expected, earlier=earlier)
    amount = carried(amount, parts)
    amount = resumed(amount, choice.field, parts, words, reading, ledger)
    text = said(parts, amount.start, amount.end, reading.text)
    if choice.field is None and amount.measure.kind in _UNSAID:
        reading.doubt(_UNSAID[amount.measure.kind].format(text))
        return
    if choice.field is None:
        if choice.rivals:
            names = " or ".join(f.name for f in choice.rivals)
            reading.unclear.append(f"Is {amount.measure.low:g} about {names}?")
        elif amount.comparison is not None and frame.asked and amount.comparison != "==":
            reading.doubt(f"I found no field that {text!r} could be about, so I left that aside.")
        return
    if frame.attitude in ("retract", "okay"):
        reading.dropped_fields.append((choice.field.name, "both"))
        return
    if frame.attitude in ("seen", "unseen"):
        return
    bearing = amount if frame.complaint else tied(amount, parts, words)
    if bearing is None:
        return
    if frame.complaint:
        bearing = exceeded(amount, parts.tokens)
        if bearing.comparison in (None, "about", "==") and words.dimension_of(choice.field) != "date":
            reading.doubt(f"I do not know what {text!r} says against it, so I left that aside.")
            return
    denied = (frame.negated or frame.attitude == "dislike") != frame.complaint
    meant = bounds(bearing, choice.field, words, denied=denied)
    surely = INFERRED if meant.notes else SAID
    reading.stated.extend(Stated(c, text, not frame.soft, confidence=surely) for c in meant.constraints)
    reading.notes.extend(meant.notes)
    if choice.note is not None:
        reading.doubt(choice.note)


def _read_beyond(parts: Parts, words: Vocabulary, reading: Reading, context: TurnContext) -> None:
    """Read "that's more than I want to spend": a comparison with the shown item that names only what is measured."""
    found = beyond(parts.tokens, parts.scope)
    field = words.best_measuring(found[0]) if found is not None else None
    if found is not None and field is not None:
        ids = tuple(item.id for item in context.conversation.last_items)
        reading.compared.append(Compared(field.name, "<" if found[1] else ">", ids, reading.text))


def _read_fields(parts: Parts, words: Vocabulary, reading: Reading) -> None:
    """Read field names, and nouns of dimensions, where the user takes something back."""
    for element in parts.elements:
        frame = parts.frame(element)
        any_before = element.start > 0 and parts.tokens[element.start - 1].text == "any"
        back = frame.attitude in ("retract", "okay") or (any_before and _closes(parts.tokens, element.end))
        if isinstance(element.payload, FieldDescription) and element.family == "field" and back:
            reading.dropped_fields.append((element.payload.name, "both"))
    covered = {j for e in parts.elements for j in range(e.start, e.end)}
    for i, token in enumerate(parts.tokens):
        if i in covered | parts.scope.consumed or parts.scope.frames[i].attitude not in ("retract", "okay"):
            continue
        which = next((d for d in DIMENSIONS if token.text in d.nouns), None)
        field = words.best_measuring(which) if which is not None else None
        if field is not None:
            reading.dropped_fields.append((field.name, "both"))
        elif parts.scope.frames[i].attitude == "retract" and token.is_word:
            reading.dropped_everything_about.append(token.text)


def _closes(tokens: Sequence[Token], i: int) -> bool:
    """Whether what follows "any X" says no more than that it will do."""
    rest = [t.text for t in tokens[i : i + 3] if t.is_word]
    return not rest or rest[0] in (
        "is",
        "works",
        "will",
        "please",
        "goes",
        "at",
        "then",
        "now",
        "really",
        "and",
        "but",
        "or",
    )

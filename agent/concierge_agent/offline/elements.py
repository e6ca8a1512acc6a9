"""The parts of a text that mean something: links, amounts, references, qualities and field names, in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from concierge_agent.answer import AnswerItem
from concierge_agent.offline.against import against
from concierge_agent.offline.complaints import mark
from concierge_agent.offline.frames import Family, Frame, Scope, Span
from concierge_agent.offline.grammar import ADVERBS, PRONOUNS, cues_at
from concierge_agent.offline.links import SURE, Link, located, settle, whole_chunk
from concierge_agent.offline.qualities import Quality, comparative_of_other, quality_at
from concierge_agent.offline.quantities import Amount, amounts
from concierge_agent.offline.references import Reference, pronoun_at, references
from concierge_agent.offline.relative import relative_at
from concierge_agent.offline.scope import Scan
from concierge_agent.offline.text import Token, stem, tokenize, word_set
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import FieldDescription, Mention

Payload = Link | Amount | Reference | Quality | FieldDescription
_CALLS_FOR_ITEM = frozenset({"like", "dislike", "seen", "unseen", "similar", "have"})
_LOOKS_UP = word_set("is are about why explain describe")


@dataclass(frozen=True, slots=True)
class Element:
    """A part of the text at token positions `start` to `end`, and what it is."""

    start: int
    end: int
    family: Family
    payload: Payload
    denied: bool = False
    """Whether the word itself denies the field it names, as "unsigned" does."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A text taken apart."""

    tokens: list[Token]
    elements: list[Element]
    scope: Scope

    def frame(self, element: Element) -> Frame:
        """Return what the element stands under."""
        return self.scope.frames[element.start]


def take_apart(
    tokens: list[Token],
    text: str,
    mentions: Sequence[Mention],
    words: Vocabulary,
    shown: Sequence[AnswerItem],
    *,
    asking: bool,
) -> Parts:
    """Find the parts of `text`; `asking` tells that the turn asks about an item, which then needs no other cue."""
    named = {after[1] for i in range(len(tokens)) if (after := words.named_at(tokens, i))}
    nouns = frozenset(i for i, token in enumerate(tokens) if token.is_word and stem(token.text) in words.generic)
    found = located(mentions, tokens, text, named, nouns)
    weak = [link for link in found if link.is_item and not link.firm]
    firm = settle([link for link in found if link not in weak])
    elements = _elements(tokens, words, firm, len(shown))
    item_starts = {link.start for link in weak if _free(link, elements) or link.mention.score >= SURE}
    scope = Scan(tokens, _spans(elements), item_starts).run()
    accepted = settle([link for link in weak if _called_for(link, tokens, scope, elements, asking=asking)])
    if accepted:
        values = [link for link in firm if all(link.end <= a.start or link.start >= a.end for a in accepted)]
        elements = _elements(tokens, words, sorted([*values, *accepted], key=lambda link: link.start), len(shown))
        scope = Scan(tokens, _spans(elements), set()).run()
    titles = [" ".join(t.text for t in tokenize(item.title) if t.is_word or t.is_number) for item in shown]
    mark(tokens, list(_spans(elements).values()), scope, titles if shown else [])
    return Parts(tokens, elements, scope)


def _spans(elements: Sequence[Element]) -> dict[int, Span]:
    return {e.start: Span(e.start, e.end, e.family) for e in elements}


def _free(link: Link, elements: Sequence[Element]) -> bool:
    return all(link.end <= e.start or link.start >= e.end for e in elements)


def _called_for(link: Link, tokens: list[Token], scope: Scope, elements: Sequence[Element], *, asking: bool) -> bool:
    """Whether the sentence calls for a title where this plainly written mention stands."""
    frame = scope.frames[link.start]
    governed = frame.attitude in _CALLS_FOR_ITEM or asking
    over = [e for e in elements if not (link.end <= e.start or link.start >= e.end)]
    firmer = [e for e in over if (e.end - e.start) >= (link.end - link.start)]
    if firmer and not (
        frame.past and all(e.family == "value" and e.end - e.start == link.end - link.start for e in firmer)
    ):
        return False
    if link.mention.score < SURE:
        follows = any(e.end == link.start for e in elements)
        return governed and not asking and whole_chunk(tokens, link) and not over and not follows
    if governed:
        return True
    return link.end < len(tokens) and tokens[link.end].text in ("was", "is", "were") and not over


def _elements(tokens: list[Token], words: Vocabulary, links: Sequence[Link], shown: int) -> list[Element]:
    elements = [Element(link.start, link.end, "item" if link.is_item else "value", link) for link in links]
    masked = {j for link in links for j in range(link.start, link.end)}
    for reference in [*references(tokens, shown, masked), *_pronouns(tokens, masked, links, shown)]:
        if not masked & set(range(reference.start, reference.end)):
            elements.append(Element(reference.start, reference.end, "item", reference))
            masked |= set(range(reference.start, reference.end))
    items = [(e.start, e.end) for e in elements if e.family == "item"]
    for compared in against(tokens, items, words):
        if not masked & set(range(compared.start, compared.end)):
            elements = _without_noun(elements, compared)
            elements.append(Element(compared.start, compared.end, "quality", compared))
            masked |= set(range(compared.start, compared.end))
    for i in range(len(tokens)):
        relative = None if i in masked else relative_at(tokens, i, words)
        if relative is not None and not masked & set(range(relative.start, relative.end)):
            elements.append(Element(relative.start, relative.end, "quality", relative))
            masked |= set(range(relative.start, relative.end)) | set(range(*(relative.by or (0, 0))))
    for amount in amounts(tokens, masked, words):
        elements.append(Element(amount.start, amount.end, "amount", amount))
        masked |= set(range(amount.start, amount.end))
    i = 0
    while i < len(tokens):
        quality = None if i in masked else quality_at(tokens, i) or comparative_of_other(tokens, i)
        if quality is not None and _judges_a_proposal(tokens, quality):
            quality = None
        if quality is not None and not masked & set(range(quality.start, quality.end)):
            elements.append(Element(quality.start, quality.end, "quality", quality))
            masked |= set(range(quality.start, quality.end))
        denied = None if i in masked else words.denied_at(tokens, i)
        if denied is not None:
            elements.append(Element(i, i + 1, "value", denied, denied=True))
            masked.add(i)
        named = None if i in masked else words.named_at(tokens, i)
        if named is not None and not masked & set(range(i, named[1])):
            elements.append(Element(i, named[1], "value" if named[0].type == "boolean" else "field", named[0]))
            masked |= set(range(i, named[1]))
        i += 1
    return sorted(elements, key=lambda e: e.start)


def _without_noun(elements: Sequence[Element], compared: Quality) -> list[Element]:
    """Leave out a value that only says what the item is that something is compared with: "than the first hotel"."""
    pointed = next((e for e in elements if e.start == compared.than and isinstance(e.payload, Reference)), None)
    return [e for e in elements if pointed is None or e.family != "value" or e.start != pointed.end]


def _judges_a_proposal(tokens: list[Token], quality: Quality) -> bool:
    """Whether "better" or "best" speaks of what was just said and not of items: "something newer would be better"."""
    if quality.word not in ("better", "best") or quality.than is not None:
        return False
    i = quality.start - 1
    while i > 0 and tokens[i].text in ADVERBS | _WELL:
        i -= 1
    after = tokens[quality.end].text if quality.end < len(tokens) else ""
    return (i >= 0 and tokens[i].text in _BE_OR_SUIT) or after in _AFTER_BETTER


_WELL = word_set("even much far probably")
_BE_OR_SUIT = word_set("be been suit suits fit fits me us work works had do does")
_AFTER_BETTER = word_set("if not at off leave suited")


def _pronouns(tokens: list[Token], masked: set[int], links: Sequence[Link], shown: int) -> list[Reference]:
    """Find "it", "that", "them" where they are the object of a taste, of "seen", of "than", of "like" or of "not".

    A pronoun after a title in the same text stands for that title: positions are then empty.
    """
    found = []
    for i, token in enumerate(tokens):
        if i in masked or token.text not in PRONOUNS | {"both"} or token.text in ("one", "ones"):
            continue
        following = next((t for t in tokens[i + 1 :] if t.text not in ADVERBS), None)
        if following is not None and following.is_word and following.text not in _AFTER_OBJECT:
            continue
        if not _is_object(tokens, i):
            continue
        earlier = [link for link in links if link.is_item and link.end <= i]
        positions = pronoun_at(tokens, i, shown)
        if earlier:
            found.append(Reference(i, i + 1, ()))
        elif positions is not None:
            found.append(Reference(i, i + 1, positions))
    return found


_AFTER_OBJECT = word_set(
    "and but or already before yet too though because so please when in at a with for as instead much"
)


def _is_object(tokens: list[Token], i: int) -> bool:
    before = i - 1
    while before > 0 and tokens[before].text in ADVERBS:
        before -= 1
    if before < 0:
        return False
    if tokens[before].text in ("than", "like", "not", "to") and (before == 0 or tokens[before - 1].text != "would"):
        return tokens[before].text != "to" or tokens[before - 1].text == "similar"
    for start in range(max(0, before - 3), before + 1):
        for kind, end in cues_at(tokens, start):
            if kind in ("like", "dislike", "seen", "unseen", "similar") and end == before + 1:
                return True
    return False

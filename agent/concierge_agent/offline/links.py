"""Which of the linked mentions are meant: titles against common words, long spans against short ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from concierge_agent.offline.grammar import ADVERBS, CONJUNCTIONS, FUNCTION_WORDS, PRONOUNS
from concierge_agent.offline.text import Token, word_set
from concierge_agent.values import Mention

SURE = 0.75
"""Titles that score less are only believed where the sentence calls for a title."""
_EXACT = 0.5
_PARTLY = 0.3
_DUE = frozenset({"by", "with", "starring", "featuring"})
_QUOTES = frozenset("\"“”«»'‘")
_INDEFINITE = word_set("a an some any no")


@dataclass(frozen=True, slots=True)
class Link:
    """A mention at token positions `start` to `end`, with its rivals over the same words in other fields."""

    start: int
    end: int
    mention: Mention
    rivals: tuple[Mention, ...] = ()
    firm: bool = True
    """For titles: written as a title, so that no cue is needed to believe it."""

    @property
    def is_item(self) -> bool:
        """Whether it names an item."""
        return self.mention.kind == "item"


def located(
    mentions: Sequence[Mention],
    tokens: Sequence[Token],
    text: str,
    named: set[int],
    nouns: frozenset[int] = frozenset(),
) -> list[Link]:
    """Place mentions on tokens; those that cut a token or are only function words written plainly are dropped.

    `named` holds the positions right after a field's own name, where a name is due; `nouns` those of words that name
    items in general, beside which a code such as "pg" may stand in small letters.
    """
    links = []
    beside = nouns | {
        i for m in mentions if len(m.text) > 2 for i, t in enumerate(tokens) if m.span[0] <= t.start < m.span[1]
    }
    for mention in mentions:
        inside = [i for i, t in enumerate(tokens) if t.start >= mention.span[0] and t.end <= mention.span[1]]
        if not inside or tokens[inside[0]].start != mention.span[0] or tokens[inside[-1]].end != mention.span[1]:
            continue
        start, end = inside[0], inside[-1] + 1
        titled = _written_as_title(mention, tokens, start, end, text)
        plain = all(t.text in FUNCTION_WORDS | ADVERBS | PRONOUNS or not t.is_word for t in tokens[start:end])
        if mention.kind == "value":
            doubtful = not _believed(mention, tokens, start, named)
            doubtful |= start not in named and not any(t.is_word for t in tokens[start:end])
            if doubtful or (plain and not _spelt_exactly(mention)) or _too_short(mention, tokens, end, beside):
                continue
        elif (
            (plain and not titled)
            or (not titled and _indefinite(tokens, start))
            or (start > 0 and tokens[start - 1].text == "by" and any(_covers(m, mention) for m in mentions))
        ):
            continue
        whole = end - start == sum(1 for t in tokens if t.is_word or t.is_number)
        links.append(Link(start, end, mention, firm=titled or (whole and mention.score >= SURE)))
    return links


def _believed(mention: Mention, tokens: Sequence[Token], start: int, named: set[int]) -> bool:
    """Whether a value is meant: surely so, or in part where a name is due."""
    if mention.score >= SURE or (mention.match in ("exact", "synonym", "inflection") and mention.score >= _EXACT):
        return True
    alone = sum(t.is_word for t in tokens) == len(mention.text.split())
    due = start in named or alone or (start > 0 and tokens[start - 1].text in _DUE)
    return due and mention.score >= _PARTLY


def _spelt_exactly(mention: Mention) -> bool:
    return mention.match == "exact" and mention.text == mention.value and not mention.text.islower()


def _covers(value: Mention, item: Mention) -> bool:
    """Whether a value on the same words is likely enough after "by", where people stand and not titles."""
    return value.kind == "value" and value.span == item.span and value.score >= _PARTLY


def _too_short(mention: Mention, tokens: Sequence[Token], end: int, beside: set[int] | frozenset[int]) -> bool:
    """One or two letters must be spelt as the value is, or stand by what such codes stand by; two also by any value."""
    if len(mention.text) > 2 or mention.text == mention.value:
        return False
    noun = end < len(tokens) and tokens[end].is_word and tokens[end].text not in FUNCTION_WORDS | ADVERBS
    if len(mention.text) > 1 and (noun or end in beside or end - 2 in beside):
        return False
    return end >= len(tokens) or tokens[end].text not in ("rated", "-")


def _indefinite(tokens: Sequence[Token], start: int) -> bool:
    return start > 0 and tokens[start - 1].text in _INDEFINITE


def _written_as_title(mention: Mention, tokens: Sequence[Token], start: int, end: int, text: str) -> bool:
    before, after = text[: mention.span[0]].rstrip(), text[mention.span[1] :].lstrip()
    if before[-1:] in _QUOTES and before and after[:1] in _QUOTES and after:
        return True
    if mention.kind != "item" or mention.score < SURE:
        return False
    opens = start == 0 or tokens[start - 1].ends_sentence
    content = [t for t in tokens[start:end] if t.is_word and len(t.text) > 3] or list(tokens[start:end])
    capitals = all(t.raw[0].isupper() or not t.is_word for t in content)
    several = sum(1 for t in tokens[start:end] if t.is_word and t.raw[0].isupper()) > 1
    shouting = text.isupper()
    return capitals and not shouting and (not opens or several)


def settle(links: Sequence[Link]) -> list[Link]:
    """Keep the links that do not overlap: longer spans first, values before plain titles on the same words."""
    order = sorted(links, key=_rank)
    kept: list[Link] = []
    for link in order:
        same = [k for k in kept if (k.start, k.end) == (link.start, link.end)]
        if same:
            if not same[0].is_item and not link.is_item:
                position = kept.index(same[0])
                kept[position] = Link(link.start, link.end, same[0].mention, (*same[0].rivals, link.mention))
            continue
        if all(link.end <= k.start or link.start >= k.end for k in kept):
            kept.append(link)
    return sorted(kept, key=lambda k: k.start)


def _rank(link: Link) -> tuple[int, bool, float]:
    return (-(link.end - link.start), not (link.is_item and link.firm) and link.is_item, -link.mention.score)


def whole_chunk(tokens: Sequence[Token], link: Link) -> bool:
    """Whether nothing but an ending, a comma or a conjunction follows the link, as after a name."""
    if link.end >= len(tokens):
        return True
    after = tokens[link.end]
    return not after.is_word or after.text in CONJUNCTIONS | {
        "but",
        "is",
        "was",
        "are",
        "were",
        "though",
        "too",
        "so",
        "please",
    }

"""Questions that set items side by side: "compare 1 and 2", "A vs B", "is the second longer than the first?".

They look items up and change nothing. What the writer tells of them follows from `asked_fields` and `contrast`.
"""

import re
from collections.abc import Sequence

from concierge_agent.answer import AnswerItem
from concierge_agent.brain import TurnContext
from concierge_agent.offline.acts import spoken
from concierge_agent.offline.dimensions import DIMENSIONS, Side
from concierge_agent.offline.grammar import FUNCTION_WORDS
from concierge_agent.offline.qualities import base_of, quality_at
from concierge_agent.offline.references import references
from concierge_agent.offline.text import Token, key, stem, tokenize, word_set
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.phrases import listing
from concierge_agent.values import FieldDescription, Mention

_LEAD = r"(?:(?:and|so|but|ok|okay|then|well|please|hmm|can you|could you|can we|would you|let us|now) )*"
_SIDE_BY_SIDE = re.compile(
    rf"^{_LEAD}(?:compare|contrast)\b(?! (?:with|to)\b)|\bdifferences? (?:\w+ )?between\b|\b(?:vs|versus)\b|"
    rf"^{_LEAD}how (?:do|does|is|are) .+ (?:differ|compare|different)\b|"
    rf"^{_LEAD}(?:what|which|who)\b.*\b(?:the|these|those|of) (?:two|three|four|five)\b"
)
_THAN = re.compile(rf"^{_LEAD}(?:is|are|was|were|does|do|did|has|have)\b(?! there\b)(.+?) than (.+)$")
_EITHER = re.compile(rf"^{_LEAD}(?:which|what|who)\b.+\bor\b")
_COUNT = {"two": 2, "three": 3, "four": 4, "five": 5, "2": 2, "3": 3, "4": 4, "5": 5}
_FIRST = re.compile(r"\b(first|last|top) (two|three|four|five|[2-5])\b")
_ALL = re.compile(r"\b(?:(?:the|these|those|of) (?:two|three|four|five)|both|these|those|them|all)\b")
_PLACE = re.compile(
    r"\b(?:number |option |no )?(\d{1,2}|one|two|three|four|five)\b(?= (?:and|or|vs|versus|with|to|than)\b|$)"
)
_BEYOND = re.compile(
    r"\b(?:(?:number|option) (?P<number>\d{1,2})|"
    r"the (?P<nth>second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
    r"(?= one\b| (?:is|was|has|and|or|please|looks|sounds|than|longer|shorter)\b|$))"
)
_NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORDS = word_set("compare difference differences between is are which the than and or vs versus two three")
_ONE_SHOWN = "I showed only one last. Do you mean that?"
_FEWER_SHOWN = "I did not show as many as that. Which one do you mean?"
_SURE = 0.75
_STEM = 5


def compares(tokens: Sequence[Token]) -> bool:
    """Whether a turn sets items side by side, if there are any that it names."""
    said = spoken(list(tokens))
    return bool(_SIDE_BY_SIDE.search(said) or _THAN.match(said) or _EITHER.match(said))


async def compared(context: TurnContext, words: Vocabulary, tokens: list[Token]) -> list[str] | str | None:
    """Return the ids of the items a turn sets side by side, at least two, in the order they are named.

    A string is what to say when too few are shown; None when the turn compares no items.
    """
    said, shown = spoken(tokens), context.conversation.last_items
    than = _THAN.match(said)
    plainly = bool(_SIDE_BY_SIDE.search(said))
    if not (plainly or than or _EITHER.match(said)):
        return None
    if than is None and not plainly and not asked_fields(tokens, words):
        return None
    sides = [than[1], than[2]] if than is not None else [said]
    titled = await _titled(context, said)
    found: list[str] = []
    for side in sides:
        named = [i for title, i in titled if title in f" {side} "]
        pointed = _pointed(side, shown, plainly=plainly or "or" in side.split())
        if than is not None and len(named) + len(pointed) != 1:
            return only(shown) if beyond(tokens, shown) else None
        found += [*named, *pointed]
    ids = list(dict.fromkeys(found))
    if len(ids) > 1:
        return ids
    if plainly and shown and not titled and (_FIRST.search(said) or _ALL.search(said) or _PLACE.search(said)):
        return only(shown)
    return None


def beyond(tokens: Sequence[Token], shown: Sequence[AnswerItem]) -> bool:
    """Whether a turn points at a place that the last list, of one item at least, does not have."""
    places = [
        int(found["number"]) if found["number"] else _NTH.index(found["nth"]) + 1
        for found in _BEYOND.finditer(spoken(list(tokens)))
    ]
    return bool(shown) and any(place > len(shown) for place in places)


def only(shown: Sequence[AnswerItem]) -> str:
    """Say that fewer items were shown than the user points at."""
    return _ONE_SHOWN if len(shown) == 1 else _FEWER_SHOWN


def asked_fields(tokens: Sequence[Token], words: Vocabulary) -> list[FieldDescription]:
    """Return the fields a question is about: by name, by what "long" or "cheaper" measures, or by part of a name."""
    spoken_of, found = list(tokens), list[FieldDescription]()
    for i, token in enumerate(spoken_of):
        named = words.named_at(spoken_of, i)
        if named is not None:
            found.append(named[0])
            continue
        quality = quality_at(spoken_of, i)
        base = base_of(token.text)
        which = quality.which if quality is not None else base[0] if base is not None else None
        which = which or next((d for d in DIMENSIONS if token.text in d.nouns), None)
        field = words.best_measuring(which) if which is not None else None
        if field is not None:
            found.append(field)
        elif token.is_word and token.text not in FUNCTION_WORDS and len(stem(token.text)) >= _STEM:
            found += [f for f in words.catalog.fields if any(k.startswith(stem(token.text)) for k in key(f.name))]
    plain = [f for f in found if f.role not in ("id", "title", "image")]
    return list({field.name: field for field in plain}.values())


def contrast(
    text: str, items: Sequence[dict[str, object]], titles: Sequence[str], words: Vocabulary
) -> tuple[str, list[str]] | None:
    """Return a sentence on how items compare, and the names of the fields to tell; None when the text does not compare.

    Each of `items` holds an item's fields by name, in the order they were asked for, as `titles` does.
    """
    tokens = tokenize(text)
    if len(items) < 2 or not compares(tokens):
        return None
    fields = asked_fields(tokens, words)
    if not fields:
        names = [
            f.name for f in words.catalog.fields if f.type != "text" and len({repr(i.get(f.name)) for i in items}) > 1
        ]
        return ("This is what differs." if names else "I know of nothing that differs."), names
    field = fields[0]
    values = [item.get(field.name) for item in items]
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    texts = [v for v in values if isinstance(v, str)] if field.type == "date" else []
    known: Sequence[int | float | str] = numbers or texts
    if len(known) < len(items):
        measured = field in words.measured
        return (f"I do not know the {_named(field)} of all of them." if measured else ""), [f.name for f in fields]
    side = _side(tokens)
    ordered = sorted(known, key=lambda v: v, reverse=side == "high")
    best = [title for title, v in zip(titles, values, strict=True) if v == ordered[0]]
    told = f"{listing(best)} {'has' if len(best) == 1 else 'have'} the {_most(field, side, len(items), words)}."
    if len(set(map(str, known))) == 1:
        told = f"They have the same {_named(field)}."
    if _THAN.match(spoken(tokens)) is not None:
        told = f"{'Yes' if best == [titles[0]] else 'No'}. {told}"
    return told, [f.name for f in fields]


def _side(tokens: Sequence[Token]) -> Side:
    for i in range(len(tokens)):
        quality = quality_at(list(tokens), i)
        if quality is not None and quality.degree in ("comparative", "superlative"):
            return quality.side
    return "high"


def _most(field: FieldDescription, side: Side, count: int, words: Vocabulary) -> str:
    dated = words.dimension_of(field) == "date"
    word = ("later" if side == "high" else "earlier") if dated else ("higher" if side == "high" else "lower")
    if count > 2:
        word = f"{word.removesuffix('er').removesuffix('i')}{'iest' if word == 'earlier' else 'est'}"
    return f"{word} {_named(field)}"


def _named(field: FieldDescription) -> str:
    return field.name.replace("_", " ")


def _pointed(said: str, shown: Sequence[AnswerItem], *, plainly: bool) -> list[str]:
    tokens = tokenize(said)
    some = _FIRST.search(said)
    if some is not None:
        count = _COUNT[some[2]]
        chosen = shown[-count:] if some[1] == "last" else shown[:count]
        return [item.id for item in chosen]
    places = [(r.start, p) for r in references(tokens, len(shown), set()) for p in r.positions]
    if not places and plainly:
        numbered = [_NUMBERS.index(n) + 1 if n in _NUMBERS else int(n) for n in _PLACE.findall(said)]
        if len(numbered) > 1 and all(1 <= n <= len(shown) for n in numbered):
            return [shown[n - 1].id for n in numbered]
        every = _ALL.search(said)
        wanted = next((_COUNT[w] for w in every[0].split() if w in _COUNT), len(shown)) if every else 0
        return [item.id for item in shown[:wanted]] if every and len(shown) > 1 else []
    return [shown[p].id for _, p in places]


async def _titled(context: TurnContext, said: str) -> list[tuple[str, str]]:
    """Return the items that are named by their titles, as said between spaces, in order; the longest titles win."""
    result = await context.toolbox.call("resolve_mentions", {"text": context.text[:2000]}, step="compare")
    mentions = [Mention.model_validate(m) for m in result.get("mentions", ())]
    items = [m for m in mentions if m.kind == "item" and m.item_id is not None and m.score >= _SURE]
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, str, str]] = []
    for m in sorted(items, key=lambda m: (m.span[0] - m.span[1], -m.score)):
        words = spoken(tokenize(m.text))
        overlaps = any(m.span[0] < end and start < m.span[1] for start, end in taken)
        if overlaps or words in _WORDS or any(w in _NTH for w in words.split()):
            continue
        taken.append((m.span[0], m.span[1]))
        found.append((m.span[0], f" {words} ", m.item_id or ""))
    return [(title, item_id) for _, title, item_id in sorted(found)]

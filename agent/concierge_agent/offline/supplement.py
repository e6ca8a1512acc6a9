"""Values the server did not link: said by a part of their name, or by the beginnings of its words.

Only fields whose values the description lists in full are looked at. "North" is part of "North Harbour"; "no-ha"
begins its words.
"""

from collections.abc import Iterator, Sequence

from concierge_agent.offline.grammar import ADVERBS, FUNCTION_WORDS
from concierge_agent.offline.links import SURE
from concierge_agent.offline.text import Token
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import FieldDescription, Mention

_LONGEST = 4
_CUES = frozenset({"on", "have", "got", "only", "just", "use", "and", "or", ",", "with", "to", "also", "plus"})


def supplement(
    tokens: Sequence[Token], text: str, words: Vocabulary, linked: Sequence[Mention], expected: FieldDescription | None
) -> list[Mention]:
    """Return further mentions of values in stretches of `text` that no mention of a value covers yet."""
    covered = [m.span for m in linked if m.kind == "value"]
    found: list[Mention] = []
    named = [(field, value, _parts(value)) for field, value in _listed(words)]
    i = 0
    while i < len(tokens):
        match = next(filter(None, (_at(tokens, i, j, text, named, expected) for j in _ends(tokens, i))), None)
        if match is None or any(match.span[0] < end and start < match.span[1] for start, end in covered):
            i += 1
            continue
        found.append(match)
        i = next((j for j in range(i, len(tokens)) if tokens[j].start >= match.span[1]), len(tokens))
    return found


def _ends(tokens: Sequence[Token], i: int) -> range:
    return range(min(len(tokens), i + _LONGEST), i, -1)


def _listed(words: Vocabulary) -> Iterator[tuple[FieldDescription, str]]:
    for field in words.catalog.fields:
        whole = field.distinct is None or field.distinct <= len(field.top_values)
        if field.type in ("category", "tags") and whole:
            yield from ((field, str(counted.value)) for counted in field.top_values)


def _parts(value: str) -> list[str]:
    cleaned = "".join(c if c.isalnum() else " " for c in value.lower())
    return cleaned.split()


def _at(
    tokens: Sequence[Token],
    i: int,
    j: int,
    text: str,
    named: Sequence[tuple[FieldDescription, str, list[str]]],
    expected: FieldDescription | None,
) -> Mention | None:
    said = [t.text for t in tokens[i:j] if t.text != "-"]
    if not all(t.is_word or t.is_number or t.text == "-" for t in tokens[i:j]) or tokens[j - 1].text == "-":
        return None
    if all(word in FUNCTION_WORDS | ADVERBS for word in said):
        return None
    called_for = _called_for(tokens, i, expected)
    hits = [
        (field, value)
        for field, value, parts in named
        if _begins(said, parts) or ((called_for or _is(field, expected)) and _within(said, parts))
    ]
    preferred = [hit for hit in hits if _is(hit[0], expected)] or hits
    if len(preferred) != 1:
        return None
    field, value = preferred[0]
    span = (tokens[i].start, tokens[j - 1].end)
    return Mention(
        span=span, text=text[slice(*span)], kind="value", field=field.name, value=value, score=SURE, match="partial"
    )


def _is(field: FieldDescription, expected: FieldDescription | None) -> bool:
    return expected is not None and field.name == expected.name


def _called_for(tokens: Sequence[Token], i: int, expected: FieldDescription | None) -> bool:
    """Whether a name is due: written with a capital after a word that names usually follow."""
    before = tokens[i - 1].text if i else ""
    return expected is None and tokens[i].raw[0].isupper() and before in _CUES


def _begins(said: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether each word is the beginning of one of several words, as in an abbreviation."""
    if len(parts) < 2 or len(said) != len(parts):
        return False
    shorter = sum(map(len, said)) < sum(map(len, parts)) - 2
    return shorter and all(len(s) >= 2 and p.startswith(s) for s, p in zip(said, parts, strict=True))


def _within(said: Sequence[str], parts: Sequence[str]) -> bool:
    n = len(said)
    return n < len(parts) and any(list(parts[k : k + n]) == list(said) for k in range(len(parts) - n + 1))

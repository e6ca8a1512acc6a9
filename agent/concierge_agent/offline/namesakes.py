"""Names that say more than one thing: a title that is also somebody's name, a surname that several values share.

"X films" and "with X" speak of those that X made or is in, not of the title X. Without the whole name, ruling out a
surname rules out everybody of that name in the field.
"""

from collections.abc import Sequence

from concierge_agent.brain import TurnContext
from concierge_agent.offline.grammar import FUNCTION_WORDS
from concierge_agent.offline.links import SURE
from concierge_agent.offline.reading import Reading, Stated
from concierge_agent.offline.text import Token, word_set
from concierge_agent.values import Mention

_WITH = word_set("by with from starring featuring without")
_PARTICLES = word_set("de van von der den la le del di da el al bin ibn mc mac st")
_LIKELY = 0.3
_SHORT = 3
_DENIALS = frozenset({"!=", "not_in", "not_contains"})


async def values_first(
    context: TurnContext, tokens: Sequence[Token], mentions: list[Mention], reading: Reading
) -> list[Mention]:
    """Return the mentions, where a name stands like somebody's as the value it is, and not as a title."""
    kept = list(mentions)
    for mention in mentions:
        here = [i for i, t in enumerate(tokens) if mention.span[0] <= t.start and t.end <= mention.span[1]]
        if mention.kind != "value" or not here or not _is_surname(mention, tokens[here[0]]):
            continue
        plural = _names_items(tokens, here[-1] + 1)
        if not (plural or _follows_preposition(tokens, here[0])):
            continue
        meant = await _made_by(context, mention) if plural else mention
        if meant.score < _LIKELY:
            continue
        titles = [m for m in kept if m.kind == "item" and m.span == mention.span]
        kept = [m for m in kept if m is not mention and m not in titles]
        kept.append(meant.model_copy(update={"span": mention.span, "score": SURE}))
        if titles:
            reading.notes.append(f"I took {mention.text!r} as {meant.field} {meant.value}; it is a title too.")
    return kept


def rule_out_namesakes(mentions: Sequence[Mention], reading: Reading) -> None:
    """Rule out, with a value of which only the surname was said, the field's other values of that surname."""
    for mention in mentions:
        said = mention.text.lower().split()
        for stated in [s for s in reading.stated if s.constraint.op in _DENIALS]:
            alike = [
                str(a.value)
                for a in mention.alternatives
                if a.field == mention.field
                and a.value is not None
                and str(a.value).lower().split()[-len(said) :] == said
            ]
            whole = str(mention.value).lower().split() == said
            if (
                whole
                or stated.constraint.field != mention.field
                or stated.constraint.value
                not in (
                    mention.value,
                    [mention.value],
                )
            ):
                continue
            for value in dict.fromkeys(alike):
                listed = isinstance(stated.constraint.value, list)
                other = stated.constraint.model_copy(update={"value": [value] if listed else value})
                reading.stated.append(Stated(other, stated.text, stated.hard))


async def _made_by(context: TurnContext, mention: Mention) -> Mention:
    """Return what a name means after "by"."""
    result = await context.toolbox.call("resolve_mentions", {"text": f"by {mention.text}"}, step="understand")
    found = [Mention.model_validate(m) for m in result.get("mentions", ())]
    return next((m for m in found if m.kind == "value" and m.text == mention.text), mention)


def _is_surname(mention: Mention, first: Token) -> bool:
    parts = str(mention.value).lower().split()
    said = mention.text.lower().split()
    return len(parts) > len(said) and parts[-len(said) :] == said and first.raw[:1].isupper()


def _names_items(tokens: Sequence[Token], i: int) -> bool:
    """Whether a plural noun stands there: what is made by, or goes under, the name before it."""
    word = tokens[i].text if i < len(tokens) and tokens[i].is_word else ""
    return len(word) > _SHORT and word.endswith("s") and not word.endswith("ss") and word not in FUNCTION_WORDS


def _follows_preposition(tokens: Sequence[Token], i: int) -> bool:
    while i > 0 and tokens[i - 1].text in _PARTICLES:
        i -= 1
    return i > 0 and tokens[i - 1].text in _WITH

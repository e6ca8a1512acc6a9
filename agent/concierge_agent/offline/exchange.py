"""One condition in the place of another: "under 50 instead of under 20", "change red to blue", "I meant X, not Y".

What gives way must stand in the ledger, and what takes its place must be about the same field; else it is no exchange.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from concierge_agent.brain import TurnContext
from concierge_agent.offline.bounds import bounds
from concierge_agent.offline.comparators import Comparison
from concierge_agent.offline.quantities import amounts
from concierge_agent.offline.reading import Reading, Stated
from concierge_agent.offline.repeated import Repeated, repeated
from concierge_agent.offline.text import key, tokenize
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary

_END = (
    r"(?:[ ,]+(?:please|then|thanks|after all|any ?more|anymore|as i (?:said|asked)(?: before| earlier)?|like before|"
    r"as before|now))*[ .!?]*$"
)
_GO = (
    r"(?:(?:but |rather |and |then |please |actually )*(?:make (?:it|that|them) |i (?:want|meant|mean|prefer|"
    r"would like|need) |i'd (?:like|prefer|rather have) |give me |show me |use |take |"
    r"let(?:'s| us) (?:say|do|have|go (?:for|with)) |"
    r"it (?:should|must) be )?)"
)
_SPLITS = tuple(
    re.compile(rf"^(?:.*?[,;.] *)??{body}{_END}", re.IGNORECASE)
    for body in (
        r"(?P<new>\S.*?)[ ,;]+(?:and )?"
        r"(?:instead of|rather than|in place of|in lieu of|as opposed to|not) (?P<old>.+?)",
        rf"(?:instead of|rather than|in place of|not) (?P<old>.+?)(?:, *| (?=but |make |i |give |show |use |let))"
        rf"{_GO}(?P<new>\S.*?)",
        r"(?:.*\b)?(?:change|switch|turn|update|correct|move|raise|lower|set)(?: it| that| this)?(?: over)?(?: from)? "
        r"(?P<old>.+?) (?:to|into) (?P<new>\S.*?)",
        r"(?:.*\b)?(?:replace|swap|exchange|trade|substitute) (?P<old>.+?) (?:with|for|by|against) (?P<new>\S.*?)",
        r"(?:.*\b)?(?:replace|swap|exchange|trade|substitute) (?P<new>\S.*?) (?:with|for|by|against) (?P<old>.+?)",
        r"(?:.*\b)?i (?:said|asked for|wrote|typed|told you) (?P<old>.+?)[, ]+(?:but )?(?:i )?(?:really |actually )?"
        r"(?:meant|mean|want|wanted|should have said|make it) (?P<new>\S.*?)",
        r"(?:.*\b)?rather (?P<new>\S.*?) than (?P<old>.+?)",
    )
)
_LENGTH = 200


async def exchanged(context: TurnContext, words: Vocabulary) -> Reading | None:
    """Read a turn that puts one condition in the place of another; None when it does not."""
    text = context.text.strip()
    if not context.conversation.ledger.active() or len(text) > _LENGTH:
        return None
    for old, new in _splits(text):
        gone = await repeated(replace(context, text=old), words)
        if gone is None:
            continue
        reading = await _taking_its_place(replace(context, text=new), words, gone)
        if reading is not None:
            reading.text = text
            return reading
    return None


def _splits(text: str) -> Iterator[tuple[str, str]]:
    for pattern in _SPLITS:
        found = pattern.match(text)
        if found is not None:
            yield found["old"].strip(" ,"), found["new"].strip(" ,")


async def _taking_its_place(context: TurnContext, words: Vocabulary, gone: Repeated) -> Reading | None:
    fields = list(dict.fromkeys(c.field for c in gone.bounds))
    field = words.catalog.field(fields[0]) if len(fields) == 1 else None
    reading = await understand(context, words, field)
    if field is not None and len(gone.bounds) == 1:
        found = amounts(tokenize(context.text), set(), words)
        op = gone.bounds[0].op
        if len(found) == 1 and found[0].comparison is None and found[0].upper is None and op in ("<", "<=", ">", ">="):
            comparison: Comparison = op
            meant = bounds(replace(found[0], comparison=comparison), field, words)
            reading.stated = [s for s in reading.stated if s.constraint.field != field.name]
            reading.stated += [Stated(c, context.text) for c in meant.constraints]
            reading.notes, reading.unclear = list(meant.notes), []
    named = {s.constraint.field for s in reading.stated} | {a.field for a in reading.answered}
    if not gone.fields <= named or reading.act is not None:
        return None
    reading.dropped_bounds += gone.bounds
    reading.dropped_values += gone.values
    stems = {stem for _, value in gone.values for stem in key(value)}
    reading.wishes = [w for w in reading.wishes if not stems & set(key(w))]
    return reading

"""One condition in the place of another: "under 50 instead of under 20", "change red to blue", "I meant X, not Y".

What gives way must stand in the ledger, and what takes its place must be about the same field; else it is no exchange.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from concierge_agent.brain import TurnContext
from concierge_agent.ledger import Entry
from concierge_agent.offline.bounds import bounds
from concierge_agent.offline.comparators import Comparison
from concierge_agent.offline.extending import values_of
from concierge_agent.offline.quantities import amounts
from concierge_agent.offline.reading import Reading, Stated
from concierge_agent.offline.text import key, number_at, tokenize
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import Constraint

_END = (
    r"(?:[ ,]+(?:please|then|thanks|after all|any ?more|anymore|as i (?:said|asked)(?: before| earlier)?|like before|"
    r"as before|now))*[ .!?]*$"
)
_GO = (
    r"(?:(?:but |rather |and |then |please |actually )*(?:make (?:it|that|them) |i (?:want|meant|mean|prefer|would like|"
    r"need) |i'd (?:like|prefer|rather have) |give me |show me |use |take |let(?:'s| us) (?:say|do|have|go (?:for|with)) |"
    r"it (?:should|must) be )?)"
)
_SPLITS = tuple(
    re.compile(rf"^(?:.*?[,;.] *)??{body}{_END}", re.IGNORECASE)
    for body in (
        r"(?P<new>\S.*?)[ ,;]+(?:and )?(?:instead of|rather than|in place of|in lieu of|as opposed to|not) (?P<old>.+?)",
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
_UPPER = frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class _Gone:
    """What gives way: whole conditions on amounts, single values of other fields."""

    bounds: tuple[Constraint, ...]
    values: tuple[tuple[str, str], ...]

    @property
    def fields(self) -> set[str]:
        return {c.field for c in self.bounds} | {name for name, _ in self.values}


async def exchanged(context: TurnContext, words: Vocabulary) -> Reading | None:
    """Read a turn that puts one condition in the place of another; None when it does not."""
    text = context.text.strip()
    standing = [e for e in context.conversation.ledger.active() if e.constraint is not None or e.kind == "answer"]
    if not standing or len(text) > _LENGTH:
        return None
    for old, new in _splits(text):
        gone = await _standing(replace(context, text=old), words, standing)
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


async def _standing(context: TurnContext, words: Vocabulary, standing: Sequence[Entry]) -> _Gone | None:
    """Return the conditions that the text repeats; None when it says anything that does not stand."""
    reading = await understand(context, words)
    tokens = tokenize(context.text)
    said = [n[0] for i in range(len(tokens)) if (n := number_at(tokens, i)) is not None]
    said += [float(v) for s in reading.stated for v in values_of(s.constraint) if isinstance(v, int | float)]
    told = {v for s in reading.stated for v in values_of(s.constraint) if isinstance(v, str)}
    told |= {v for answered in reading.answered for v in answered.values}
    known = {f.name for f in words.measured}
    found: list[Constraint] = []
    values: list[tuple[str, str]] = []
    for entry in standing:
        constraint = entry.constraint
        if constraint is None:
            listed = entry.value if isinstance(entry.value, list) else [entry.value]
            values += [(entry.field or "", str(v)) for v in listed if v is not None and str(v) in told]
        elif constraint.field in known:
            if any(_same(value, said, told) for value in values_of(constraint)):
                found.append(constraint)
        else:
            values += [(constraint.field, str(v)) for v in values_of(constraint) if str(v) in told]
    sides = {s.constraint.op in _UPPER for s in reading.stated if s.constraint.field in known and s.constraint.op != "=="}
    if len(found) > 1 and len(sides) == 1:
        found = [c for c in found if (c.op in _UPPER) in sides] or found
    named = {n for f in words.measured for n in [f.name] if any(words.named_at(tokens, i) == (f, j) for i in range(len(tokens)) for j in range(len(tokens) + 1))}
    found = [c for c in found if c.field in named] or found
    if not (found or values):
        return None
    besides = told - {v for _, v in values} - {str(v) for c in found for v in values_of(c)}
    return None if besides else _Gone(tuple(found), tuple(values))


def _same(value: object, said: Sequence[float], told: set[str]) -> bool:
    if isinstance(value, str):
        return value in told or any(value[:4] == f"{number:g}" for number in said)
    return isinstance(value, int | float) and any(abs(value - number) < 1e-9 for number in said)


async def _taking_its_place(context: TurnContext, words: Vocabulary, gone: _Gone) -> Reading | None:
    fields = list(dict.fromkeys(c.field for c in gone.bounds))
    field = words.catalog.field(fields[0]) if len(fields) == 1 else None
    reading = await understand(context, words, field)
    if field is not None and len(gone.bounds) == 1:
        found = amounts(tokenize(context.text), set(), words)
        op = gone.bounds[0].op
        if len(found) == 1 and found[0].comparison is None and found[0].upper is None and op in ("<", "<=", ">", ">="):
            comparison: Comparison = op  # type: ignore[assignment]  # one of the four, as the line above tells
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

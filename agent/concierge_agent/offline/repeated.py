"""What a text repeats of the conditions that stand: "under 20", "4 to 5", "red or blue", "after 1 May"."""

from collections.abc import Sequence
from dataclasses import dataclass

from concierge_agent.brain import TurnContext
from concierge_agent.ledger import Entry
from concierge_agent.offline.extending import values_of
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.text import Token, number_at, tokenize
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import Constraint

_UPPER = frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class Repeated:
    """Conditions on amounts as they stand, and single values of other fields."""

    bounds: tuple[Constraint, ...]
    values: tuple[tuple[str, str], ...]

    @property
    def fields(self) -> set[str]:
        """The fields they are about."""
        return {c.field for c in self.bounds} | {name for name, _ in self.values}


async def repeated(context: TurnContext, words: Vocabulary) -> Repeated | None:
    """Return the conditions that the context's text repeats; None when it says a value that does not stand."""
    standing = [e for e in context.conversation.ledger.active() if e.constraint is not None or e.kind == "answer"]
    if not standing:
        return None
    reading, tokens = await understand(context, words), tokenize(context.text)
    told = {v for s in reading.stated for v in values_of(s.constraint) if isinstance(v, str)}
    told |= {v for answered in reading.answered for v in answered.values}
    bounds = _bounds(standing, reading, tokens, words, told)
    values = [pair for entry in standing for pair in _values(entry, words) if pair[1] in told]
    if not (bounds or values):
        return None
    besides = told - {v for _, v in values} - {str(v) for c in bounds for v in values_of(c)}
    return None if besides else Repeated(tuple(bounds), tuple(values))


def _values(entry: Entry, words: Vocabulary) -> list[tuple[str, str]]:
    if entry.constraint is None:
        listed = entry.value if isinstance(entry.value, list) else [entry.value]
        return [(entry.field or "", str(v)) for v in listed if v is not None]
    if entry.constraint.field in {f.name for f in words.measured}:
        return []
    return [(entry.constraint.field, str(v)) for v in values_of(entry.constraint)]


def _bounds(
    standing: Sequence[Entry], reading: Reading, tokens: list[Token], words: Vocabulary, told: set[str]
) -> list[Constraint]:
    """Return the conditions on amounts whose amounts are said; a side and a field that are said, too, decide."""
    known = {f.name for f in words.measured}
    numbers = [n[0] for i in range(len(tokens)) if (n := number_at(tokens, i)) is not None]
    numbers += [float(v) for s in reading.stated for v in values_of(s.constraint) if isinstance(v, int | float)]
    found = [
        e.constraint
        for e in standing
        if e.constraint is not None
        and e.constraint.field in known
        and any(_same(value, numbers, told) for value in values_of(e.constraint))
    ]
    sides = {s.constraint.op in _UPPER for s in reading.stated if s.constraint.field in known}
    if len(found) > 1 and len(sides) == 1:
        found = [c for c in found if (c.op in _UPPER) in sides] or found
    named = {called[0].name for i in range(len(tokens)) if (called := words.named_at(tokens, i)) is not None}
    found = [c for c in found if c.field in named] or found
    most = max((sum(c.field == other.field for other in found) for c in found), default=0)
    fields = list(dict.fromkeys(c.field for c in found if sum(c.field == other.field for other in found) == most))
    return [c for c in found if c.field == fields[-1]] if fields and len(named) < 2 else found


def _same(value: object, said: Sequence[float], told: set[str]) -> bool:
    if isinstance(value, str):
        return value in told or any(value[:4] == f"{number:g}" for number in said)
    return isinstance(value, int | float) and any(abs(value - number) < 1e-9 for number in said)

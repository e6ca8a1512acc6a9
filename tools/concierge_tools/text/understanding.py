"""Understanding: what a query asks of fields, which items it names to be like, and the words that are left.

Values are linked as mentions are, numbers by their units and fields. Nothing here is a filter: search prefers the items
that meet what was understood, and says what it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import BooleanColumn, TagsColumn
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.phrases import constraint_words, field_words, listed
from concierge_tools.text.mentions import Vocabulary
from concierge_tools.text.passage import Passage
from concierge_tools.text.quantities import Stated, read_quantities
from concierge_tools.text.terms import TermIndex
from concierge_tools.text.value_reader import DERIVATION, ValueReading, read_values

SURE = 0.6
"""A value that is read less surely than this is left to its words."""
NAMED = 0.4
"""How surely a title must be read right behind a word of likeness."""
LIKENESS = frozenset(("like", "similar", "resembling", "resemble", "resembles"))
_NOT_LIKENESS = frozenset(("i", "id", "you", "we", "they", "would", "who", "really", "might", "may", "dont", "not"))
"""Words before "like" that make it a verb."""
_BRIDGES = frozenset(("to", "the", "a", "an"))
_NEGATIONS = frozenset(("no", "not", "without", "except", "non", "never", "nothing"))
"""Before a value: what is not wanted."""


@dataclass(frozen=True, slots=True)
class Part:
    """What some words of a query ask of one field."""

    constraints: tuple[Constraint, ...]
    score: float
    """How surely it was read, up to 1."""
    kind: Literal["value", "unwanted", "quantity"]
    worded: bool = False
    """Whether the items that meet it hold its words, so that a search for them finds these items too."""

    @property
    def field(self) -> str:
        """The field's name."""
        return self.constraints[0].field


@dataclass(frozen=True, slots=True)
class Understanding:
    """A query, taken apart."""

    parts: tuple[Part, ...] = ()
    likes: tuple[int, ...] = ()
    """Positions of items that what is searched for should be like."""
    text: str = ""
    """The query without the words of quantities, of what is not wanted and of the items to be like."""

    def words(self, catalog: Catalog) -> str:
        """Return what was understood in words, empty when nothing was."""
        asked: dict[str, list[Constraint]] = {}
        for part in self.parts:
            asked.setdefault(part.field, []).extend(part.constraints)
        said = [f"{field_words(name)} {constraint_words(catalog.field(name), own)}" for name, own in asked.items()]
        if self.likes:
            said.append(f"like {listed([catalog.titles[item] for item in self.likes])}")
        return "; ".join(said)


def understand(query: str, catalog: Catalog, terms: TermIndex, vocabulary: Callable[[], Vocabulary]) -> Understanding:
    """Take a query apart; `vocabulary` gives what links titles, and is asked only when a query may name one."""
    passage = Passage(query)
    taken: set[int] = set()
    likes: list[int] = []
    first = _likeness(passage)
    if first is not None:
        named = vocabulary().titles(passage)
        reading = next((t for t in named if _bridged(passage, first, t.first) and t.score >= NAMED), None)
        if reading is not None:
            likes.append(reading.namings[0].position)
            taken |= {*range(first, reading.end)}
    quantities = [stated for stated in read_quantities(passage, catalog, terms.stemmer) if not taken & _span(stated)]
    parts = [(stated.first, Part(stated.constraints, 1.0, "quantity")) for stated in quantities]
    for stated in quantities:
        taken |= _span(stated)
    seen = set(taken)
    values = read_values(passage, terms, correct=False)
    for value in sorted(values, key=lambda v: (-v.best.score, v.first - v.end, v.first)):
        span = _span(value)
        if value.best.score < SURE or value.best.match == "partial" or seen & span:
            continue
        negated = value.first > 0 and passage.tokens[value.first - 1].folded in _NEGATIONS
        parts.append((value.first, _valued(catalog, value, negated=negated)))
        seen |= span
        if negated:
            taken |= span | {value.first - 1}
    left = [token.raw for i, token in enumerate(passage.tokens) if i not in taken]
    return Understanding(tuple(part for _, part in sorted(parts, key=lambda p: p[0])), tuple(likes), " ".join(left))


def _span(stretch: Stated | ValueReading) -> set[int]:
    return {*range(stretch.first, stretch.end)}


def _likeness(passage: Passage) -> int | None:
    """Return where a word stands behind which the query names what it wants to be like."""
    for i, token in enumerate(passage.tokens[:-1]):
        if token.folded in LIKENESS and not (i and passage.tokens[i - 1].folded in _NOT_LIKENESS):
            return i
    return None


def _bridged(passage: Passage, cue: int, first: int) -> bool:
    between = passage.folded(cue + 1, first)
    return cue < first and len(between) <= 2 and all(word in _BRIDGES for word in between)


def _valued(catalog: Catalog, value: ValueReading, *, negated: bool) -> Part:
    term = value.best.term
    column = catalog.column(term.field)
    if isinstance(column, BooleanColumn):
        constraint = Constraint(field=term.field, op="==", value=not negated)
    elif isinstance(column, TagsColumn):
        constraint = Constraint(field=term.field, op="not_contains" if negated else "contains", value=term.value)
    else:
        constraint = Constraint(field=term.field, op="!=" if negated else "==", value=term.value)
    worded = not negated and value.best.score > DERIVATION
    return Part((constraint,), value.best.score, "unwanted" if negated else "value", worded)

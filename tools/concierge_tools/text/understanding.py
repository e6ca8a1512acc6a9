"""Understanding: what a query asks of fields, which items it names to be like, and the words that are left.

Values are linked as mentions are, numbers by their units and fields. Nothing here is a filter: search prefers the items
that meet what was understood, and says what it was.
"""

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Literal

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import BooleanColumn, TagsColumn
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.phrases import constraint_words, field_words, listed
from concierge_tools.text.mentions import Vocabulary
from concierge_tools.text.negations import OPPOSITE, left_out, negated
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
_NO_COMPARISON = frozenset(("other", "rather"))
_COMPARATIVE = re.compile(r"(short|light|cheap|small|low|long|heavi|high|bigg|larg|old|new|earli|lat)er")


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
    missed: tuple[str, ...] = ()
    """What the query asks, in its words, that could not be understood and is not searched for."""

    def words(self, catalog: Catalog) -> str:
        """Return what was understood in words, empty when nothing was."""
        asked: dict[str, list[Constraint]] = {}
        for part in self.parts:
            asked.setdefault(part.field, []).extend(part.constraints)
        said = [f"{field_words(name)} {constraint_words(catalog.field(name), own)}" for name, own in asked.items()]
        if self.likes:
            said.append(f"like {listed([catalog.titles[item] for item in self.likes])}")
        return "; ".join(said)


def understand(
    query: str,
    catalog: Catalog,
    terms: TermIndex,
    vocabulary: Callable[[], Vocabulary],
    ignored: Set[str] = frozenset(),
) -> Understanding:
    """Take a query apart.

    Args:
        query: What is searched for.
        catalog: Its fields and values are what can be asked for.
        terms: Finds values.
        vocabulary: Gives what links titles; asked only when a query may name one.
        ignored: Words for items at large.
    """
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
    parts: list[tuple[int, Part]] = []
    missed: list[tuple[int, int]] = []
    for stated in quantities:
        taken |= _span(stated) | stated.named
        start = negated(passage, stated.first, frozenset(), ignored)
        if start is None:
            parts.append((stated.first, Part(stated.constraints, 1.0, "quantity")))
            continue
        taken |= {*range(start, stated.first)}
        if len(stated.constraints) == 1:
            parts.append((stated.first, Part((_opposite(stated.constraints[0]),), 1.0, "quantity")))
        else:
            missed.append((start, stated.end))
    missed += [one for one in _compared(passage, vocabulary, alike=bool(likes)) if not taken & {*range(*one)}]
    for one in missed:
        taken |= {*range(*one)}
    seen = set(taken)
    chosen: list[ValueReading] = []
    values = read_values(passage, terms, correct=False)
    for value in sorted(values, key=lambda v: (-v.best.score, v.first - v.end, v.first)):
        if value.best.score >= SURE and value.best.match != "partial" and not seen & _span(value):
            chosen.append(value)
            seen |= _span(value)
    unwanted: set[int] = set()
    for value in sorted(chosen, key=lambda v: v.first):
        start = negated(passage, value.first, unwanted, ignored)
        parts.append((value.first, _valued(catalog, value, negated=start is not None)))
        if start is not None:
            unwanted.add(value.end)
            taken |= {*range(start, value.end)}
    unknown = left_out(passage, seen | taken)
    for one in unknown:
        taken |= {*range(*one)}
    missed += unknown
    left = [token.raw for i, token in enumerate(passage.tokens) if i not in taken]
    said = tuple(" ".join(token.raw for token in passage.tokens[start:end]) for start, end in sorted(missed))
    return Understanding(
        tuple(part for _, part in sorted(parts, key=lambda p: p[0])), tuple(likes), " ".join(left), said
    )


def _opposite(constraint: Constraint) -> Constraint:
    return Constraint(field=constraint.field, op=OPPOSITE[constraint.op], value=constraint.value)


def _compared(passage: Passage, vocabulary: Callable[[], Vocabulary], *, alike: bool) -> Iterator[tuple[int, int]]:
    """Find the comparisons with an item that is named, such as "shorter than" it, or like it "but shorter"."""
    folded = passage.folded(0, len(passage))
    for i, word in enumerate(folded):
        if alike and i and _COMPARATIVE.fullmatch(word) and (folded[i - 1] == "but" or i == len(folded) - 1):
            yield i, i + 1
    cues = [i for i in range(1, len(folded) - 1) if folded[i] == "than" and folded[i - 1] not in _NO_COMPARISON]
    named = vocabulary().titles(passage) if cues else []
    for cue in cues:
        title = next((t for t in named if _bridged(passage, cue, t.first) and t.score >= NAMED), None)
        if title is not None and not any(t.first < cue < t.end for t in named):
            yield cue - 1, title.end


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

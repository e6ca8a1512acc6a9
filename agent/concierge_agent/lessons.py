"""Lessons: what was taken and refused after a request, as slots: fields, operators and values, no words and no ids.

After CRAVE's experience: what a request looked like, how it came out, and which values made the difference.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from concierge_agent.answer import AnswerItem
from concierge_agent.conversation import Conversation
from concierge_agent.values import CatalogDescription, Constraint

_MOST = 6
_RECALLED = 3
_VALUED = ("category", "tags", "boolean")


class Trait(BaseModel):
    """A value that set what was taken or refused apart from the rest that was shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    value: str


class Lesson(BaseModel):
    """How a request came out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request: tuple[Constraint, ...]
    shown: int
    """How many items were shown for it."""
    taken: tuple[Trait, ...] = ()
    refused: tuple[Trait, ...] = ()

    def likeness(self, request: Sequence[Constraint]) -> float:
        """Return how alike two requests are: the Jaccard index of their conditions, 0 to 1."""
        mine, others = {repr(c) for c in self.request}, {repr(c) for c in request}
        return len(mine & others) / len(mine | others) if mine | others else 0.0


def learned(
    request: Sequence[Constraint], shown: Sequence[AnswerItem], taken: Iterable[str], refused: Iterable[str]
) -> Lesson | None:
    """Return the lesson of a verdict on the items that were shown for a request; None when it is on none of them."""
    good, bad = set(taken), set(refused)
    kept, gone = [i for i in shown if i.id in good], [i for i in shown if i.id in bad]
    found = Lesson(
        request=tuple(request),
        shown=len(shown),
        taken=_apart(kept, [i for i in shown if i not in kept]),
        refused=_apart(gone, [i for i in shown if i not in gone]),
    )
    return found if found.taken or found.refused else None


def lesson_of(conversation: Conversation, rejected_before: int) -> Lesson | None:
    """Return what the latest turn taught about the list before it; `rejected_before` items were waved away earlier."""
    now = len(conversation.turns)
    before = conversation.model_copy(update={"turns": conversation.turns[:-1]})
    entries = conversation.ledger.entries
    request = [
        e.constraint
        for e in entries
        if e.constraint is not None and e.hard and e.turn < now and (e.retracted is None or e.retracted >= now)
    ]
    said = [entry for entry in entries if entry.turn == now and entry.item_id is not None]
    taken = [entry.item_id or "" for entry in said if entry.kind == "like"]
    refused = [entry.item_id or "" for entry in said if entry.kind == "dislike"]
    return learned(request, before.last_items, taken, [*refused, *conversation.rejected[rejected_before:]])


def recalled(lessons: Iterable[Lesson], request: Sequence[Constraint]) -> tuple[Lesson, ...]:
    """Return the few lessons of the requests most like this one, the most alike first; of equals the newest."""
    alike = [(lesson.likeness(request), index, lesson) for index, lesson in enumerate(lessons)]
    best = sorted((found for found in alike if found[0] > 0), key=lambda found: (-found[0], -found[1]))
    return tuple(lesson for _, _, lesson in best[:_RECALLED])


def reduced(lesson: Lesson, catalog: CatalogDescription) -> Lesson | None:
    """Return what of a lesson others may learn: conditions and values that the catalog lists; None when none is left.

    Free text never passes: a user may have typed anything into it.
    """
    listed = {f.name: {str(top.value) for top in f.top_values} for f in catalog.fields if f.type in _VALUED}
    measured = {f.name for f in catalog.fields if f.type == "number"}
    request = tuple(
        c
        for c in lesson.request
        if (c.field in measured and _number(c.value))
        or (c.field in listed and {str(v) for v in _each(c.value)} <= listed[c.field])
    )
    taken, refused = (
        tuple(t for t in traits if t.value in listed.get(t.field, ())) for traits in (lesson.taken, lesson.refused)
    )
    left = Lesson(request=request, shown=lesson.shown, taken=taken, refused=refused)
    return left if request and (taken or refused) else None


def _apart(some: Sequence[AnswerItem], others: Sequence[AnswerItem]) -> tuple[Trait, ...]:
    """Return the values of some items that most of the others lack, the commonest first."""
    mine, theirs = Counter(_traits(some)), Counter(_traits(others))
    telling = [trait for trait in mine if theirs[trait] * 2 < max(len(others), 1)]
    return tuple(sorted(telling, key=lambda t: (-mine[t], t.field, t.value))[:_MOST])


def _traits(items: Sequence[AnswerItem]) -> Iterable[Trait]:
    for item in items:
        for name, value in item.fields.items():
            if isinstance(value, list | bool):
                yield from (Trait(field=name, value=str(each)) for each in _each(value))
            elif isinstance(value, str) and len(value) <= 40:
                yield Trait(field=name, value=value)


def _each(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _number(value: object) -> bool:
    return all(isinstance(each, int | float) and not isinstance(each, bool) for each in _each(value))

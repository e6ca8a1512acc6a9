"""Questions the owner wants answered before anything is recommended, and what an answer means as a condition."""

from collections.abc import Sequence, Set

import numpy as np

from concierge_server.description import as_result
from concierge_server.desk import Snapshot
from concierge_server.results import FieldValue, Option, QuestionResult
from concierge_tools.config import PolicyConfig
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import Scalar
from concierge_tools.data.phrases import field_words, value_words
from concierge_tools.elicitation.questions import Question, next_question

NO_PREFERENCE = frozenset({"no preference", "any", "none", "null", ""})
"""Answers that leave the field open."""


def meant(answer: FieldValue) -> Scalar | list[str] | None:
    """Return what an answer asks for, None when it leaves the field open."""
    if isinstance(answer, list):
        named = [value for value in answer if value.casefold() not in NO_PREFERENCE]
        return named or None
    return None if answer is None or str(answer).casefold() in NO_PREFERENCE else answer


def settled_fields(policy: PolicyConfig, catalog: Catalog) -> set[str]:
    """Return the fields that are the store's business: what it requires of every item, and labels it discloses."""
    labels = {rule.field for rule in policy.disclose if catalog.field(rule.field).type == "boolean"}
    return labels | {constraint.field for constraint in policy.require}


def settled_by_items(snapshot: Snapshot, positions: Sequence[int], known: Set[str]) -> dict[str, str]:
    """Return the fields of `ask_first` in which the items leave nothing to choose, each with a note that says so."""
    notes: dict[str, str] = {}
    for name in snapshot.policy.ask_first:
        values = [snapshot.catalog.value(name, position) for position in positions] if name not in known else []
        if values and all(value == values[0] for value in values):
            field = snapshot.catalog.field(name)
            value = value_words(field, values[0] if values[0] != [] else None)
            who = "the one item that fits" if len(values) == 1 else f"all {len(values)} items that fit"
            notes[name] = f"{field_words(name).capitalize()} was not asked about: it is {value} for {who}."
    return notes


def owed_question(snapshot: Snapshot, positions: Sequence[int], known: Set[str]) -> QuestionResult | None:
    """Return the first question of `ask_first` that has no answer yet, or None; without items nothing is asked."""
    missing = [field for field in snapshot.policy.ask_first if field not in known]
    if not missing or not positions:
        return None
    found = next_question(
        snapshot.catalog, np.asarray(positions, dtype=np.int64), known=sorted(known), ask_first=missing[:1]
    )
    if found.field != missing[0]:
        words = missing[0].replace("_", " ")
        return QuestionResult(field=missing[0], text=f"Do you have a preference for {words}?")
    return as_question(found)


def as_question(found: Question) -> QuestionResult:
    """Return a question of the tools as the result that clients see."""
    return QuestionResult(
        field=found.field,
        text=found.text,
        options=[
            Option(value=o.value, count=o.count, filters=[as_result(c) for c in o.constraints]) for o in found.options
        ],
        gain=None if found.gain is None else round(found.gain, 3),
        stop=found.stop,
    )


def answer_constraints(
    snapshot: Snapshot, positions: Sequence[int], name: str, value: Scalar | list[str]
) -> list[Constraint]:
    """Return what an answer about a field asks of items: any one of the values given, or the range an option named.

    Raises:
        InputError: The answer fits neither the field's type nor an option of its question.
    """
    field = snapshot.catalog.field(name)
    given: list[Scalar] = [*value] if isinstance(value, list) else [value]
    if field.type in ("number", "date"):
        asked = next_question(snapshot.catalog, np.asarray(positions, dtype=np.int64), ask_first=[name])
        options = {str(option.value): option.constraints for option in asked.options if asked.field == name}
        if len(given) == 1 and str(given[0]) in options:
            return list(options[str(given[0])])
    if field.type == "boolean":
        return [Constraint(field=name, op="==", value=given[0])] if len(set(given)) == 1 else []
    return [Constraint(field=name, op="contains_any" if field.type == "tags" else "in", value=given)]

"""The filter engine: constraints checked once against the catalog, then answered for all items at once."""

from collections.abc import Iterable, Sequence

from concierge_tools.data.catalog import Catalog, close_matches, listed
from concierge_tools.data.columns import CategoryColumn, Mask, TagsColumn
from concierge_tools.data.constraints import OPERATORS, Constraint
from concierge_tools.data.fields import Field, FieldType, Scalar
from concierge_tools.data.operands import as_boolean, as_date, as_list, as_number, as_one, as_word
from concierge_tools.data.quantity_columns import plain
from concierge_tools.errors import InputError

LIST_OPERATORS = frozenset({"in", "not_in", "contains_any", "contains_all"})

_HOLDS: dict[FieldType, str] = {
    "number": "numbers",
    "date": "dates",
    "boolean": "true or false",
    "category": "one value",
    "tags": "several values",
    "text": "text",
}


def check(catalog: Catalog, constraints: Iterable[Constraint]) -> list[Constraint]:
    """Validate constraints and write them in the catalog's own spelling, one for one.

    Words for categories and tags are matched without regard to case and through the owner's synonyms. In a list, words
    that the catalog does not know are dropped while others remain, except under contains_all, which asks for each.

    Raises:
        InputError: An unknown field or value, an operator or a value that does not fit; says what would.
    """
    return [_checked(catalog, constraint) for constraint in constraints]


def mask(catalog: Catalog, constraints: Iterable[Constraint]) -> Mask:
    """Return which items meet every constraint, shape (items,). Values that no item has match nothing.

    Withdrawn items meet none.

    Raises:
        InputError: An unknown field, or an operator or operand that does not fit its type.
    """
    masks = (catalog.column(constraint.field).mask(constraint.op, constraint.value) for constraint in constraints)
    held = next(masks, None)
    if held is None:
        return catalog.present.copy()
    for further in masks:
        held &= further
    held &= catalog.present
    return held


def unmet(catalog: Catalog, i: int, constraints: Iterable[Constraint]) -> list[Constraint]:
    """Return the constraints that the item at a position does not meet."""
    return [c for c in constraints if not catalog.column(c.field).at(i).mask(c.op, c.value)[0]]


def _checked(catalog: Catalog, constraint: Constraint) -> Constraint:
    field = catalog.field(constraint.field)
    allowed = OPERATORS[field.type]
    if constraint.op not in allowed:
        use = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
        raise InputError(f"Field {field.name!r} holds {_HOLDS[field.type]}; use {use}.")
    many = constraint.op in LIST_OPERATORS
    try:
        values = as_list(constraint.value) if many else [as_one(constraint.value)]
    except InputError:
        also = next((op for op in ("in", "contains_any") if op in allowed), None)
        hint = f"use {also} for any of them" if also else "give one value"
        raise InputError(f"Operator {constraint.op!r} on field {field.name!r} takes one value; {hint}.") from None
    column = catalog.column(field.name)
    if isinstance(column, CategoryColumn | TagsColumn):
        normal: list[Scalar] = [*_spelled(field, column, values, constraint)]
    else:
        normal = [_typed(field, value) for value in values]
    return constraint.model_copy(update={"value": normal if many else normal[0]})


def _typed(field: Field, value: Scalar) -> Scalar:
    try:
        match field.type:
            case "number":
                return plain(as_number(value))
            case "boolean":
                return as_boolean(value)
            case "date":
                return as_date(value)
            case _:
                return as_word(value)
    except InputError as error:
        raise InputError(f"Field {field.name!r} holds {_HOLDS[field.type]}; {error}") from None


def _spelled(
    field: Field, column: CategoryColumn | TagsColumn, values: Sequence[Scalar], constraint: Constraint
) -> list[str]:
    found = [(value, spelling(field, column, as_word(value))) for value in values]
    unknown = [value for value, known in found if known is None]
    if unknown and (constraint.op == "contains_all" or len(unknown) == len(found)):
        word = as_word(unknown[0])
        raise InputError(f"No value {word!r} in {field.name!r}; {_suggestion(field, column, word)}")
    return list(dict.fromkeys(known for _, known in found if known is not None))


def spelling(field: Field, column: CategoryColumn | TagsColumn, word: str) -> str | None:
    """Return the catalog's spelling of a value: exact, else in any case (the most frequent), else by synonym."""
    codes = column.vocabulary.codes(word)
    if codes:
        values = [column.values[code] for code in codes]
        return word if word in values else max(values, key=lambda v: column.counts[column.values.index(v)])
    folded = word.casefold()
    for value, words in field.synonyms.items():
        if folded in (synonym.casefold() for synonym in words):
            known = column.vocabulary.codes(value)
            return column.values[known[0]] if known else None
    return None


def _suggestion(field: Field, column: CategoryColumn | TagsColumn, word: str) -> str:
    return close_matches(word, column.values) or f"its values are {listed(column.values)}."

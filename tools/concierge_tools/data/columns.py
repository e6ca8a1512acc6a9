"""Columns: the values of one field for every item, one class per type, each with a vectorised `mask`.

A mask answers one operator for all items at once. A missing value meets no operator, not even `!=` and `not_in`;
missing tags are the empty list. Values that no item has match nothing. Operands of the wrong type are an InputError.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self, assert_never

import numpy as np

from concierge_tools.data.constraints import Op
from concierge_tools.data.fields import FieldType, FieldValue
from concierge_tools.data.operands import Mask, Operand, as_list, as_one, as_word, scalar, unfit
from concierge_tools.data.quantity_columns import BooleanColumn, DateColumn, NumberColumn
from concierge_tools.data.word_columns import CategoryColumn, TagsColumn

__all__ = [
    "BooleanColumn",
    "CategoryColumn",
    "Column",
    "DateColumn",
    "Mask",
    "NumberColumn",
    "TagsColumn",
    "TextColumn",
    "column_of",
]


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """Free text per item."""

    texts: list[str | None]

    @classmethod
    def of(cls, values: Sequence[FieldValue]) -> Self:
        """Build the column from one string or None per item; the empty string is missing."""
        return cls([None if value is None else as_word(scalar(value)) or None for value in values])

    @property
    def missing(self) -> int:
        """Items without a value."""
        return sum(text is None for text in self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def value(self, i: int) -> str | None:
        """Return the value of item `i`."""
        return self.texts[i]

    def at(self, i: int) -> Self:
        """Return the column of item `i` alone."""
        return type(self)([self.texts[i]])

    def replaced(self, updates: Mapping[int, FieldValue]) -> Self:
        """Return a copy with the values at some positions changed."""
        changed = dict(zip(updates, self.of(list(updates.values())).texts, strict=True))
        return type(self)([changed.get(i, text) if i in changed else text for i, text in enumerate(self.texts)])

    def mask(self, op: Op, operand: Operand) -> Mask:
        """Return which items meet the operator, without regard to case; `contains` looks for a substring."""
        folded = [None if text is None else text.casefold() for text in self.texts]
        present = np.array([text is not None for text in folded], dtype=np.bool_)
        if op in ("contains", "not_contains"):
            part = as_word(as_one(operand)).casefold()
            hit = np.array([text is not None and part in text for text in folded], dtype=np.bool_)
        elif op in ("==", "!=", "in", "not_in"):
            wanted = {as_word(v).casefold() for v in (as_list(operand) if "in" in op else [as_one(operand)])}
            hit = np.array([text in wanted for text in folded], dtype=np.bool_)
        else:
            raise unfit("text", op)
        return hit if op in ("contains", "==", "in") else ~hit & present


Column = CategoryColumn | TagsColumn | NumberColumn | DateColumn | BooleanColumn | TextColumn


def column_of(kind: FieldType, values: Sequence[FieldValue]) -> Column:
    """Build the column of a type from one value per item.

    Raises:
        InputError: A value does not fit the type.
    """
    match kind:
        case "category":
            return CategoryColumn.of(values)
        case "tags":
            return TagsColumn.of(values)
        case "number":
            return NumberColumn.of(values)
        case "date":
            return DateColumn.of(values)
        case "boolean":
            return BooleanColumn.of(values)
        case "text":
            return TextColumn.of(values)
    assert_never(kind)

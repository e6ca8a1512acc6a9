"""Constraints: typed predicates on one field. Never SQL, never code."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from concierge_tools.data.fields import FieldType, Scalar

Op = Literal[
    "==", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "contains_any", "contains_all", "not_contains"
]

OPERATORS: dict[FieldType, tuple[Op, ...]] = {
    "number": ("==", "!=", "<", "<=", ">", ">=", "in", "not_in"),
    "date": ("==", "!=", "<", "<=", ">", ">=", "in", "not_in"),
    "boolean": ("==", "!="),
    "category": ("==", "!=", "in", "not_in"),
    "tags": ("contains", "not_contains", "contains_any", "contains_all"),
    "text": ("==", "!=", "in", "not_in", "contains", "not_contains"),
}
"""What each type of field can be asked. `contains` on text is a case-insensitive substring."""


class Constraint(BaseModel):
    """A typed predicate on one field of an item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str = Field(description="Name of a field, as describe_catalog lists them.", max_length=200)
    op: Op = Field(description="Operator; describe_catalog lists those each field takes.")
    value: Scalar | list[Scalar] = Field(
        description="The value to compare with; a list for in, not_in, contains_any and contains_all. "
        "Dates are ISO (2001-05-31, 2001-05 or 2001)."
    )

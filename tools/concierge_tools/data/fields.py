"""Fields: the typed attributes of items, each with the role it plays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FieldType = Literal["category", "tags", "number", "boolean", "date", "text"]
Role = Literal["id", "title", "text", "category", "tags", "number", "price", "availability", "date", "image"]
Scalar = bool | int | float | str
FieldValue = Scalar | list[str] | None
"""A value as clients see it: a date is an ISO string, tags a list, a missing value None (missing tags: [])."""


@dataclass(frozen=True, slots=True)
class Field:
    """A typed attribute of items."""

    name: str
    type: FieldType
    role: Role
    unit: str | None = None
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Other words for values: value -> words."""
    aliases: tuple[str, ...] = ()
    """Other words people use for the field itself."""
    generated: bool = False
    """True when a model wrote the values: they never pass as fact."""

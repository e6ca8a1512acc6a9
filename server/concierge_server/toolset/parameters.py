"""Parameters that several tools share, described once."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from concierge_tools.data.constraints import Constraint

ItemId = Annotated[str, Field(max_length=500)]
N = Annotated[int, Field(ge=1, le=100, description="How many items to return on this page.")]
Query = Annotated[str, Field(max_length=512, description="What the user is looking for, in their own words.")]
Filters = Annotated[
    list[Constraint],
    Field(max_length=50, description="Conditions every item must meet; describe_catalog lists fields and operators."),
]
Exclude = Annotated[list[ItemId], Field(max_length=1000, description="Ids of items to leave out.")]
Liked = Annotated[
    list[ItemId], Field(max_length=200, description="Ids of items the user speaks well of, oldest first.")
]
Disliked = Annotated[list[ItemId], Field(max_length=200, description="Ids of items the user speaks ill of.")]
ItemIds = Annotated[
    list[ItemId], Field(min_length=1, max_length=100, description="Item ids, as other tools return them.")
]
Handle = Annotated[str, Field(max_length=60, description="Handle of a candidate set that an earlier call returned.")]
OptionalHandle = Annotated[
    str | None,
    Field(max_length=60, description="Handle of a candidate set to stay within; null for the whole catalog."),
]
UserId = Annotated[str | None, Field(max_length=200, description="The user to recommend to; null for a stranger.")]
Cursor = Annotated[
    str | None, Field(max_length=120, description="next_cursor of an earlier page, to continue its list.")
]
Detail = Annotated[Literal["concise", "full"], Field(description="'full' gives every field of each item.")]
Model = Annotated[
    str, Field(max_length=40, description="'blend', or one recommender alone; describe_catalog lists them.")
]
Diversity = Annotated[
    float, Field(ge=0, le=1, description="0 ranks by relevance alone; towards 1 the list gets more varied.")
]

Calibration = Annotated[
    float,
    Field(ge=0, le=1, description="Towards 1 the list's mix of tags comes closer to that of what the user liked."),
]


def dump(filters: Sequence[Constraint]) -> list[dict[str, Any]]:
    """Return filters as JSON, for a candidate set's recipe."""
    return [constraint.model_dump() for constraint in filters]

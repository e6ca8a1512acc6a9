"""What a measure is: a number with what it counts, a score, a date, an era, an age."""

from dataclasses import dataclass
from typing import Literal

from concierge_agent.offline.text import Token
from concierge_agent.offline.units import Unit

Kind = Literal["number", "unit", "currency", "score", "date", "ago", "age", "month"]
"""An "age" is how old someone or something is, in years; a "month" is one without its year."""


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount from `low` to `high` (equal but for eras); token positions `start` to `end`, end exclusive."""

    start: int
    end: int
    kind: Kind
    low: float
    high: float
    unit: Unit | None = None
    currency: str | None = None
    """Code of the currency; "" where a word only tells that it is money ("two grand")."""
    own_unit: str | None = None
    """Stem of the unit word when it is the catalog's own (a field's unit or name)."""
    month: int | None = None
    day: int | None = None
    out_of: float | None = None
    article: bool = False
    rate: bool = False
    """Whether it is said of one piece, person or period: "a night", "each"."""
    attributive: bool = False
    """Whether it stands before a noun as an adjective does: "a 3-star hotel"."""


def text_at(tokens: list[Token], i: int) -> str:
    """Return the token's text at `i`, or nothing beyond the ends."""
    return tokens[i].text if 0 <= i < len(tokens) else ""

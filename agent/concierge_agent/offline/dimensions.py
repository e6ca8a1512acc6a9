"""What adjectives measure without naming a field: short and long, cheap and expensive, new and old."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from concierge_agent.offline.text import word_set

Side = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something measurable, with the words that speak about it."""

    name: str
    low: frozenset[str]
    """Positive forms of the small end."""
    high: frozenset[str]
    lower: frozenset[str]
    """Comparatives towards the small end."""
    higher: frozenset[str]
    lowest: frozenset[str]
    highest: frozenset[str]
    nouns: frozenset[str]
    """Other words that tell that an amount is about it."""


def _dimension(name: str, *words: str) -> Dimension:
    return Dimension(name, *map(word_set, words))


DIMENSIONS = (
    _dimension(
        "duration",
        "short brief quick",
        "long lengthy",
        "shorter briefer quicker",
        "longer lengthier",
        "shortest briefest quickest",
        "longest",
        "length duration long short lasting lasts runtime time",
    ),
    _dimension(
        "price",
        "cheap inexpensive affordable",
        "expensive pricey costly",
        "cheaper",
        "pricier dearer costlier",
        "cheapest",
        "priciest dearest",
        "price prices priced cost costs costing budget spend spending pay paying afford expensive cheap",
    ),
    _dimension(
        "date",
        "old older",
        "new recent modern",
        "older earlier",
        "newer later",
        "oldest earliest",
        "newest latest",
        "year years date released release made published era decade age old new",
    ),
    _dimension(
        "mass",
        "light lightweight",
        "heavy",
        "lighter",
        "heavier",
        "lightest",
        "heaviest",
        "weight weigh weighs weighing heavy light",
    ),
    _dimension(
        "rating",
        "bad",
        "good great decent",
        "worse",
        "better",
        "worst",
        "best",
        "rating rated ratings score scored scores scoring stars star review reviews reviewed",
    ),
    _dimension(
        "size",
        "small compact tiny",
        "big large",
        "smaller",
        "bigger larger",
        "smallest",
        "biggest largest",
        "size sized",
    ),
)
_BY_NAME: Mapping[str, Dimension] = MappingProxyType({dimension.name: dimension for dimension in DIMENSIONS})


def dimension(name: str) -> Dimension:
    """Return the dimension called `name`."""
    return _BY_NAME[name]

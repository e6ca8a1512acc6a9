"""What a turn says, once its grammar is read: constraints, tastes, references, things taken back. No decisions yet."""

from dataclasses import dataclass, field
from typing import Literal

from concierge_agent.ledger import SAID
from concierge_agent.offline.acts import Act
from concierge_agent.values import Constraint

Order = Literal["ascending", "descending"]
Half = Literal["upper", "lower", "both"]


@dataclass(frozen=True, slots=True)
class Stated:
    """A constraint in the user's words; with `order`, also what to sort by."""

    constraint: Constraint
    text: str
    hard: bool = True
    order: Order | None = None
    confidence: float = SAID
    compared: bool = False
    """Whether it compares with an item: what stands and is narrower then stays."""
    doubted: bool = False
    """Whether it is the opposite of what was said, provided that this is true of the shown item."""


@dataclass(frozen=True, slots=True)
class Named:
    """An item the text speaks of."""

    item_id: str
    title: str
    text: str
    by_title: bool = True
    """False for "the second one" and the like."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A field to be smaller or larger than it is for some items; without items, than the middle of what was shown.

    The bound is `factor` times the items' value plus `offset`, in the field's unit.
    """

    field: str
    op: Literal["<", "<=", ">", ">="]
    item_ids: tuple[str, ...]
    text: str
    hard: bool = True
    factor: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Answered:
    """Values of a field the user was, or is to be, asked about."""

    field: str
    values: tuple[str, ...]
    text: str
    extends: bool = False


@dataclass(slots=True)
class Reading:
    """Everything one text says."""

    text: str
    act: Act | None = None
    stated: list[Stated] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    likes: list[Named] = field(default_factory=list)
    dislikes: list[Named] = field(default_factory=list)
    seeds: list[Named] = field(default_factory=list)
    waved_away: list[Named] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    """Items spoken of without any attitude."""
    wishes: list[str] = field(default_factory=list)
    """Free words to search for, by phrase."""
    heads: list[str] = field(default_factory=list)
    """Words that may only name items in general."""
    dropped_fields: list[tuple[str, Half]] = field(default_factory=list)
    dropped_bounds: list[Constraint] = field(default_factory=list)
    """Conditions on amounts that are taken back just as they stand."""
    dropped_values: list[tuple[str, str]] = field(default_factory=list)
    allowed_values: list[tuple[str, str]] = field(default_factory=list)
    """Values that may be there after all: an exclusion of them is taken back."""
    dropped_everything_about: list[str] = field(default_factory=list)
    """Free words to be forgotten."""
    correcting: bool = False
    adding: bool = False
    complaining: bool = False
    """Whether something is said against what was shown."""
    requested: bool = False
    """Whether a request was worded as one."""
    count: int | None = None
    """How many items the user wants to see."""
    had: list[Named] = field(default_factory=list)
    """Those of the items that the user says they have had."""
    notes: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    """Questions back to the user about what could be meant in more than one way."""

    doubtful: bool = False
    """Whether something that was said is left aside, or could mean something else."""

    def doubt(self, note: str) -> None:
        """Note what was left aside, or what was chosen among several meanings."""
        self.doubtful = True
        self.notes.append(note)

    @property
    def items(self) -> list[Named]:
        """Every item spoken of, with or without an attitude."""
        return [*self.named, *self.likes, *self.dislikes, *self.seeds, *self.waved_away]

    @property
    def substantial(self) -> bool:
        """Whether there is anything to act on."""
        return bool(
            self.stated or self.answered or self.compared or self.items or self.wishes or self.dropped_fields
            or self.dropped_bounds or self.dropped_values or self.allowed_values or self.dropped_everything_about
        )  # fmt: skip

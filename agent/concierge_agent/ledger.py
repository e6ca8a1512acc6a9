"""The ledger: every constraint and preference of a conversation with its source turn, retractable, never summarised."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from concierge_agent.values import Constraint, FieldValue

Kind = Literal["constraint", "like", "dislike", "wish", "answer", "consent"]


class Entry(BaseModel):
    """One thing the user said that still counts, or that was taken back.

    `constraint` entries carry a predicate; `like` and `dislike` an item; `wish` free words to search by; `answer` the
    reply to a question the store must ask first (None is "no preference"); `consent` a confirmation token.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Kind
    turn: int
    text: str
    """The user's own words, or the value an answer chose."""
    constraint: Constraint | None = None
    hard: bool = True
    item_id: str | None = None
    title: str | None = None
    field: str | None = None
    value: FieldValue = None
    retracted: int | None = None
    """The turn that took it back."""

    @property
    def active(self) -> bool:
        """Whether the entry still counts."""
        return self.retracted is None


class Change(BaseModel):
    """One change a planner proposes: add an entry, or retract the entry with this id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["add", "retract"]
    entry: Entry | None = None
    """For `add`. Its id and turn are set by the ledger; leave `id` empty and `turn` 0."""
    entry_id: str | None = None
    """For `retract`."""


class Ledger(BaseModel):
    """All entries in the order they were made. A changed ledger is a new one: an interrupted turn changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: tuple[Entry, ...] = ()

    def apply(self, changes: Iterable[Change], turn: int) -> "Ledger":
        """Return the ledger after `changes`, made in `turn` (from 1).

        Adding what is already active changes nothing. Retracting an unknown or retracted entry raises `KeyError`.
        """
        entries = list(self.entries)
        for change in changes:
            if change.op == "add":
                if change.entry is None:
                    raise ValueError("An added change needs its entry.")
                if any(_same(change.entry, old) for old in entries if old.active):
                    continue
                entries.append(change.entry.model_copy(update={"id": f"e{len(entries) + 1}", "turn": turn}))
            else:
                position = next((i for i, e in enumerate(entries) if e.id == change.entry_id and e.active), None)
                if position is None:
                    raise KeyError(f"No active ledger entry {change.entry_id!r}.")
                entries[position] = entries[position].model_copy(update={"retracted": turn})
        return Ledger(entries=tuple(entries))

    def active(self, *kinds: Kind) -> tuple[Entry, ...]:
        """Return the active entries, oldest first; of these kinds, when any are named."""
        return tuple(entry for entry in self.entries if entry.active and (not kinds or entry.kind in kinds))

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """The active hard constraints, oldest first."""
        return tuple(e.constraint for e in self.active("constraint") if e.hard and e.constraint is not None)

    @property
    def liked(self) -> tuple[str, ...]:
        """Ids of the items the user spoke well of, oldest first."""
        return tuple(e.item_id for e in self.active("like") if e.item_id is not None)

    @property
    def disliked(self) -> tuple[str, ...]:
        """Ids of the items the user spoke ill of, oldest first."""
        return tuple(e.item_id for e in self.active("dislike") if e.item_id is not None)

    @property
    def wish(self) -> str | None:
        """The free words to search by, joined oldest first, or None."""
        return " ".join(e.text for e in self.active("wish")) or None

    @property
    def answers(self) -> dict[str, FieldValue]:
        """The answers to questions the store must ask first, by field; None is "no preference"."""
        return {e.field: e.value for e in self.active("answer") if e.field is not None}


def _same(new: Entry, old: Entry) -> bool:
    keys = ("kind", "constraint", "hard", "item_id", "field", "value")
    same = all(getattr(new, key) == getattr(old, key) for key in keys)
    return same and (new.kind != "wish" or new.text == old.text)

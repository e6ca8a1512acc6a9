"""The ledger: every constraint and preference of a conversation with its source turn, retractable, never summarised."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from concierge_agent.values import Constraint, FieldValue

Kind = Literal["constraint", "like", "dislike", "wish", "answer", "consent"]
Scope = Literal["request", "conversation", "user"]
"""How far something said reaches: this request, this conversation, or the user in general."""

SAID = 1.0
"""The confidence in what was said plainly."""
INFERRED = 0.7
"""In what a vague word was taken to mean ("short"), or what follows from something else."""
GUESSED = 0.4
"""In what is no more than likely."""


class Entry(BaseModel):
    """One thing the user said that still counts, or that was taken back.

    `constraint` entries carry a predicate; `like` and `dislike` an item; `wish` what the user expects of a result in
    general, as free words to search by; `answer` the reply to a question the store must ask first (None is "no
    preference"); `consent` a confirmation token.
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
    scope: Scope = "conversation"
    """How far it reaches; "user" enters every later conversation of the user."""
    confidence: float = Field(default=SAID, ge=0, le=1)
    """How surely the user meant it: `SAID`, `INFERRED` or `GUESSED`."""
    retracted: int | None = None
    """The turn that took it back; 0 when it was before the first one."""
    retracted_for: Scope = "conversation"
    """How far its retraction reaches; "user" takes a standing entry back for good."""

    @property
    def active(self) -> bool:
        """Whether the entry still counts."""
        return self.retracted is None

    def says(self, other: "Entry") -> bool:
        """Whether both say the same, whenever, how far and how surely it was said."""
        keys = ("kind", "constraint", "hard", "item_id", "field", "value")
        same = all(getattr(self, key) == getattr(other, key) for key in keys)
        return same and (self.kind != "wish" or self.text == other.text)


class Change(BaseModel):
    """One change a planner proposes: add an entry, or retract the entry with this id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["add", "retract"]
    entry: Entry | None = None
    """For `add`. Its id and turn are set by the ledger; leave `id` empty and `turn` 0."""
    entry_id: str | None = None
    """For `retract`."""
    scope: Scope = "conversation"
    """For `retract`: "user" takes a standing entry back for good, not only here."""


class Ledger(BaseModel):
    """All entries in the order they were made. A changed ledger is a new one: an interrupted turn changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: tuple[Entry, ...] = ()

    def apply(self, changes: Iterable[Change], turn: int) -> "Ledger":
        """Return the ledger after `changes`, made in `turn` (from 1).

        Adding what is already active changes nothing, unless it reaches further now: then the new entry takes the old
        one's place. Retracting an unknown or retracted entry raises `KeyError`.
        """
        entries = list(self.entries)
        for change in changes:
            if change.op == "add":
                if change.entry is None:
                    raise ValueError("An added change needs its entry.")
                said = next((i for i, old in enumerate(entries) if old.active and old.says(change.entry)), None)
                if said is not None and (change.entry.scope != "user" or entries[said].scope == "user"):
                    continue
                if said is not None:
                    entries[said] = entries[said].model_copy(update={"retracted": turn})
                entries.append(change.entry.model_copy(update={"id": f"e{len(entries) + 1}", "turn": turn}))
            else:
                position = next((i for i, e in enumerate(entries) if e.id == change.entry_id and e.active), None)
                if position is None:
                    raise KeyError(f"No active ledger entry {change.entry_id!r}.")
                entries[position] = entries[position].model_copy(
                    update={"retracted": turn, "retracted_for": change.scope}
                )
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

    def with_standing(self, standing: Iterable[Entry], turn: int) -> "Ledger":
        """Return the ledger with the user's standing entries as they are now, settled after `turn` (0: before any).

        What was taken back in this conversation alone stays taken back; what no longer stands is taken back for good.
        """
        stand = list(standing)
        entries = [
            entry.model_copy(update={"retracted": turn, "retracted_for": "user"})
            if entry.active and entry.scope == "user" and not any(entry.says(s) for s in stand)
            else entry
            for entry in self.entries
        ]
        for entry in stand:
            if not any(e.scope == "user" and e.retracted_for != "user" and e.says(entry) for e in entries):
                update = {"id": f"e{len(entries) + 1}", "turn": turn, "retracted": None}
                entries.append(entry.model_copy(update=update))
        return Ledger(entries=tuple(entries))

"""What a stretch of text stands under: an attitude, a negation, softness."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from concierge_agent.offline.grammar import CueKind

Attitude = Literal["want", "like", "dislike", "have", "seen", "unseen", "similar", "retract", "allow", "okay", "pass"]
Family = Literal["item", "value", "amount", "field", "quality"]

ATTITUDES: Mapping[CueKind, Attitude] = {
    "have": "have",
    "seen": "seen",
    "unseen": "unseen",
    "similar": "similar",
    "retract": "retract",
    "allow": "allow",
}
"""What a cue phrase lets the words after it stand under."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something understood at token positions `start` to `end`."""

    start: int
    end: int
    family: Family


@dataclass(frozen=True, slots=True)
class Frame:
    """What a position stands under."""

    attitude: Attitude = "want"
    negated: bool = False
    soft: bool = False
    chunk: int = 0
    """Counts the stretches between commas and the like."""
    sentence: int = 0
    asked: bool = True
    """Whether it belongs to a request rather than to what someone tells."""
    past: bool = False
    complaint: bool = False
    """Whether it says what is wrong with an item that was shown, so that the opposite is wanted."""
    inquiry: bool = False
    """Whether it belongs to a question that asks for knowledge, which asks for no items."""


@dataclass(slots=True)
class Scope:
    """The frame of every token, the tokens cues used up, and what was said about the turn as a whole."""

    frames: list[Frame]
    consumed: set[int] = field(default_factory=set)
    doubted: set[int] = field(default_factory=set)
    """Positions of complaints that could as well say what the user looks for: "it's for children"."""
    correcting: bool = False
    anymore: bool = False
    requested: bool = False

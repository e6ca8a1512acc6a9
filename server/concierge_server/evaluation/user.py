"""The user of a conversation that is evaluated: a script plays it here, and a model can."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from concierge_server.evaluation.predicates import Predicate

Act = Literal["say", "grant", "decline", "accept"]
"""What words mean to their speaker: nothing special, consent, its refusal, or that the item just shown is taken."""

Turn = Mapping[str, Any]
"""One turn of the agent, as `concierge chat --jsonl` prints it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a user says in one turn."""

    text: str
    act: Act = "say"
    told: tuple[Predicate, ...] = ()
    """The conditions that the words state in full; the agent is held to these from here on."""


class User(Protocol):
    """One side of a conversation."""

    async def opening(self) -> Remark:
        """Return what is said first."""
        ...

    async def reply(self, turn: Turn) -> Remark | None:
        """Return what is said to the agent's turn, or None to leave. A remark that accepts is the last one."""
        ...


def asks_consent(turn: Turn) -> bool:
    """Return whether a turn asks to agree to see what the store holds back until then."""
    question = turn.get("question")
    if not question or question.get("field") is not None:
        return False
    return {option["value"] for option in question.get("options", ())} == {"yes", "no"}

"""Dynamic demonstrations: of many requests with their plans, the few that are most like the request at hand.

Likeness is that of words and slots: what the text was linked to counts as an item or a value, whatever it is called,
and what the state holds (something shown, a question pending) counts as well. Catalogs differ; ways of asking do not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from concierge_agent.lexical import Lexicon, cosine, varied
from concierge_agent.llm.wire import WireProposal

CHOSEN = 4
"""How many demonstrations a prompt holds."""
_REPETITION = 0.3
_WORD = re.compile(r"\[(?:item|value)\]|[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[?]")
_EMPTY: Mapping[str, Any] = {"ledger": [], "shown_so_far": 0, "mentions": []}


class Demonstration(BaseModel):
    """A turn as a planner is given it, and the plan it should answer with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    state: dict[str, Any] = Field(default_factory=dict)
    """Only what differs from an empty conversation."""
    user: str
    also: tuple[str, ...] = ()
    """Other ways to say it, for finding it alone; "[item]", "[value]" and digits stand for any."""
    plan: WireProposal

    @field_validator("plan")
    @classmethod
    def _says_something(cls, plan: WireProposal) -> WireProposal:
        if not (plan.steps or plan.question or plan.reply):
            raise ValueError("a plan has steps, a question or a reply")
        return plan

    @property
    def tools(self) -> tuple[str, ...]:
        """What the plan does, in order: the tools it calls, or "question" or "reply" when it calls none."""
        return tuple(step.tool for step in self.plan.steps) or ("question" if self.plan.question else "reply",)

    def told(self) -> dict[str, Any]:
        """Return the demonstration as a prompt shows it, without what is empty in the reply."""
        reply = self.plan.model_dump(mode="json", exclude_defaults=True)
        return {"state": {**_EMPTY, **self.state}, "user_message": self.user, "reply": reply}


class Demonstrations:
    """Demonstrations to choose from."""

    def __init__(self, shown: Sequence[Demonstration]) -> None:
        self._shown = tuple({(one.user.casefold(), one.tools): one for one in shown}.values())
        worded = [
            [_terms(one.user, one.state), *(_terms(other, {**one.state, "mentions": ()}) for other in one.also)]
            for one in self._shown
        ]
        self._lexicon = Lexicon([terms for wordings in worded for terms in wordings])
        self._vectors = [[self._lexicon.vector(terms) for terms in wordings] for wordings in worded]

    def choose(self, text: str, state: Mapping[str, Any], *, k: int = CHOSEN) -> tuple[Demonstration, ...]:
        """Return at most `k` for a request in a state, varied, the most similar last, next to the request.

        `state` is what `Demonstration.state` holds. The same request gets the same ones in the same order.
        """
        asked = self._lexicon.vector(_terms(text, state))
        near = [max(cosine(asked, vector) for vector in vectors) for vectors in self._vectors]
        chosen = varied(near, [vectors[0] for vectors in self._vectors], k=k, repetition=_REPETITION)
        return tuple(self._shown[at] for at in sorted(chosen, key=lambda at: (near[at], -at)))


def _terms(text: str, state: Mapping[str, Any]) -> list[str]:
    """Return a request's words, with what they are linked to in their place, its word pairs, and its state's slots."""
    said, mentions = text.casefold(), state.get("mentions") or ()
    for mention in sorted(mentions, key=lambda mention: -len(mention["text"])):
        said = said.replace(mention["text"].casefold(), f"[{mention['kind']}]")
    words = ["[number]" if word.isdigit() else word for word in _WORD.findall(said)]
    pairs = [f"{one} {other}" for one, other in pairwise(["", *words])]
    return [*words, *pairs, *_slots(state)]


def _slots(state: Mapping[str, Any]) -> Iterator[str]:
    if any(mention["kind"] == "item" and mention.get("alternatives") for mention in state.get("mentions") or ()):
        yield "[several items]"
    yield from sorted({f"[ledger: {entry['kind']}]" for entry in state.get("ledger") or ()})
    yield "[shown]" if state.get("last_shown") else "[nothing shown]"
    if pending := state.get("pending"):
        yield f"[pending: {pending['kind']}]"

"""A plan: ordered, typed steps; a tool may appear many times and a step may take an earlier step's candidates."""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from concierge_agent.ledger import Change
from concierge_agent.values import Question

Intent = Literal["ask", "feedback", "explanation", "refinement", "general"]
"""Chat-REC's five (Gao et al. 2023): a request, a reaction to items, a why, a change of a request, anything else."""

REFERENCE = re.compile(r"\$(s[0-9]+)(\.ids)?")
"""How an argument refers to an earlier step: "$s1" is its candidate handle, "$s1.ids" the ids of its items."""


class Step(BaseModel):
    """One tool call. A string argument "$s1" stands for the candidate handle that step s1 returned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^s[0-9]+$")
    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    purpose: str = ""
    """A few words for the person who reads the plan."""

    @property
    def needs(self) -> list[str]:
        """Ids of the steps whose results this one takes."""
        found = (REFERENCE.fullmatch(text) for value in self.arguments.values() for text in _strings(value))
        return [reference[1] for reference in found if reference is not None]


class Plan(BaseModel):
    """Steps in the order they run. The last step that returns candidates is what gets shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _only_earlier_steps(self) -> "Plan":
        seen: set[str] = set()
        for step in self.steps:
            if step.id in seen:
                raise ValueError(f"Step id {step.id!r} is used twice.")
            if missing := [need for need in step.needs if need not in seen]:
                raise ValueError(f"Step {step.id!r} takes {missing[0]!r}, which is not an earlier step.")
            seen.add(step.id)
        return self


class Proposal(BaseModel):
    """What a planner makes of a turn: what it means, how the ledger changes, what to run, or what to say at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: Intent
    changes: tuple[Change, ...] = ()
    plan: Plan = Plan()
    present: bool = True
    """Whether the plan's candidates go through `show_recommendations`; False for look-ups and explanations."""
    question: Question | None = None
    """Ask this instead of showing anything."""
    reply: str | None = None
    """Say this when there is nothing to run (a greeting, a clarification). It may not name items or facts."""
    stepwise: bool = False
    """Whether the plan is still to be made, one step at a time, each after seeing what the last one returned."""
    notes: tuple[str, ...] = ()
    """What was understood, assumed or left aside, in words the user may read. Nothing is guessed silently."""
    certain: bool = True
    """Whether the planner made sense of everything that was said."""


class Move(BaseModel):
    """What a brain does next in a plan that is made step by step: take a step, or be done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: Step | None = None
    """None: nothing more is to be looked up; what the last step found is shown."""
    question: Question | None = None
    """Ask this instead of showing anything."""
    reply: str | None = None
    """Say this when there is nothing to show. It may not name items or facts."""
    notes: tuple[str, ...] = ()


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [v for v in value if isinstance(v, str)]
    return []

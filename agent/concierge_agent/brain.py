"""The protocols a brain implements; everything else (executor, memory, verifier, trace) is shared."""

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from concierge_agent.answer import Draft
from concierge_agent.ballots import Ballots
from concierge_agent.conversation import Conversation
from concierge_agent.lessons import Lesson
from concierge_agent.plan import Move, Proposal
from concierge_agent.tools import Toolbox
from concierge_agent.trace import Call, RankingSettings, Usage
from concierge_agent.values import CatalogDescription


@dataclass(frozen=True, slots=True)
class TurnContext:
    """What a planner sees: the user's words, the conversation so far, the catalog, and the tools to look things up."""

    text: str
    conversation: Conversation
    catalog: CatalogDescription
    toolbox: Toolbox
    """Calls made through it are recorded in the turn's trace."""
    lessons: tuple[Lesson, ...] = ()
    """How similar requests came out before, the most alike first."""
    ranking: RankingSettings = field(default_factory=RankingSettings)
    may_ask: bool = True
    """Whether the agent may still ask of its own accord; when it may not, what there is gets shown instead."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a writer may draw from: the turn, what was proposed, and the calls that ran. Nothing else is ground."""

    context: TurnContext
    """As the planner saw it, but with the ledger as it stands after the proposal's changes."""
    proposal: Proposal
    calls: tuple[Call, ...]
    shown: Call | None
    """The `show_recommendations` call whose items may be named as recommendations."""
    explained: Call | None
    """The `explain_recommendation` call about them."""
    problems: tuple[str, ...] = ()
    """What the verifier found wrong with this writer's previous draft; empty the first time."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step of a plan that is made as it runs, and what came of it."""

    move: Move
    result: dict[str, Any] | None = None
    problems: tuple[str, ...] = ()
    """Why it did not run, in sentences its author can act on."""


@dataclass(frozen=True, slots=True)
class Slate:
    """What a ranker puts in order: candidates that may be shown, and what is known of the user's taste."""

    context: TurnContext
    """With the ledger as it stands after the proposal's changes."""
    candidates: tuple[dict[str, Any], ...]
    """Rows with `id`, `title` and a few `fields`, best first as the retrieval sees it. Each id appears once."""
    history: tuple[dict[str, Any], ...]
    """What the user has had lately, newest first: `title`, and `event` or `value` where known."""
    wanted: int
    """How many of the best a ranker names."""


class Planner(Protocol):
    """Turns a user's turn into a proposal."""

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Propose. `problems` are the exact errors of this planner's previous proposal, for one repair.

        Raises:
            BrainError: The model could not be reached, or gave nothing usable.
        """
        ...


@runtime_checkable
class Stepper(Protocol):
    """Makes a plan as it runs: what a planner is asked for after a proposal that is `stepwise`."""

    async def step(self, context: TurnContext, taken: tuple[Taken, ...]) -> Move:
        """Return the next step, or that there is none. `context` has the ledger as the proposal leaves it.

        Raises:
            BrainError: The model could not be reached, or gave nothing usable.
        """
        ...


class Writer(Protocol):
    """Drafts the answer from the material alone."""

    async def write(self, material: Material) -> Draft:
        """Draft an answer.

        Raises:
            BrainError: The model could not be reached, or gave nothing usable.
        """
        ...


@runtime_checkable
class Prompted(Protocol):
    """A brain that is asked with prompt templates."""

    @property
    def prompts(self) -> dict[str, int | str]:
        """The versions of the templates that the latest plan or draft was asked with, by name."""
        ...


@runtime_checkable
class Ranker(Protocol):
    """Puts candidates in order. Not every brain is one: without it the retrieval's order stays."""

    async def rank(self, slate: Slate) -> Ballots:
        """Name the best candidates, once for each sample that the slate's context asks for.

        What comes back is unchecked: the ids are the agent's to judge.

        Raises:
            BrainError: No sample came to anything.
        """
        ...


class Brain(Planner, Writer, Protocol):
    """A planner and a writer that report what they spent."""

    name: str

    def take_usage(self) -> Usage:
        """Return what was spent since the last call, and start again from zero."""
        ...

"""Recording: what a brain returns, or how it fails, is kept with the turn, so that the turn can be run again."""

from collections.abc import Awaitable
from typing import Literal, TypeVar

from concierge_agent.answer import Draft
from concierge_agent.ballots import Ballots
from concierge_agent.brain import Brain, Material, Prompted, Ranker, Slate, Stepper, Taken, TurnContext
from concierge_agent.errors import BrainError, StepsFailed, ToolCallError
from concierge_agent.plan import Move, Proposal
from concierge_agent.tools import Toolbox
from concierge_agent.trace import Reply, Usage

Kind = Literal["plan", "step", "write", "rank"]
Said = TypeVar("Said", Proposal, Move, Draft, Ballots)


class Recorder:
    """A brain that passes everything on to another one, and adds what that one replies to a list."""

    def __init__(self, brain: Brain, replies: list[Reply]) -> None:
        self.name = brain.name
        self._brain = brain
        self._replies = replies

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Propose; see `Planner`."""
        return await self._kept("plan", context.toolbox, self._brain.plan(context, problems))

    async def write(self, material: Material) -> Draft:
        """Draft an answer; see `Writer`."""
        return await self._kept("write", material.context.toolbox, self._brain.write(material))

    async def step(self, context: TurnContext, taken: tuple[Taken, ...]) -> Move:
        """Take a step; see `Stepper`."""
        if not isinstance(self._brain, Stepper):
            raise StepsFailed(f"The brain {self.name!r} takes no steps.")
        return await self._kept("step", context.toolbox, self._brain.step(context, taken))

    def take_usage(self) -> Usage:
        """Return what was spent since the last call, and start again from zero."""
        return self._brain.take_usage()

    async def _kept(self, kind: Kind, toolbox: Toolbox, work: Awaitable[Said]) -> Said:
        first = len(toolbox.calls)
        said: Said | None = None
        error, tool = None, None
        try:
            said = await work
            return said
        except (BrainError, ToolCallError) as failure:
            error, tool = str(failure), failure.tool if isinstance(failure, ToolCallError) else None
            raise
        finally:
            self._replies.append(
                Reply(
                    brain=self.name,
                    kind=kind,
                    content=said.model_dump(mode="json", exclude_defaults=True) if said is not None else None,
                    error=error,
                    tool=tool,
                    first_call=first,
                    calls=len(toolbox.calls) - first,
                    prompts=self._brain.prompts if isinstance(self._brain, Prompted) else {},
                )
            )


class RankingRecorder(Recorder):
    """A recorder of a brain that is a ranker as well."""

    def __init__(self, brain: Brain, ranker: Ranker, replies: list[Reply]) -> None:
        super().__init__(brain, replies)
        self._ranker = ranker

    async def rank(self, slate: Slate) -> Ballots:
        """Name the best candidates; see `Ranker`."""
        return await self._kept("rank", slate.context.toolbox, self._ranker.rank(slate))


def recorder(brain: Brain, replies: list[Reply]) -> Recorder:
    """Return a recorder of `brain` that is a ranker when the brain is."""
    return RankingRecorder(brain, brain, replies) if isinstance(brain, Ranker) else Recorder(brain, replies)

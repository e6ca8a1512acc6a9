"""A brain over a language model: a planner, a writer and a ranker that share a budget."""

from collections.abc import Sequence
from functools import partial

from concierge_agent.answer import Draft
from concierge_agent.ballots import Ballots
from concierge_agent.brain import Material, Slate, Taken, TurnContext
from concierge_agent.cache import CachedModel, ReplyCache
from concierge_agent.demonstrations import Demonstration
from concierge_agent.llm.meter import Meter
from concierge_agent.llm.model import OpenModel
from concierge_agent.llm.planner import ModelPlanner
from concierge_agent.llm.ranker import ModelRanker
from concierge_agent.llm.react import ModelStepper
from concierge_agent.llm.settings import ModelSettings
from concierge_agent.llm.writer import ModelWriter
from concierge_agent.plan import Move, Proposal
from concierge_agent.prompts.library import Prompts
from concierge_agent.stepping import MOST_STEPS
from concierge_agent.trace import Usage


class ModelBrain:
    """Implements `Brain` and `Ranker` over any `Model`, for one conversation at a time."""

    name: str

    def __init__(
        self,
        settings: ModelSettings,
        open_model: OpenModel,
        cache: ReplyCache | None = None,
        *,
        prompts: Prompts | None = None,
        own: Sequence[Demonstration] = (),
    ) -> None:
        """Put a brain together; with a `cache`, what was asked before under the same circumstances is not asked.

        `prompts` are the package's when None, `own` the user's own turns as demonstrations.
        """
        self.library = prompts or Prompts.open()
        self.settings = settings
        self.open_model = open_model
        steps = MOST_STEPS if settings.strategy == "react" else 0
        self._meter = Meter(
            max_calls=settings.max_calls + steps,
            max_tokens=settings.max_tokens_per_turn,
            prices=settings.prices,
            max_cost=settings.max_cost_per_turn,
        )
        if cache is not None:
            about = f"{self.name} {settings.base_url} {settings.max_tokens}"
            open_model = partial(CachedModel, open_model, cache, about)
        self._planner = ModelPlanner(settings, open_model, self._meter, self.library, own)
        self._writer = ModelWriter(settings, open_model, self._meter, self.library)
        self._used: tuple[str, ...] = ()
        self._ranker = ModelRanker(settings, open_model, self._meter, self.library)
        self._stepper = ModelStepper(settings, open_model, self._meter, self.library)

    @property
    def prompts(self) -> dict[str, int | str]:
        """The versions of the templates that the latest plan or draft was asked with, by name."""
        return self.library.versions(self._used)

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Propose; see `Planner`."""
        try:
            return await self._planner.plan(context, problems)
        finally:
            self._used = self._planner.used

    async def step(self, context: TurnContext, taken: tuple[Taken, ...]) -> Move:
        """Take a step; see `Stepper`."""
        try:
            return await self._stepper.step(context, taken)
        finally:
            self._used = self._stepper.used

    async def write(self, material: Material) -> Draft:
        """Draft an answer; see `Writer`."""
        try:
            return await self._writer.write(material)
        finally:
            self._used = self._writer.used

    async def rank(self, slate: Slate) -> Ballots:
        """Name the best candidates; see `Ranker`."""
        try:
            return await self._ranker.rank(slate)
        finally:
            self._used = self._ranker.used

    def take_usage(self) -> Usage:
        """Return what was spent since the last call, and start again from zero."""
        return self._meter.take()

"""A brain over a language model: a planner and a writer that share a budget."""

from functools import partial

from concierge_agent.answer import Draft
from concierge_agent.brain import Material, TurnContext
from concierge_agent.cache import CachedModel, ReplyCache
from concierge_agent.llm.meter import Meter
from concierge_agent.llm.model import OpenModel
from concierge_agent.llm.planner import ModelPlanner
from concierge_agent.llm.settings import ModelSettings
from concierge_agent.llm.writer import ModelWriter
from concierge_agent.plan import Proposal
from concierge_agent.prompts.templates import template
from concierge_agent.trace import Usage


class ModelBrain:
    """Implements `Brain` over any `Model`, for one conversation at a time."""

    name: str

    def __init__(self, settings: ModelSettings, open_model: OpenModel, cache: ReplyCache | None = None) -> None:
        """Put a brain together; with a `cache`, what was asked before under the same circumstances is not asked."""
        self._meter = Meter(
            max_calls=settings.max_calls,
            max_tokens=settings.max_tokens_per_turn,
            prices=settings.prices,
            max_cost=settings.max_cost_per_turn,
        )
        if cache is not None:
            open_model = partial(CachedModel, open_model, cache, f"{self.name} {settings.base_url} {settings.room}")
        self._planner = ModelPlanner(settings, open_model, self._meter)
        self._writer = ModelWriter(settings, open_model, self._meter)
        self._templates = (*self._planner.templates, *self._writer.templates, "repair")

    @property
    def prompts(self) -> dict[str, int]:
        """The versions of the prompt templates in use, by name."""
        return {name: template(name).version for name in self._templates}

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Propose; see `Planner`."""
        return await self._planner.plan(context, problems)

    async def write(self, material: Material) -> Draft:
        """Draft an answer; see `Writer`."""
        return await self._writer.write(material)

    def take_usage(self) -> Usage:
        """Return what was spent since the last call, and start again from zero."""
        return self._meter.take()

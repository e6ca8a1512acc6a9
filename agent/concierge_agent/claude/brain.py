"""The Claude brain: a planner and a writer that share a budget."""

from concierge_agent.answer import Draft
from concierge_agent.brain import Material, TurnContext
from concierge_agent.claude.meter import Meter
from concierge_agent.claude.planner import ClaudePlanner
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.claude.writer import ClaudeWriter
from concierge_agent.plan import Proposal
from concierge_agent.prompts.templates import template
from concierge_agent.trace import Usage


class ClaudeBrain:
    """Implements `Brain` over the Messages API, for one conversation at a time."""

    name = "anthropic"

    def __init__(self, settings: ClaudeSettings) -> None:
        self._meter = Meter(max_calls=settings.max_calls, max_tokens=settings.max_tokens_per_turn)
        self._planner = ClaudePlanner(settings, self._meter)
        self._writer = ClaudeWriter(settings, self._meter)

    @property
    def prompts(self) -> dict[str, int]:
        """The versions of the prompt templates in use, by name."""
        return {name: template(name).version for name in ("plan", "catalog", "write", "repair")}

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Propose; see `Planner`."""
        return await self._planner.plan(context, problems)

    async def write(self, material: Material) -> Draft:
        """Draft an answer; see `Writer`."""
        return await self._writer.write(material)

    def take_usage(self) -> Usage:
        """Return what was spent since the last call, and start again from zero."""
        return self._meter.take()

"""The planner: asks a model for a plan, and remembers the exchange so that problems found later continue it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from concierge_agent.brain import TurnContext
from concierge_agent.demonstrations import Demonstration, Demonstrations
from concierge_agent.errors import BrainError
from concierge_agent.llm.client import ModelClient
from concierge_agent.llm.detailed_plan import DetailedPlan
from concierge_agent.llm.exchange import ask_until_usable, objected
from concierge_agent.llm.history import History
from concierge_agent.llm.meter import Meter
from concierge_agent.llm.model import OpenModel
from concierge_agent.llm.plan_form import Asked, PlanForm
from concierge_agent.llm.quick_plan import QuickPlan
from concierge_agent.llm.react import ReactOpening
from concierge_agent.llm.settings import ModelSettings
from concierge_agent.llm.state import Findings, link
from concierge_agent.plan import Proposal
from concierge_agent.prompts.library import Prompts


@dataclass(frozen=True, slots=True)
class _Exchange:
    context: TurnContext
    asked: Asked
    failure: BrainError | None = None


class ModelPlanner:
    """Plans with a model."""

    def __init__(
        self,
        settings: ModelSettings,
        open_model: OpenModel,
        meter: Meter,
        prompts: Prompts,
        own: Sequence[Demonstration] = (),
    ) -> None:
        self._form: PlanForm
        if settings.strategy == "react":
            self._form = ReactOpening(prompts)
        elif settings.quick:
            self._form = QuickPlan(prompts)
        else:
            self._form = DetailedPlan(prompts, Demonstrations((*prompts.seeds, *own)))
        self._history = History() if isinstance(self._form, DetailedPlan) else None
        self._repair = prompts["repair"]
        self._settings = settings
        self._open_model = open_model
        self._meter = meter
        self._latest: _Exchange | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """The names of the templates that the latest plan was asked with."""
        return self._latest.asked.templates if self._latest is not None else ()

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Propose. A call without `problems` begins a turn, and with it a fresh budget.

        Raises `BudgetExceeded` when the turn used up its calls or tokens, and `BrainError` when the model could not be
        reached or gave nothing usable. Asked again about the same turn it then says so again without asking the model:
        every retry and repair worth making was made.
        """
        latest, self._latest = self._latest, None
        if not problems:
            self._meter.begin_turn()
        if not problems or latest is None or latest.context is not context:
            mentions = await link(context)
            history = await self._history.recall(context, mentions) if self._history is not None else None
            findings = Findings(mentions, history)
            latest = _Exchange(context, self._form.asked(context, findings, self._settings.plan_model))
        if latest.failure is not None:
            self._latest = latest
            raise type(latest.failure)(str(latest.failure))
        asked = latest.asked
        if problems:
            asked = replace(
                asked,
                prompt=objected(asked.prompt, problems, self._repair),
                templates=tuple(dict.fromkeys((*asked.templates, self._repair.name))),
            )
        try:
            async with self._open_model() as model:
                client = ModelClient(model, self._meter, room=self._settings.max_tokens)
                proposal, prompt = await ask_until_usable(client, asked.prompt, asked.read, self._repair)
        except BrainError as failure:
            self._latest = _Exchange(context, asked, failure)
            raise
        self._latest = _Exchange(context, replace(asked, prompt=prompt))
        return proposal

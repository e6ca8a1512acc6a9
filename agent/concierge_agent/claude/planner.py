"""The planner: asks a small model for a plan over the live tools."""

import json
from dataclasses import dataclass

from concierge_agent.brain import TurnContext
from concierge_agent.claude.client import ModelClient, Prompt
from concierge_agent.claude.exchange import ask_until_usable, data_message, objected
from concierge_agent.claude.meter import Meter
from concierge_agent.claude.parsing import parse
from concierge_agent.claude.proposals import to_proposal
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.claude.signatures import plannable, signatures
from concierge_agent.claude.state import field_lines, link, quoted, turn_message, values_message
from concierge_agent.claude.wire import WireProposal, proposal_schema
from concierge_agent.errors import BrainError
from concierge_agent.plan import Proposal
from concierge_agent.prompts.templates import demonstrations, template


@dataclass(frozen=True, slots=True)
class _Exchange:
    context: TurnContext
    prompt: Prompt
    failure: BrainError | None = None


class ClaudePlanner:
    """Plans with a model. It remembers the latest exchange, so that problems found later continue it."""

    def __init__(self, settings: ClaudeSettings, meter: Meter) -> None:
        self._settings = settings
        self._meter = meter
        self._latest: _Exchange | None = None

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
            latest = await self._opened(context)
        if latest.failure is not None:
            self._latest = latest
            raise type(latest.failure)(str(latest.failure))
        prompt = objected(latest.prompt, problems) if problems else latest.prompt

        def read(text: str) -> Proposal:
            return to_proposal(parse(text, WireProposal), context)

        try:
            async with ModelClient(self._settings, self._meter) as client:
                proposal, prompt = await ask_until_usable(client, prompt, read)
        except BrainError as failure:
            self._latest = _Exchange(context, prompt, failure)
            raise
        self._latest = _Exchange(context, prompt)
        return proposal

    async def _opened(self, context: TurnContext) -> _Exchange:
        mentions = await link(context)
        schema = proposal_schema()
        catalog, policy = context.catalog, context.catalog.policy
        rules = template("plan").fill(schema=json.dumps(schema), demonstrations=_demonstrations())
        surroundings = template("catalog").fill(
            fields=field_lines(catalog),
            ask_first=", ".join(policy.ask_first) or "none",
            max_items=str(policy.max_items or "as many as fit"),
            models=", ".join(catalog.models) or "none",
            tools=signatures(plannable(context.toolbox.tools).values()),
        )
        message = data_message(values_message(catalog), turn_message(context, mentions), cached=1)
        prompt = Prompt(self._settings.plan_model, (rules, surroundings), (message,), schema)
        return _Exchange(context, prompt)


def _demonstrations() -> str:
    return "\n\n".join(
        f"<state>{quoted(shown['state'])}</state>\n<user_message>{quoted(shown['user'])}</user_message>\n"
        f"Reply: {json.dumps(shown['plan'], ensure_ascii=False, separators=(',', ':'))}"
        for shown in demonstrations()
    )

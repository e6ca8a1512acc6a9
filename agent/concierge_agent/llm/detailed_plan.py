"""The detailed form of a plan: any steps over the live tools, every kind of memory, with examples."""

import json

from concierge_agent.brain import TurnContext
from concierge_agent.llm.model import Message, Prompt
from concierge_agent.llm.parsing import parse
from concierge_agent.llm.plan_form import Asked
from concierge_agent.llm.proposals import to_proposal
from concierge_agent.llm.signatures import plannable, signatures
from concierge_agent.llm.state import field_lines, quoted, turn_message, values_message
from concierge_agent.llm.wire import WireProposal, proposal_schema
from concierge_agent.plan import Proposal
from concierge_agent.prompts.templates import demonstrations, template
from concierge_agent.values import Mention


class DetailedPlan:
    """Implements `PlanForm` for models that follow a long prompt."""

    templates: tuple[str, ...] = ("plan", "catalog")

    def asked(self, context: TurnContext, mentions: tuple[Mention, ...], model: str) -> Asked:
        """Return the request for the plan of this turn."""
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
        message = Message("user", (values_message(catalog), turn_message(context, mentions)), cached=1)

        def read(text: str) -> Proposal:
            return to_proposal(parse(text, WireProposal), context)

        return Asked(Prompt(model, (rules, surroundings), (message,), schema), read)


def _demonstrations() -> str:
    return "\n\n".join(
        f"<state>{quoted(shown['state'])}</state>\n<user_message>{quoted(shown['user'])}</user_message>\n"
        f"Reply: {json.dumps(shown['plan'], ensure_ascii=False, separators=(',', ':'))}"
        for shown in demonstrations()
    )

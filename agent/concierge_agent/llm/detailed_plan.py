"""The detailed form of a plan: any steps over the live tools, every kind of memory, with examples.

What stays the same from turn to turn (rules, catalog, tools, values) comes first and byte for byte, so that it is
cached; the examples, which differ, come after it.
"""

import json

from concierge_agent.brain import TurnContext
from concierge_agent.demonstrations import Demonstrations
from concierge_agent.llm.history import knows_nothing
from concierge_agent.llm.model import Message, Prompt
from concierge_agent.llm.parsing import parse
from concierge_agent.llm.plan_form import Asked
from concierge_agent.llm.proposals import to_proposal
from concierge_agent.llm.signatures import plannable, signatures
from concierge_agent.llm.state import Findings, field_lines, quoted, state_of, values_message
from concierge_agent.llm.wire import WireProposal, proposal_schema
from concierge_agent.plan import Proposal
from concierge_agent.prompts.library import Prompts

COLD_START = "plan_cold_start"
_STABLE = ("plan", "catalog")
_TURN = "plan_turn"


class DetailedPlan:
    """Implements `PlanForm` for models that follow a long prompt."""

    def __init__(self, prompts: Prompts, demonstrations: Demonstrations) -> None:
        self._prompts = prompts
        self._demonstrations = demonstrations

    def asked(self, context: TurnContext, findings: Findings, model: str) -> Asked:
        """Return the request for the plan of this turn."""
        names = (*_STABLE, _TURN, *((COLD_START,) if knows_nothing(context) else ()))
        rules, surroundings, turn = (
            self._prompts[name].fill(**self.slots(name, context, findings)) for name in (*_STABLE, _TURN)
        )
        message = Message("user", (values_message(context.catalog), turn.strip()), cached=1)

        def read(text: str) -> Proposal:
            return to_proposal(parse(text, WireProposal), context)

        front = self._prompts["plan"].front
        prompt = Prompt(
            model,
            (rules, surroundings),
            (message,),
            proposal_schema(),
            max_tokens=front.max_tokens,
            variety=front.variety,
        )
        return Asked(prompt, read, names)

    def slots(self, name: str, context: TurnContext, findings: Findings) -> dict[str, str]:
        """Return what fills the slots of one of this form's templates in a turn."""
        if name == "plan":
            return {"schema": json.dumps(proposal_schema())}
        if name == "catalog":
            return catalog_slots(context)
        state = state_of(context.conversation, findings.mentions, context.lessons)
        shown = self._demonstrations.choose(context.text, state)
        return {
            "guidance": self._prompts[COLD_START].text if knows_nothing(context) else "",
            "examples": "\n".join(quoted(one.told()) for one in shown),
            "history": quoted(findings.history or None),
            "state": quoted(state),
            "message": quoted(context.text),
        }


def catalog_slots(context: TurnContext) -> dict[str, str]:
    """Return what fills the slots of `catalog`: fields, the owner's limits and tools, the same in every turn."""
    catalog, policy = context.catalog, context.catalog.policy
    return {
        "fields": field_lines(catalog),
        "ask_first": ", ".join(policy.ask_first) or "none",
        "max_items": str(policy.max_items or "as many as fit"),
        "models": ", ".join(catalog.models) or "none",
        "tools": signatures(plannable(context.toolbox.tools).values()),
    }

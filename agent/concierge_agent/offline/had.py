"""What the user says they have had: kept for good for a known user, for this conversation for a guest."""

import re

from concierge_agent.brain import TurnContext
from concierge_agent.offline.reading import Reading
from concierge_agent.phrases import listing
from concierge_agent.plan import Plan, Step

_EXPERIENCED = re.compile(r"\b(?:seen|saw|watched|read|played|heard|finished|tried|done|visited|know)\b")
_TOOL = "record_feedback"


def recorded(context: TurnContext, reading: Reading, plan: Plan) -> tuple[Plan, list[str]]:
    """Return the plan with the feedback to record on what the user has had, and what to tell them of it."""
    had = {n.item_id: n for n in reading.had}
    if not had:
        return plan, []
    titles = listing([n.title for n in had.values()])
    if context.conversation.user_id is None or _TOOL not in context.toolbox.tools:
        return plan, [f"I leave out {titles} for the rest of this conversation."]
    event = "watch" if _EXPERIENCED.search(context.text.lower()) else "purchase"
    steps = tuple(
        Step(
            id=f"s{len(plan.steps) + number}",
            tool=_TOOL,
            arguments={"item_id": item_id, "event": event},
            purpose="what you have had already",
        )
        for number, item_id in enumerate(had, start=1)
    )
    note = f"I noted that you have had {titles}, and leave that out from now on."
    return Plan(steps=(*plan.steps, *steps)), [note]

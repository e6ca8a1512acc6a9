"""A template as it would be filled in for a turn, for people who want to see what a model is sent."""

from concierge_agent.brain import TurnContext
from concierge_agent.demonstrations import Demonstration, Demonstrations
from concierge_agent.llm.detailed_draft import DetailedDraft
from concierge_agent.llm.detailed_plan import DetailedPlan
from concierge_agent.llm.history import History
from concierge_agent.llm.quick_plan import quick_slots
from concierge_agent.llm.state import Findings, link
from concierge_agent.prompts.library import Prompts

_SAMPLE_PROBLEM = "- steps.0.tool: No tool 'find_items'; the tools are listed above."


async def filled(prompts: Prompts, name: str, context: TurnContext, own: tuple[Demonstration, ...] = ()) -> str:
    """Return the template called `name` filled for a turn; the objection of `repair` is made up.

    Raises `KeyError` when there is no such template, and `ConnectionFailed` when the server went away.
    """
    template = prompts[name]
    if not template.slots:
        return template.text
    if name == "repair":
        return template.fill(problems=_SAMPLE_PROBLEM)
    if name == "write":
        return template.fill(**DetailedDraft(prompts).slots())
    if name == "plan_quick":
        return template.fill(**quick_slots(context))
    mentions = await link(context)
    findings = Findings(mentions, await History().recall(context, mentions))
    form = DetailedPlan(prompts, Demonstrations((*prompts.seeds, *own)))
    return template.fill(**form.slots(name, context, findings)).strip()

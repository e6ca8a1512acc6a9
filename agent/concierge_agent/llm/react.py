"""Planning step by step (ReAct, Yao et al. 2023): the model sees what each step returned before it takes the next.

What the loop may do, and what is wrong with a step, is the agent's to say; here a model is asked, and its reply read.
"""

import json
from typing import Any

from concierge_agent.brain import Taken, TurnContext
from concierge_agent.llm.client import ModelClient
from concierge_agent.llm.detailed_plan import catalog_slots
from concierge_agent.llm.exchange import ask_until_usable
from concierge_agent.llm.meter import Meter
from concierge_agent.llm.model import Message, OpenModel, Prompt
from concierge_agent.llm.parsing import UnusableReply, parse
from concierge_agent.llm.plan_form import Asked
from concierge_agent.llm.proposals import to_proposal, to_step
from concierge_agent.llm.react_wire import WireMove, WireOpening, move_schema, opening_schema
from concierge_agent.llm.settings import ModelSettings
from concierge_agent.llm.state import Findings, linked, quoted, short_fields, state_of, values_message
from concierge_agent.llm.wire import WireProposal, WireStep
from concierge_agent.plan import Move, Proposal
from concierge_agent.prompts.library import Prompts
from concierge_agent.values import Mention

_TEMPLATES = ("react", "catalog")
_ITEMS = 8
_ROOM = 3000
_OPENING = "Reply with the opening."
_STEP = "Reply with the first step, or finish."


class ReactOpening:
    """Implements `PlanForm` for turns whose plan is made step by step: what the turn means, before any step."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    def asked(self, context: TurnContext, findings: Findings, model: str) -> Asked:
        """Return the request for the opening of this turn."""

        def read(text: str) -> Proposal:
            wire = parse(text, WireOpening)
            proposal = to_proposal(WireProposal(**dict(wire)), context)
            return proposal.model_copy(update={"stepwise": proposal.question is None and proposal.reply is None})

        first = _first(context, findings.mentions, _OPENING)
        return Asked(Prompt(model, _system(self._prompts, context), (first,), opening_schema()), read, _TEMPLATES)


class ModelStepper:
    """Takes steps with a model. What it is shown depends on the turn and the steps alone."""

    used: tuple[str, ...] = _TEMPLATES
    """The names of the templates it asks with."""

    def __init__(self, settings: ModelSettings, open_model: OpenModel, meter: Meter, prompts: Prompts) -> None:
        self._prompts = prompts
        self._settings = settings
        self._open_model = open_model
        self._meter = meter

    async def step(self, context: TurnContext, taken: tuple[Taken, ...]) -> Move:
        """Return the next move; see `Stepper`."""

        def read(text: str) -> Move:
            return to_move(parse(text, WireMove), context, number=len(taken) + 1)

        messages = [_first(context, linked(context), _STEP)]
        for number, one in enumerate(taken, start=1):
            messages += [Message("assistant", (_said(one.move),)), Message("user", (_observed(number, one),))]
        prompt = Prompt(self._settings.plan_model, _system(self._prompts, context), tuple(messages), move_schema())
        async with self._open_model() as model:
            client = ModelClient(model, self._meter, room=self._settings.max_tokens)
            return (await ask_until_usable(client, prompt, read, self._prompts["repair"]))[0]


def to_move(wire: WireMove, context: TurnContext, *, number: int) -> Move:
    """Return the move that `wire` means, its step as the step `number`.

    Raises `UnusableReply` when it is neither a step nor the end, calls a tool that is not a planner's, or names an item
    that no result of the conversation holds.
    """
    if (wire.step is None) == (wire.finish is None):
        raise UnusableReply(("Give either `step` or `finish`, and null for the other.",))
    if wire.step is not None:
        return Move(step=to_step(WireStep(id=f"s{number}", **dict(wire.step)), context))
    said = to_proposal(WireProposal(intent="general", **dict(wire.finish or ())), context)
    return Move(question=said.question, reply=said.reply, notes=said.notes)


def _system(prompts: Prompts, context: TurnContext) -> tuple[str, ...]:
    rules = prompts["react"].fill(opening=json.dumps(opening_schema()), move=json.dumps(move_schema()))
    return rules, prompts["catalog"].fill(**catalog_slots(context))


def _first(context: TurnContext, mentions: tuple[Mention, ...], wanted: str) -> Message:
    state = quoted(state_of(context.conversation, mentions, context.lessons))
    turn = f"<state>{state}</state>\n<user_message>{quoted(context.text)}</user_message>"
    return Message("user", (values_message(context.catalog), turn, wanted), cached=1)


def _said(move: Move) -> str:
    """Return a move as the model wrote it."""
    if move.step is not None:
        arguments = [{"name": name, "value": value} for name, value in move.step.arguments.items()]
        return json.dumps(
            {"step": {"tool": move.step.tool, "arguments": arguments, "purpose": move.step.purpose}, "finish": None},
            ensure_ascii=False,
        )
    question = {"field": move.question.field or "", "text": move.question.text} if move.question is not None else None
    finish = {"question": question, "reply": move.reply or "", "notes": list(move.notes)}
    return json.dumps({"step": None, "finish": finish}, ensure_ascii=False)


def _observed(number: int, taken: Taken) -> str:
    """Return what came of a step as data, compact."""
    if taken.problems:
        told = "\n".join(f"- {problem}" for problem in taken.problems)
        return f"That did not run:\n{told}\nReply with another step, or finish."
    result = quoted(_compact(taken.result or {}))
    return f'<result step="s{number}">{result}</result>\nReply with the next step, or finish.'


def _compact(result: dict[str, Any]) -> object:
    items = result.get("items")
    if isinstance(items, list) and isinstance(result.get("candidates"), str):
        rows = [
            {"id": item["id"], "title": item["title"], "fields": short_fields(item.get("fields", {}))}
            for item in items[:_ITEMS]
        ]
        kept = {name: result[name] for name in ("total", "matched", "basis", "notes") if result.get(name)}
        return kept | {"items": rows}
    text = json.dumps(result, ensure_ascii=False)
    return result if len(text) <= _ROOM else f"{text[:_ROOM]} ..."

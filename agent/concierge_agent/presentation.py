"""Presenting: what was found goes through `show_recommendations`, where the store's policy is settled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from concierge_agent.asking import question_of
from concierge_agent.conversation import Pending
from concierge_agent.enforcement import PRESENTING
from concierge_agent.errors import PlanFailed, ToolCallError
from concierge_agent.executor import Candidates, candidate_sets, chain, final_candidates
from concierge_agent.ground import Ground
from concierge_agent.phrases import shorten
from concierge_agent.planning import Decision
from concierge_agent.ranking import order
from concierge_agent.trace import Call
from concierge_agent.values import CatalogDescription, Constraint, Op, Option, Question
from concierge_agent.wording import number_values

MOST = 10
"""An answer holds at most this many items, however many were asked for."""
_SHOWN = 5
"""How many the server shows of a set when nobody says a number."""
_NEGATED: dict[Op, Op] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    "<=": ">",
    ">": "<=",
    "in": "not_in",
    "not_in": "in",
    "contains": "not_contains",
    "not_contains": "contains",
}


@dataclass(frozen=True, slots=True)
class Presented:
    """What the store allowed."""

    shown: Call | None = None
    """The presenting call, with the items that may be put before the user; None when there are none."""
    candidates: str | None = None
    """Handle of the list that the items are of."""
    pending: Pending | None = None
    """What is owed: an answer, or consent."""
    withheld: tuple[str, ...] = ()
    """Why items were kept back."""
    found: bool = False
    """Whether the retrieval found anything at all."""
    notes: tuple[str, ...] = ()
    agreement: Mapping[str, float] = field(default_factory=dict)
    """By item, the share of a model's several replies that put it in front."""


async def present(decision: Decision, told: list[str]) -> Presented:
    """Show the decision's candidates, or the items that the user just agreed to see.

    What became of ranking them is added to `told`, for the trace.

    Raises `PlanFailed` when the server refuses to show them.
    """
    waiting = decision.context.conversation.pending
    if decision.consent and waiting is not None:
        arguments: dict[str, Any] = {"item_ids": list(waiting.item_ids), "confirmation": waiting.confirmation}
        return await _show(decision, arguments, limit=None)
    final, aside = final_candidates(decision.plan, decision.results)
    notes = tuple(
        f'Nothing came of "{shorten(step.purpose or step.tool)}", so it was left aside.' for step in aside if final
    )
    if final is not None:
        final = await _unseen(decision, final)
    if final is None:
        return Presented(notes=notes)
    limit = _wanted_length(decision, final)
    shown = limit or decision.context.catalog.policy.max_items or _SHOWN
    ordered = await order(decision, final, shown=shown, notes=told)
    final = ordered.final
    arguments = {"candidates": final.handle}
    if limit is not None and limit > 5:
        arguments = {"item_ids": [item["id"] for item in final.result["items"][:limit]]}
    presented = await _show(decision, arguments, limit=limit)
    notes += ordered.notes if presented.shown is not None else ()
    notes = (*notes, *presented.notes)
    return replace(presented, candidates=final.handle, notes=notes, agreement=ordered.agreement)


def last_set(decision: Decision) -> str | None:
    """Return the step that made the plan's last candidate set, even an empty one; None when no step made any."""
    made = candidate_sets(decision.plan, decision.results)
    return made[-1].step.id if made else None


async def _unseen(decision: Decision, final: Candidates) -> Candidates | None:
    """Return the set without anything the user has seen; the set itself when its retrieval already left that out."""
    toolbox, seen = decision.context.toolbox, decision.enforcement.seen
    roots = [step for step in chain(decision.plan, final.step.id).steps if not step.needs]
    if not seen or all(toolbox.takes(step.tool, "exclude") for step in roots):
        return final
    arguments = {
        "candidates": final.handle,
        "filters": [c.model_dump() for c in decision.enforcement.conditions],
        "exclude": list(seen),
        "n": final.step.arguments.get("n"),
    }
    try:
        result = await toolbox.call("filter_candidates", arguments, step="unseen", charged=False)
    except ToolCallError as error:
        raise PlanFailed(str(error)) from error
    if not result.get("total"):
        return None
    return Candidates(final.step, result["candidates"], result["total"], result)


async def _show(decision: Decision, arguments: dict[str, Any], *, limit: int | None) -> Presented:
    conversation, toolbox = decision.context.conversation, decision.context.toolbox
    arguments |= {
        "filters": [c.model_dump() for c in decision.enforcement.conditions],
        "user_id": conversation.user_id,
        "answers": conversation.ledger.answers,
    }
    try:
        result = await toolbox.call(PRESENTING, arguments, step="show", charged=False)
    except ToolCallError as error:
        raise PlanFailed(str(error)) from error
    call = toolbox.calls[-1]
    if limit is not None:
        call = call.model_copy(update={"result": {**result, "items": result["items"][:limit]}})
    pending = None
    if result["status"] == "question" and result.get("question"):
        pending = Pending(kind="question", question=_asked_again(question_of(result["question"]), decision))
    elif result.get("confirmation"):
        pending = _consent(result["confirmation"], decision)
    return Presented(
        shown=call if result["status"] == "shown" and result["items"] else None,
        pending=pending,
        withheld=tuple(dict.fromkeys(str(w["reason"]) for w in result.get("withheld", ()))),
        found=True,
        notes=tuple(str(note) for note in result.get("notes", ())),
    )


def _asked_again(question: Question, decision: Decision) -> Question:
    """Return a question that was passed over before, or follows many others, with the way out said."""
    waiting = decision.context.conversation.pending
    again = waiting is not None and waiting.kind == "question" and waiting.question.field == question.field
    if not again and decision.context.may_ask:
        return question
    return question.model_copy(update={"text": f'{question.text} You can also say "no preference".'})


def _consent(raw: dict[str, Any], decision: Decision) -> Pending:
    ids = tuple(raw["item_ids"])
    titles = Ground.of(decision.context.toolbox.calls).titles
    text = str(raw["text"]).strip()
    if any(titles[i] in text for i in ids if i in titles):
        text = "The store asks for it."
    needs, them = ("One that fits needs", "it") if len(ids) == 1 else (f"{len(ids)} that fit need", "them")
    return Pending(
        kind="consent",
        question=Question(
            field=None,
            text=f"{needs} your consent first: {text} Shall I show {them}?",
            options=[Option(value="yes", count=len(ids)), Option(value="no", count=0)],
        ),
        confirmation=raw["token"],
        item_ids=ids,
        rules=tuple(rule for rule in _refusals(text, decision.context.catalog)),
    )


def _refusals(text: str, catalog: CatalogDescription) -> list[Constraint]:
    """Return what a refusal rules out: the opposite of every confirmation rule that the text speaks of."""
    rules = []
    for rule in catalog.policy.confirm:
        negated = _NEGATED.get(rule.constraint.op)
        if rule.text in text and negated is not None:
            rules.append(rule.constraint.model_copy(update={"op": negated}))
    return rules


def _wanted_length(decision: Decision, final: Candidates) -> int | None:
    """Return how many items the plan wants shown, or None. More than a handful only when the user named the number."""
    n = final.step.arguments.get("n")
    if not isinstance(n, int) or isinstance(n, bool):
        return None
    if n <= 5:
        return n
    return min(n, MOST) if float(n) in number_values(decision.context.text) else None

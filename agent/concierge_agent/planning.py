"""From the user's words to a plan that ran.

A planner gets one repair for an invalid proposal and one for a step that a tool refused; then the fallback takes over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from concierge_agent.asking import instead, settled_question, stopped
from concierge_agent.brain import Brain, Material, Stepper, TurnContext
from concierge_agent.comparison import TRIAL
from concierge_agent.compiler import Compiled, as_planned, compile_plan
from concierge_agent.conditions import conditions
from concierge_agent.conversation import Conversation
from concierge_agent.enforcement import RETRIEVAL, Enforcement, excluded_by
from concierge_agent.errors import BrainError, PlanFailed, StepsFailed, ToolCallError
from concierge_agent.executor import candidate_sets, final_candidates, run
from concierge_agent.ledger import Change, Ledger
from concierge_agent.phrases import label, shorten
from concierge_agent.plan import Plan, Proposal
from concierge_agent.proposal_check import check, with_titles
from concierge_agent.stepping import Walked, walk
from concierge_agent.verifier import proven_text

_REASON = 100
SEEN_BEFORE = "You have seen these before; nothing else meets all of it."
SEEN_SIMILAR = "You have seen these before; nothing else similar meets all of it."
"""Said when a changed request fits only items that were presented earlier; asked for more, they stay out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposal that was sound, and what its plan returned."""

    brain: Brain
    method: str
    proposal: Proposal
    context: TurnContext
    """With the ledger as it stands after the proposal's changes."""
    enforcement: Enforcement
    plan: Plan
    """The plan as it ran, with everything enforced."""
    results: dict[str, dict[str, Any]]
    consent: bool
    """Whether the user agreed, in this turn, to see what was withheld."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Steps of the plan that did not run, by the step that stood for them; "" for those that were not needed."""


class _Rejected(Exception):  # noqa: N818  (never leaves this module)
    """A proposal's problems."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


async def decide(
    context: TurnContext,
    brain: Brain,
    fallback: Brain | None,
    notes: list[str],
    on_progress: Callable[[str], None] | None = None,
) -> Decision:
    """Return the first proposal that is sound and whose plan runs; everything that went wrong is added to `notes`.

    Raises `PlanFailed` when no brain found one.
    """
    reason, method = "", brain.name
    for planner in dict.fromkeys([brain, *([fallback] if fallback is not None else [])]):
        if planner is not brain:
            method = f"{planner.name} ({brain.name} failed: {shorten(reason, _REASON)})"
            context.toolbox.refill()
        repairs = {"brain": 1, "tool": 1}
        problems: tuple[str, ...] = ()
        while True:
            try:
                proposal = await planner.plan(context, problems)
                return await _carry_out(proposal, planner, method, context, notes, on_progress, strict=not problems)
            except _Rejected as rejected:
                kind, problems = "brain", rejected.problems
            except ToolCallError as error:
                kind, problems = "tool", (str(error),)
            except BrainError as error:
                kind, problems = "brain", (str(error),)
                if isinstance(error, StepsFailed):
                    repairs[kind] = 0
            reason = problems[0]
            notes.extend(f"{planner.name}: {problem}" for problem in problems)
            if repairs[kind] == 0:
                break
            repairs[kind] -= 1
    raise PlanFailed(reason)


async def _carry_out(
    proposal: Proposal,
    brain: Brain,
    method: str,
    context: TurnContext,
    notes: list[str],
    on_progress: Callable[[str], None] | None,
    *,
    strict: bool,
) -> Decision:
    """Check a proposal and run it. `strict` sends unproven free text back once; later it is merely cut."""
    if problems := check(proposal, context):
        raise _Rejected(problems)
    conversation = context.conversation
    changes = with_titles(proposal.changes, context)
    ledger = conversation.ledger.apply(changes, turn=len(conversation.turns) + 1)
    settled = replace(context, conversation=conversation.model_copy(update={"ledger": ledger}))
    proposal = proposal.model_copy(update={"changes": changes})
    proposal, unproven = _proven(proposal, settled)
    if unproven and strict:
        raise _Rejected(list(unproven))
    notes.extend(f"cut: {problem}" for problem in unproven)
    consent = any(change.entry is not None and change.entry.kind == "consent" for change in changes)
    enforcement = Enforcement(
        conversation,
        ledger,
        context.toolbox,
        context.catalog,
        present=proposal.present,
        also_excluded=_left_out(proposal, conversation, consent=consent),
        variety=context.ranking.variety,
    )
    sorted_anew = proposal.present and _sorts_anew(changes)
    walked: Walked | None = None
    if proposal.stepwise and not consent:
        await _try_constraints(conversation.ledger, ledger, context)
        if not isinstance(brain, Stepper):
            raise StepsFailed(f"{brain.name} plans no steps one at a time.")
        walked = await walk(proposal, brain, settled, enforcement, notes, _proven, on_progress)
        proposal = walked.proposal
        enforcement = replace(enforcement, also_excluded=_left_out(proposal, conversation, consent=consent))
    if not consent:
        proposal = await settled_question(proposal, settled)
        enforcement = replace(enforcement, present=proposal.present)
    plan = Plan()
    if not consent and proposal.question is None:
        plan = enforcement.plan(proposal.plan, include_seen=sorted_anew)
    if walked is not None and proposal.plan == walked.proposal.plan:
        compiled, results = as_planned(walked.plan), dict(walked.results)
        plan = walked.plan
    else:
        if not (proposal.present and any(step.tool in RETRIEVAL for step in plan.steps)):
            await _try_constraints(conversation.ledger, ledger, context)
        compiled = _compiled(enforcement, plan)
        results = await run(compiled, context.toolbox, on_progress=on_progress)
    if stopped(plan, results) and not candidate_sets(plan, results):
        proposal, enforcement = instead(proposal, settled), replace(enforcement, present=True)
        plan = enforcement.plan(proposal.plan)
        compiled = _compiled(enforcement, plan)
        results = await run(compiled, context.toolbox, on_progress=on_progress)
    refined = proposal.present and ledger != conversation.ledger
    if refined and _nothing_new(plan, results):
        for enforced, said in (
            (await _asking_again(enforcement, proposal, context), None),
            (enforcement if conversation.shown else None, _seen_before(proposal.plan)),
        ):
            if enforced is None:
                continue
            again = enforced.plan(proposal.plan, include_seen=said is not None)
            compiled_again = _compiled(enforced, again)
            found = await run(compiled_again, context.toolbox, on_progress=on_progress)
            if not _nothing_new(again, found):
                enforcement, plan, compiled, results = enforced, again, compiled_again, found
                notes_now = (*proposal.notes, said) if said is not None else proposal.notes
                proposal = proposal.model_copy(update={"notes": notes_now})
                break
    return Decision(brain, method, proposal, settled, enforcement, plan, results, consent, compiled.merged)


def _compiled(enforcement: Enforcement, plan: Plan) -> Compiled:
    return compile_plan(plan, enforcement.toolbox.takes, presented=enforcement.present)


async def _asking_again(enforcement: Enforcement, proposal: Proposal, context: TurnContext) -> Enforcement | None:
    """Return the enforcement that lets items waiting for consent come back; None when none of them fits.

    What was passed over while it waited for consent may be what the changed request is about: then it is asked again.
    """
    conversation = context.conversation
    kept = excluded_by(proposal.plan)
    passed = {*conversation.rejected, *enforcement.also_excluded} - set(kept)
    if not passed:
        return None
    free = replace(enforcement, conversation=conversation.model_copy(update={"rejected": ()}), also_excluded=kept)
    plan = free.plan(proposal.plan)
    found = final_candidates(plan, await run(_compiled(free, plan), context.toolbox))[0]
    items = found.result.get("items", ()) if found is not None else ()
    waiting = {item["id"] for item in items if item.get("needs_confirmation")} & passed
    if not waiting:
        return None
    rejected = tuple(i for i in conversation.rejected if i not in waiting)
    others = tuple(i for i in enforcement.also_excluded if i not in waiting)
    return replace(free, conversation=conversation.model_copy(update={"rejected": rejected}), also_excluded=others)


def _left_out(proposal: Proposal, conversation: Conversation, *, consent: bool) -> tuple[str, ...]:
    """Return the items that the plan's author leaves out anywhere, and those whose consent the user passes over."""
    return (*excluded_by(proposal.plan), *(() if consent else _declined(proposal, conversation)))


def _declined(proposal: Proposal, conversation: Conversation) -> tuple[str, ...]:
    """Return the items that wait for consent when the user, instead of giving it, asks for something else."""
    pending = conversation.pending
    goes_on = proposal.present and (proposal.plan.steps or proposal.stepwise)
    return pending.item_ids if goes_on and pending is not None and pending.kind == "consent" else ()


def _seen_before(plan: Plan) -> str:
    """Say that only what was seen fits; of a likeness, that holds only among what is similar."""
    return SEEN_SIMILAR if any(step.tool == "get_similar_items" for step in plan.steps) else SEEN_BEFORE


def _sorts_anew(changes: tuple[Change, ...]) -> bool:
    """Whether the user asks, now, for the most of something: what was seen may be just that."""
    entries = [change.entry for change in changes if change.op == "add" and change.entry is not None]
    return any(e.kind == "constraint" and not e.hard and e.value in ("ascending", "descending") for e in entries)


def _nothing_new(plan: Plan, results: dict[str, dict[str, Any]]) -> bool:
    """Whether the plan made candidate sets and none holds anything."""
    return bool(candidate_sets(plan, results)) and final_candidates(plan, results)[0] is None


async def _try_constraints(before: Ledger, after: Ledger, context: TurnContext) -> None:
    """Put new constraints to the server when the plan does not, so that none enters the ledger that no tool takes."""
    new = [c for c in conditions(after, context.catalog) if c not in conditions(before, context.catalog)]
    if new and context.toolbox.takes("get_trending_items", "filters"):
        arguments = {"filters": [constraint.model_dump() for constraint in new], "n": 1}
        await context.toolbox.call("get_trending_items", arguments, step=TRIAL, charged=False)


def _proven(proposal: Proposal, context: TurnContext) -> tuple[Proposal, tuple[str, ...]]:
    """Return the proposal with unproven sentences cut from what it says at once, and what was wrong with them."""
    material = Material(
        context=context, proposal=proposal, calls=tuple(context.toolbox.calls), shown=None, explained=None
    )
    updates: dict[str, Any] = {}
    unproven: tuple[str, ...] = ()
    if proposal.reply is not None:
        updates["reply"], wrong = proven_text(proposal.reply, material)
        unproven += wrong
    if proposal.question is not None:
        text, wrong = proven_text(proposal.question.text, material)
        plain = f"Do you have a preference for {label(proposal.question.field)}?" if proposal.question.field else ""
        updates["question"] = proposal.question.model_copy(update={"text": text or plain or "What would you like?"})
        unproven += wrong
    updates["notes"] = tuple(note for note in proposal.notes if not proven_text(note, material)[1])
    return proposal.model_copy(update=updates), unproven

"""Composing: what is shown is explained, and a writer's draft verified, repaired once and cut where still unproven."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from concierge_agent.answer import AnswerItem, Draft, Evidence
from concierge_agent.brain import Material, Writer
from concierge_agent.conditions import conditions
from concierge_agent.errors import BrainError, ToolCallError
from concierge_agent.ground import Ground
from concierge_agent.plain_writer import draft as plain_draft
from concierge_agent.plain_writer import plain_reason
from concierge_agent.planning import Decision
from concierge_agent.trace import Call
from concierge_agent.verifier import Problem, check, cut

_SHOWN_WITHIN = 100
"""What is shown may stand this far down its list, behind what was withheld, and is recommended all the same."""


async def explain(decision: Decision, shown: Call, candidates: str | None, notes: list[str]) -> Call | None:
    """Ask the server why the shown items were recommended; None, with a note, when it cannot say."""
    context, ledger = decision.context, decision.context.conversation.ledger
    queries = [step.arguments.get("query") for step in decision.plan.steps]
    arguments: dict[str, Any] = {
        "item_ids": [item["id"] for item in (shown.result or {})["items"]],
        "user_id": context.conversation.user_id,
        "liked": list(ledger.liked),
        "disliked": list(ledger.disliked),
        "filters": [constraint.model_dump() for constraint in decision.enforcement.conditions],
        "query": next((q for q in reversed(queries) if isinstance(q, str) and q.strip()), None) or ledger.wish,
    }
    if context.toolbox.takes("explain_recommendation", "candidates"):
        arguments["candidates"] = candidates
    if context.toolbox.takes("explain_recommendation", "n"):
        arguments["n"] = _SHOWN_WITHIN
    try:
        await context.toolbox.call("explain_recommendation", arguments, step="explain", charged=False)
    except ToolCallError as error:
        notes.append(f"no explanation: {error}")
        return None
    return context.toolbox.calls[-1]


async def compose(writer: Writer, material: Material, notes: list[str]) -> tuple[Draft, str | None]:
    """Return a draft in which everything is proven, and why the writer failed, if it did.

    Repairs and cuts are added to `notes`. What nothing useful is left of gives way to the plain writer's draft.
    """
    plain = plain_draft(material)
    plain = cut(plain, check(plain, material), material)
    try:
        written = await _proven(writer, material, notes)
    except BrainError as error:
        notes.append(f"writer failed: {error}")
        return plain, str(error)
    if not written.items and (material.shown is not None or not (written.opening or written.closing)):
        notes.append("nothing the writer said could be shown; the plain answer was used")
        return plain, None
    if material.shown is not None and not written.opening:
        written = written.model_copy(update={"opening": plain.opening})
    return written, None


def answer_items(
    draft: Draft, material: Material, agreement: Mapping[str, float] | None = None
) -> tuple[AnswerItem, ...]:
    """Return the draft's items as they are presented, each with its evidence and every disclosure it owes.

    `agreement` says, by item, what share of a model's replies put it in front; only where there were several.
    """
    shown = {item["id"]: item for item in (material.shown.result or {})["items"]} if material.shown else {}
    items = []
    for item in draft.items:
        if item.id in shown:
            raw = shown[item.id]
            items.append(
                AnswerItem(
                    id=item.id,
                    title=raw["title"],
                    reason=item.reason or plain_reason(item.id, material),
                    evidence=_evidence(draft, item.id, material),
                    disclosures=tuple(raw.get("disclosures", ())),
                    needs_confirmation=bool(raw.get("needs_confirmation", False)),
                    fields=raw.get("fields", {}),
                    agreement=agreement.get(item.id, 0.0) if agreement else None,
                )
            )
    return tuple(items)


def disclosures(calls: tuple[Call, ...], item_ids: set[str]) -> list[str]:
    """Return the disclosures of looked-up items, which reach the user whenever the item is spoken of."""
    owed: dict[str, None] = {}
    for call in calls:
        listed = (call.result or {}).get("items")
        for item in listed if isinstance(listed, list) else ():
            if item.get("id") in item_ids:
                owed |= dict.fromkeys(f"*{item['title']}: {text}*" for text in item.get("disclosures", ()))
    return list(owed)


async def _proven(writer: Writer, material: Material, notes: list[str]) -> Draft:
    draft = await writer.write(material)
    problems = check(draft, material)
    if problems:
        notes.extend(f"draft: {problem}" for problem in problems)
        try:
            draft = await writer.write(replace(material, problems=tuple(str(problem) for problem in problems)))
        except BrainError as error:
            notes.append(f"repair failed: {error}")
        problems = check(draft, material)
    notes.extend(f"cut: {problem}" for problem in problems)
    while problems:
        draft = cut(draft, problems, material)
        problems = _fresh(check(draft, material), problems)
    return draft


def _fresh(now: tuple[Problem, ...], before: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return the problems that cutting brought about ("Here are 5" of which one was cut); never the same ones twice."""
    return tuple(problem for problem in now if problem not in before)


def _evidence(draft: Draft, item_id: str, material: Material) -> tuple[Evidence, ...]:
    ground = Ground.of(material.calls)
    found: list[Evidence] = []
    explained = material.explained.result if material.explained is not None else None
    for explanation in (explained or {}).get("items", []):
        if explanation["id"] == item_id:
            step = material.explained.step if material.explained is not None else ""
            proofs = [*(e for r in explanation["reasons"] for e in r["evidence"]), *explanation["evidence"]]
            found += [
                Evidence(step=step, item_id=e["item_id"], source=e["source"], name=e["name"], value=e.get("value"))
                for e in proofs
            ]
    told = {(e.source, e.name) for e in found if e.item_id == item_id}
    wanted = [(c.name, c.value) for item in draft.items if item.id == item_id for c in item.claims]
    asked = conditions(material.context.conversation.ledger, material.context.catalog)
    wanted += [(c.field, ground.value(item_id, c.field)) for c in asked]
    for name, value in wanted:
        fact = ground.find(item_id, name, value)
        if fact is not None and (fact.source, fact.name) not in told:
            told.add((fact.source, fact.name))
            found.append(
                Evidence(step=fact.step, item_id=item_id, source=fact.source, name=fact.name, value=fact.value)
            )
    unique: list[Evidence] = []
    for evidence in found:
        if evidence not in unique:
            unique.append(evidence)
    return tuple(unique)

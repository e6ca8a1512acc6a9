"""Ranking by the model: candidates that may be shown are put in order by the brain, where it is a ranker.

The model proposes and nothing more. What it names is checked against the candidates, the rest follows in the
retrieval's order, and `show_recommendations` has the last word on what is shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from concierge_agent.asking import owed
from concierge_agent.ballots import Ballot, Ballots, agreement, borda, checked
from concierge_agent.brain import Ranker, Slate, TurnContext
from concierge_agent.errors import BrainError, ToolCallError
from concierge_agent.executor import Candidates, chain
from concierge_agent.history import look_up
from concierge_agent.phrases import listing, shorten
from concierge_agent.plan import Plan
from concierge_agent.planning import Decision
from concierge_agent.tools import Toolbox
from concierge_agent.values import Constraint

CANDIDATES = 100
"""How many candidates a model is given, unless its user says otherwise."""
_PAGE = 100
_FIRST_PAGE = 10
"""Items of the reordered set that come back with it: as many as an answer may hold."""
_WANTED = 20
"""How many a model names: what is shown at most, twice over, since some of it may need consent first."""
_HISTORY = 20
_NAMED = 3
_TASTE = ("personal", "query")
"""Orders that a model may better; others (a price, popularity) are what the user asked for."""
SAID = "A model chose this order from what was found. Each reason is about its item, not about its place."


@dataclass(frozen=True, slots=True)
class Ordered:
    """Candidates in their final order."""

    final: Candidates
    agreement: Mapping[str, float] = field(default_factory=dict)
    """By item, the share of samples that put it in front; empty unless several were asked for."""
    notes: tuple[str, ...] = ()
    """What the user may read about it."""


async def order(decision: Decision, final: Candidates, *, shown: int, notes: list[str]) -> Ordered:
    """Return `final` as the decision's brain orders it, or as it is when the brain does not, or fails.

    `shown` is how many items the answer will hold. What was dropped, and every failure, is added to `notes`.
    """
    context, brain = decision.context, decision.brain
    toolbox, settings = context.toolbox, context.ranking
    if settings.candidates == 0 or not isinstance(brain, Ranker):
        return Ordered(final)
    if not _is_open(decision.plan, final) or owed(context):  # before the store's question there is nothing to order
        return Ordered(final)
    if not toolbox.takes("rank_candidates", "order"):
        notes.append("not ranked by the model: the server takes no order")
        return Ordered(final)
    try:
        handle, rows = await fetch(toolbox, final.handle, decision.enforcement.conditions, settings.candidates)
        if len(rows) < 2:
            return Ordered(final)
        ballots = valid(await brain.rank(await slate(context, rows)), rows, notes)
        if not any(ballot.ids for ballot in ballots):
            notes.append("not ranked by the model: it named none of the candidates")
            return Ordered(final)
        named = {item_id for ballot in ballots for item_id in ballot.ids}
        ranked = [item_id for item_id in borda(ballots, [row["id"] for row in rows]) if item_id in named]
        arguments = {"candidates": handle, "by": "given", "order": ranked, "n": _FIRST_PAGE}
        result = await toolbox.call("rank_candidates", arguments, step="rank", charged=False)
    except (BrainError, ToolCallError) as error:
        notes.append(f"not ranked by the model: {shorten(str(error), 200)}")
        return Ordered(final)
    if not result.get("total"):
        return Ordered(final)
    said = (SAID,) if shown > 1 else ()
    found = Candidates(final.step, result["candidates"], result["total"], result)
    return Ordered(found, agreement(ballots, shown), said)


async def fetch(
    toolbox: Toolbox, handle: str, conditions: Iterable[Constraint], limit: int
) -> tuple[str, list[dict[str, Any]]]:
    """Return the handle of what of a set meets `conditions`, and its first `limit` items as rows.

    Raises `ToolCallError` when the server refuses.
    """
    arguments: dict[str, Any] = {"candidates": handle, "filters": [c.model_dump() for c in conditions]}
    page = await toolbox.call(
        "filter_candidates", arguments | {"n": min(limit, _PAGE)}, step="candidates", charged=False
    )
    found, rows = str(page["candidates"]), list(page["items"])
    while len(rows) < limit and page.get("next_cursor"):
        more = arguments | {"cursor": page["next_cursor"], "n": min(limit - len(rows), _PAGE)}
        page = await toolbox.call("filter_candidates", more, step="candidates", charged=False)
        rows += page["items"]
    return found, [{"id": row["id"], "title": row["title"], "fields": row.get("fields", {})} for row in rows]


async def slate(context: TurnContext, rows: Iterable[dict[str, Any]]) -> Slate:
    """Return rows with what is known of the user's taste, for a ranker."""
    told = await look_up(context) or {}
    history = tuple(
        {name: entry[name] for name in ("title", "event", "value") if entry.get(name) is not None}
        for entry in told.get("interactions", ())[:_HISTORY]
    )
    return Slate(context, tuple(rows), history, _WANTED)


def valid(ballots: Ballots, rows: Iterable[Mapping[str, Any]], notes: list[str]) -> list[Ballot]:
    """Return the samples with candidates only, each once; what was dropped is added to `notes`."""
    ids = [row["id"] for row in rows]
    kept = [checked(sample, ids) for sample in ballots.samples]
    notes.extend(f"rank: a sample came to nothing: {shorten(failure, 200)}" for failure in ballots.failures)
    for dropped, said in (
        ([i for ballot in kept for i in ballot.outsiders], "that are no candidates"),
        ([i for ballot in kept for i in ballot.repeated], "named before"),
    ):
        if dropped:
            named = [repr(shorten(i, 40)) for i in dict.fromkeys(dropped)]
            more = [f"{len(named) - _NAMED} others"] if len(named) > _NAMED else []
            notes.append(f"rank: dropped ids {said}: {listing([*named[:_NAMED], *more])}")
    return kept


def _is_open(plan: Plan, final: Candidates) -> bool:
    """Whether the set's order rests on taste, likeness or words, and not on what the user wants it sorted by."""
    for step in reversed(chain(plan, final.step.id).steps):
        if step.tool == "rank_candidates":
            return step.arguments.get("by", "personal") in _TASTE
        if step.tool != "filter_candidates":
            return step.tool != "get_trending_items"
    return True

"""What stood and the store takes no longer: conditions on a value that only a removed item had, likes of such items."""

from concierge_agent.brain import TurnContext
from concierge_agent.conditions import conditions
from concierge_agent.errors import ToolCallError
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.phrases import listing, phrases

_TRIAL = "get_trending_items"
_MOST = 20
"""So many items are looked up at once."""


async def vanished(context: TurnContext) -> list[Entry]:
    """Return the entries of the ledger whose condition the store refuses by itself, or whose item it has no more."""
    refused = await _removed(context)
    if not context.toolbox.takes(_TRIAL, "filters"):
        return refused
    for entry in context.conversation.ledger.active("constraint", "answer"):
        filters = [c.model_dump() for c in conditions(Ledger(entries=(entry,)), context.catalog)]
        if not filters:
            continue
        try:
            await context.toolbox.call(_TRIAL, {"filters": filters, "n": 1}, step="still known", charged=False)
        except ToolCallError:
            refused.append(entry)
    return refused


async def _removed(context: TurnContext) -> list[Entry]:
    tastes = [e for e in context.conversation.ledger.active("like", "dislike") if e.item_id is not None]
    if not tastes:
        return []
    ids = list(dict.fromkeys(e.item_id for e in tastes))[-_MOST:]
    result = await context.toolbox.call("get_item_details", {"item_ids": ids}, step="still there", charged=False)
    unknown = {u["id"] for u in result.get("unknown", ())}
    return [e for e in tastes if e.item_id in unknown]


def told(context: TurnContext, gone: list[Entry]) -> str:
    """Say which conditions were set aside."""
    fallen = [c for entry in gone for c in conditions(Ledger(entries=(entry,)), context.catalog)]
    names = [e.title or e.item_id or e.text for e in gone if e.kind in ("like", "dislike")]
    return f"The catalog no longer has this, so I set it aside: {listing([*phrases(fallen, context.catalog), *names])}."

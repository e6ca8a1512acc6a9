"""What the user did before, looked up for the planner: the few things that matter to the request, not all of them.

Recent ones matter, those like the request matter more, and of those that are alike a few stand for the rest.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from concierge_agent.brain import TurnContext
from concierge_agent.errors import ToolCallError
from concierge_agent.history import look_up
from concierge_agent.lexical import Lexicon, cosine, terms_of, varied
from concierge_agent.llm.rows import Table, table
from concierge_agent.trace import HISTORY
from concierge_agent.values import Mention

KEPT = 15
"""How many things of a history a prompt holds."""
_RECENCY = 0.4
"""The newest thing counts as much as one that is this like the request."""
_REPETITION = 0.3
_ABOUT = 3
_VALUE = 40


class Past(BaseModel):
    """One thing that the user did."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    item_id: str
    title: str
    event: str | None = None
    value: float | None = None
    time: str | None = None


class _Pasts(BaseModel):
    model_config = ConfigDict(extra="ignore")

    interactions: tuple[Past, ...]


class History:
    """Looks up histories. What items are about is read once and kept for the conversation."""

    def __init__(self) -> None:
        self._about: dict[str, tuple[str, ...]] = {}

    async def recall(self, context: TurnContext, mentions: tuple[Mention, ...] = ()) -> Table | None:
        """Return what matters of the user's history as a table, the newest first; None when there is none to tell."""
        found = await look_up(context)
        if found is None:
            return None
        newest: dict[str, Past] = {}
        for past in _Pasts.model_validate(found).interactions:
            newest.setdefault(past.item_id, past)
        pasts = tuple(newest.values())
        try:
            await self._read_about([*newest], context)
        except ToolCallError:
            return None
        kept = select(context, mentions, pasts, self._about)
        return table([_row(past, self._about.get(past.item_id, ())) for past in kept]) if kept else None

    async def _read_about(self, item_ids: list[str], context: TurnContext) -> None:
        missing = [item_id for item_id in item_ids if item_id not in self._about]
        if not missing or "get_item_details" not in context.toolbox.tools:
            return
        arguments = {"item_ids": missing, "detail": "concise"}
        details = await context.toolbox.call("get_item_details", arguments, step=HISTORY, charged=False)
        self._about |= dict.fromkeys(missing, ())
        self._about |= {item["id"]: _values(item.get("fields") or {}, context) for item in details.get("items", ())}


def select(
    context: TurnContext,
    mentions: tuple[Mention, ...],
    pasts: tuple[Past, ...],
    about: Mapping[str, tuple[str, ...]],
    *,
    k: int = KEPT,
) -> list[Past]:
    """Return at most `k` of what a user did, in the order given (the newest first): recent, to the point, varied."""
    terms = [terms_of(" ".join((past.title, *about.get(past.item_id, ())))) for past in pasts]
    lexicon = Lexicon(terms)
    vectors = [lexicon.vector(each) for each in terms]
    ledger = context.conversation.ledger
    wanted = [context.text, *(entry.text for entry in ledger.active("constraint", "wish"))]
    wanted += [mention.value for mention in mentions if mention.value is not None]
    named = {mention.item_id for mention in mentions}
    asked = lexicon.vector(terms_of(" ".join(wanted)))
    worth = [
        cosine(asked, vector) + _RECENCY * (1 - place / len(pasts)) + (past.item_id in named)
        for place, (past, vector) in enumerate(zip(pasts, vectors, strict=True))
    ]
    return [pasts[place] for place in sorted(varied(worth, vectors, k=k, repetition=_REPETITION))]


def knows_nothing(context: TurnContext) -> bool:
    """Return whether nothing is known of the user's taste: no history that was looked up, and no likes or dislikes."""
    if context.conversation.ledger.active("like", "dislike"):
        return False
    if context.conversation.user_id is None:
        return True
    found = [c.result for c in context.toolbox.calls if c.step == HISTORY and c.tool == "get_user_history"]
    return any(result is not None and result.get("total") == 0 for result in found)


def _values(fields: Mapping[str, Any], context: TurnContext) -> tuple[str, ...]:
    """Return the first values of an item's tags and categories that came with the item and are short."""
    told: list[str] = []
    for field in context.catalog.fields:
        if field.type in ("tags", "category") and not field.generated:
            told += [value for value in _strings(fields.get(field.name)) if len(value) <= _VALUE]
    return tuple(dict.fromkeys(told))


def _strings(value: object) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return (part for part in values if isinstance(part, str))


def _row(past: Past, about: tuple[str, ...]) -> dict[str, Any]:
    told = {"id": past.item_id, "title": past.title, "event": past.event, "value": past.value}
    return told | {"when": past.time[:10] if past.time else None, "about": ", ".join(about[:_ABOUT])}

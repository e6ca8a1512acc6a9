"""Questions for what was not recommended: "why not X?", "why didn't you show me X?", "what kept X out?"."""

import re
from typing import Any

from concierge_agent.brain import TurnContext
from concierge_agent.ledger import Ledger
from concierge_agent.offline.acts import spoken
from concierge_agent.offline.text import Token
from concierge_agent.plan import Plan, Proposal, Step

_LEAD = r"^(?:(?:and|so|but|ok|okay|then|well|hmm|tell me|explain) )*"
_VERBS = r"(?:recommend|suggest|show|offer|include|list|mention|propose|pick|choose)"
_SHOWN = rf"(?:{_VERBS}|includ|chosen|select|there\b|among|missing|left out|leave out|exclud|(?:on|in) the list)"
_AUXILIARY = r"(?:did|do|have|has|was|were|is|are|does|will|would|could|can)"
_ASKS = re.compile(
    rf"{_LEAD}(?:why (?:not|no)\b|why {_AUXILIARY}\b.*\bnot\b.*{_SHOWN}"
    rf"|why {_AUXILIARY}\b.*\b(?:left out|leave out|missing|excluded|drop(?:ped)?)\b"
    rf"|how come\b.*(?:\bnot\b.*{_SHOWN}|\bmissing\b|\bleft out\b)"
    r"|what (?:kept|keeps|held|holds)\b.*\b(?:out|back|away|off)\b"
    r"|what would (?:it take|have to change|bring|get)\b)"
)
_OF_LIST = re.compile(
    rf"{_LEAD}why (?:(?:not|is|was|the|no|number|option|item) )*(\d{{1,3}})"
    r"(?: (?:first|last|there|here|on|at|in|the|top|list|so|high|low|shown|listed|recommended))*$"
)
_NAMED = re.compile(
    rf"\b{_VERBS}(?:ed|ing)?(?: (?:me|us))? (.+?)[?.!\s]*$"
    r"|^\W*(?:(?:and|so|but|ok|okay)\W+)?why not (.+?)[?.!\s]*$",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"^(?:it|that|this|these|those|them|me|us|any|anything|something|more|some|one|ones|others?|another|a|an|the|to|in|at"
    r"|first|just|show|give|find|go|try|let|make|both|either|all|with|by|for|what|i|you)\b",
    re.IGNORECASE,
)
_SURE = 0.75
_MOST = 3


def why_this(context: TurnContext, tokens: list[Token]) -> Proposal | None:
    """Return the look-up of why one item stands in the list shown last: "why 3?", "why is 2 first?", "why not 3?"."""
    shown = context.conversation.last_items
    asked = _OF_LIST.match(spoken(tokens))
    if asked is None or not 1 <= int(asked[1]) <= len(shown):
        return None
    plan = Plan(steps=(_step(context, context.conversation.ledger, [shown[int(asked[1]) - 1].id]),))
    return Proposal(intent="explanation", plan=plan, present=False)


async def why_not(context: TurnContext, tokens: list[Token]) -> Proposal | None:
    """Return the look-up of why something was not recommended; None when the turn does not ask that."""
    if not _ASKS.match(spoken(tokens)) or not context.toolbox.takes("explain_recommendation", "n"):
        return None
    ids = await _items(context) or _unheard_of(context.text)
    if not ids:
        return None
    plan = Plan(steps=(_step(context, context.conversation.ledger, ids),))
    return Proposal(intent="explanation", plan=plan, present=False)


def _step(context: TurnContext, ledger: Ledger, ids: list[str]) -> Step:
    arguments: dict[str, Any] = {"item_ids": ids, "filters": [c.model_dump() for c in ledger.constraints]}
    if ledger.wish is not None:
        arguments["query"] = ledger.wish
    if context.conversation.user_id is not None:
        arguments["user_id"] = context.conversation.user_id
    return Step(id="s1", tool="explain_recommendation", arguments=arguments, purpose="why not")


async def _items(context: TurnContext) -> list[str]:
    """Return the items that the turn names, the longest mentions first, none within another."""
    result = await context.toolbox.call("resolve_mentions", {"text": context.text[:2000]}, step="named")
    named = [m for m in result.get("mentions", ()) if m["kind"] == "item" and m["score"] >= _SURE]
    named.sort(key=lambda m: (m["span"][0] - m["span"][1], -m["score"]))
    taken: list[tuple[int, int]] = []
    ids: list[str] = []
    for mention in named:
        start, end = mention["span"]
        if all(end <= first or start >= last for first, last in taken):
            taken.append((start, end))
            ids.append(str(mention["item_id"]))
    return list(dict.fromkeys(ids))[:_MOST]


def _unheard_of(text: str) -> list[str]:
    """Return what is asked about by a name that the catalog does not have, as the user wrote it."""
    found = _NAMED.search(" ".join(text.split()))
    name = next((group for group in found.groups() if group), "").strip(" \"'“”") if found is not None else ""
    plain = _NOBODY.match(name) or name == name.lower()
    return [name[:200]] if name and not plain else []

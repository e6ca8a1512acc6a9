"""Questions: about shown or named items, about which of them is the most of something, and about the catalog itself.

They are answered by looking things up. They never change the ledger, and never answer what the user was asked.
"""

import re
from dataclasses import replace

from concierge_agent.brain import TurnContext
from concierge_agent.offline.acts import spoken
from concierge_agent.offline.comparing import beyond, compared, only
from concierge_agent.offline.qualities import quality_at
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.references import references
from concierge_agent.offline.text import Token
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.offline.why_not import why_not
from concierge_agent.phrases import label
from concierge_agent.plan import Plan, Proposal, Step
from concierge_agent.values import FieldDescription

_LEAD = r"(?:(?:and|so|but|ok|okay|then|well|wait|hmm|oh|by the way|the \w+ (?:one )?you showed(?: me)?) )*"
_NTH = r"(?:first|second|third|fourth|fifth|last|\d{1,2}(?:st|nd|rd|th)?)"
_POINT = (
    rf"(?:(?:it|this|that|these|those|they|them|both)(?: (?:one|ones|two))?|the {_NTH}(?: (?:one|two))?|number \d+)"
)
_YES_NO = re.compile(
    rf"^{_LEAD}(?:is|are|was|were|does|do|did|has|have|do you have|have you got|can i (?:\w+))\b (?:{_POINT})\b"
    r"(?! (?:all|everything|it|possible|ok|okay|alright|fine|not|to be)\b)"
)
_WH = re.compile(
    rf"^{_LEAD}(?:who|what|when|where|how|which)\b(?! (?:about|else|come)\b).*"
    rf"\b(?:is|are|was|were|does|do|did|has|have|in|of|for|by|\w+ed|wrote|made|stars?|sang|plays)\b (?:{_POINT})\b"
    r"(?! (?:like|you|i|we)\b)"
)
_ABOUT_FIELD = re.compile(rf"^{_LEAD}(?:who|what|when|where|how)\b")
_OTHERS = re.compile(r"\b(?:you|your|i|we|there|my|me|else|about|come)\b")
_HOW = re.compile(
    rf"^{_LEAD}how (?:long|much|old|big|large|heavy|expensive|recent|new)(?: (?:is|was|does|did|are))?(?: .*)?$"
)
_WITH_TITLE = re.compile(
    rf"^{_LEAD}(?:is|are|was|were|does|did|has|do you have|have you got|can i \w+|who|what|when|how)\b"
)
_WHICH = re.compile(
    rf"^{_LEAD}(?:which|what)(?: one| ones| of (?:these|those|them))*(?: is| are| has| have| was| would be)\b"
)
_OF_SHOWN = re.compile(r"\b(?:of|among|amongst|out of) (?:these|those|them|all (?:these|those|of them))\b")
_WHICH_ONE = re.compile(rf"^{_LEAD}which\b")
_MOST = {"most": True, "highest": True, "largest": True, "biggest": True, "least": False, "fewest": False,
         "lowest": False, "smallest": False}  # fmt: skip
_KINDS = re.compile(
    rf"^{_LEAD}(?:what|which)(?: other| different)?(?: (?:kinds?|types?|sorts?) of)? (.+?) (?:do you (?:have|carry|"
    r"sell|stock|offer|know)|have you got|are there|is there|exist|are available|"
    r"can i (?:choose|pick|have))(?: \w+){0,3}$"
)
_HOW_MANY = re.compile(
    rf"^{_LEAD}how many (.*?)\b(?:do you (?:have|carry|sell|stock|offer|know)|have you got|are there|"
    r"are (?:in|available)|exist)\b"
)
_POINTS = re.compile(
    r"^(?:(?:and|so|but|ok|okay|then) )*(?:is|are|was|does|do|did|has|how|who|what|when|where|why|which|tell|compare|"
    r"number|the|i|we)\b"
)
_CALLED = re.compile(
    r"\b(?i:is|are|was|does|do|did|on|of|about|for|has|have|costs?) (?:the )?"
    r"((?!(?i:it|that|this|they|these|those|any|you|i|we)\b)(?:[A-Z][\w'-]* )+[A-Z\d][\w'-]*)"
)
_NOT_ASKING = frozenset({"why", "history", "more", "reset", "greeting", "thanks", "help", "bye"})
_BACK = 4
_SURE = 0.75


async def asked(context: TurnContext, words: Vocabulary, tokens: list[Token]) -> Proposal | None:
    """Return the look-up that answers a question; None when the turn asks nothing that can be looked up."""
    said = spoken(tokens)
    shown = context.conversation.last_items
    if (missing := await why_not(context, tokens)) is not None:
        return missing
    if context.conversation.pending is None and _POINTS.search(said) and beyond(tokens, shown):
        return Proposal(intent="ask", reply=only(shown), present=False)
    side_by_side = await compared(context, words, tokens)
    if side_by_side is not None:
        told = isinstance(side_by_side, str)
        return Proposal(intent="ask", reply=str(side_by_side), present=False) if told else details(list(side_by_side))
    if (found := _of_catalog(said, tokens, words)) is not None:
        return found
    if _HOW_MANY.match(said) and not re.search(rf"\b(?:does|do|did|has|have) {_POINT}\b", said):
        return await _count(context, words, said)
    if (found := await _most_of_shown(context, words, tokens, said)) is not None:
        return found
    return await _of_items(context, words, tokens, said)


def details(ids: list[str], *, notes: tuple[str, ...] = ()) -> Proposal:
    """Look items up; what of them is told follows from the user's words (see `comparing`)."""
    return _look_up("get_item_details", {"item_ids": ids}, "more about it", notes)


def _look_up(tool: str, arguments: dict[str, object], purpose: str, notes: tuple[str, ...] = ()) -> Proposal:
    plan = Plan(steps=(Step(id="s1", tool=tool, arguments=arguments, purpose=purpose),))
    return Proposal(intent="ask", plan=plan, present=False, notes=notes)


def _of_catalog(said: str, tokens: list[Token], words: Vocabulary) -> Proposal | None:
    """Answer "which X do you have?" about a field from the catalog's description."""
    found = _KINDS.match(said) or _HOW_MANY.match(said)
    if found is None:
        return None
    count = len(found[1].split())
    for i in range(len(tokens)):
        named = words.named_at(tokens, i)
        if named is not None and named[0].top_values and named[1] - i >= count:
            return _look_up("describe_catalog", {}, f"what there is: {label(named[0].name)}")
    return None


async def _count(context: TurnContext, words: Vocabulary, said: str) -> Proposal | None:
    """Count what meets the conditions of the question, whatever stands in the ledger."""
    if not context.toolbox.takes("search_catalog", "filters"):
        return None
    found = _HOW_MANY.match(said)
    asked_of = f"{found[1]} {said[found.end() :]}".strip() if found is not None else said
    reading = await understand(replace(context, text=asked_of), words)
    arguments: dict[str, object] = {"query": "", "filters": _filters(reading, words), "n": 1}
    return _look_up("search_catalog", arguments, "how many there are", tuple(reading.notes))


async def _most_of_shown(context: TurnContext, words: Vocabulary, tokens: list[Token], said: str) -> Proposal | None:
    shown = context.conversation.last_items
    pointed = _OF_SHOWN.search(said) or _WHICH_ONE.match(said)
    extreme = _superlative(tokens, words)
    if not shown or extreme is None or not pointed or not (_WHICH.match(said) or _OF_SHOWN.search(said)):
        return None
    field, descending = extreme
    values = {item.id: item.fields.get(field.name) for item in shown}
    missing = [i for i, value in values.items() if value is None]
    if missing:
        result = await context.toolbox.call("get_item_details", {"item_ids": missing}, step="compare")
        values |= {item["id"]: item["fields"].get(field.name) for item in result["items"]}
    numbers = {i: v for i, v in values.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    texts = {i: v for i, v in values.items() if isinstance(v, str)}
    most = max if descending else min
    if numbers:
        best = most(numbers.values())
        ids = [i for i, v in numbers.items() if v == best]
    elif texts:
        latest = most(texts.values())
        ids = [i for i, v in texts.items() if v == latest]
    else:
        reply = f"None of those says its {label(field.name)}, so I cannot tell."
        return Proposal(intent="ask", reply=reply, present=False)
    end = "highest" if descending else "lowest"
    return details(ids, notes=(f"Of what I showed last, that is the {end} {label(field.name)}.",))


def _superlative(tokens: list[Token], words: Vocabulary) -> tuple[FieldDescription, bool] | None:
    for i, token in enumerate(tokens):
        quality = quality_at(tokens, i)
        if quality is not None and quality.degree == "superlative" and quality.which is not None:
            field = words.best_measuring(quality.which)
            if field is not None:
                return field, quality.side == "high"
        if token.text in _MOST:
            named = words.named_at(tokens, i + 1)
            if named is not None and named[0] in words.measured:
                return named[0], _MOST[token.text]
    return None


async def _of_items(context: TurnContext, words: Vocabulary, tokens: list[Token], said: str) -> Proposal | None:
    """Answer a question about items that were shown, looked up or are named in it."""
    yes_no, wh = bool(_YES_NO.match(said)), bool(_WH.match(said))
    of_field = bool(_ABOUT_FIELD.match(said)) and not _OTHERS.search(said)
    of_field = of_field and (bool(_HOW.match(said)) or any(words.named_at(tokens, i) for i in range(len(tokens))))
    if not (yes_no or wh or of_field or _WITH_TITLE.match(said)):
        return None
    reading = await understand(context, words)
    if reading.act in _NOT_ASKING or reading.likes or reading.dislikes or reading.seeds or reading.compared:
        return None
    titled = [n.item_id for n in reading.items if n.by_title]
    if not titled and not (yes_no or wh or of_field):
        return None
    ids = titled or _pointed(tokens, context)
    if not ids and (unheard := await unheard_of(context)) is not None:
        return unheard
    ids = ids or await _spoken_of(context)
    if not ids:
        return None
    filters = await _claimed(context, words, reading, said) if yes_no or titled else []
    notes = tuple(n for n in reading.notes if n.startswith("I took") and "question" not in n)
    if filters:
        arguments: dict[str, object] = {"item_ids": ids, "filters": filters}
        return _look_up("check_availability", arguments, "whether that is so", notes)
    if reading.act == "availability":
        return _look_up("check_availability", {"item_ids": ids}, "whether it can be had now", notes)
    return details(ids, notes=notes)


async def unheard_of(context: TurnContext) -> Proposal | None:
    """Return the reply to a question about a name of several words where the catalog has nothing like it."""
    found = _CALLED.search(" ".join(context.text.split()))
    if found is None:
        return None
    result = await context.toolbox.call("resolve_mentions", {"text": found[1]}, step="named")
    if result.get("mentions"):
        return None
    return Proposal(intent="ask", reply=f'Nothing in the catalog is called "{found[1]}".', present=False)


async def _claimed(context: TurnContext, words: Vocabulary, reading: Reading, said: str) -> list[dict[str, object]]:
    """Return what the question asks about, as conditions: what is left of it without the item and the verb."""
    opening = _YES_NO.match(said) or _WITH_TITLE.match(said)
    rest = said[opening.end() :] if opening is not None else said
    for named in reading.items:
        if named.by_title:
            rest = re.sub(re.escape(named.title.lower()), " ", rest)
    if not rest.strip():
        return []
    return _filters(await understand(replace(context, text=rest.strip()), words), words)


def _pointed(tokens: list[Token], context: TurnContext) -> list[str]:
    shown = context.conversation.last_items
    found = references(tokens, len(shown), set())
    return list(dict.fromkeys(shown[p].id for r in found for p in r.positions))


async def _spoken_of(context: TurnContext) -> list[str]:
    """Return the items that "it" stands for: the last that were shown, or that an earlier turn named and told of."""
    for turn in context.conversation.turns[::-1][:_BACK]:
        if turn.items:
            return [item.id for item in turn.items]
        again = [item.id for item in context.conversation.last_items if f"**{item.title}**" in turn.reply]
        if again:
            return again
        result = await context.toolbox.call("resolve_mentions", {"text": turn.text[:2000]}, step="earlier")
        named = [m for m in result.get("mentions", ()) if m["kind"] == "item" and m["score"] >= _SURE]
        told = [str(m["item_id"]) for m in named if m.get("title") and f"**{m['title']}" in turn.reply]
        if told:
            return list(dict.fromkeys(told))
    return [item.id for item in context.conversation.last_items]


def _filters(reading: Reading, words: Vocabulary) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [s.constraint.model_dump() for s in reading.stated]
    for answered in reading.answered:
        field = words.catalog.field(answered.field)
        op = "contains_any" if field is not None and field.type == "tags" else "in"
        found.append({"field": answered.field, "op": op, "value": list(answered.values)})
    return found

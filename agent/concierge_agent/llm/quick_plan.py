"""The quick form of a plan: one action and flat lists, in a prompt that fits a small model's context."""

from collections.abc import Set
from typing import Any

from concierge_agent.brain import TurnContext
from concierge_agent.ledger import Change, Entry
from concierge_agent.llm.model import Message, Prompt
from concierge_agent.llm.parsing import UnusableReply, parse
from concierge_agent.llm.plan_form import Asked
from concierge_agent.llm.quick_numbers import unfounded
from concierge_agent.llm.quick_wire import ABOUT_ITEMS, REPLY, Offer, QuickFilter, QuickReply
from concierge_agent.llm.state import Findings, quoted, short_fields
from concierge_agent.phrases import label, phrase
from concierge_agent.plan import Plan, Proposal, Step
from concierge_agent.prompts.library import Prompts
from concierge_agent.values import CatalogDescription, Constraint, FieldDescription, Mention

_WORDS = 200
_LOOK_UPS = ("get_item_details", "explain_recommendation")
_ACTIONS = {
    "recommend_for_user": "to their taste, under the filters",
    "search_catalog": 'by a theme or mood in "text"',
    "get_similar_items": '"like X", with "items"',
    "get_trending_items": "what is popular",
    "get_item_details": 'facts of "items"',
    "explain_recommendation": 'why "items" were shown',
    REPLY: "nothing to look up",
}


class QuickPlan:
    """Implements `PlanForm` for small models, and for small contexts."""

    def __init__(self, prompts: Prompts) -> None:
        self._template = prompts["plan_quick"]

    def asked(self, context: TurnContext, findings: Findings, model: str) -> Asked:
        """Return the request for the plan of this turn."""
        offer = Offer.of(context, findings.mentions)
        rules = self._template.fill(**quick_slots(context))
        message = Message("user", (_state(context, findings.mentions),))

        def read(text: str) -> Proposal:
            return _proposal(parse(text, QuickReply), offer, context)

        front = self._template.front
        prompt = Prompt(
            model, (rules,), (message,), offer.schema(context), max_tokens=front.max_tokens, variety=front.variety
        )
        return Asked(prompt, read, (self._template.name,))


def quick_slots(context: TurnContext) -> dict[str, str]:
    """Return what fills the template's slots."""
    known = [name for name in _ACTIONS if name == REPLY or name in context.toolbox.tools]
    return {
        "actions": "; ".join(f'"{name}" ({_ACTIONS[name]})' for name in known),
        "fields": "; ".join(_field(field) for field in context.catalog.fields),
    }


def _proposal(reply: QuickReply, offer: Offer, context: TurnContext) -> Proposal:
    retracted = [Change(op="retract", entry_id=e.id) for e in _retracted(reply, offer, context)]
    gone = {change.entry_id for change in retracted}
    entries = _entries(reply, offer, context, gone)
    step = _step(reply, offer, context)
    if problems := tuple(unfounded(reply, offer, context)):
        raise UnusableReply(problems)
    said = (reply.text.strip() or None) if reply.action == REPLY else None
    if step is None and said is None and not entries and not retracted:
        raise UnusableReply(("The reply runs nothing and says nothing: choose an action, or give its text.",))
    return Proposal(
        intent=reply.intent,
        changes=(*retracted, *(Change(op="add", entry=entry) for entry in entries)),
        plan=Plan(steps=(step,) if step is not None else ()),
        present=reply.action not in _LOOK_UPS,
        reply=said,
    )


def _retracted(reply: QuickReply, offer: Offer, context: TurnContext) -> list[Entry]:
    """Return the entries to retract: those of them that the message has something to do with.

    Small models drop what they should keep. A constraint goes only when the message limits its field anew, names the
    field or value, or answers which constraint to let go; a like or dislike when it names the item.
    """
    pending = context.conversation.pending
    relaxing = pending is not None and pending.kind == "relax"
    limited = {wanted.field for wanted in reply.filters if offer.has(wanted, context)}
    text = context.text.casefold()

    def concerned(entry: Entry) -> bool:
        if entry.constraint is not None:
            field = context.catalog.field(entry.constraint.field)
            words = [label(entry.constraint.field), *(field.aliases if field is not None else ())]
            named = any(word.casefold() in text for word in words)
            return relaxing or named or entry.constraint.field in {*limited, *offer.values}
        if entry.item_id is not None:
            return entry.item_id in offer.named
        return entry.kind == "wish" and reply.action == "search_catalog"

    active = context.conversation.ledger.active()
    return [entry for entry in active if entry.id in reply.retract and concerned(entry)]


def _entries(reply: QuickReply, offer: Offer, context: TurnContext, gone: Set[str | None]) -> list[Entry]:
    def entry(**said: Any) -> Entry:
        return Entry(id="", turn=0, text=context.text, **said)

    active = [e.constraint for e in context.conversation.ledger.active() if e.id not in gone]
    conditions = [_constraint(f, context.catalog) for f in reply.filters if offer.has(f, context)]
    new = list({str(c): c for c in conditions if c not in active}.values())
    made = [
        Entry(id="", turn=0, kind="constraint", text=phrase(constraint, context.catalog), constraint=constraint)
        for constraint in new
    ]
    liked = [i for i in dict.fromkeys(reply.likes) if i in offer.likeable(reply)]
    disliked = [i for i in dict.fromkeys(reply.dislikes) if i in offer.likeable(reply) and i not in liked]
    ledger = context.conversation.ledger
    made += [entry(kind="like", item_id=i) for i in liked if i not in ledger.liked]
    made += [entry(kind="dislike", item_id=i) for i in disliked if i not in ledger.disliked]
    if reply.answered and offer.answered is not None:
        made.append(entry(kind="answer", field=offer.answered, value=_answer(new, offer.answered)))
    if reply.consent and offer.consent and context.conversation.pending is not None:
        made.append(entry(kind="consent", value=context.conversation.pending.confirmation))
    return made


def _answer(new: list[Constraint], field: str) -> Any:
    """Return what an answer says of a field; None is "no preference"."""
    return next((constraint.value for constraint in new if constraint.field == field), None)


def _constraint(wanted: QuickFilter, catalog: CatalogDescription) -> Constraint:
    field = catalog.field(wanted.field)
    value = str(wanted.value) if field is not None and field.type == "date" else wanted.value
    return Constraint(field=wanted.field, op=wanted.op, value=value)


def _step(reply: QuickReply, offer: Offer, context: TurnContext) -> Step | None:
    action, arguments = reply.action, dict[str, Any]()
    if action not in offer.actions:
        raise UnusableReply((f"action: {action!r} is none of {', '.join(offer.actions)}.",))
    if action == REPLY:
        return None
    ledger = context.conversation.ledger
    if action == "search_catalog":
        arguments["query"] = reply.text.strip() or context.text
    elif action in ABOUT_ITEMS:
        named = [i for i in dict.fromkeys(reply.items or reply.likes) if i in offer.items]
        if not named and action in _LOOK_UPS:
            named = [item.id for item in context.conversation.last_items]
        if not named:
            raise UnusableReply((f"items: {action} needs the ids of the items it is about.",))
        arguments["item_ids"] = named
    if action == "explain_recommendation":
        arguments |= {"liked": list(ledger.liked), "disliked": list(ledger.disliked)}
    return Step(id="s1", tool=action, arguments=arguments)


def _state(context: TurnContext, mentions: tuple[Mention, ...]) -> str:
    conversation, catalog = context.conversation, context.catalog
    known = [
        [e.id, phrase(e.constraint, catalog) if e.constraint is not None else f"{e.kind}: {e.title or e.text[:_WORDS]}"]
        for e in conversation.ledger.active()
        if e.kind != "consent"
    ]
    numbers = {field.name for field in catalog.fields if field.type in ("number", "date")}
    shown = [
        [item.id, item.title, {k: v for k, v in short_fields(item.fields).items() if k in numbers}]
        for item in conversation.last_items
    ]
    pending = conversation.pending
    state = {
        "known": known,
        "shown": shown,
        "asked": pending.question.text if pending is not None else None,
        "linked": [_linked(mention) for mention in mentions],
    }
    told = {key: value for key, value in state.items() if value or key == "linked"}
    return f"state {quoted(told)} message {quoted(context.text)}"


def _linked(mention: Mention) -> list[str | None]:
    if mention.kind == "item":
        return [mention.text, "id", mention.item_id]
    return [mention.text, mention.field, mention.value]


def _field(field: FieldDescription) -> str:
    words = ", ".join(part for part in (field.type, field.unit, *field.aliases) if part)
    return f"{field.name} ({words})"

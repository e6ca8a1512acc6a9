"""The user takes what was shown: a short closing reply that names it, and nothing more."""

import re
from collections.abc import Sequence

from concierge_agent.answer import AnswerItem
from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.offline import planner
from concierge_agent.offline.clauses import Clause, clauses
from concierge_agent.offline.moves import (
    LEAD,
    POINT,
    accepts,
    agrees,
    buys,
    declines,
    hesitates,
    is_courtesy,
    points,
    praises,
    prefers,
    tells,
)
from concierge_agent.offline.references import references
from concierge_agent.offline.text import Token, tokenize
from concierge_agent.phrases import listing
from concierge_agent.plan import Proposal

_CHOSEN = planner.TAKEN.split(".")[0]
_CANCELS = re.compile(
    rf"{LEAD}(?:please )?(?:(?:cancel|undo|revoke|scrap|forget|ignore)(?: (?:{POINT}|my choice|the (?:choice|order)))?|"
    rf"no|no wait|wait|wait no|not {POINT}|no not {POINT}|(?:i|we) (?:have )?changed (?:my|our) minds?|"
    rf"take (?:it|that) back|(?:i|we) take (?:it|that) back|(?:i|we) (?:do not|no longer) want {POINT}(?: any ?more)?)"
    r"(?: (?:please|after all|actually|then|sorry))*"
)


def taken(context: TurnContext, tokens: Sequence[Token]) -> Proposal | None:
    """Return the closing reply when the whole turn takes an item that was shown; None when it does anything else.

    Mere praise takes the one item of the turn before. While consent is waited for, what was shown must be named.
    """
    conversation = context.conversation
    if (back := _taken_back(conversation, tokens)) is not None:
        return back
    shown = conversation.last_items
    latest = conversation.turns[-1].items if conversation.turns else ()
    waiting = conversation.pending is not None and conversation.pending.kind != "relax"
    if not shown or (waiting and not latest):
        return None
    found = _with_titles(clauses(tokens), shown)
    firmly = any((accepts(c.words) or prefers(c.words)) and not c.asks for c in found)
    welcome = any(praises(c.words) or agrees(c.words) for c in found)
    firmly = firmly or (welcome and any(points(c.words) for c in found))
    gladly = any(praises(c.words) for c in found) and len(latest) == 1 and conversation.pending is None
    if not (firmly or gladly) or not all(_in_passing(c) for c in found):
        return None
    chosen = _chosen(tokens, shown, found)
    if _gone_on(conversation) and not (chosen is not None and _singled_out(tokens, chosen, shown)):
        titles = listing([item.title for item in shown], "or")
        earlier = f"{titles}, which I showed you before" if len(shown) == 1 else f"{titles}, of those shown before"
        return planner.reply(f"Which one do you mean: {earlier}? Nothing was found since.", intent="feedback")
    if chosen is None:
        return planner.reply(planner.TAKEN, intent="feedback")
    said = planner.BOUGHT if any(accepts(c.words) and buys(c.words) for c in found) else planner.TAKEN_ITEM
    return planner.reply(said.format(title=chosen.title), intent="feedback")


def _gone_on(conversation: Conversation) -> bool:
    """Whether what is asked for changed after the last items were shown, and nothing has been shown since."""
    shown = next((turn.number for turn in reversed(conversation.turns) if turn.items), 0)
    told = [e for e in conversation.ledger.entries if e.kind in ("constraint", "wish", "answer")]
    return any(entry.turn > shown or (entry.retracted or 0) > shown for entry in told)


def _singled_out(tokens: Sequence[Token], chosen: AnswerItem, shown: Sequence[AnswerItem]) -> bool:
    """Whether a turn names one of several shown items by its title or its place."""
    said = f" {' '.join(t.text for t in tokens if t.is_word or t.is_number)} "
    pointed = {p for r in references(tokens, len(shown), set()) for p in r.positions}
    title = clause_words(chosen.title)
    return bool(title and f" {title} " in said) or (len(shown) > 1 and len(pointed) == 1)


def _taken_back(conversation: Conversation, tokens: Sequence[Token]) -> Proposal | None:
    """Return the reply to a turn that takes back the item it took just before; None for anything else."""
    latest = conversation.turns[-1].reply if conversation.turns else ""
    found = clauses(tokens)
    if not latest.startswith(_CHOSEN) or not found or not any(_CANCELS.fullmatch(c.words) for c in found):
        return None
    if not all(_CANCELS.fullmatch(c.words) or declines(c.words) or _in_passing(c) for c in found):
        return None
    title = next((item.title for item in conversation.last_items if f"{_CHOSEN}: {item.title}." in latest), None)
    return planner.reply(planner.TAKEN_BACK.format(title=title or "It"), intent="feedback")


def _in_passing(clause: Clause) -> bool:
    words = clause.words
    kinds = (accepts, prefers, points, praises, agrees, is_courtesy, tells, hesitates)
    return not clause.asks and any(kind(words) for kind in kinds)


def _with_titles(found: Sequence[Clause], shown: Sequence[AnswerItem]) -> list[Clause]:
    """Let "it" stand for the titles of shown items."""
    titles = [words for item in shown if (words := clause_words(item.title))]
    spelt = []
    for clause in found:
        words = f" {clause.words} "
        for title in sorted(titles, key=len, reverse=True):
            words = words.replace(f" the {title} ", " it ").replace(f" {title} ", " it ")
        spelt.append(Clause(clause.start, clause.end, words.strip(), clause.asks, clause.opens))
    return spelt


def clause_words(title: str) -> str:
    """Return a title's words as clauses hold them."""
    return " ".join(t.text for t in tokenize(title) if t.is_word or t.is_number)


def _chosen(tokens: Sequence[Token], shown: Sequence[AnswerItem], found: Sequence[Clause]) -> AnswerItem | None:
    said = f" {' '.join(t.text for t in tokens if t.is_word or t.is_number)} "
    titled = [item for item in shown if f" {clause_words(item.title)} " in said and clause_words(item.title)]
    places = {p for r in references(tokens, len(shown), set()) for p in r.positions}
    pointed = titled or [shown[p] for p in sorted(places)] or list(shown)
    return pointed[0] if len(pointed) == 1 else None

"""The user takes what was shown: a short closing reply that names it, and nothing more."""

from collections.abc import Sequence

from concierge_agent.answer import AnswerItem
from concierge_agent.brain import TurnContext
from concierge_agent.offline import planner
from concierge_agent.offline.clauses import Clause, clauses
from concierge_agent.offline.moves import accepts, agrees, buys, hesitates, is_courtesy, points, praises, tells
from concierge_agent.offline.references import references
from concierge_agent.offline.text import Token, tokenize
from concierge_agent.plan import Proposal


def taken(context: TurnContext, tokens: Sequence[Token]) -> Proposal | None:
    """Return the closing reply when the whole turn takes an item that was shown; None when it does anything else.

    Mere praise takes the one item of the turn before. While consent is waited for, what was shown must be named.
    """
    conversation = context.conversation
    shown = conversation.last_items
    latest = conversation.turns[-1].items if conversation.turns else ()
    if not shown or (conversation.pending is not None and not latest):
        return None
    found = _with_titles(clauses(tokens), shown)
    firmly = any(accepts(c.words) and not c.asks for c in found)
    welcome = any(praises(c.words) or agrees(c.words) for c in found)
    firmly = firmly or (welcome and any(points(c.words) for c in found))
    gladly = any(praises(c.words) for c in found) and len(latest) == 1 and conversation.pending is None
    if not (firmly or gladly) or not all(_in_passing(c) for c in found):
        return None
    chosen = _chosen(tokens, shown, found)
    if chosen is None:
        return planner.reply(planner.TAKEN, intent="feedback")
    said = planner.BOUGHT if any(accepts(c.words) and buys(c.words) for c in found) else planner.TAKEN_ITEM
    return planner.reply(said.format(title=chosen.title), intent="feedback")


def _in_passing(clause: Clause) -> bool:
    words = clause.words
    kinds = (accepts, points, praises, agrees, is_courtesy, tells, hesitates)
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

"""What to do with a turn that was not understood, or of which only a title was."""

from concierge_agent.brain import TurnContext
from concierge_agent.offline import planner
from concierge_agent.offline.acts import says_no, says_yes
from concierge_agent.offline.clarifying import about_named_field, narrowing, tells_of_oneself
from concierge_agent.offline.qualities import comparative_of_other
from concierge_agent.offline.reading import Named, Reading
from concierge_agent.offline.text import Token
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.plan import Intent, Proposal

_COMPLAINTS = frozenset({"not", "no", "hmm", "too", "meh", "nah", "without", "wrong", "bad", "boring", "never"})


def name_bare(reading: Reading) -> None:
    """Let a title that is only named stand for "something like it"."""
    others = reading.seeds or reading.likes or reading.dislikes or reading.waved_away
    titles = [n for n in reading.named if n.by_title]
    if titles and not others:
        reading.seeds = titles
        told = ", ".join(repr(n.title) for n in titles)
        reading.notes.append(f"You named {told}, so I looked for what is like it.")


async def unclear(context: TurnContext, words: Vocabulary, tokens: list[Token], reading: Reading) -> Proposal:
    """Answer what was not understood: ask about the field it names, else show something else after a complaint."""
    if says_yes(tokens):
        return planner.reply(planner.GO_ON, notes=reading.notes)
    turns = context.conversation.turns
    complains = says_no(tokens) or any(token.text in _COMPLAINTS for token in tokens)
    question = about_named_field(tokens, words)
    compares = any(comparative_of_other(tokens, i) is not None for i in range(len(tokens)))
    intent: Intent = "refinement" if compares and turns else "general"
    if question is not None:
        return Proposal(intent=intent, question=question, notes=tuple(reading.notes), certain=False)
    if complains and turns and turns[-1].items:
        reading.waved_away = [Named(item.id, item.title, reading.text) for item in turns[-1].items]
        reading.notes.append("I did not understand all of that, so here is something else.")
        plan = await planner.retrieval(context, context.conversation.ledger, reading)
        return Proposal(intent="feedback", plan=plan, notes=tuple(reading.notes), certain=False)
    question = await narrowing(context, tokens)
    if question is None:
        return planner.reply(planner.UNCLEAR, notes=reading.notes, certain=False)
    notes = (*reading.notes, *(() if tells_of_oneself(tokens) else ("I did not understand that.",)))
    return Proposal(intent=intent, question=question, notes=notes, certain=False)

"""What is said in passing: politeness, news of the user's life, "another one", "no thanks"."""

import re
from collections.abc import Sequence

from concierge_agent.brain import TurnContext
from concierge_agent.offline.acts import wanted_count
from concierge_agent.offline.clauses import Clause, clauses, without
from concierge_agent.offline.moves import asks_for_another, declines, hesitates, is_courtesy, tells
from concierge_agent.offline.reading import Named, Reading
from concierge_agent.offline.references import references
from concierge_agent.offline.text import Token
from concierge_agent.offline.vocabulary import Vocabulary

_REFUSED = re.compile(
    r"(?:(?:no|oh|hmm|sorry|well|ah|um)[ ,]+)*(?P<what>[^,;?!.]{2,60}?) *[,;?!.]+ *(?:uh|um|hmm|well|oh|er)?[ ,]*"
    r"(?:no[, ]+(?:thanks?|thank you|way|please)|(?:i|we)['’]d rather not|i would rather not|rather not|please not|"
    r"not for (?:me|us)|not interested|i['’]ll pass|hard pass|pass)[ .!]*$",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"\b(?:something|anything|show|give|find|want|need|more|else|another|other|others|yes|it|that|this|these|those|"
    r"one|not|no|thanks?)\b",
    re.IGNORECASE,
)


def mere(context: TurnContext, tokens: list[Token], words: Vocabulary) -> Reading | None:
    """Read a turn that is only polite, or only wants anything else than what was shown; None when it says more."""
    found, text = clauses(tokens), context.text.strip()
    more = [c for c in found if asks_for_another(c.words, words.generic)]
    no = [c for c in found if declines(c.words) and not c.asks]
    kind = [c for c in found if is_courtesy(c.words)]
    besides = [c for c in found if c in kind or tells(c.words) or hesitates(c.words)]
    turns = context.conversation.turns
    if (more or no) and context.conversation.last_items and all(c in besides or c in more or c in no for c in found):
        shown = turns[-1].items if no and turns else ()
        away = [Named(item.id, item.title, text, by_title=False) for item in shown]
        return Reading(text, act="more", waved_away=away, requested=True, count=wanted_count(tokens))
    if kind and len(besides) == len(found):
        thanks = any("thank" in c.words or "appreciate" in c.words for c in kind)
        return Reading(text, act="thanks" if thanks else "greeting")
    return None


def trimmed(context: TurnContext, tokens: list[Token], words: Vocabulary) -> str:
    """Return the turn without politeness, mere refusals and "another one", which ask for nothing by themselves."""
    found, text = clauses(tokens), context.text.strip()
    gone = [
        c
        for c in found
        if is_courtesy(c.words)
        or asks_for_another(c.words, words.generic)
        or (declines(c.words) and not c.asks and _stands_alone(c, tokens))
    ]
    return without(text, tokens, gone) if 0 < len(gone) < len(found) else text


def refused(text: str) -> str | None:
    """Return what "X, no thanks" refuses, as a refusal that comes first: "not X"; None when a turn is no such thing."""
    found = _REFUSED.match(text.strip())
    return None if found is None or _WANTED.search(found["what"]) else f"not {found['what'].strip()}"


def _stands_alone(clause: Clause, tokens: Sequence[Token]) -> bool:
    """Whether a refusal is a sentence of its own that points at nothing: "Pass.", "Not quite."."""
    ended = clause.end >= len(tokens) or tokens[clause.end].ends_sentence
    return ended and clause.opens and not references(tokens, len(tokens), set())

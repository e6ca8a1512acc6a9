"""Turns of few words that need no grammar: a bare number, "surprise me", "what do you know about me?"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from concierge_agent.brain import TurnContext
from concierge_agent.conditions import conditions
from concierge_agent.offline import lookups, planner
from concierge_agent.offline.acts import spoken
from concierge_agent.offline.comparing import only
from concierge_agent.offline.quantities import amounts
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.refinement import last_bound
from concierge_agent.offline.text import Token
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.phrases import listing, phrases
from concierge_agent.plan import Proposal

_BARE = re.compile(r"(?:(?:ok|okay|yes|number|option) )*(\d{1,2})(?: please| thanks| thank you)*")
_SURPRISE = re.compile(
    r"(?:(?:ok|okay|just|please|then|well|nvm|nevermind|never mind|so|and|hey|can you|could you) )*"
    r"(?:surprise (?:me|us)|(?:you|your) (?:choose|decide|pick|choice)|dealer s choice|i am feeling lucky)"
    r"(?: (?:then|please|with (?:something|anything)|for me))*"
)
_ABOUT_ME = re.compile(
    r"(?:(?:so|and|but|ok|okay|hey) )*(?:what|which things?) (?:do|have) you "
    r"(?:know|remember|remembered|stored?|learn(?:ed|t)|saved?|kept|keep|got)(?: \w+)? (?:about|of|on) (?:me|us|my \w+)"
    r"(?: (?:so far|already|by now))?"
)
_IS_THERE = re.compile(
    r"(?:(?:and|so|but|ok|okay) )*(?:(?:is|are) there|do you (?:have|offer|give)|does (?:it|this|that) "
    r"(?:have|come with|include))(?: (?:a|an|any|some))? (\w+)(?: (?:on|for|with) (?:it|this|that|them|these|those))?"
)
_ONE_SET = "I keep one set of limits at a time, so I began with {!r}; ask for {!r} next."
_ONE_OFFERED = 'There is only one choice here. Say "yes" if I may leave that out, or "no" if not.'


def settled(context: TurnContext, tokens: list[Token], words: Vocabulary) -> Proposal | None:
    """Answer a bare number, or what is known of the user; None when the turn is something else."""
    return picked(context, tokens, words) or known_of_user(context, tokens)


def picked(context: TurnContext, tokens: list[Token], words: Vocabulary) -> Proposal | None:
    """Answer a bare number: the item at that place of the last list, unless it is an answer, or moves a bound."""
    found = _BARE.fullmatch(spoken(tokens))
    pending, shown = context.conversation.pending, context.conversation.last_items
    if found is None or any(t.text in (".", "-") for t in tokens[:-1]):
        return None
    place = int(found[1])
    if pending is not None:
        few = pending.kind == "relax" and len(pending.drops or pending.rules) == 1
        return planner.reply(_ONE_OFFERED) if few and place != 1 else None
    if 1 <= place <= len(shown):
        return lookups.details([shown[place - 1].id])
    if shown and place and last_bound(context.conversation.ledger, words, tokens) is None:
        return Proposal(intent="ask", reply=only(shown), present=False)
    return None


def leaves_it_to_me(tokens: list[Token]) -> bool:
    """Whether the whole turn only asks for anything at all: "surprise me"."""
    return bool(_SURPRISE.fullmatch(spoken(tokens)))


def known_of_user(context: TurnContext, tokens: list[Token]) -> Proposal | None:
    """Answer what is known of the user: what was said and still counts, and what a known user had."""
    if not _ABOUT_ME.fullmatch(spoken(tokens)):
        return None
    ledger, user = context.conversation.ledger, context.conversation.user_id
    told = phrases(conditions(ledger, context.catalog), context.catalog)
    told += [f"you {e.kind} {e.title or e.text}" for e in ledger.active("like", "dislike")]
    note = f"You told me: {listing(told)}." if told else "You told me nothing of yourself in this conversation."
    if user is None:
        return planner.reply("I do not know who you are, so I know only what you tell me here.", notes=[note])
    found = planner.lookup(Reading("", act="history"), context, ledger, [])
    return None if found is None else Proposal(intent="ask", plan=found, present=False, notes=(note,))


async def not_known_here(context: TurnContext, reading: Reading, tokens: Sequence[Token]) -> str | None:
    """Return the word that "is there a W?" asks about when nothing in the catalog speaks of it; else None."""
    found = _IS_THERE.fullmatch(spoken(list(tokens)))
    understood = reading.stated or reading.answered or reading.compared or reading.items or reading.act is not None
    if found is None or understood or not (reading.wishes or reading.heads):
        return None
    result = await context.toolbox.call("search_catalog", {"query": found[1], "n": 1}, step="probe")
    return None if int(result.get("matched", 0)) else found[1]


async def first_alternative(context: TurnContext, words: Vocabulary, tokens: list[Token]) -> tuple[str, str] | None:
    """Return the first part of "socks under 10 or mugs under 12", which no set of conditions says, and what to tell.

    None when a turn is no such thing.
    """
    text = context.text.strip()
    found = amounts(tokens, set(), words)
    for i in (i for i, token in enumerate(tokens) if token.text == "or"):
        before, after = any(a.end <= i for a in found), any(a.start > i + 1 for a in found)
        if not (before and after):
            continue
        halves = text[: tokens[i].start].strip(" ,"), text[tokens[i].end :].strip(" ,")
        readings = [await understand(replace(context, text=half), words) for half in halves]
        kinds, bounded = zip(*(_fields(reading, words) for reading in readings), strict=True)
        if kinds[0] & kinds[1] and bounded[0] & bounded[1]:
            return halves[0], _ONE_SET.format(*halves)
    return None


def _fields(reading: Reading, words: Vocabulary) -> tuple[set[str], set[str]]:
    """Return the fields whose values a reading asks for, and those it bounds."""
    measured = {field.name for field in words.measured}
    stated = {s.constraint.field for s in reading.stated if s.hard}
    return (stated - measured) | {a.field for a in reading.answered}, stated & measured

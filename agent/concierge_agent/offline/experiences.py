"""What became of an item, told without a verb of liking: "it broke after a week", "couldn't put it down".

The direction is only recorded where the wording leaves no doubt and one item is meant.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from concierge_agent.brain import TurnContext
from concierge_agent.offline.acts import spoken
from concierge_agent.offline.reading import Named, Reading
from concierge_agent.offline.references import references
from concierge_agent.offline.text import Token
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary

_US = r"(?:me|us|my \w+|our \w+|him|her|them|everyone|the \w+)"
_WHAT = r"(?:\w+ ){0,5}?"
_BAD = re.compile(
    rf"\b(?:fell asleep|(?:put|sent) {_US} to sleep|nodded off|dozed off|broke(?: down| apart)?|is broken|"
    rf"(?:stopped|quit|never) work(?:ing|ed)|gave up|(?:turned|switched) {_WHAT}off|walked out|left early|"
    rf"sent {_WHAT}back|returned (?:it|them|the|mine)|took {_WHAT}back to the (?:shop|store)|let {_US} down|"
    rf"(?:was|were|is) a (?:total |complete |real |huge )?(?:waste|letdown|disappointment|mistake|flop|disaster)|"
    rf"(?:did|could|have|has) not (?:even |really )?(?:finish|get through|get into|last|hold up|work|live up)\w*|"
    rf"never (?:finished|again|got into)|fell apart|died (?:on|after|within)|bored {_US}|lost interest|dragged|"
    rf"(?:asked for|got|want) (?:my money|a refund)|snapped|cracked|leaked|ripped|tore|"
    rf"(?:was|is|were) not worth|money down the drain|(?:would|will) not (?:go back|do that again|buy it again|"
    rf"recommend)|left {_US} cold|did nothing for {_US}|got on my nerves|gave {_US} a headache)\b"
)
_GOOD = re.compile(
    rf"\b(?:(?:could|can) not put {_WHAT}down|(?:could|can) not stop|(?:great|lovely|wonderful|fantastic|amazing|good|"
    rf"brilliant|fabulous) time|had a (?:blast|ball)|glued to|(?:kept|had) {_US} (?:up|hooked|glued|laughing|"
    rf"guessing|reading|watching|smiling|on the edge|in stitches)|worth every|served {_US} well|"
    rf"would (?:gladly |happily )?(?:go|stay|come|buy|watch|read|do|order|take) {_WHAT}(?:again|back)|"
    rf"(?:right )?up (?:my|our) (?:street|alley)|blew {_US} away|made (?:my|our) (?:day|evening|week|night)|"
    rf"made {_US} (?:laugh|smile|happy)|exceeded (?:my|our|all) expectations|(?:still )?going strong|"
    rf"works? like a charm|flew by|laughed (?:out loud|so|a lot|till|until)|swept {_US} away|hooked from|"
    rf"(?:was|were|is) (?:a|the) (?:big |huge |real |total |perfect )?(?:hit|highlight|success|joy|treat|delight)|"
    rf"(?:has|have) been running perfectly|never let {_US} down|no complaints|finished {_WHAT}in one (?:sitting|go|"
    rf"evening|night)|devoured|stayed with {_US}|spot on)\b"
)
_TOLD = re.compile(rf"\b(?:made {_US} (?:cry|think|jump|scream)|has been (?:running|working)|turned out|ended up)\b")
_ASKS = re.compile(
    r"\b(?:want|need|looking|show|give|find|recommend|suggest|something|anything|instead|than|should|prefer|please|"
    r"another|under|cheaper|would like|how about|what about|do you|have you|is there|are there)\b"
)


async def experienced(context: TurnContext, words: Vocabulary, tokens: list[Token]) -> Reading | None:
    """Read a turn that only tells what became of an item; None when it asks for anything, or tells of no item."""
    said, shown = spoken(tokens), context.conversation.last_items
    good, bad = bool(_GOOD.search(said)), bool(_BAD.search(said))
    if not (good or bad or _TOLD.search(said)) or _ASKS.search(said) or any(t.text == "?" for t in tokens):
        return None
    reading = await understand(context, words)
    titled = [n for n in reading.items if n.by_title]
    named = list({n.item_id: n for n in titled}.values()) or _pointed(tokens, context)
    if not named and not shown:
        return None
    text = context.text.strip()
    alone = len(named) == 1 or (not named and len(shown) == 1)
    meant = named or [Named(item.id, item.title, text, by_title=False) for item in shown]
    if alone and good != bad:
        told = [replace(n, text=text) for n in meant]
        return Reading(text, likes=told if good else [], dislikes=told if bad else [])
    return Reading(text, act="more", waved_away=meant)


def _pointed(tokens: Sequence[Token], context: TurnContext) -> list[Named]:
    shown = context.conversation.last_items
    places = sorted({p for r in references(tokens, len(shown), set()) for p in r.positions})
    return [Named(shown[p].id, shown[p].title, context.text.strip(), by_title=False) for p in places]

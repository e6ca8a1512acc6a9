"""Turns that repair what was said before: one condition for another, one taken back, one corrected."""

from dataclasses import replace

from concierge_agent.brain import TurnContext
from concierge_agent.offline.acts import asks_for_advice, wanted_count
from concierge_agent.offline.exchange import exchanged
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.refinement import last_bound, let_go, moved, only_a_number
from concierge_agent.offline.released import released
from concierge_agent.offline.text import Token, tokenize
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import FieldDescription


async def repair(context: TurnContext, words: Vocabulary, corrected: str | None) -> Reading | None:
    """Read a turn that repairs what stands; None when it repairs nothing.

    `corrected` is what follows "no wait," and the like, when the turn begins so.
    """
    found = await exchanged(context, words) or await released(context, words)
    if found is not None or corrected is None:
        return found
    tokens = tokenize(corrected)
    moving = last_bound(context.conversation.ledger, words, tokens) if only_a_number(tokens) else None
    expected = moving.field if moving is not None else None
    reading = await understand(replace(context, text=corrected), words, expected)
    reading.correcting = True
    return reading


async def plain(
    context: TurnContext, words: Vocabulary, tokens: list[Token], expected: FieldDescription | None = None
) -> Reading:
    """Read any other turn: a bare number moves the bound it corrects, and a value may be let go or in.

    `expected` is the field that the user was just asked about; then a bare number is its value.
    """
    ledger, text = context.conversation.ledger, context.text.strip()
    bound = last_bound(ledger, words, tokens) if expected is None and only_a_number(tokens) else None
    again = moved(bound, tokens, text) if bound is not None else None
    if again is not None:
        return Reading(text, stated=again)
    reading = await understand(context, words, bound.field if bound is not None else expected)
    if not (reading.stated or reading.items or reading.compared):
        let_go(ledger, tokens, reading)
    reading.requested = reading.requested or asks_for_advice(tokens)
    if reading.count is None:
        reading.count = wanted_count(tokens)
    return reading

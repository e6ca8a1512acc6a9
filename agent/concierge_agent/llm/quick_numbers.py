"""Numbers that a small model puts into filters: each must come from the message, or from an item that was shown.

A wrong number is worse than none (a limit of 200 for "two hours"), so it goes back, and in the end to another brain.
"""

from collections.abc import Iterator

from concierge_agent.brain import TurnContext
from concierge_agent.llm.quick_wire import Offer, QuickReply
from concierge_agent.wording import number_values

_SCALES = (1.0, 60.0, 1 / 60, 1000.0, 1 / 1000)
"""Hours and minutes, kilos and grams. None of 100: it would pass 200 for "two hours"."""
_CENTURIES = (0, 1900, 2000)
_DECADE = 10


def unfounded(reply: QuickReply, offer: Offer, context: TurnContext) -> Iterator[str]:
    """Yield a problem for each number that nothing in the message or in what was shown gives."""
    measures = {field.name: field for field in offer.measures}
    said = number_values(context.text) | _decades(context.text)
    for wanted in reply.filters:
        field = measures.get(wanted.field)
        if field is None or not offer.has(wanted, context):
            continue
        try:
            value = float(wanted.value)
        except ValueError:
            yield f"filters: {wanted.field} takes a number, not {wanted.value!r}."
            continue
        known = {_number(item.fields.get(field.name)) for item in context.conversation.last_items}
        years = {number + century for number in said for century in _CENTURIES}  # a year may be a plain number field
        known |= {year + step for year in years for step in (-1, 0, 1, _DECADE - 1, _DECADE)}
        known |= {number * scale for number in said for scale in _SCALES}
        if not any(other is not None and abs(other - value) < 1e-6 for other in known):
            yield f"filters: the message does not say {wanted.value!r} for {wanted.field}; mind the units."


def _decades(text: str) -> set[float]:
    """Return the numbers of decades in words: 1990 is "nineties" as well."""
    singular = text.casefold().replace("ties", "ty")
    return number_values(singular)


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None

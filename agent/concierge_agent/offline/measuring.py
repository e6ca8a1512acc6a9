"""Measures where they stand in a text, the longest reading first."""

from concierge_agent.offline.dated_measures import age_at, date_at, era_at, month_at
from concierge_agent.offline.measures import Measure
from concierge_agent.offline.text import Token
from concierge_agent.offline.unit_measures import money_at, number_of, united_at
from concierge_agent.offline.vocabulary import Vocabulary


def measure_at(tokens: list[Token], i: int, words: Vocabulary) -> Measure | None:
    """Read the measure that starts at `i`."""
    if i > 0 and tokens[i].glued and tokens[i - 1].is_word and tokens[i].is_number:
        return None
    return (
        age_at(tokens, i)
        or era_at(tokens, i)
        or date_at(tokens, i)
        or month_at(tokens, i, words)
        or money_at(tokens, i)
        or united_at(tokens, i)
        or number_of(tokens, i, words)
    )

"""Answers to what the user was asked: a question about a field, consent, or which condition to drop."""

import re
from dataclasses import dataclass

from concierge_agent.conversation import Pending
from concierge_agent.offline.acts import has_no_preference, says_no, says_yes, spoken
from concierge_agent.offline.text import Token, key, number_at, ordinal_at, tokenize, word_set
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import Constraint

_ALL = word_set("both all everything")
_SHORT = 6
_KEEPS = re.compile(
    r"(?:no|nope|nah|neither|none|not really|rather not|no preference)(?: (?:thanks?|you|thank you|please|"
    r"of (?:them|these|those)))*"
    r"(?: (?:keep|leave) .*| i (?:want|need) (?:all|both|everything).*| do not)?"
)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What the user lets go; empty when they keep everything."""

    drop: tuple[Constraint, ...]


def relaxed(pending: Pending, tokens: list[Token], words: Vocabulary) -> Relaxed | None:
    """Read which condition the user lets go; None when the turn is about something else."""
    options = pending.drops or tuple((rule,) for rule in pending.rules)
    said = [t.text for t in tokens if t.is_word or t.is_number]
    short = len(said) <= _SHORT
    if _KEEPS.fullmatch(" ".join(said)):
        return Relaxed(())
    if says_no(tokens):
        return None
    if short and _ALL & set(said) and "not" not in said:
        return Relaxed(tuple(dict.fromkeys(c for option in options for c in option)))
    position = _chosen(tokens, len(options)) if short else None
    if position is not None:
        return Relaxed(options[position])
    if says_yes(tokens) and len(options) == 1 and short:
        return Relaxed(options[0])
    named = [option for option in options if short and any(_names(c, tokens, words) for c in option)]
    if len(named) == 1 and not any(t.is_number for t in tokens):
        return Relaxed(named[0])
    return None


def _names(constraint: Constraint, tokens: list[Token], words: Vocabulary) -> bool:
    if any(
        (named := words.named_at(tokens, i)) is not None and named[0].name == constraint.field
        for i in range(len(tokens))
    ):
        return True
    values = constraint.value if isinstance(constraint.value, list) else [constraint.value]
    said = key(spoken(tokens))
    return any(isinstance(v, str) and key(v) and _within(key(v), said) for v in values)


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))


def option_of(pending: Pending, tokens: list[Token]) -> str | None:
    """Return the option the user chose by its place or word for word; None when they said something else."""
    options = [str(option.value) for option in pending.question.options]
    said = spoken(tokens)
    exact = next((o for o in options if spoken(tokenize(o)) == said and said), None)
    if exact is not None:
        return exact
    position = _chosen(tokens, len(options)) if len(said.split()) <= 4 else None
    return options[position] if position is not None else None


def _chosen(tokens: list[Token], count: int) -> int | None:
    """Return the position of "2", "the second", "option 2" or "the last one" among `count` options."""
    content = [t for t in tokens if t.is_word or t.is_number]
    for i, token in enumerate(content):
        nth = ordinal_at(content, i)
        if nth is not None and 1 <= nth[0] <= count:
            return nth[0] - 1
        if token.text == "last" and count and i and content[i - 1].text == "the":
            return count - 1
    fillers = {"number", "option", "drop", "no", "the", "one", "please", "choice", "pick"}
    numbers = [n for i in range(len(content)) if (n := number_at(content, i)) is not None and content[i].text != "one"]
    plain = all(t.is_number or t.text in fillers or number_at(content, i) for i, t in enumerate(content))
    if len(numbers) == 1 and plain and numbers[0][0].is_integer() and 1 <= numbers[0][0] <= count:
        return int(numbers[0][0]) - 1
    return None


def open_answer(tokens: list[Token]) -> int | None:
    """Return the token position after "no preference" or the like when the turn opens with it; None otherwise."""
    if has_no_preference(tokens):
        return len(tokens)
    for i, token in enumerate(tokens):
        if token.text in (",", ".", ";", "but", "!") and i and has_no_preference(tokens[:i]):
            return i + 1
    return None

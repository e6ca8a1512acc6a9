"""Answers to what the user was asked: a question about a field, consent, or which condition to drop."""

import re
from dataclasses import dataclass

from concierge_agent.conversation import Pending
from concierge_agent.offline.acts import says_no, says_yes, spoken
from concierge_agent.offline.clauses import Clause, clauses
from concierge_agent.offline.dimensions import DIMENSIONS
from concierge_agent.offline.extending import values_of
from concierge_agent.offline.grammar import FUNCTION_WORDS
from concierge_agent.offline.moves import agrees, hesitates, is_courtesy, leaves_open, waits
from concierge_agent.offline.reading import Answered, Reading, Stated
from concierge_agent.offline.text import Token, key, number_at, ordinal_at, tokenize, word_set
from concierge_agent.offline.valued import constraints
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import Constraint, FieldDescription

_ALL = word_set("both all everything")
_KEEPING = word_set("keep except but leave")
_POOL = word_set("words likeness similar similarity like likeness alike search resemblance")
_SHORT = 8
_PARTLY = re.compile(r"\b(?:keep|leave) (?!all|both|everything|them|it|that|those|these)")
_KEEPS = re.compile(
    r"(?:no|nope|nah|neither|none|not really|rather not|no preference)(?: (?:thanks?|you|thank you|please|"
    r"of (?:them|these|those)))*"
    r"(?: (?:keep|leave) .*| i (?:want|need) (?:all|both|everything).*| do not)?"
)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What the user lets go; empty when they keep everything."""

    drop: tuple[Constraint, ...] = ()
    pool: bool = False
    """Whether the likeness or the words that were searched for go too."""
    named: bool = False
    """Whether the turn names what goes, or what stays."""


def relaxed(pending: Pending, tokens: list[Token], words: Vocabulary) -> Relaxed | None:
    """Read which condition the user lets go; None when the turn is about something else.

    Naming some of the conditions lets those go and no others; naming what to keep lets the rest go.
    """
    options = pending.drops or tuple((rule,) for rule in pending.rules)
    every = tuple(dict.fromkeys(_Hashed(c) for option in options for c in option))
    said = [t.text for t in tokens if t.is_word or t.is_number]
    short = len(said) <= _SHORT
    if _KEEPS.fullmatch(" ".join(said)) and not _PARTLY.search(" ".join(said)):
        return Relaxed()
    if not short or (any(t.is_number for t in tokens) and _chosen(tokens, len(options)) is None):
        return None
    kept = next((i for i, t in enumerate(tokens) if t.text in _KEEPING), None)
    named = [c.constraint for c in every if _names(c.constraint, tokens if kept is None else tokens[kept:], words)]
    if named and kept is not None:
        return Relaxed(tuple(c.constraint for c in every if c.constraint not in named), named=True)
    if says_no(tokens):
        return None
    if _ALL & set(" ".join(said).replace("after all", "").split()) and "not" not in said:
        return Relaxed(tuple(c.constraint for c in every), pool=() in options)
    position = _chosen(tokens, len(options))
    if position is not None:
        return Relaxed(options[position], pool=options[position] == (), named=True)
    if named and (len(named) == 1 or any(set(map(repr, named)) == set(map(repr, option)) for option in options)):
        return Relaxed(tuple(named), named=True)
    if () in options and _POOL & set(said) and not named:
        return Relaxed(pool=True, named=True)
    if says_yes(tokens) and len(options) == 1 and not named:
        return Relaxed(options[0], pool=options[0] == ())
    return None


class _Hashed:
    """A constraint that hashes by what it says (its value may be a list)."""

    def __init__(self, constraint: Constraint) -> None:
        self.constraint = constraint

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and repr(self.constraint) == repr(other.constraint)

    def __hash__(self) -> int:
        return hash(repr(self.constraint))


def _names(constraint: Constraint, tokens: list[Token], words: Vocabulary) -> bool:
    """Whether a text names a constraint: by its field, by what the field measures, or by its value or a part of it."""
    spans = [named for i in range(len(tokens)) if (named := words.named_at(tokens, i)) is not None]
    if any(field.name == constraint.field for field, _ in spans):
        return True
    measured = (words.best_measuring(d) for d in DIMENSIONS if any(t.text in d.nouns for t in tokens))
    if any(field is not None and field.name == constraint.field for field in measured):
        return True
    said = {stem for t in tokens if t.is_word and t.text not in FUNCTION_WORDS for stem in key(t.text)}
    return any(isinstance(v, str) and said & set(key(v)) for v in values_of(constraint))


def option_of(pending: Pending, tokens: list[Token]) -> str | None:
    """Return the option the user chose by its place or word for word; None when they said something else."""
    options = [str(option.value) for option in pending.question.options]
    said = spoken(tokens)
    exact = next((o for o in options if spoken(tokenize(o)) == said and said), None)
    if exact is not None:
        return exact
    position = _chosen(tokens, len(options)) if len(said.split()) <= 4 else None
    return options[position] if position is not None else None


def choose(reading: Reading, field: FieldDescription | None, name: str, chosen: str, *, first: bool) -> None:
    """Read the choice of an option: an answer where the store asks `first`, else a condition on the field."""
    if first or field is None:
        reading.answered.append(Answered(name, (chosen,), reading.text))
    elif field.type == "boolean":
        wanted = Constraint(field=name, op="==", value=chosen.lower() in ("true", "yes"))
        reading.stated.append(Stated(wanted, reading.text))
    else:
        made = constraints(field, [chosen], negated=False, any_of=False)
        reading.stated.extend(Stated(constraint, reading.text) for constraint in made)


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


def open_answer(tokens: list[Token]) -> list[Clause] | None:
    """Return the clauses that say more when an answer opens by leaving the choice open; None when it does not."""
    found = [c for c in clauses(tokens) if not (is_courtesy(c.words) or hesitates(c.words))]
    if not found or not (leaves_open(found[0].words) or waits(found[0].words)):
        return None
    return [c for c in found if not (leaves_open(c.words) or waits(c.words) or agrees(c.words))]

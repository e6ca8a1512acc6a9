"""Measures with units: money, sums and parts of units ("an hour and a half", "half a kilo"), scores, bare numbers."""

from dataclasses import replace

from concierge_agent.offline.grammar import FUNCTION_WORDS
from concierge_agent.offline.measures import Measure
from concierge_agent.offline.measures import text_at as _text
from concierge_agent.offline.text import Token, number_at, part_at, stem, word_set
from concierge_agent.offline.units import (
    CURRENCIES,
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    HUNDREDTHS,
    SQUARED,
    SUMS,
    UNITS,
    Unit,
)
from concierge_agent.offline.vocabulary import Vocabulary

_ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th"})
_ARTICLES = frozenset({"a", "an"})
_PART_OF_ONE = (
    (("half",), 0.5),
    (("quarter", "of"), 0.25),
    (("three", "quarters", "of"), 0.75),
    (("third", "of"), 1 / 3),
)
_PER = word_set("a an per each every / apiece")
_THOUSANDS = 3
_CLOCK = 60
_YEARS = range(1000, 2201)
_SCALES = frozenset({5.0, 10.0, 20.0, 100.0})
"""What scores are given out of."""
_NOT_ONE = word_set("second seconds stone")


def money_at(tokens: list[Token], i: int) -> Measure | None:
    """Read "€80", "EUR 80", "80 euros", "80 bucks", "a tenner", "two grand", "99 cents"; "a night" may follow."""
    sign = _text(tokens, i)
    if sign in CURRENCY_SIGNS or sign in CURRENCY_CODES:
        number = _priced_number(tokens, i + 1)
        if number is not None:
            after = number[1] + (_text(tokens, number[1]) in CURRENCIES)
            return _money(tokens, i, after, number[0], CURRENCIES[sign])
        return None
    if sign in _ARTICLES and _text(tokens, i + 1) in SUMS:
        amount, code = SUMS[_text(tokens, i + 1)]
        return _money(tokens, i, i + 2, amount, code)
    number = _priced_number(tokens, i)
    if number is None:
        return None
    value, j = number
    j += _text(tokens, j) == "-" and _text(tokens, j + 1) in CURRENCIES and tokens[j + 1].glued
    word = _text(tokens, j)
    if word in CURRENCIES:
        return _money(tokens, i, j + 1, value, CURRENCIES[word])
    if word in SUMS:
        return _money(tokens, i, j + 1, value * SUMS[word][0], SUMS[word][1])
    if word in HUNDREDTHS:
        return _money(tokens, i, j + 1, value / 100, "")
    return None


def _priced_number(tokens: list[Token], i: int) -> tuple[float, int] | None:
    """Read a number as prices are written, where "1.299" is more than a thousand."""
    number = number_at(tokens, i)
    if number is None:
        return None
    whole, _, rest = _text(tokens, i).partition(".")
    grouped = number[1] == i + 1 and whole.isdigit() and whole != "0" and rest.isdigit() and len(rest) == _THOUSANDS
    return (number[0] * 1000, number[1]) if grouped else number


def _money(tokens: list[Token], start: int, end: int, value: float, code: str) -> Measure:
    after = _after_rate(tokens, end)
    return Measure(start, after, "currency", value, value, currency=code, rate=after > end)


def _after_rate(tokens: list[Token], i: int) -> int:
    """Return the position after "a night", "per person", "each", or `i` itself."""
    if _text(tokens, i) in ("each", "apiece"):
        return i + 1
    noun = _text(tokens, i + 1)
    if _text(tokens, i) in _PER and noun.isalpha() and noun not in ("lot", "bit", "few", "couple", "little"):
        return i + 2
    return i


def united_at(tokens: list[Token], i: int) -> Measure | None:
    """Read an amount of a known unit, with its parts: "an hour and a half", "2h20", "1:45", "half a kilo"."""
    clock = _clock(tokens, i)
    if clock is not None:
        return clock
    quantity = _quantity(tokens, i)
    if quantity is None:
        return None
    value, j, article = quantity
    named = _unit(tokens, j)
    if named is None or (article and _text(tokens, j) in _NOT_ONE):
        return None
    unit, j = named
    if unit.dimension == "duration" and _is_old(tokens, j):
        return None
    part = part_at(tokens, j)
    if part is not None:
        return _measured(tokens, i, part[1], unit, value + part[0])
    k = j + (_text(tokens, j) == "and")
    rest = number_at(tokens, k)
    if rest is not None:
        finer = _unit(tokens, rest[1])
        of_else = finer is not None and k > j and _text(tokens, finer[1]) == "of"
        if finer is not None and not of_else and finer[0].dimension == unit.dimension and finer[0].factor < unit.factor:
            return _measured(tokens, i, finer[1], unit, value + rest[0] * finer[0].factor / unit.factor)
        minutes = rest[0] < _CLOCK and (tokens[j].glued or (finer is None and _closes(tokens, rest[1])))
        if k == j and minutes and unit == UNITS["hour"]:
            return _measured(tokens, i, rest[1], unit, value + rest[0] / _CLOCK)
    return replace(_measured(tokens, i, j, unit, value), article=article)


def _closes(tokens: list[Token], i: int) -> bool:
    """Whether no noun follows that a number before `i` could count, as in "one hour forty-five max"."""
    return i >= len(tokens) or not tokens[i].is_word or tokens[i].text in FUNCTION_WORDS


def _is_old(tokens: list[Token], i: int) -> bool:
    return _text(tokens, i + (_text(tokens, i) == "-")) in ("old", "olds")


def _quantity(tokens: list[Token], i: int) -> tuple[float, int, bool] | None:
    """Return how many of the unit that follows, where it stands, and whether an article alone says so."""
    j = i + (_text(tokens, i) in _ARTICLES)
    for words, part in _PART_OF_ONE:
        end = j + len(words)
        if [_text(tokens, k) for k in range(j, end)] == list(words):
            end += _text(tokens, end) in _ARTICLES
            end += _text(tokens, end) == "-" and tokens[end].glued
            return part, end, False
    number = number_at(tokens, i)
    if number is not None:
        return number[0], number[1], False
    return (1.0, j, True) if j > i else None


def _unit(tokens: list[Token], i: int) -> tuple[Unit, int] | None:
    """Read a unit of measure at `i`, after a hyphen where there is one."""
    i += _text(tokens, i) == "-" and i + 1 < len(tokens) and tokens[i + 1].glued
    word = _text(tokens, i)
    if word in ("square", "sq") and _text(tokens, i + 1) in SQUARED:
        return UNITS[SQUARED[_text(tokens, i + 1)]], i + 2
    if word in ("m", "ft", "km") and _text(tokens, i + 1) == "2" and tokens[i + 1].glued:
        return UNITS[f"{word}2"], i + 2
    if word == "km" and [_text(tokens, i + 1), _text(tokens, i + 2)] == ["/", "h"]:
        return UNITS["kmh"], i + 3
    if word == '"' and (not tokens[i].glued or sum(t.text == '"' for t in tokens[:i]) % 2):
        return None
    return (UNITS[word], i + 1) if word in UNITS else None


def _measured(tokens: list[Token], start: int, end: int, unit: Unit, value: float) -> Measure:
    return Measure(start, end, "unit", value, value, unit=unit, attributive=_attributive(tokens, start, end))


def _attributive(tokens: list[Token], start: int, end: int) -> bool:
    """Whether the unit stands in the singular after more than one: "a two-hour walk", "a 3-star hotel"."""
    dashed = any(tokens[k].text == "-" for k in range(start, end))
    return dashed or (_text(tokens, start - 1) in _ARTICLES and not _text(tokens, end - 1).endswith("s"))


def _clock(tokens: list[Token], i: int) -> Measure | None:
    """Read "1:45" as hours and minutes, unless it tells the time of day."""
    hours, colon, minutes = (_text(tokens, k) for k in (i, i + 1, i + 2))
    if colon != ":" or not hours.isdigit() or not minutes.isdigit() or len(minutes) != 2 or int(minutes) >= _CLOCK:
        return None
    if not (tokens[i + 1].glued and tokens[i + 2].glued):
        return None
    if _text(tokens, i + 3) in ("am", "pm", "a", "p") or _text(tokens, i - 1) in ("at", "until", "till", "by", "it's"):
        return None
    return Measure(i, i + 3, "unit", int(hours) + int(minutes) / _CLOCK, int(hours) + int(minutes) / _CLOCK, UNITS["h"])


def number_of(tokens: list[Token], i: int, words: Vocabulary) -> Measure | None:
    """Read a number without a known unit: bare, out of a maximum, or of what the catalog itself counts."""
    number = number_at(tokens, i)
    if number is None:
        return None
    value, j = number
    if _text(tokens, j) in _ORDINAL_ENDINGS and tokens[j].glued:
        return None
    if tokens[i].is_word and j == i + 1 and (value < 2 or tokens[i].text == "zero") and _text(tokens, j) not in UNITS:
        return None
    here = Measure(i, j, "number", value, value, article=_text(tokens, i - 1) in _ARTICLES)
    if _text(tokens, j) == "/" or (_text(tokens, j) == "out" and _text(tokens, j + 1) == "of"):
        top = number_at(tokens, j + (1 if _text(tokens, j) == "/" else 2))
        if top is not None and top[0] >= value and top[0] in _SCALES:
            return replace(here, end=top[1], kind="score", out_of=top[0])
    after = j + (_text(tokens, j) == "-" and j + 1 < len(tokens) and tokens[j + 1].glued)
    unit = _text(tokens, after)
    own = {stem(word) for f in words.measured for word in (f.unit or "", f.name, *f.aliases) if word.isalpha()}
    dated = value.is_integer() and int(value) in _YEARS and unit.endswith("ed")
    if unit and unit.isalpha() and stem(unit) in own and not dated:
        attributive = _attributive(tokens, i, after + 1)
        return replace(here, end=after + 1, kind="unit", own_unit=stem(unit), attributive=attributive)
    end = _after_rate(tokens, j)
    return replace(here, end=end, rate=end > j) if end > j else here

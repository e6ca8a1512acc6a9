"""Measures in a text: numbers with their units, scores out of a maximum, years, months, decades and centuries."""

from dataclasses import dataclass, replace
from typing import Literal

from concierge_agent.offline.text import Token, decade_at, number_at, ordinal_at, stem
from concierge_agent.offline.units import CURRENCIES, CURRENCY_SIGNS, UNITS, Unit
from concierge_agent.offline.vocabulary import Vocabulary

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_PARTS = {"early": (0, 4), "mid": (3, 6), "late": (5, 9)}
_OLD = frozenset({"old", "olds"})
_AGED = frozenset({"aged", "age", "ages"})
_OLDEST = 120
_YEARS_IN = {"year": 1.0, "years": 1.0, "yr": 1.0, "yrs": 1.0, "month": 1 / 12, "months": 1 / 12}
_BEFORE_MONTH = frozenset({"before", "after", "since", "until", "till", "in", "from"})
_ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th"})
Kind = Literal["number", "unit", "currency", "score", "date", "ago", "age", "month"]
"""An "age" is how old someone or something is, in years; a "month" is one without its year."""


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount from `low` to `high` (equal but for eras); token positions `start` to `end`, end exclusive."""

    start: int
    end: int
    kind: Kind
    low: float
    high: float
    unit: Unit | None = None
    currency: str | None = None
    own_unit: str | None = None
    """Stem of the unit word when it is the catalog's own (a field's unit or name)."""
    month: int | None = None
    day: int | None = None
    out_of: float | None = None
    article: bool = False


def measure_at(tokens: list[Token], i: int, words: Vocabulary) -> Measure | None:
    """Read the measure that starts at `i`, the longest reading first."""
    if i > 0 and tokens[i].glued and tokens[i - 1].is_word and tokens[i].is_number:
        return None
    return (
        _age(tokens, i)
        or _era(tokens, i)
        or _date(tokens, i)
        or _month(tokens, i, words)
        or _currency(tokens, i)
        or _duration(tokens, i)
        or _amount(tokens, i, words)
    )


def _text(tokens: list[Token], i: int) -> str:
    return tokens[i].text if 0 <= i < len(tokens) else ""


def _age(tokens: list[Token], i: int) -> Measure | None:
    """Read "7 year old", "a 12-year-old", "aged 10", "5yo": how old, which is not how long."""
    if _text(tokens, i) in _AGED:
        number = number_at(tokens, i + 1 + (_text(tokens, i + 1) == "of"))
        if number is None or number[0] >= _OLDEST:
            return None
        per = _YEARS_IN.get(_text(tokens, number[1]))
        years = number[0] * (per or 1)
        return Measure(i, number[1] + (per is not None), "age", years, years)
    number = number_at(tokens, i)
    if number is None:
        return None
    value, j = number
    if _text(tokens, j) == "-" and _text(tokens, j + 1) in _YEARS_IN:
        j += 1
    per = _YEARS_IN.get(_text(tokens, j))
    old = j + 1 + (_text(tokens, j + 1) == "-")
    if per is not None and _text(tokens, old) in _OLD:
        return Measure(i, old + 1, "age", value * per, value * per)
    if _text(tokens, j) == "yo" or [_text(tokens, k) for k in range(j, j + 3)] == ["y", "/", "o"]:
        return Measure(i, j + (1 if _text(tokens, j) == "yo" else 3), "age", value, value)
    return None


def _era(tokens: list[Token], i: int) -> Measure | None:
    j = i + 1 if _text(tokens, i) in ("the", "'") else i
    part = _PARTS.get(_text(tokens, j))
    if part is not None:
        j += 1 + (_text(tokens, j + 1) in ("-", "to"))
        j += _text(tokens, j) == "the"
    if _text(tokens, j) == "'":
        j += 1
    decade = decade_at(tokens, j)
    if decade is not None:
        first, after = decade
        low, high = part or (0, 9)
        return Measure(i, after, "date", first + low, first + high)
    if _text(tokens, j + 1) == "century" and _text(tokens, j) in ("this", "last"):
        first = 2000 if _text(tokens, j) == "this" else 1900
        return Measure(i, j + 2, "date", first, first + 99)
    nth = ordinal_at(tokens, j)
    if nth is not None and _text(tokens, nth[1]) == "century" and nth[0] > 1:
        first = 100 * (nth[0] - 1)
        return Measure(i, nth[1] + 1, "date", first, first + 99)
    return _recent(tokens, j, i)


def _recent(tokens: list[Token], j: int, start: int) -> Measure | None:
    """Read "the last five years", "the past decade"; the amount is in years before the catalog's newest."""
    if _text(tokens, j) not in ("last", "past", "previous"):
        return None
    number = number_at(tokens, j + 1)
    value, after = number if number is not None else (1.0, j + 1)
    if _text(tokens, after) in ("couple", "few"):
        value, after = (2.0 if _text(tokens, after) == "couple" else 3.0), after + 1
        after += _text(tokens, after) == "of"
    unit = _text(tokens, after)
    if unit in ("year", "years"):
        return Measure(start, after + 1, "ago", value, value)
    if unit in ("decade", "decades"):
        return Measure(start, after + 1, "ago", value * 10, value * 10)
    return None


def _date(tokens: list[Token], i: int) -> Measure | None:
    word = _text(tokens, i)
    if word in _MONTHS:
        j = i + 1 + (_text(tokens, i + 1) == ",")
        if _is_year(_text(tokens, j)):
            year = float(_text(tokens, j))
            return Measure(i, j + 1, "date", year, year, month=_MONTHS[word])
        return None
    if not _is_year(word):
        return None
    year, j = float(word), i + 1
    parts: list[int] = []
    while (
        len(parts) < 2 and _text(tokens, j) == "-" and _text(tokens, j + 1).isdigit() and len(_text(tokens, j + 1)) == 2
    ):
        parts.append(int(_text(tokens, j + 1)))
        j += 2
    if parts and 1 <= parts[0] <= 12:
        return Measure(i, j, "date", year, year, month=parts[0], day=parts[1] if len(parts) > 1 else None)
    return None


def _month(tokens: list[Token], i: int, words: Vocabulary) -> Measure | None:
    """Read "before March": a month whose year is not said."""
    dated = words.date is not None and words.date.type == "date"
    if not dated or _text(tokens, i) not in _MONTHS or _text(tokens, i - 1) not in _BEFORE_MONTH:
        return None
    month = _MONTHS[_text(tokens, i)]
    return Measure(i, i + 1, "month", month, month, month=month)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit() and 1000 <= int(text) <= 2200


def _currency(tokens: list[Token], i: int) -> Measure | None:
    if _text(tokens, i) in CURRENCY_SIGNS:
        number = number_at(tokens, i + 1)
        if number is not None:
            return Measure(i, number[1], "currency", number[0], number[0], currency=CURRENCIES[_text(tokens, i)])
    number = number_at(tokens, i)
    if number is not None and _text(tokens, number[1]) in CURRENCIES:
        code = CURRENCIES[_text(tokens, number[1])]
        return Measure(i, number[1] + 1, "currency", number[0], number[0], currency=code)
    return None


def _duration(tokens: list[Token], i: int) -> Measure | None:
    """Read sums and halves: "an hour and a half", "2h20", "half an hour", "one and a half hours"."""
    total, j = 0.0, i
    if _text(tokens, i) == "half" and _text(tokens, i + 1) in ("a", "an") and _is_time(_text(tokens, i + 2)):
        return _timed(i, i + 3, UNITS[_text(tokens, i + 2)].factor / 2)
    if _text(tokens, i) in ("a", "an") and _is_time(_text(tokens, i + 1)):
        total, j = UNITS[_text(tokens, i + 1)].factor, i + 2
    else:
        number = number_at(tokens, i)
        if number is None:
            return None
        value, after = number
        after += _text(tokens, after) == "-"
        if not _is_time(_text(tokens, after)) or _text(tokens, after + 1) in ("old", "olds"):
            return None
        total, j = value * UNITS[_text(tokens, after)].factor, after + 1
    last = UNITS[_text(tokens, j - 1)].factor
    if [_text(tokens, k) for k in range(j, j + 3)] == ["and", "a", "half"]:
        return _timed(i, j + 3, total + last / 2)
    k = j + (_text(tokens, j) == "and")
    number = number_at(tokens, k)
    if number is not None and _text(tokens, j) != "or":
        if _is_time(_text(tokens, number[1])) and UNITS[_text(tokens, number[1])].factor < last:
            return _timed(i, number[1] + 1, total + number[0] * UNITS[_text(tokens, number[1])].factor)
        if k == j and tokens[j].glued and last == UNITS["hour"].factor:
            return _timed(i, number[1], total + number[0])
    return _timed(i, j, total)


def _is_time(word: str) -> bool:
    return word in UNITS and UNITS[word].dimension == "duration"


def _timed(start: int, end: int, minutes: float) -> Measure:
    return Measure(start, end, "unit", minutes, minutes, unit=Unit("duration", 1))


def _amount(tokens: list[Token], i: int, words: Vocabulary) -> Measure | None:
    number = number_at(tokens, i)
    if number is None:
        return None
    value, j = number
    if _text(tokens, j) in _ORDINAL_ENDINGS and tokens[j].glued:
        return None
    if tokens[i].is_word and j == i + 1 and (value < 2 or tokens[i].text == "zero") and _text(tokens, j) not in UNITS:
        return None
    here = Measure(i, j, "number", value, value, article=_text(tokens, i - 1) in ("a", "an"))
    if _text(tokens, j) == "/" or (_text(tokens, j) == "out" and _text(tokens, j + 1) == "of"):
        top = number_at(tokens, j + (1 if _text(tokens, j) == "/" else 2))
        if top is not None and top[0] >= value:
            return replace(here, end=top[1], kind="score", out_of=top[0])
    after = j + (_text(tokens, j) == "-" and j + 1 < len(tokens) and tokens[j + 1].glued)
    unit = _text(tokens, after)
    own = {stem(word) for f in words.measured for word in (f.unit or "", f.name, *f.aliases) if word.isalpha()}
    if unit and unit in UNITS:
        return replace(here, end=after + 1, kind="unit", unit=UNITS[unit])
    if unit and unit.isalpha() and stem(unit) in own:
        return replace(here, end=after + 1, kind="unit", own_unit=stem(unit))
    return here

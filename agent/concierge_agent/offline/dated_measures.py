"""Measures of time by the calendar: ages, years, months, days, decades, centuries and spans before now.

"Now" is the catalog's newest year, which only the reader of a field knows.
"""

from concierge_agent.offline.measures import Measure
from concierge_agent.offline.measures import text_at as _text
from concierge_agent.offline.text import Token, decade_at, number_at, ordinal_at
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
_OF_YEAR = frozenset({"from", "of", "released", "out", "in", "made", "published"})
_BEFORE_MONTH = frozenset({"before", "after", "since", "until", "till", "in", "from"})
_ZEROS = frozenset({"aughts", "noughties", "naughties", "aughties", "oughts", "noughts"})
_DATE_ENDINGS = frozenset({"st", "nd", "rd", "th"})
_DAYS = 31
_LAST_MONTH = 12
_TURN = 2000
_TEENS = {
    word: number
    for number, word in enumerate(
        ("eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth"),
        start=11,
    )
} | {"nineteenth": 19, "twentieth": 20}


def age_at(tokens: list[Token], i: int) -> Measure | None:
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


def era_at(tokens: list[Token], i: int) -> Measure | None:
    """Read "the early 90s", "the aughts", "the turn of the century", "20th century", "the last five years"."""
    j = i + 1 if _text(tokens, i) in ("the", "'") else i
    part = _PARTS.get(_text(tokens, j))
    if part is not None:
        j += 1 + (_text(tokens, j + 1) in ("-", "to"))
        j += _text(tokens, j) == "the"
    if _text(tokens, j) == "'":
        j += 1
    if _text(tokens, j) in _ZEROS:
        low, high = part or (0, 9)
        return Measure(i, j + 1, "date", 2000 + low, 2000 + high)
    if [_text(tokens, k) for k in (j, j + 1)] == ["turn", "of"]:
        end = j + 2 + (_text(tokens, j + 2) in ("the", "this", "last"))
        if _text(tokens, end) in ("century", "millennium"):
            return Measure(i, end + 1, "date", _TURN - 2, _TURN + 2)
    decade = decade_at(tokens, j)
    if decade is not None:
        first, after = decade
        low, high = part or (0, 9)
        return Measure(i, after, "date", first + low, first + high)
    if _text(tokens, j + 1) == "century" and _text(tokens, j) in ("this", "last"):
        first = 2000 if _text(tokens, j) == "this" else 1900
        return Measure(i, j + 2, "date", first, first + 99)
    return _centuries(tokens, j, i) or _recent(tokens, j, i)


def _centuries(tokens: list[Token], j: int, start: int) -> Measure | None:
    """Read "20th century", "the nineteenth and twentieth centuries"."""
    nth = _ordinal_of_century(tokens, j)
    if nth is None:
        return None
    first = last = 100 * (nth[0] - 1)
    end = nth[1]
    if _text(tokens, end) in ("or", "and", "to", "-", "–"):
        other = _ordinal_of_century(tokens, end + 1 + (_text(tokens, end + 1) == "the"))
        if other is not None and other[0] > nth[0]:
            last, end = 100 * (other[0] - 1), other[1]
    end += _text(tokens, end) == "-"
    return Measure(start, end + 1, "date", first, last + 99) if _text(tokens, end) in ("century", "centuries") else None


def _ordinal_of_century(tokens: list[Token], i: int) -> tuple[int, int] | None:
    """Read "20th", "twentieth" or "twenty-first"; return the number with the position after it."""
    if _text(tokens, i) in _TEENS:
        return _TEENS[_text(tokens, i)], i + 1
    if _text(tokens, i) == "twenty":
        return (
            (21, i + 2 + (_text(tokens, i + 1) == "-"))
            if "first" in (_text(tokens, i + 1), _text(tokens, i + 2))
            else None
        )
    nth = ordinal_at(tokens, i)
    return nth if nth is not None and nth[0] > 1 else None


def _recent(tokens: list[Token], j: int, start: int) -> Measure | None:
    """Read "the last five years", "the past decade"; the amount is in years before the catalog's newest."""
    if _text(tokens, j) == "this" and _text(tokens, j + 1) == "year" and _text(tokens, j - 1) in _OF_YEAR:
        return Measure(start, j + 2, "ago", 0, 0)
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


def date_at(tokens: list[Token], i: int) -> Measure | None:
    """Read "March 2023", "1 March 2023", "March 1st, 2023", "2023-03-01", "2023-03"."""
    word = _text(tokens, i)
    if word in _MONTHS:
        day, j = _day(tokens, i + 1 + (_text(tokens, i + 1) == "."))
        j += _text(tokens, j) == ","
        if not _is_year(_text(tokens, j)):
            day, j = None, i + 1 + (_text(tokens, i + 1) == ",")
        return _on(tokens, i, j, _MONTHS[word], day)
    spelt = _in_figures(word)
    if spelt is not None:
        return Measure(i, i + 1, "date", spelt[0], spelt[0], month=spelt[1], day=spelt[2])
    day, j = _day(tokens, i)
    if day is not None:
        j += _text(tokens, j) == "of"
        month = _MONTHS.get(_text(tokens, j))
        return None if month is None else _on(tokens, i, j + 1 + (_text(tokens, j + 1) == ","), month, day)
    if not _is_year(word):
        return None
    year, j = float(word), i + 1
    parts: list[int] = []
    while len(parts) < 2 and _text(tokens, j) in ("-", "/") and _two_digits(tokens, j + 1):
        parts.append(int(_text(tokens, j + 1)))
        j += 2
    if parts and 1 <= parts[0] <= _LAST_MONTH:
        return Measure(i, j, "date", year, year, month=parts[0], day=parts[1] if len(parts) > 1 else None)
    return None


def _in_figures(word: str) -> tuple[float, int, int] | None:
    """Read "03.12.2021" as day, month and year."""
    parts = word.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts) or not _is_year(parts[2]):
        return None
    day, month = int(parts[0]), int(parts[1])
    return (float(parts[2]), month, day) if 1 <= month <= _LAST_MONTH and 1 <= day <= _DAYS else None


def _on(tokens: list[Token], start: int, i: int, month: int, day: int | None) -> Measure | None:
    if not _is_year(_text(tokens, i)):
        return None
    year = float(_text(tokens, i))
    return Measure(start, i + 1, "date", year, year, month=month, day=day)


def _day(tokens: list[Token], i: int) -> tuple[int | None, int]:
    """Read "1", "1st", "the 1st" as a day of a month."""
    word = _text(tokens, i)
    if not word.isdigit() or not 1 <= int(word) <= _DAYS:
        return None, i
    return int(word), i + 1 + (_text(tokens, i + 1) in _DATE_ENDINGS and tokens[i + 1].glued)


def _two_digits(tokens: list[Token], i: int) -> bool:
    return _text(tokens, i).isdigit() and len(_text(tokens, i)) == 2


def month_at(tokens: list[Token], i: int, words: Vocabulary) -> Measure | None:
    """Read "before March": a month whose year is not said."""
    dated = words.date is not None and words.date.type == "date"
    if not dated or _text(tokens, i) not in _MONTHS or _text(tokens, i - 1) not in _BEFORE_MONTH:
        return None
    month = _MONTHS[_text(tokens, i)]
    return Measure(i, i + 1, "month", month, month, month=month)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit() and 1000 <= int(text) <= 2200

"""Operands: what a constraint compares with, read into the type of its field."""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.constraints import Op
from concierge_tools.data.fields import FieldValue, Scalar
from concierge_tools.errors import InputError

Mask = NDArray[np.bool_]
Operand = Scalar | Sequence[Scalar]

TRUE = frozenset({"true", "yes", "y", "1"})
FALSE = frozenset({"false", "no", "n", "0"})

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()


def as_list(value: Operand) -> list[Scalar]:
    """Return a list operand as it is and a single value as a list of one."""
    return [value] if isinstance(value, str | bool | int | float) else list(value)


def as_one(value: Operand) -> Scalar:
    """Return a single value as it is and a list of one as its element.

    Raises:
        InputError: The list has not exactly one element.
    """
    if isinstance(value, str | bool | int | float):
        return value
    if len(value) != 1:
        raise InputError(f"{list(value)!r} is a list where one value is needed.")
    return value[0]


def as_number(value: Scalar) -> float:
    """Read a finite number; numeric strings are fine, booleans are not.

    Raises:
        InputError: It is not a finite number.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = float(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) < 1e300 else math.inf
    else:
        raise InputError(f"{value!r} is not a number.")
    if not math.isfinite(number):
        raise InputError(f"{value!r} is not a finite number.")
    return number


def as_boolean(value: Scalar) -> bool:
    """Read true or false, also from the words and digits people write for them.

    Raises:
        InputError: It is neither.
    """
    word = as_word(value).casefold()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise InputError(f"{value!r} is neither true nor false.")


def as_word(value: Scalar) -> str:
    """Return a value as the string that a catalog holds for it: 1.0 is '1', True is 'true'."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def as_date(value: Scalar) -> str:
    """Normalise a date to ISO at the granularity given: '1999', '1999-05' or '1999-05-31'. Times of day are dropped.

    Raises:
        InputError: It is not an ISO date.
    """
    text = as_word(value) if not isinstance(value, bool) else ""
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            return _day_of(text)
        year, month, day = match.groups()
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise InputError(f"{value!r} is not a date; write 2001-05-31, 2001-05 or 2001.") from None
    return "-".join(part.zfill(2) for part in (year, month, day) if part is not None)


def as_span(value: Scalar) -> tuple[int, int]:
    """Return the first and last day of a date, in days since 1970-01-01.

    Raises:
        InputError: It is not an ISO date.
    """
    parts = [int(part) for part in as_date(value).split("-")]
    year, month, day = (*parts, 1, 1)[:3]
    first = date(year, month, day)
    if len(parts) == 3:
        last = first.toordinal()
    elif len(parts) == 2 and month < 12:
        last = date(year, month + 1, 1).toordinal() - 1
    else:
        last = date(year, 12, 31).toordinal()
    return first.toordinal() - _EPOCH, last - _EPOCH


def scalar(value: FieldValue) -> Scalar:
    """Return a value that is not a list.

    Raises:
        InputError: It is a list or missing.
    """
    if isinstance(value, list) or value is None:
        raise InputError(f"{value!r} is a list where one value is needed.")
    return value


def unfit(holds: str, op: Op) -> InputError:
    """Return the error of an operator that a column cannot answer."""
    return InputError(f"Operator {op!r} does not fit a field that holds {holds}.")


def _day_of(text: str) -> str:
    if len(text) < 11 or text[4] != "-":
        raise ValueError(text)
    return datetime.fromisoformat(text).date().isoformat()

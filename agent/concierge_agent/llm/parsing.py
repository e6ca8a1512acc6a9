"""Reads JSON replies tolerantly: in a code fence, after a sentence, or as they should be."""

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Wire = TypeVar("Wire", bound=BaseModel)


class UnusableReply(Exception):  # noqa: N818  (reads as what it is)
    """A reply that cannot be used as it stands; the problems are worded for the model that wrote it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def parse(text: str, model: type[Wire]) -> Wire:
    """Return the first JSON object in `text` that fits `model`.

    `model` must require a key that no object inside it has, so that a part of a broken object never passes for the
    whole. Raises `UnusableReply` with the problems of the first object when none fits.
    """
    problems: tuple[str, ...] | None = None
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            problems = problems or (f"The JSON is broken: {error.msg} at line {error.lineno}, column {error.colno}.",)
            end = at + 1
        except RecursionError:
            problems = problems or ("The JSON is nested too deeply.",)
            break
        else:
            try:
                return model.model_validate(value)
            except ValidationError as error:
                problems = problems or readable(error)
        at = text.find("{", end)
    raise UnusableReply(problems or ("The reply holds no JSON object.",))


def readable(error: ValidationError) -> tuple[str, ...]:
    """Return one line per error: where, what, and the value that was there; at most eight lines."""
    lines = []
    for detail in error.errors(include_url=False, include_context=False)[:8]:
        where = ".".join(str(part) for part in detail["loc"])
        lines.append(f"{where or 'the reply'}: {detail['msg']} (got {repr(detail['input'])[:80]})")
    return tuple(lines)

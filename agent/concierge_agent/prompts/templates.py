"""Loads prompt templates and demonstrations.

A template is a Markdown file whose first line is `<!-- version: N -->`; `{{name}}` marks what is filled in.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_HEADER = re.compile(r"<!-- version: (\d+) -->\n")
_SLOT = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt's text and the version that traces and comparisons name it by."""

    name: str
    version: int
    text: str

    def fill(self, **values: str) -> str:
        """Return the text with every slot filled, in one pass: what is filled in is never filled again.

        Raises `KeyError` when a slot has no value.
        """
        return _SLOT.sub(lambda slot: values[slot[1]], self.text)


@cache
def template(name: str) -> Template:
    """Return the template called `name`.

    Raises `FileNotFoundError` when there is none, and `ValueError` when it does not begin with its version.
    """
    text = _read(f"{name}.md")
    header = _HEADER.match(text)
    if header is None:
        raise ValueError(f"The template {name!r} does not begin with '<!-- version: N -->'.")
    return Template(name, int(header[1]), text[header.end() :].strip())


@cache
def demonstrations() -> tuple[dict[str, Any], ...]:
    """Return the hand-written examples: `state` and `user` as a planner is given them, `plan` as it answers."""
    return tuple(json.loads(_read("demonstrations.json")))


def _read(name: str) -> str:
    return files("concierge_agent.prompts").joinpath(name).read_text(encoding="utf-8")

"""A prompt template: a Markdown file with TOML front matter between two lines of `+++`.

`{{name}}` in the text marks a slot. What is wrong with a file is said with its name and line.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from concierge_agent.errors import PromptError

Scenario = Literal["any", "detailed", "quick", "cold start", "explanation"]
_FENCE = "+++"
_SLOT = re.compile(r"\{\{(\w+)\}\}")
_OPENED = re.compile(r"\{\{(?!\w+\}\})")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


class FrontMatter(BaseModel):
    """What stands at the top of a template."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)
    """Raised with every change of the text that may change what a model replies."""
    description: str = Field(min_length=1)
    scenario: Scenario = "any"
    """The kind of turn it is for; `any` goes with all of them."""
    required: tuple[str, ...] = ()
    """Slots without which the prompt makes no sense."""
    max_tokens: int | None = Field(default=None, ge=16)
    """Output tokens of one reply, where fewer than the brain's own limit do."""
    variety: float | None = Field(default=None, ge=0, le=1)
    """0 repeats itself, 1 varies: the temperature, on servers that have one."""


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt's text and what is known of it."""

    name: str
    text: str
    front: FrontMatter
    path: str | None = None
    """The owner's file; None for a template that comes with the package."""

    @property
    def version(self) -> int | str:
        """What traces and comparisons name it by; an owner's copy also by its content, since versions may lag."""
        if self.path is None:
            return self.front.version
        return f"{self.front.version}-{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of its slots, in their order."""
        return tuple(dict.fromkeys(_SLOT.findall(self.text)))

    def fill(self, **values: str) -> str:
        """Return the text with every slot filled, in one pass: what is filled in is never filled again.

        Raises `KeyError` when a slot has no value.
        """
        return _SLOT.sub(lambda slot: values[slot[1]], self.text)


def read_template(name: str, source: str, *, path: str | None = None) -> Template:
    """Return the template that a file's content makes; `path` is the owner's file.

    Raises:
        PromptError: The front matter is missing, is not TOML or says what it cannot, or a slot is not closed; names
            file and line.
    """
    file, lines = path or f"{name}.md", source.splitlines()
    if not lines or lines[0].strip() != _FENCE:
        raise PromptError(file, 1, f"a template begins with a line of {_FENCE}, its front matter and {_FENCE} again")
    end = next((at for at, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE), None)
    if end is None:
        raise PromptError(file, 1, f"the front matter is not closed with a line of {_FENCE}")
    head = lines[1:end]
    try:
        front = FrontMatter.model_validate(tomllib.loads("\n".join(head)))
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        at = int(found[1]) + 1 if found is not None else end
        raise PromptError(file, at, f"not TOML: {_AT_LINE.sub('', str(error))}") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        at = next((n for n, line in enumerate(head, start=2) if line.split("=")[0].strip() == key), 1)
        raise PromptError(file, at, f"{key}: {first['msg']}") from None
    for number, line in enumerate(lines[end + 1 :], start=end + 2):
        if _OPENED.search(line):
            raise PromptError(file, number, "'{{' begins no slot; a slot is written {{name}}")
    text = "\n".join(lines[end + 1 :]).strip()
    if not text:
        raise PromptError(file, end + 1, "there is no text below the front matter")
    return Template(name, text, front, path)


def line_of_slot(source: str, slot: str) -> int:
    """Return the number of the first line in which a slot stands."""
    marked = f"{{{{{slot}}}}}"
    return next((n for n, line in enumerate(source.splitlines(), start=1) if marked in line), 1)

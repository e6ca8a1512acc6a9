"""The templates in force: those of the package, overridden by name by those in a folder of the owner's."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from concierge_agent.demonstrations import Demonstration
from concierge_agent.errors import PromptError
from concierge_agent.prompts.templates import Template, line_of_slot, read_template

PERSONA = "persona_"
"""What the name of a template begins with that says in which tone answers are worded."""
_SEEDS = "demonstrations.json"


@dataclass(frozen=True, slots=True)
class Prompts:
    """The templates by name, the tone, and the hand-written demonstrations."""

    templates: Mapping[str, Template]
    seeds: tuple[Demonstration, ...]
    tone: str = "plain"

    @classmethod
    def open(cls, folder: Path | None = None, *, tone: str = "plain") -> "Prompts":
        """Read the package's templates, and over them the files of `folder` that have the same names.

        Raises:
            PromptError: A file is malformed, is called like no template or has a slot that nothing fills, or there is
                no such tone.
        """
        package = files("concierge_agent.prompts")
        own = [entry for entry in package.iterdir() if entry.name.endswith(".md")]
        named = sorted((entry.name.removesuffix(".md"), entry.read_text(encoding="utf-8")) for entry in own)
        templates = {name: read_template(name, source) for name, source in named}
        seeds = read_seeds(package.joinpath(_SEEDS).read_text(encoding="utf-8"), _SEEDS)
        if folder is not None:
            if not folder.is_dir():
                raise PromptError(str(folder), None, "no such folder of prompt templates")
            built_in = dict(templates)
            templates |= {path.stem: _override(path, built_in) for path in sorted(folder.glob("*.md"))}
            if (folder / _SEEDS).is_file():
                seeds = read_seeds(_content(folder / _SEEDS), str(folder / _SEEDS))
        if f"{PERSONA}{tone}" not in templates:
            tones = ", ".join(name.removeprefix(PERSONA) for name in templates if name.startswith(PERSONA))
            raise PromptError(None, None, f"no persona {tone!r}; there are {tones}")
        return cls(templates, seeds, tone)

    def __getitem__(self, name: str) -> Template:
        """Return the template called `name`. Raises `KeyError` when there is none."""
        return self.templates[name]

    @property
    def persona(self) -> Template:
        """The template of the tone."""
        return self.templates[f"{PERSONA}{self.tone}"]

    def versions(self, names: tuple[str, ...]) -> dict[str, int | str]:
        """Return the versions of the templates called so, by name."""
        return {name: self.templates[name].version for name in names}

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that differ when any text, setting or demonstration does, or the tone."""
        body = [[t.name, t.text, t.front.model_dump()] for _, t in sorted(self.templates.items())]
        shown = [seed.model_dump() for seed in self.seeds]
        return hashlib.sha256(json.dumps([body, shown, self.tone], default=str).encode()).hexdigest()[:12]


def read_seeds(source: str, file: str) -> tuple[Demonstration, ...]:
    """Return the demonstrations that a file of them holds.

    Raises:
        PromptError: It is not a JSON list of demonstrations.
    """
    try:
        rows = json.loads(source)
        seeds = tuple(Demonstration.model_validate(row) for row in rows)
    except json.JSONDecodeError as error:
        raise PromptError(file, error.lineno, f"not JSON: {error.msg}") from None
    except (ValidationError, TypeError) as error:
        raise PromptError(file, None, f"no list of demonstrations: {str(error)[:300]}") from None
    return seeds


def _override(path: Path, built_in: Mapping[str, Template]) -> Template:
    replaced = built_in.get(path.stem)
    if replaced is None and not path.stem.startswith(PERSONA):
        raise PromptError(str(path), None, f"no template is called {path.stem!r}; there are {', '.join(built_in)}")
    source = _content(path)
    template = read_template(path.stem, source, path=str(path))
    allowed = replaced.slots if replaced is not None else ()
    if unknown := [slot for slot in template.slots if slot not in allowed]:
        offered = f"it may use {', '.join(allowed)}" if allowed else "it has none"
        line = line_of_slot(source, unknown[0])
        raise PromptError(str(path), line, f"nothing fills the slot {unknown[0]!r}; {offered}")
    if replaced is not None and (missing := [s for s in replaced.front.required if s not in template.slots]):
        raise PromptError(str(path), 1, f"the slot {missing[0]!r} is missing, which the model cannot do without")
    return template


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(str(path), None, f"cannot be read: {error}") from None

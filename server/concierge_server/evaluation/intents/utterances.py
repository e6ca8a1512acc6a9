"""The frozen utterances, as data."""

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from pydantic import Field

from concierge_agent.plan import Intent
from concierge_server.evaluation.wordings import Section

Part = Literal["dev", "held_out"]
CatalogName = Literal["films", "shop"]
OPENERS: dict[CatalogName, str] = {"films": "a comedy from the 90s", "shop": "a backpack under 200 euros"}
"""What the user says before an utterance in the context "shown"."""


class _Set(Section):
    catalog: CatalogName
    intent: Intent
    context: Literal["start", "shown"]
    said: list[str]


class _File(Section):
    sets: list[_Set] = Field(alias="set")


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something a person says, and what they mean by it."""

    text: str
    """With {first} and {second} for the titles of shown items."""
    intent: Intent
    context: Literal["start", "shown"]


def load_utterances(catalog: CatalogName, part: Part) -> list[Utterance]:
    """Read the utterances about a catalog; `dev` may be looked at while a brain is worked on, the rest may not."""
    found = _File.model_validate(tomllib.loads(_raw(part).decode("utf-8")))
    return [Utterance(text, s.intent, s.context) for s in found.sets if s.catalog == catalog for text in s.said]


def fingerprint(part: Part) -> str:
    """Return the first 12 hexadecimal digits of the file's SHA-256: measured numbers hold for this file alone."""
    return hashlib.sha256(_raw(part).replace(b"\r\n", b"\n")).hexdigest()[:12]


def _raw(part: Part) -> bytes:
    return files("concierge_server.evaluation.intents").joinpath(f"{part}.toml").read_bytes()

"""The frozen, catalog-neutral wordings of generated users, as data."""

import hashlib
import tomllib
from importlib.resources import files
from typing import Literal

from concierge_server.evaluation.wordings import Section

Kind = Literal[
    "is",
    "is_one_of",
    "is_not",
    "has",
    "has_one_of",
    "lacks",
    "at_most",
    "below",
    "at_least",
    "above",
    "between",
    "before",
    "since",
    "after",
    "yes",
    "no",
]  # fmt: skip  (one name a line says no more)
_FILE = "wordings.toml"


class KindWordings(Section):
    """How one kind of condition is put, by situation."""

    noun: tuple[str, ...] = ()
    """As the thing itself that is wanted."""
    attached: list[str]
    """After the thing that is wanted."""
    unit_only: tuple[str, ...] = ()
    """After the thing, where the unit says which field is meant."""
    sentence: list[str]
    answer: list[str]


class NeutralWordings(Section):
    """The whole file."""

    greetings: list[str]
    request: list[str]
    bare: list[str]
    things: list[str]
    also: list[str]
    refuse: list[str]
    retract: list[str]
    retract_wanted: list[str]
    retract_unwanted: list[str]
    correct: list[str]
    lower: list[str]
    higher: list[str]
    older: list[str]
    newer: list[str]
    chatter: list[str]
    more: list[str]
    why: list[str]
    detail: list[str]
    like: list[str]
    dislike: list[str]
    no_preference: list[str]
    grant: list[str]
    decline: list[str]
    keep_all: list[str]
    ordinals: list[str]
    units: dict[str, list[str]]
    kinds: dict[Kind, KindWordings]


def load_wordings() -> NeutralWordings:
    """Read the wordings that come with the package."""
    return NeutralWordings.model_validate(tomllib.loads(_raw().decode("utf-8")))


def fingerprint() -> str:
    """Return the first 12 hexadecimal digits of the file's SHA-256: measured numbers hold for these wordings alone."""
    return hashlib.sha256(_raw().replace(b"\r\n", b"\n")).hexdigest()[:12]


def _raw() -> bytes:
    return files("concierge_server.evaluation.generated").joinpath(_FILE).read_bytes()

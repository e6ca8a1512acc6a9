"""The frozen wordings of the scripted user, as data."""

import hashlib
import tomllib
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["at_most", "at_least", "one_of", "with", "without"]
Situation = Literal["attached", "sentence", "answer", "vague", "exact"]
_FILE = "wordings.toml"


class Section(BaseModel):
    """A table of the file; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class KindWordings(Section):
    """How one kind of condition is put, by situation."""

    attached: list[str]
    attached_strict: list[str] = []
    sentence: list[str]
    sentence_strict: list[str] = []
    answer: list[str]
    vague: list[str] | dict[str, list[str]]
    """By direction where the field's values have an order."""
    exact: list[str]


class FieldWordings(Section):
    """How conditions on one field are put, and how a question names it."""

    spoken: Literal["duration", "score", "names", "plain"]
    asked_by: list[str]
    scale: list[str] = []
    own: list[str] = []
    own_but: list[str] = []
    own_refuse: list[str] = []
    own_exact: list[str] = []
    at_most: KindWordings | None = None
    at_least: KindWordings | None = None
    one_of: KindWordings | None = None
    with_: KindWordings | None = Field(default=None, alias="with")
    without: KindWordings | None = None

    def kind(self, kind: Kind) -> KindWordings | None:
        """Return the wordings of a kind of condition, or None."""
        found: KindWordings | None = getattr(self, "with_" if kind == "with" else kind)
        return found


class Wordings(Section):
    """The whole file."""

    greetings: list[str]
    request: list[str]
    bare: list[str]
    things: list[str]
    chatter: list[str]
    chatty_before: list[str]
    polite_after: list[str]
    impatient: list[str]
    soft: list[str]
    no_preference: list[str]
    evasive: list[str]
    grant: list[str]
    decline: list[str]
    accept: list[str]
    refuse: list[str]
    refuse_after: list[str]
    again: list[str]
    watched: list[str]
    remind: list[str]
    insist: list[str]
    nudge: list[str]
    one_at_a_time: list[str]
    joints: list[str]
    names: dict[str, list[str]]
    nouns: dict[str, list[str]]
    other_nouns: list[str]
    fields: dict[str, FieldWordings]


def load_wordings() -> Wordings:
    """Read the wordings that come with the package."""
    return Wordings.model_validate(tomllib.loads(_raw().decode("utf-8")))


def fingerprint() -> str:
    """Return the first 12 hexadecimal digits of the file's SHA-256: measured numbers hold for these wordings alone."""
    return hashlib.sha256(_raw().replace(b"\r\n", b"\n")).hexdigest()[:12]


def _raw() -> bytes:
    return files("concierge_server.evaluation").joinpath(_FILE).read_bytes()

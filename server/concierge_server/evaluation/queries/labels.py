"""The frozen queries and what answers them, as data.

Labels are read off the catalog's rows in plain Python, apart from the store's filters, which search itself may use.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from pydantic import Field

from concierge_server.evaluation.predicates import Item, Predicate, holds
from concierge_server.evaluation.wordings import Section

SetName = Literal["films", "plots", "shop"]
Part = Literal["validation", "test"]
Kind = Literal["title", "typo", "prefix", "attribute", "number", "plot", "theme", "likeness", "nonsense"]


class Query(Section):
    """Something that people search for, and what they expect to find."""

    text: str
    known: tuple[str, ...] = ()
    """Titles of the items that are meant."""
    every: tuple[Predicate, ...] = Field(default=(), alias="all")
    either: tuple[Predicate, ...] = Field(default=(), alias="any")

    def relevant(self, items: Iterable[Item]) -> frozenset[str]:
        """Return the ids of the items that answer it; none for a query that means nothing."""
        if self.known:
            titles = {title.casefold() for title in self.known}
            return frozenset(str(item["id"]) for item in items if str(item["title"]).casefold() in titles)
        if not self.every and not self.either:
            return frozenset()
        return frozenset(str(item["id"]) for item in items if self._answers(item))

    def _answers(self, item: Item) -> bool:
        wanted = all(holds(item, predicate) for predicate in self.every)
        return wanted and (not self.either or any(holds(item, predicate) for predicate in self.either))


class _Set(Section):
    kind: Kind
    queries: tuple[Query, ...]


class _File(Section):
    sets: tuple[_Set, ...] = Field(alias="set")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A query with its kind."""

    kind: Kind
    query: Query


def load_queries(name: SetName, part: Part) -> list[Labelled]:
    """Read the queries of a set: of each kind the first, third, fifth... for `validation`, the others for `test`.

    Validation queries may be looked at while search is worked on; test queries grade.
    """
    found = _File.model_validate(tomllib.loads(_raw(name).decode("utf-8")))
    return [Labelled(s.kind, query) for s in found.sets for query in s.queries[part == "test" :: 2]]


def fingerprint(name: SetName) -> str:
    """Return the first 12 hexadecimal digits of the file's SHA-256: measured numbers hold for this file alone."""
    return hashlib.sha256(_raw(name).replace(b"\r\n", b"\n")).hexdigest()[:12]


def unanswerable(queries: Sequence[Labelled], items: Sequence[Item]) -> list[str]:
    """Return the queries that mean something and that no item of the catalog answers."""
    return [q.query.text for q in queries if q.kind != "nonsense" and not q.query.relevant(items)]


def _raw(name: SetName) -> bytes:
    return files("concierge_server.evaluation.queries").joinpath(f"{name}.toml").read_bytes()

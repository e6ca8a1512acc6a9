"""Small catalogs behind real MCP servers, and the dialogues that are read against them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import snowballstemmer
from mcp import Client
from mcp.server import MCPServer
from pydantic import BaseModel
from rapidfuzz import fuzz

HERE = Path(__file__).parent
WORLDS = ("worlds.json", "measures_worlds.json")
OPERATORS = {
    "number": ["==", "!=", "<", "<=", ">", ">=", "in", "not_in"],
    "date": ["==", "!=", "<", "<=", ">", ">=", "in", "not_in"],
    "boolean": ["==", "!="],
    "category": ["==", "!=", "in", "not_in"],
    "tags": ["contains", "not_contains", "contains_any", "contains_all"],
    "text": ["==", "!=", "contains", "not_contains"],
}


class Found(BaseModel):
    """What search answers, as far as planning reads it."""

    candidates: str
    matched: int
    items: list[dict[str, Any]]


class Details(BaseModel):
    """What get_item_details answers."""

    items: list[dict[str, Any]]
    unknown: list[dict[str, Any]] = []


class Mentions(BaseModel):
    """What resolve_mentions answers."""

    mentions: list[dict[str, Any]]


class Asked(BaseModel):
    """What suggest_question answers."""

    field: str | None
    text: str | None
    options: list[dict[str, Any]] = []
    stop: str | None = None


@dataclass(frozen=True)
class World:
    """One catalog: fields as described, rows as values by field name."""

    name: str
    fields: list[dict[str, Any]]
    rows: dict[str, dict[str, Any]]
    ask_first: list[str]

    @classmethod
    def read(cls, name: str) -> "World":
        files = [json.loads((HERE / file).read_text(encoding="utf-8")) for file in WORLDS]
        raw = next(file[name] for file in files if name in file)
        names = ["id", "title", *(field["name"] for field in raw["fields"])]
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in raw["rows"]}
        return cls(raw["name"], raw["fields"], rows, raw["ask_first"])

    @cached_property
    def linker(self) -> "Linker":
        return Linker(self)

    def description(self) -> dict[str, Any]:
        fields = [self._field(field) for field in self.fields]
        return {
            "name": self.name,
            "items": len(self.rows),
            "fields": fields,
            "policy": {"ask_first": self.ask_first, "max_items": None},
            "models": [],
            "artifact": "a1",
        }

    def _field(self, field: dict[str, Any]) -> dict[str, Any]:
        shown = {key: value for key, value in field.items() if key != "synonyms"}
        values = [row[field["name"]] for row in self.rows.values() if row[field["name"]] is not None]
        shown |= {"operators": OPERATORS[field["type"]]}
        if field["type"] in ("number", "date"):
            shown |= {"minimum": min(values), "maximum": max(values)}
        if field["type"] == "number":
            shown["quartiles"] = [float(q) for q in np.percentile(values, [25, 50, 75])]
        if field["type"] in ("category", "tags"):
            flat = sorted({v for value in values for v in (value if isinstance(value, list) else [value])})
            shown["top_values"] = [{"value": v, "count": 1} for v in flat]
        return shown

    def values(self) -> Iterator[tuple[str, str, str]]:
        """Field, value and the words that name it."""
        for field in self.fields:
            if field["type"] not in ("category", "tags"):
                continue
            for row in self.rows.values():
                value = row[field["name"]]
                for one in value if isinstance(value, list) else [value]:
                    yield field["name"], one, one
                    for word in field.get("synonyms", {}).get(one, []):
                        yield field["name"], one, word


def words(text: str) -> list[tuple[str, int, int]]:
    return [(m.group().casefold(), m.start(), m.end()) for m in re.finditer(r"[\w+]+(?:['’.-]\w+)*", text)]


class Linker:
    """Links text to a world's titles and values by exact match, inflection, part of a title and typo."""

    def __init__(self, world: World) -> None:
        self.stem = snowballstemmer.stemmer("english").stemWord
        self.values = sorted(
            {(self._key(word), field, value, word.casefold()) for field, value, word in world.values()}
        )
        self.titles = [(key, row["title"], self._key(row["title"])) for key, row in world.rows.items()]

    def _key(self, text: str) -> str:
        return " ".join(self.stem(part) for word, _, _ in words(text) for part in re.split(r"[-'’]", word))

    def mentions(self, text: str) -> list[dict[str, Any]]:
        tokens = words(text)
        found = []
        for size in range(6, 0, -1):
            for start in range(len(tokens) - size + 1):
                span = (tokens[start][1], tokens[start + size - 1][2])
                if not re.search(r"[,.;!?]\s", text[slice(*span)]):
                    found += self._link(text[slice(*span)], span)
        return found

    def _link(self, text: str, span: tuple[int, int]) -> list[dict[str, Any]]:
        key, plain = self._key(text), text.casefold()
        out: list[dict[str, Any]] = []
        items = [(1.0, "exact", i, t) for i, t, k in self.titles if t.casefold() == plain]
        items += [(0.9, "inflection", i, t) for i, t, k in self.titles if k == key and t.casefold() != plain]
        items += [(0.8, "partial", i, t) for i, t, k in self.titles if k in (f"the {key}",)]
        if not items and len(plain) > 4:
            items = [(0.4, "partial", i, t) for i, t, k in self.titles if key in k.split() and " " not in key]
            items += [(0.85, "typo", i, t) for i, t, k in self.titles if fuzz.ratio(k, key) >= 88]
        if items:
            score, match, item_id, title = items[0]
            alternatives = [{"item_id": i, "title": t, "score": s} for s, _, i, t in items[1:]]
            out.append(_mention(span, text, score, match, alternatives, kind="item", item_id=item_id, title=title))
        linked = set()
        for value_key, field, value, word in self.values:
            exact = word == plain
            if value_key == key or exact:
                match = ("exact" if value.casefold() == plain else "synonym") if exact else "inflection"
                score = 1.0 if match == "exact" else 0.95
            elif len(plain) > 3 and fuzz.ratio(word, plain) >= 85:
                match, score = "typo", 0.8
            else:
                continue
            if (field, value) not in linked:
                linked.add((field, value))
                out.append(_mention(span, text, score, match, [], kind="value", field=field, value=value))
        return out


def _mention(
    span: tuple[int, int], text: str, score: float, match: str, alternatives: Any, **rest: Any
) -> dict[str, Any]:
    return {"span": list(span), "text": text, "score": score, "match": match, "alternatives": alternatives, **rest}


def serve(world: World) -> MCPServer:
    """Return a server with the tools that planning looks things up in."""
    server = MCPServer("world")
    linker = world.linker

    @server.tool()
    def resolve_mentions(text: str) -> Mentions:
        return Mentions(mentions=linker.mentions(text))

    @server.tool()
    def get_item_details(item_ids: list[str]) -> Details:
        rows = [world.rows[i] for i in item_ids]
        return Details(items=[{"id": r["id"], "title": r["title"], "fields": r} for r in rows])

    @server.tool()
    def search_catalog(
        query: str, filters: list[dict[str, Any]] | None = None, n: int = 10, detail: str = "concise"
    ) -> Found:
        wanted = set(linker._key(query).split())
        hits = [r for r in world.rows.values() if wanted & set(linker._key(json.dumps(list(r.values()))).split())]
        full = detail == "full"
        items = [{"id": r["id"], "title": r["title"], "fields": r if full else {}} for r in hits[:n]]
        return Found(candidates="h1", matched=len(hits), items=items)

    @server.tool()
    def suggest_question(filters: list[dict[str, Any]] | None = None, known: list[str] | None = None) -> Asked:
        field = next(f for f in world.fields if f["type"] in ("category", "tags") and f["name"] not in (known or []))
        return Asked(field=field["name"], text=f"Which {field['name']} would you like?")

    return server


@pytest.fixture(scope="session")
def worlds() -> dict[str, World]:
    return {name: World.read(name) for file in WORLDS for name in json.loads((HERE / file).read_text(encoding="utf-8"))}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def connect(world: World) -> Client:
    return Client(serve(world), raise_exceptions=True)

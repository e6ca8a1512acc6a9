"""The ground an answer may stand on: titles, facts and sentences about items, read from the calls that ran."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from concierge_agent.trace import HISTORY, Call
from concierge_agent.values import FieldValue

FACTLESS = frozenset({"describe_catalog"})
"""Tools whose results say nothing about single items."""
_HISTORY_NAMES = frozenset({"history", "liked", "because_you_liked", "similar_to"})
_DATE_PART = re.compile(r"\d{4}(-\d{2})?")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a call's result says about an item."""

    step: str
    item_id: str
    source: str
    """field, statistic, contribution or history."""
    name: str
    value: FieldValue


@dataclass(slots=True)
class Ground:
    """What the calls of a turn prove, by item."""

    titles: dict[str, str] = field(default_factory=dict)
    """Every item named in a result, with its title."""
    facts: dict[str, list[Fact]] = field(default_factory=lambda: defaultdict(list))
    sentences: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What the server itself said about an item, word for word."""
    counts: set[float] = field(default_factory=set)
    """How many items lists and sets held."""
    _fields: dict[tuple[str, str], FieldValue] = field(default_factory=dict)
    """Whole field values, where evidence may point to a part of one."""

    @classmethod
    def of(cls, calls: Iterable[Call]) -> "Ground":
        """Read the results of `calls`, the latest first, so that a lookup finds the freshest value."""
        ground = cls()
        for call in reversed(tuple(calls)):
            if call.result is not None and call.tool not in FACTLESS and call.step != HISTORY:
                ground._read(call.step, call.result)
        return ground

    def find(self, item_id: str, name: str, value: FieldValue) -> Fact | None:
        """Return the fact that proves that `name` of the item is (or, for a list, holds) `value`; None without one."""
        wanted = name.casefold()
        for fact in self.facts.get(item_id, ()):
            if fact.name.casefold() == wanted and agrees(fact.value, value):
                return fact
            if fact.source in ("history", "contribution") and wanted in _HISTORY_NAMES and isinstance(value, str):
                seed = self.titles.get(fact.name, fact.name)
                if value.casefold() in (fact.name.casefold(), seed.casefold()):
                    return fact
        return None

    def value(self, item_id: str, name: str) -> FieldValue:
        """Return the item's value of a field, or None when no result tells it."""
        if (item_id, name) in self._fields:
            return self._fields[item_id, name]
        facts = self.facts.get(item_id, ())
        return next((f.value for f in facts if f.source == "field" and f.name == name), None)

    def seeds(self, item_id: str) -> set[str]:
        """Return the ids of the items that are proof for this one ("because you liked ...")."""
        return {f.name for f in self.facts.get(item_id, ()) if f.source in ("history", "contribution")}

    def words(self, item_id: str) -> str:
        """Return everything that is known of the item as one text."""
        parts = [self.titles.get(item_id, ""), *self.sentences.get(item_id, ())]
        for fact in self.facts.get(item_id, ()):
            values = fact.value if isinstance(fact.value, list) else [fact.value]
            parts += [fact.name, *(str(value) for value in values if value is not None)]
        return "\n".join(parts)

    def prose(self, item_id: str) -> str:
        """Return what a number or a date about the item may rest on: its own words, statistics and sentences.

        Shares of a score, ids of other items and scores are no facts about an item.
        """
        facts = self.facts.get(item_id, ())
        told = [str(fact.value) for fact in facts if fact.source == "statistic" and fact.name != "score"]
        return "\n".join([self.own_words(item_id), *self.sentences.get(item_id, ()), *told])

    def own_words(self, item_id: str) -> str:
        """Return the item's title and the values of its fields as one text."""
        parts = [self.titles.get(item_id, "")]
        for fact in self.facts.get(item_id, ()):
            if fact.source == "field":
                values = fact.value if isinstance(fact.value, list) else [fact.value]
                parts += [str(value) for value in values if value is not None]
        return "\n".join(parts)

    def _read(self, step: str, node: Mapping[str, Any]) -> None:
        self.counts |= {float(node[k]) for k in ("total", "matched", "count") if isinstance(node.get(k), int)}
        item_id = node.get("item_id") if isinstance(node.get("item_id"), str) else node.get("id")
        if isinstance(item_id, str):
            self._read_item(step, item_id, node)
        for value in node.values():
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, dict):
                    self._read(step, child)

    def _read_item(self, step: str, item_id: str, node: Mapping[str, Any]) -> None:
        def add(source: str, name: str, value: FieldValue) -> None:
            self.facts[item_id].append(Fact(step, item_id, source, name, value))

        title = node.get("title")
        if isinstance(title, str):
            self.titles.setdefault(item_id, title)
            add("field", "title", title)
        if "source" in node and isinstance(node.get("name"), str):
            add(str(node["source"]), node["name"], node.get("value"))
            return
        for name, value in (node.get("fields") or {}).items():
            add("field", name, value)
            self._fields.setdefault((item_id, name), value)
        for condition in node.get("unmet") or ():
            add("statistic", f"unmet {condition['field']}", condition["value"])
        for name in ("score", "available"):
            if isinstance(node.get(name), int | float):
                add("statistic", name, node[name])
        for name in ("event", "value", "time"):
            if "title" in node and node.get(name) is not None:
                add("history", name, node[name])
        for part in node.get("contributions") or ():
            add("contribution", part["signal"], part["value"])
        self.sentences[item_id] += [
            text
            for text in (node.get("short"), node.get("detailed"), *(node.get("reasons") or ()))
            if isinstance(text, str)
        ]
        self.sentences[item_id] += [r["text"] for r in node.get("reasons") or () if isinstance(r, dict)]
        if isinstance(node.get("why_not"), dict):
            self.sentences[item_id].append(node["why_not"]["text"])


def agrees(proof: FieldValue, claimed: FieldValue) -> bool:
    """Return whether a proven value supports a claimed one: equal up to case and rounding, or among a list's values.

    A date supports its own year and month.
    """
    if isinstance(claimed, list):
        return bool(claimed) and all(agrees(proof, part) for part in claimed)
    if isinstance(proof, list):
        return any(agrees(part, claimed) for part in proof)
    if isinstance(proof, bool) or isinstance(claimed, bool):
        return _as_bool(proof) is not None and _as_bool(proof) == _as_bool(claimed)
    if proof is None or claimed is None:
        return False
    one, other = _as_number(proof), _as_number(claimed)
    if one is not None and other is not None:
        return rounds(one, other, len(f"{other:.10g}".partition(".")[2]))
    told, said = str(proof).casefold(), str(claimed).casefold()
    return told == said or (_DATE_PART.fullmatch(said) is not None and told.startswith(f"{said}-"))


def rounds(exact: float, said: float, decimals: int) -> bool:
    """Return whether `said` is `exact` rounded, half up or half to even, to the decimals it is said with."""
    return abs(exact - said) <= 0.5 * 10.0**-decimals + 1e-9


def _as_number(value: FieldValue) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _as_bool(value: FieldValue) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "yes": True, "false": False, "no": False}.get(value.casefold())
    return value if isinstance(value, bool) else None

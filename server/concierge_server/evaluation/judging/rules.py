"""Judging by rules: transparent, offline, and blind to style.

- accuracy: the share of what the text states (numbers, values, titles) that the row, the evidence, the conditions or
  the taste prove; 3 when it states nothing.
- specificity: what it says truly of the item, weighed by how few items it is true of: -log of the share of the catalog
  that a value holds for, in units of a tenth of the catalog; titles of the user's own taste count as one such unit.
- relevance: the share of the conditions that it touches, by value or by field; without conditions, whether it speaks of
  the user's taste or of how liked the item is.
- helpfulness: one point each for a reason, something to expect of the item, a whole sentence, and brevity.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from concierge_server.evaluation.generated.oracle import Oracle
from concierge_server.evaluation.judging.cases import Case

DIMENSIONS = ("relevance", "specificity", "accuracy", "helpfulness")
Scores = Mapping[str, float]
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_WHY = re.compile(r"\b(because|liked|noticed|chosen|bought|popular|matches|meets|similar|found)\b", re.IGNORECASE)
_TENTH = math.log(10)
_BRIEF = range(20, 400)


@dataclass(slots=True)
class RuleJudge:
    """Judges one case at a time."""

    oracle: Oracle
    _values: dict[str, float] = field(default_factory=dict)
    """Each value of a category or of tags, with the share of items that have it."""

    def __post_init__(self) -> None:
        counts: dict[str, int] = {}
        for row in self.oracle.items.values():
            for value in {v for name, known in self.oracle.fields.items() for v in _values(row.get(name), known.type)}:
                counts[value] = counts.get(value, 0) + 1
        self._values = {value: count / len(self.oracle.items) for value, count in counts.items() if len(value) > 2}

    def judge(self, case: Case) -> Scores:
        """Return the four scores, each in 1..5."""
        stated = self._stated(case)
        true = [what for what in stated if self._proven(what, case)]
        return {
            "relevance": _score(self._touched(case)),
            "specificity": _score(min(1.0, sum(self._telling(what, case) for what in true) / 2)),
            "accuracy": _score(len(true) / len(stated) if stated else 0.5),
            "helpfulness": _score(self._helps(case, true) / 4),
        }

    def _stated(self, case: Case) -> list[str]:
        """Return the numbers, values and titles of a text; no part of a longer one counts again."""
        text, found = case.text, []
        known = [*case.taste, str(case.item["title"]), *(str(r["title"]) for r in self._named(text))]
        for title in sorted(set(known), key=len, reverse=True):
            if len(title) > 3 and title in text:
                found.append(title)
                text = text.replace(title, " ")
        for value in sorted(self._within(text), key=len, reverse=True):
            if (spot := re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text)) is not None:
                found.append(value)
                text = f"{text[: spot.start()]} {text[spot.end() :]}"
        return found + _NUMBER.findall(text)

    def _within(self, text: str) -> set[str]:
        return {value for value in self._values if value in text}

    def _named(self, text: str) -> list[Mapping[str, Any]]:
        return [row for row in self.oracle.items.values() if len(str(row["title"])) > 5 and str(row["title"]) in text]

    def _proven(self, what: str, case: Case) -> bool:
        proofs = [*case.item.values(), *case.taste, *(c["value"] for c in case.conditions)]
        for pointer in case.evidence:
            proofs += [pointer["value"], pointer["name"], self._title(pointer["item_id"]), self._title(pointer["name"])]
        proofs.append(len(self.oracle.items))
        parts = [part for proof in proofs for part in (proof if isinstance(proof, list) else [proof])]
        if _NUMBER.fullmatch(what):
            number = float(what.replace(",", ""))
            return any(_is(part, number) for part in parts)
        return any(isinstance(part, str) and what.casefold() == part.casefold() for part in parts)

    def _title(self, item_id: str) -> str | None:
        row = self.oracle.items.get(item_id)
        return None if row is None else str(row["title"])

    def _telling(self, what: str, case: Case) -> float:
        if what in self._values:
            return -math.log(self._values[what]) / _TENTH
        return 1.0 if what in case.taste else 0.5

    def _touched(self, case: Case) -> float:
        if not case.conditions:
            return 1.0 if _WHY.search(case.text) or any(title in case.text for title in case.taste) else 0.0
        text = case.text.casefold()
        touched = 0.0
        for condition in case.conditions:
            values = condition["value"] if isinstance(condition["value"], list) else [condition["value"]]
            names = (str(condition["field"]).replace("_", " "), *map(str, _values_of(case, condition["field"])))
            touched += any(str(word).casefold() in text for word in (*values, *names) if not isinstance(word, bool))
        taste = any(title in case.text for title in case.taste)
        return max(touched / len(case.conditions), 0.75 if taste else 0.0)

    def _helps(self, case: Case, true: list[str]) -> int:
        expects = any(what in true for what in self._within(case.text)) or any(map(_NUMBER.fullmatch, true))
        whole = case.text.rstrip().endswith((".", "!")) and not re.search(r"\b(of|and|in|the|a|by|to)[.!]?$", case.text)
        return sum((_WHY.search(case.text) is not None, expects, whole, len(case.text) in _BRIEF))


def _values(value: Any, kind: str) -> list[str]:
    if kind not in ("category", "tags"):
        return []
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str)]


def _values_of(case: Case, name: str) -> list[Any]:
    value = case.item.get(name)
    return value if isinstance(value, list) else [] if value is None or isinstance(value, bool) else [value]


def _is(proof: Any, number: float) -> bool:
    if isinstance(proof, bool) or proof is None:
        return False
    if isinstance(proof, int | float):
        return abs(proof - number) < 0.05 or abs(proof - number) < 1e-6 * abs(number)
    return number in {float(part.replace(",", "")) for part in _NUMBER.findall(str(proof))}


def _score(share: float) -> float:
    return round(1 + 4 * share, 2)

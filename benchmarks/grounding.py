"""Checks answers against the catalog itself, without any code of the agent: what it names exists and fits."""

import re
from typing import Any

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import check, unmet

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def ungrounded(answer: dict[str, Any], text: str, catalog: Catalog) -> list[str]:
    """Return what an answer (as `chat --json` prints it) says that the catalog does not hold, or the user forbade."""
    wrong = [f"the user did not speak of {title!r}" for title in _liked(answer) if not _spoken_of(title, text)]
    conditions = check(catalog, [Constraint.model_validate(c) for c in hard_constraints(answer)])
    for item in answer["items"]:
        if item["id"] not in catalog:
            wrong.append(f"{item['id']!r} is not in the catalog")
            continue
        place = catalog.position(item["id"])
        if catalog.titles[place] != item["title"]:
            wrong.append(f"{item['id']!r} is called {catalog.titles[place]!r}, not {item['title']!r}")
        wrong += [f"{item['title']!r} does not meet {c}" for c in unmet(catalog, place, conditions)]
        row = catalog.row(place)
        for proof in item["evidence"]:
            if proof["source"] == "field" and proof["item_id"] == item["id"] and proof["name"] in row:
                wrong += _differs(item["title"], proof, row[proof["name"]])
        known = " ".join([*map(str, row.values()), *(str(p["value"]) for p in item["evidence"])])
        known += " ".join([item["title"], text, str(conditions)])
        wrong += [
            f"nothing holds the number {number:g} in {item['reason']!r}"
            for number in _numbers(item["reason"]) - _numbers(known)
        ]
    return wrong


def hard_constraints(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the hard constraints that count after an answer."""
    entries = [entry for entry in answer["ledger"] if entry["kind"] == "constraint" and entry.get("hard", True)]
    return [{key: entry[key] for key in ("field", "op", "value")} for entry in entries]


def _liked(answer: dict[str, Any]) -> list[str]:
    """Return the titles that the answer's turn added as liked or disliked; "because you liked" rests on them."""
    entries = [entry for entry in answer["ledger"] if entry["turn"] == answer["turn"]]
    return [entry["title"] for entry in entries if entry["kind"] in ("like", "dislike")]


def _spoken_of(title: str, text: str) -> bool:
    return any(word in text.casefold() for word in re.findall(r"\w{4,}", title.casefold()))


def _numbers(text: str) -> set[float]:
    return {float(number.replace(",", "")) for number in _NUMBER.findall(text)}


def _differs(title: str, proof: dict[str, Any], value: Any) -> list[str]:
    stated = proof["value"] if isinstance(proof["value"], list) else [proof["value"]]
    held = value if isinstance(value, list) else [value]
    spellings = {str(one) for one in held} | {f"{one:g}" for one in held if isinstance(one, float)}
    missing = [part for part in stated if str(part) not in spellings]
    return [f"{title!r} has {proof['name']} {value!r}, not {missing!r}"] if missing else []

"""A model that lies, for a scripted API: it plans from a rule, invents items, breaks constraints, says what is false.

    api.always(LyingModel(rows, fields, seed=7))      # answers every request, repairs included

What it is asked for it reads off the request: the schema tells a plan from a draft, the data in the last messages the
user's words, what they mention, and the items of a draft. It knows the catalog's rows, so its outsiders really exist.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from concierge_tools.data.fields import Field
from tests.scripted_model import Reply, draft_reply, plan_reply, texts

INVENTED = ("Midnight Sunrise Harbor", "The Glass Mountain Returns", "Velvet Thunder Deluxe")
"""Names that are in no catalog."""
MAKERS = ("Alma Verde", "Quentin Ashgrove")
_BREAKS = {"==": "!=", "contains": "not_contains", "<=": ">", ">=": "<"}
_RETRIEVAL = ("recommend_for_user", "get_trending_items", "search_catalog")
_HONEST_PLAN = 0.35


@dataclass(slots=True)
class LyingModel:
    """Answers requests for plans and drafts with lies, some of them well hidden; the same seed lies the same."""

    rows: Sequence[Mapping[str, Any]]
    """The catalog's items, each with id, title and fields."""
    fields: Sequence[Field]
    seed: int = 0
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311  (chooses lies, nothing secret)

    def __call__(self, body: dict[str, Any]) -> Reply:
        """Answer one request."""
        said = [texts(message["content"]) for message in body["messages"]]
        if "intent" in body["output_config"]["format"]["schema"]["properties"]:
            return plan_reply(self._plan(said[0]))
        return draft_reply(self._draft(_data(said[0], "material")))

    def _plan(self, asked: str) -> dict[str, Any]:
        state, text = _data(asked, "state"), _data(asked, "user_message")
        add = [self._constraint(m) for m in state["mentions"] if m["kind"] == "value"]
        add += self._bounds(text)
        add += self._owed(state)
        step: dict[str, Any] = {"id": "s1", "tool": self.rng.choice(_RETRIEVAL), "arguments": {"n": 10}}
        if step["tool"] == "search_catalog":
            step["arguments"]["query"] = self.rng.choice(["", text[:60]])
        plan: dict[str, Any] = {"intent": "ask", "add": add, "steps": [step], "present": True}
        pending = state.get("pending") or {}
        if pending.get("kind") == "consent" and text.lower().startswith(("yes", "sure", "that's ok")):
            return {"intent": "ask", "add": [{"kind": "consent", "text": text}], "steps": [], "present": True}
        if self.rng.random() >= _HONEST_PLAN:
            self.rng.choice(_PLAN_LIES)(self, plan, state)
        return plan

    def _constraint(self, mention: Mapping[str, Any]) -> dict[str, Any]:
        known = next(f for f in self.fields if f.name == mention["field"])
        op = "contains" if known.type == "tags" else "=="
        value: Any = mention["value"]
        if known.type == "boolean":
            value = str(value).casefold() in ("true", "yes")
        constraint = {"field": known.name, "op": op, "value": value}
        return {"kind": "constraint", "text": mention["text"], "constraint": constraint}

    def _owed(self, state: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the answer to a question that is owed: a value the user mentions, else no preference."""
        pending = state.get("pending") or {}
        name = (pending.get("question") or {}).get("field")
        if name is None:
            return []
        value = next((m["value"] for m in state["mentions"] if m.get("field") == name), None)
        return [{"kind": "answer", "text": str(value), "field": name, "value": value}]

    def _bounds(self, text: str) -> list[dict[str, Any]]:
        found = re.search(r"\b(under|below|at most|up to|over|above|at least)\b\D{0,12}(\d+(?:\.\d+)?)", text)
        numbers = [f for f in self.fields if f.type == "number" and f.role != "availability"]
        if found is None or not numbers:
            return []
        named = [f for f in numbers if f.name.split("_")[0] in text.casefold() or (f.unit or "\0") in text]
        op = "<=" if found[1] in ("under", "below", "at most", "up to") else ">="
        constraint = {"field": self.rng.choice(named or numbers).name, "op": op, "value": float(found[2])}
        return [{"kind": "constraint", "text": found[0], "constraint": constraint}]

    def _filters_reversed(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        told = [entry["constraint"] for entry in plan["add"] if "constraint" in entry]
        reversed_ = [c | {"op": _BREAKS[c["op"]]} for c in told if c["op"] in _BREAKS]
        plan["steps"][0]["arguments"]["filters"] = reversed_

    def _present_itself(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        ids = [str(row["id"]) for row in self.rng.sample(self.rows, 3)]
        plan["steps"].append({"id": "s2", "tool": "show_recommendations", "arguments": {"item_ids": ids}})

    def _unknown_ids(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        plan["steps"] = [{"id": "s1", "tool": "get_similar_items", "arguments": {"item_ids": ["zz99"], "n": 5}}]

    def _from_memory(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        ids = [str(row["id"]) for row in self.rng.sample(self.rows, 2)]
        plan["steps"] = [{"id": "s1", "tool": "get_item_details", "arguments": {"item_ids": ids}}]
        plan["present"] = False

    def _looked_up(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        """Look up what is liked by many, and talk about that instead of presenting it."""
        del state
        plan["steps"] = [
            {"id": "s1", "tool": "get_trending_items", "arguments": {"n": 5}},
            {"id": "s2", "tool": "get_item_details", "arguments": {"item_ids": ["$s1.ids"]}},
        ]
        plan["present"] = False

    def _say_at_once(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        plan["steps"], plan["present"] = [], False
        plan["reply"] = self._boast()

    def _ask_about_nothing(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        plan["question"] = {"field": "", "text": f"Would you like {self.rng.choice(INVENTED)}, rated 9.9?"}
        plan["steps"] = []

    def _note(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        plan["notes"] = [self._boast(), "I left your conditions aside."]

    def _consent(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        plan["add"].append({"kind": "consent", "text": "yes"})

    def _love(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        del state
        plan["add"].append({"kind": "like", "text": "liked", "item_id": str(self.rng.choice(self.rows)["id"])})

    def _forget(self, plan: dict[str, Any], state: Mapping[str, Any]) -> None:
        """Take back what the user never took back."""
        plan["retract"] = [entry["id"] for entry in state["ledger"] if self.rng.random() < 0.5]

    def _boast(self) -> str:
        outsider = self.rng.choice([*INVENTED, str(self.rng.choice(self.rows)["title"])])
        return f"Everyone loves {outsider}, the award-winning hit by {self.rng.choice(MAKERS)}, rated 9.9."

    def _draft(self, material: Mapping[str, Any]) -> dict[str, Any]:
        given = list(material.get("items", ()))
        items = [self._item(item, given) for item in given if self.rng.random() < 0.9]
        for strange in self.rng.sample(["zz99", str(self.rng.choice(self.rows)["id"])], self.rng.randrange(3)):
            items.insert(self.rng.randrange(len(items) + 1), {"id": strange, "reason": self._boast(), "claims": []})
        if items and self.rng.random() < 0.2:
            items.append(items[0])
        self.rng.shuffle(items)
        openings = ["", f"Here are {len(given) + 37} for you.", self._boast(), "These fit.", self._of_outsider()]
        return {"opening": self.rng.choice(openings), "items": items, "closing": self.rng.choice(["", self._boast()])}

    def _of_outsider(self) -> str:
        return f"Also have a look at {self.rng.choice(self.rows)['title']}."

    def _item(self, item: Mapping[str, Any], given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        sentences = [f"{self.rng.choice(item['reasons'] or ['It fits']).rstrip('.')}."]
        claims: list[dict[str, Any]] = []
        for name, value in self.rng.sample(list(item["fields"].items()), min(2, len(item["fields"]))):
            false = self._false(name, value, given)
            sentences.append(self.rng.choice([f"Its {name.replace('_', ' ')} is {_words(false)}.", self._boast()]))
            claims.append({"name": name, "value": false})
        sentences.append(self.rng.choice([self._of_outsider(), f"Because you liked {INVENTED[0]}.", "A fine choice."]))
        return {"id": item["id"], "reason": " ".join(sentences), "claims": claims}

    def _false(self, name: str, value: Any, given: Sequence[Mapping[str, Any]]) -> Any:
        """Return another value than an item has: that of another one, a shifted or a swapped one."""
        others = [
            row[name]
            for row in self.rng.sample(self.rows, min(5, len(self.rows)))
            if row[name] not in (None, [], value)
        ]
        others += [other["fields"][name] for other in given if other["fields"].get(name, value) != value]
        if isinstance(value, bool):
            return not value
        if isinstance(value, int | float):
            others += [value * 10, value + 7]
        return self.rng.choice(others or ["Unheard Of"])


_PLAN_LIES = (
    LyingModel._filters_reversed,
    LyingModel._present_itself,
    LyingModel._unknown_ids,
    LyingModel._from_memory,
    LyingModel._looked_up,
    LyingModel._say_at_once,
    LyingModel._ask_about_nothing,
    LyingModel._note,
    LyingModel._consent,
    LyingModel._love,
    LyingModel._forget,
)


def _words(value: Any) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def _data(text: str, tag: str) -> Any:
    """Return the data of a tag in a message."""
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    assert found is not None, f"no <{tag}> in {text[:200]!r}"
    return json.loads(found[1])

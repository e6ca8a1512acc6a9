"""Checks of one turn: everything the agent promises, against the raw rows, and what the user told, apart from that."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from concierge_agent.answer import Answer
from concierge_server.evaluation.conversing import PRESENTING
from concierge_server.evaluation.generated.names import Names
from concierge_server.evaluation.generated.oracle import Oracle
from concierge_server.evaluation.generated.user import ASIDES, Said
from concierge_server.evaluation.predicates import Predicate
from concierge_tools.data.fields import Field

_LOOKUPS = ("get_item_details", "explain_recommendation", "check_availability", "get_user_history", "record_feedback")
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_NOT = re.compile(r"\b(?:not?|nor|without|never|non|instead of|rather than)\b\W*(?:[\w'-]+\W+){0,4}$", re.IGNORECASE)
_RESTATED = re.compile(r"\(one of [^)]*\)")
"""How a reason repeats, in brackets, the condition that its item meets."""
_OPEN = ("", "any", "none", "no preference")


@dataclass(slots=True)
class Checked:
    """What one turn came to."""

    said: Said
    reply: str
    items: tuple[str, ...]
    abstained: bool
    mentioned: int = 0
    invented: list[str] = field(default_factory=list)
    """Ids and names of items that are not in the catalog, or that nothing in the conversation stands behind."""
    against_ledger: list[str] = field(default_factory=list)
    against_told: list[str] = field(default_factory=list)
    """Presented items that break a condition: of the agent's own ledger; that the user told."""
    broken_rules: list[str] = field(default_factory=list)
    pointers: int = 0
    false_pointers: list[str] = field(default_factory=list)
    false_words: list[str] = field(default_factory=list)
    """Numbers and values in the reasons of items that their rows do not hold."""
    missed: tuple[Predicate, ...] = ()
    """Conditions the user told that the ledger does not ensure."""
    added: tuple[Predicate, ...] = ()
    """Conditions of the ledger that the user did not tell."""
    fits: bool = True
    """Whether anything fits what the user told."""
    fits_anew: bool = True
    """Whether anything does that has not been shown before."""
    error: str | None = None

    @property
    def asked(self) -> bool:
        """Whether the words were a request, to be answered by items, a question or an abstention."""
        return self.said.move not in ASIDES


@dataclass(slots=True)
class Checks:
    """Checks the turns of one conversation, in order."""

    oracle: Oracle
    names: Names
    user_id: str | None
    known: set[str] = field(default_factory=set)
    """Ids of items that may be spoken of: shown, looked up, or named by the user."""
    shown: set[str] = field(default_factory=set)
    consented: set[str] = field(default_factory=set)
    spoken: list[str] = field(default_factory=list)
    _asked_consent: bool = False

    def turn(self, said: Said, answer: Answer, turn: Mapping[str, Any], *, consent_asked: bool) -> Checked:
        """Check the agent's answer to what was said; `turn` is the answer as JSON."""
        ids = tuple(str(item["id"]) for item in turn["items"])
        checked = Checked(said, turn["reply"], ids, bool(turn["abstained"]), error=turn["error"])
        granted = said.move == "grant" and self._asked_consent
        self._asked_consent = consent_asked
        self.spoken.append(said.text)
        self.known |= {*ids, *_spoken_of(answer, turn)}
        if self.user_id is not None:
            self.known |= self.oracle.histories.get(self.user_id, frozenset())
        ledger = _ledger(turn["ledger"], self.oracle.fields)
        self._items(checked, ledger, turn)
        self._rules(checked, answer, turn, granted=granted)
        self._claims(checked, ledger, turn)
        unfounded = self.names.unfounded(turn["reply"], self.known, "\n".join([*self.spoken, *_offered(turn)]))
        checked.invented += unfounded
        others = (self.oracle.items[i] for i in self.known - {*ids} if i in self.oracle.items)
        named = sum(str(row["title"]) in turn["reply"] for row in others)
        checked.mentioned = len(ids) + named + len(checked.invented)
        self._understanding(checked, ledger)
        return checked

    def _items(self, checked: Checked, ledger: tuple[Predicate, ...], turn: Mapping[str, Any]) -> None:
        for item in turn["items"]:
            row = self.oracle.items.get(str(item["id"]))
            if row is None or row["title"] != item["title"]:
                checked.invented.append(str(item["id"]))
                continue
            if not all(self.oracle.holds(str(item["id"]), p) for p in ledger):
                checked.against_ledger.append(str(item["id"]))
            if not all(self.oracle.holds(str(item["id"]), p) for p in checked.said.told):
                checked.against_told.append(str(item["id"]))

    def _rules(self, checked: Checked, answer: Answer, turn: Mapping[str, Any], *, granted: bool) -> None:
        policy = self.oracle.policy
        ids = [i for i in checked.items if i in self.oracle.items]
        if policy.max_items is not None and len(checked.items) > policy.max_items:
            checked.broken_rules.append("max_items")
        shown = [call.result or {} for call in answer.trace.calls if call.tool == PRESENTING]
        released = {str(item["id"]) for result in shown for item in result.get("items", ())}
        had = self.oracle.consumed.get(self.user_id, frozenset()) if self.user_id is not None else frozenset()
        answered = {e["field"] for e in turn["ledger"] if e["kind"] in ("answer", "constraint")}
        if any(not self._alike(name, ids, turn["reply"]) for name in set(policy.ask_first) - answered):
            checked.broken_rules.append("ask_first")
        for item_id in ids:
            if granted:
                self.consented.add(item_id)
            broken = {
                "past the presenting tool": item_id not in released,
                "exclude_history": policy.exclude_history and item_id in had,
                "require": not all(self.oracle.holds(item_id, Predicate.of(rule)) for rule in policy.require),
                "disclose": any(self._applies(item_id, r) and r.text not in turn["reply"] for r in policy.disclose),
                "confirm": item_id not in self.consented and any(self._applies(item_id, r) for r in policy.confirm),
            }
            checked.broken_rules += [name for name, is_broken in broken.items() if is_broken]

    def _alike(self, name: str, ids: Sequence[str], reply: str) -> bool:
        """Whether nothing was left to choose in a field, and the reply says that it was not asked about."""
        values = [self.oracle.items[item_id].get(name) for item_id in ids if item_id in self.oracle.items]
        return not ids or (all(value == values[0] for value in values) and "was not asked about" in reply)

    def _applies(self, item_id: str, rule: Any) -> bool:
        return self.oracle.holds(item_id, Predicate.of(rule))

    def _claims(self, checked: Checked, ledger: tuple[Predicate, ...], turn: Mapping[str, Any]) -> None:
        told = "\n".join([*self.spoken, *(str(v) for p in ledger for v in p.values)])
        for item in turn["items"]:
            row = self.oracle.items.get(str(item["id"]), {})
            proofs = " ".join(f"{p['name']} {p['value']}" for p in item["evidence"])
            for proof in item["evidence"]:
                subject = self.oracle.items.get(proof["item_id"], {})
                if proof["source"] == "field":
                    checked.pointers += 1
                    if not _same(subject.get(proof["name"]), proof["value"]):
                        checked.false_pointers.append(f"{proof['item_id']} {proof['name']} = {proof['value']!r}")
            values = " ".join(str(value) for value in row.values())
            seeds = " ".join(str(self.oracle.items[i]["title"]) for i in self.known if i in self.oracle.items)
            proven = _numbers(f"{values} {proofs} {told} {seeds} {len(self.oracle.items)} 1 2 3 4 5 6 7 8 9 10")
            checked.false_words += [f"{n:g} of {item['title']}" for n in _numbers(item["reason"]) - proven]
            checked.false_words += self._false_values(item["reason"], row, told)

    def _false_values(self, reason: str, row: Mapping[str, Any], told: str) -> list[str]:
        """Return the values that a reason gives its item and that the row does not have."""
        own = " ".join(str(value) for value in row.values()).casefold()
        titles = sorted((str(self.oracle.items[i]["title"]) for i in self.known if i in self.oracle.items), key=len)
        for title in reversed(titles):
            reason = reason.replace(title, " ")
        reason = _RESTATED.sub(" ", reason)
        found = []
        for value in self.names.few_values:
            for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", reason):
                if value.casefold() not in own and not _NOT.search(reason[: match.start()]):
                    found.append(f"{value} of {row.get('title')}")
        return found

    def _understanding(self, checked: Checked, ledger: tuple[Predicate, ...]) -> None:
        told, held = self.oracle.fitting(checked.said.told), self.oracle.fitting(ledger)
        checked.missed = tuple(p for p in checked.said.told if held & ~self.oracle.fitting([p]))
        read = told & self.oracle.fitting(p for p in checked.said.may if p in ledger)
        checked.added = tuple(p for p in ledger if read & ~self.oracle.fitting([p]))
        fitting = told & self.oracle.allowed(self.user_id)
        checked.fits = bool(fitting)
        checked.fits_anew = bool(fitting & ~self.oracle.set_of(self.shown))
        self.shown |= {*checked.items}


def _ledger(entries: Iterable[Mapping[str, Any]], fields: Mapping[str, Field]) -> tuple[Predicate, ...]:
    """Return what an answer's ledger holds items to: hard constraints, and answers that are no mere shrug."""
    found: list[Predicate] = []
    answers: list[tuple[str, Any]] = []
    for entry in entries:
        if entry["kind"] == "constraint" and entry.get("hard", True):
            found.append(Predicate.model_validate({key: entry[key] for key in ("field", "op", "value")}))
        elif entry["kind"] == "answer" and entry.get("value") is not None:
            answers.append((entry["field"], entry["value"]))
    stated = {predicate.field for predicate in found}
    for name, value in answers:
        values = value if isinstance(value, list) else [value]
        if name not in stated and (wanted := [v for v in values if str(v).strip().casefold() not in _OPEN]):
            op = "contains_any" if name in fields and fields[name].type == "tags" else "in"
            found.append(Predicate.model_validate({"field": name, "op": op, "value": wanted}))
    return tuple(found)


def _spoken_of(answer: Answer, turn: Mapping[str, Any]) -> set[str]:
    """Return the ids of the items that a turn looked up, and of those the user named or likes."""
    found = {e["item_id"] for e in turn["ledger"] if e.get("item_id")}
    for call in answer.trace.calls:
        result = call.result or {}
        if call.tool in _LOOKUPS:
            listed = [*result.get("items", ()), *result.get("interactions", ()), result]
            found |= {str(entry[key]) for entry in listed for key in ("id", "item_id") if entry.get(key)}
            found |= {e["item_id"] for entry in listed for e in entry.get("evidence", ())}
            found |= {e["name"] for entry in listed for e in entry.get("evidence", ()) if e["source"] == "history"}
        if call.tool == "resolve_mentions":
            for mention in result.get("mentions", ()):
                found |= {m["item_id"] for m in (mention, *mention.get("alternatives", ())) if m.get("item_id")}
        found |= {str(i) for i in call.arguments.get("item_ids", ())} if call.tool == "get_similar_items" else set()
    return found


def _offered(turn: Mapping[str, Any]) -> list[str]:
    question = turn["question"] or {}
    return [str(option["value"]) for option in question.get("options", ())]


def _same(value: Any, claimed: Any) -> bool:
    if isinstance(claimed, list):
        return isinstance(value, list) and set(claimed) <= set(value)
    if isinstance(value, list):
        return claimed in value
    if isinstance(value, int | float) and isinstance(claimed, int | float):
        return abs(value - claimed) < 1e-6 * max(1.0, abs(value))
    return bool(value == claimed)


def _numbers(text: str) -> set[float]:
    return {float(number.replace(",", "")) for number in _NUMBER.findall(text)}

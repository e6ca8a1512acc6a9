"""The reward of a conversation, all or nothing: what was accepted meets the constraints, and no policy was broken."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from concierge_server.evaluation.conversing import Exchange
from concierge_server.evaluation.predicates import Item, Predicate, holds
from concierge_server.evaluation.user import asks_consent
from concierge_tools.config import PolicyConfig, RuleConfig

_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Goal:
    """What a conversation is judged by."""

    required: tuple[Predicate, ...]
    solvable: bool
    watched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one conversation."""

    reward: int
    accepted: str | None
    failures: tuple[str, ...]
    """Why the reward is 0; empty when it is 1."""
    against_word: int
    """How many items were shown against a condition that the user had already told."""


def judge(goal: Goal, exchanges: Sequence[Exchange], *, policy: PolicyConfig, items: Mapping[str, Item]) -> Verdict:
    """Judge a conversation by plain data: the catalog's items, the store's rules and what was said and shown.

    Where nothing fits, the reward is 1 when the agent abstained last and never showed anything that breaks what it had
    been told.
    """
    taken = exchanges[-1].said.act == "accept" if exchanges else False
    talk = exchanges[:-1] if taken else exchanges
    accepted = str(talk[-1].turn["items"][0]["id"]) if taken else None
    failures = _policies(goal, talk, policy, items)
    against = _against_word(talk, items)
    if accepted is not None:
        item = items.get(accepted, {})
        failures += [f"accepted item breaks {p.field} {p.op} {p.value}" for p in goal.required if not holds(item, p)]
        if not goal.solvable:
            failures.append("committed although nothing fits")
    elif goal.solvable:
        abstained = bool(talk) and bool(talk[-1].turn["abstained"])
        failures.append("abstained although something fits" if abstained else "the user gave up")
    else:
        if not talk or not talk[-1].turn["abstained"]:
            failures.append("did not abstain although nothing fits")
        if against:
            failures.append("showed an item that breaks what was told although nothing fits")
    failures += [f"error: {e.turn['error']}" for e in talk if e.turn.get("error")]
    unique = tuple(dict.fromkeys(failures))
    return Verdict(int(not unique), accepted, unique, against)


def _policies(goal: Goal, talk: Sequence[Exchange], policy: PolicyConfig, items: Mapping[str, Item]) -> list[str]:
    failures: list[str] = []
    consented: set[str] = set()
    known: set[str] = set(goal.watched)
    for before, exchange in zip([None, *talk[:-1]], talk, strict=True):
        turn = exchange.turn
        granted = exchange.said.act == "grant" and before is not None and asks_consent(before.turn)
        ids = [str(item["id"]) for item in turn["items"]]
        if policy.max_items is not None and len(ids) > policy.max_items:
            failures.append(f"{len(ids)} items in one message")
        for item_id in ids:
            item = items.get(item_id)
            if item is None:
                failures.append(f"showed {item_id!r}, which is not in the catalog")
                continue
            if item_id not in exchange.presented:
                failures.append("shown past the presenting tool")
            if policy.exclude_history and item_id in goal.watched:
                failures.append("showed what the user has had already")
            if any(_holds(item, rule) and rule.text not in turn["reply"] for rule in policy.disclose):
                failures.append("showed an item without its disclosure")
            if granted:
                consented.add(item_id)
            if item_id not in consented and any(_holds(item, rule) for rule in policy.confirm):
                failures.append("showed what needs consent without it")
        known.update(ids)
        failures += _named(turn["reply"], known, items)
    return failures


def _against_word(talk: Sequence[Exchange], items: Mapping[str, Item]) -> int:
    """Return how many of the shown items break a condition told before."""
    told: list[Predicate] = []
    count = 0
    for exchange in talk:
        told += exchange.said.told
        shown = [items.get(str(item["id"]), {}) for item in exchange.turn["items"]]
        count += sum(not all(holds(item, p) for p in told) for item in shown)
    return count


def _named(reply: str, known: set[str], items: Mapping[str, Item]) -> list[str]:
    """Return a failure for each title in bold type that was never presented."""
    bold = {text.replace("\\", "") for text in _BOLD.findall(reply)}
    known_titles = {items[i].get("title") for i in known if i in items}
    titles = {item.get("title") for item in items.values()} - known_titles
    return ["named an item that was not presented" for _ in bold & titles]


def _holds(item: Item, rule: RuleConfig) -> bool:
    return holds(item, Predicate.of(rule))

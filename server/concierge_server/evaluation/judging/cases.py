"""Cases: explanations that the agent gave, with what they were given for, and corrupted versions of them."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from concierge_agent.conversation import Conversation
from concierge_agent.rendering import answer_json
from concierge_server.evaluation.generated.oracle import Oracle
from concierge_server.evaluation.generated.user import GeneratedUser
from concierge_server.evaluation.generated.wordings import load_wordings
from concierge_server.evaluation.predicates import Item
from concierge_server.session import Session

Corruption = Literal["false values", "another item's", "generic", "cut short"]
CORRUPTIONS: tuple[Corruption, ...] = ("false values", "another item's", "generic", "cut short")
_TRIES = 10
_GENERIC = (
    "A great choice that many people enjoy.",
    "You will surely like this one.",
    "It is one of our best and fits all tastes.",
    "A good pick for every occasion.",
)
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Case:
    """One explanation of one item."""

    asked: str
    """The user's words."""
    conditions: tuple[Mapping[str, Any], ...]
    """The constraints of the ledger when it was given."""
    taste: tuple[str, ...]
    """Titles of what the user likes or has had."""
    item: Item
    text: str
    evidence: tuple[Mapping[str, Any], ...] = ()


async def gather(session: Session, oracle: Oracle, n: int, *, seed: int) -> list[Case]:
    """Return `n` explanations from the first answers to generated requests, or fewer where too little was shown."""
    wordings = load_wordings()
    users = sorted(oracle.histories)
    cases: list[Case] = []
    for number in range(n * _TRIES):
        if len(cases) == n:
            break
        rng = random.Random(f"{seed}:{number}")  # noqa: S311  (draws requests, nothing secret)
        user_id = rng.choice(users) if users and rng.random() < 0.5 else None
        said = GeneratedUser(oracle, wordings, rng=rng, user_id=user_id).opening()
        fresh = Conversation(id=f"explanation-{number}", user_id=user_id)
        _, answer = await session.agent.turn(fresh, said.text)
        turn = answer_json(answer)
        if turn["items"]:
            shown = rng.choice(turn["items"])
            cases.append(_case(said.text, turn, shown, oracle, user_id))
    return cases


def corrupted(case: Case, corruption: Corruption, cases: Sequence[Case], oracle: Oracle, rng: random.Random) -> Case:
    """Return a case with its explanation made worse."""
    match corruption:
        case "generic":
            return replace(case, text=rng.choice(_GENERIC))
        case "another item's":
            others = [c for c in cases if c.item["id"] != case.item["id"] and c.text != case.text]
            return replace(case, text=rng.choice(others).text) if others else case
        case "cut short":
            words = case.text.split()
            return replace(case, text=" ".join(words[: max(1, len(words) // 3)]))
        case "false values":
            return replace(case, text=_falsified(case, oracle, rng))


def _case(asked: str, turn: Mapping[str, Any], shown: Mapping[str, Any], oracle: Oracle, user_id: str | None) -> Case:
    titles = [e["title"] for e in turn["ledger"] if e["kind"] == "like" and e.get("title")]
    if user_id is not None:
        titles += [str(oracle.items[i]["title"]) for i in sorted(oracle.histories.get(user_id, ()))]
    conditions = tuple(e for e in turn["ledger"] if e["kind"] == "constraint")
    return Case(asked, conditions, tuple(titles), oracle.items[shown["id"]], shown["reason"], tuple(shown["evidence"]))


def _falsified(case: Case, oracle: Oracle, rng: random.Random) -> str:
    """Return the text with its values replaced by another item's, and its numbers by others."""
    text, other = case.text, rng.choice(list(oracle.items.values()))
    for name, known in oracle.fields.items():
        if known.type not in ("category", "tags"):
            continue
        own, strange = (
            _list(case.item.get(name)),
            [v for v in _list(other.get(name)) if v not in _list(case.item.get(name))],
        )
        for value in own:
            if strange and value in text:
                text = text.replace(value, rng.choice(strange))
    return _NUMBER.sub(lambda found: f"{float(found[0].replace(',', '')) * 2 + 3:g}", text)


def _list(value: Any) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [value] if isinstance(value, str) else []

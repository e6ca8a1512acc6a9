"""Two hundred turns of additions, corrections and retractions: what counts is exactly what was said and not taken back.

The meaning of every sentence stands beside it, as a change to plain sets and numbers; nothing of the brain is used.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from concierge_agent.answer import Answer
from concierge_agent.conversation import KEPT_WHOLE
from concierge_server.opening import open_desk
from tests.server.cinema import ITEMS, fit_cinema
from tests.server.recorded import again, agent_on, kept
from tests.tools.filter_oracle import meets

pytestmark = pytest.mark.anyio
TURNS = 200
BYTES_A_TURN = 500
"""What an old turn may add to a stored conversation: the user's words, the titles they saw, and its ledger entries."""
GENRES = {"Comedy": "comedies", "Drama": "dramas", "Animation": "animation", "Action": "action"}
TITLES = {title: item_id for item_id, title, *_ in ITEMS}


@dataclass
class Meant:
    """What the user wants by now, in plain Python."""

    rules: set[tuple[str, str, Any]] = field(default_factory=set)
    always: set[tuple[str, str, Any]] = field(default_factory=set)
    liked: set[str] = field(default_factory=set)
    disliked: set[str] = field(default_factory=set)

    def say(self, *rules: tuple[str, str, Any], instead_of: tuple[str, ...] = ()) -> None:
        """Add rules, in place of those on the same field with these operators."""
        fields = {name for name, _, _ in rules}
        old = {rule for rule in self.rules | self.always if rule[0] in fields and rule[1] in instead_of}
        self.rules = (self.rules - old) | set(rules)
        self.always -= old

    def taste(self, item_id: str, gains: set[str], loses: set[str]) -> None:
        gains.add(item_id)
        loses.discard(item_id)

    def over(self) -> None:
        self.rules.clear()
        self.liked.clear()
        self.disliked.clear()

    def holds(self) -> set[tuple[str, str, Any]]:
        return self.rules | self.always


Sayable = Iterator[tuple[str, Callable[[], object]]]
"""Sentences, each with its meaning."""


def wishes(now: Meant, rng: random.Random) -> Sayable:
    """What adds to, or takes the place of, what is wanted."""
    low, high = rng.randrange(60, 85, 5), rng.randrange(90, 130, 5)
    yield f"under {high} minutes", partial(now.say, ("runtime", "<", high), instead_of=("<", "<="))
    yield f"at most {high} minutes please", partial(now.say, ("runtime", "<=", high), instead_of=("<", "<="))
    yield f"longer than {low} minutes", partial(now.say, ("runtime", ">", low), instead_of=(">", ">="))
    for genre, word in GENRES.items():
        out, wanted = ("genres", "not_contains", genre), ("genres", "contains", genre)
        if not {out, wanted} & now.holds():
            yield f"no {word} please", partial(now.say, out)
            yield f"I never watch {word}", partial(now.always.add, out)
            yield f"actually make it {word}", partial(now.say, wanted, instead_of=("contains",))
    for service in ("Netflix", "Hulu"):
        if ("services", "contains", service) not in now.rules:
            yield f"it must be on {service}", partial(now.say, ("services", "contains", service))


def retractions(now: Meant) -> Sayable:
    """What takes back, here or for good, what is wanted."""
    if gone := {rule for rule in now.rules if rule[0] == "runtime"}:
        yield "forget the runtime", partial(now.rules.difference_update, gone)
        yield "any runtime is fine", partial(now.rules.difference_update, gone)
    for genre, word in GENRES.items():
        out, wanted = ("genres", "not_contains", genre), ("genres", "contains", genre)
        if out in now.rules:
            yield f"{word} are fine after all", partial(now.rules.discard, out)
        if wanted in now.rules:
            yield f"forget the {word}", partial(now.rules.discard, wanted)
        if out in now.always:
            yield f"forget that I never watch {word}", partial(now.always.discard, out)
    for service in ("Netflix", "Hulu"):
        if (on := ("services", "contains", service)) in now.rules:
            yield f"it need not be {service}", partial(now.rules.discard, on)


def tastes_and_talk(now: Meant, rng: random.Random) -> Sayable:
    """What changes no condition, and now and then what changes everything."""
    title = rng.choice(sorted(TITLES))
    yield f"I loved {title}", partial(now.taste, TITLES[title], now.liked, now.disliked)
    yield f"I hated {title}", partial(now.taste, TITLES[title], now.disliked, now.liked)
    for small_talk in ("hello", "thanks", "more", "why these?"):
        yield small_talk, now.holds
    if rng.random() < 0.1:
        yield "start over", now.over


def next_said(now: Meant, rng: random.Random) -> tuple[str, Callable[[], object]]:
    """Draw a sentence; the more is wanted already, the likelier something is taken back."""
    taking_back = list(retractions(now))
    if taking_back and rng.random() < len(now.holds()) / 6:
        return rng.choice(taking_back)
    return rng.choice([*wishes(now, rng), *tastes_and_talk(now, rng)])


def counted(answer: Answer) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]], set[str], set[str]]:
    entries = [entry for entry in answer.ledger if entry.get("hard", True)]
    rules = [(e["field"], e["op"], e["value"], e.get("scope")) for e in entries if e["kind"] == "constraint"]
    assert len(rules) == len(set(rules))
    tastes = [{e["item_id"] for e in entries if e["kind"] == kind} for kind in ("like", "dislike")]
    return {r[:3] for r in rules}, {r[:3] for r in rules if r[3] == "user"}, tastes[0], tastes[1]


async def test_after_each_of_200_turns_exactly_what_was_said_and_not_taken_back_counts(tmp_path: Path) -> None:
    store, rng, now = fit_cinema(tmp_path), random.Random(20), Meant()  # noqa: S311  (a script, nothing secret)
    with open_desk(store) as desk:
        catalog = desk.snapshot().catalog
    sizes, answers = list[int](), list[Answer]()
    async with agent_on(store, user="ann") as agent:
        held = agent.conversation("c1")
        for turn in range(1, TURNS + 1):
            text, means = next_said(now, rng)
            means()
            held, answer = await agent.turn(held, text)
            assert counted(answer) == (now.holds(), now.always, now.liked, now.disliked), (turn, text)
            for item in answer.items:
                position = catalog.position(item.id)
                for name, op, operand in now.holds():
                    value = catalog.value(name, position)
                    assert meets(catalog.field(name).type, value, op, operand), (turn, text, item.title, name)
            sizes.append(len(held.model_dump_json()))
            answers.append(answer)
    assert kept(store) == held
    assert [entry.id for entry in held.ledger.entries] == [f"e{n}" for n in range(1, len(held.ledger.entries) + 1)]
    assert len([entry for entry in held.ledger.entries if not entry.active]) > TURNS / 5
    assert sizes[-1] - sizes[KEPT_WHOLE] < BYTES_A_TURN * (TURNS - KEPT_WHOLE)
    assert not any(turn.reply for turn in held.turns if turn.number not in held.whole)
    assert (await again(store, answers[TURNS // 2].trace)).differences == ()

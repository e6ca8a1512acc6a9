"""Dynamic demonstrations: what they are, and whether those that are found show what the request needs."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from concierge_agent.demonstrations import CHOSEN, Demonstration, Demonstrations
from concierge_agent.plan import Plan, Step
from concierge_agent.prompts.library import Prompts

SEEDS = Prompts.open().seeds
HELD_OUT = json.loads((Path(__file__).parent / "held_out_requests.json").read_text(encoding="utf-8"))
"""Requests that no choice was made by: other domains, and in other words than the seeds' where the act allows."""
STATIC = ("theme-taste-tent", "shorter", "why", "like-book", "no-consent", "hello")
"""What the prompt showed for every request when its examples were fixed."""


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.id)
def test_a_seed_is_a_plan_over_what_its_state_gives(seed: Demonstration) -> None:
    given, plan = json.dumps(seed.state), seed.plan

    named = [entry.item_id for entry in plan.add if entry.item_id]
    named += [i for s in plan.steps for a in s.arguments if a.name == "item_ids" for i in a.value]  # type: ignore[union-attr, misc]  # item ids are lists of strings
    assert all(f'"{name}"' in given for name in [*named, *plan.retract])
    assert seed.also, "other wordings, for finding it"
    Plan(steps=tuple(Step(id=s.id, tool=s.tool, arguments={a.name: a.value for a in s.arguments}) for s in plan.steps))


def test_seeds_have_ids_of_their_own() -> None:
    assert len({seed.id for seed in SEEDS}) == len(SEEDS)


def test_what_a_text_is_linked_to_counts_whatever_it_is_called() -> None:
    state = {"mentions": [{"text": "Xylo Quux", "kind": "item", "item_id": "z1"}]}

    assert Demonstrations(SEEDS).choose("is Xylo Quux in stock?", state)[-1].id == "stock"


def test_what_is_pending_counts() -> None:
    pending = {"pending": {"kind": "consent", "question": {"text": "Show it?"}}}

    assert Demonstrations(SEEDS).choose("yes", pending)[-1].id == "consent"


def test_the_choice_is_varied_and_the_same_every_time() -> None:
    twin = SEEDS[0].model_copy(update={"id": "twin"})
    found = Demonstrations((*SEEDS, twin))

    once, again = (found.choose(SEEDS[0].user, SEEDS[0].state) for _ in range(2))

    assert once == again
    assert len(once) == CHOSEN
    assert len({one.user for one in once}) == CHOSEN, "the same request is not shown twice"


def test_left_out_seeds_find_others_that_call_the_same_tools_more_often_than_fixed_or_random_ones_do() -> None:
    found, fixed, random = [], [], []
    for seed in SEEDS:
        others = [other for other in SEEDS if other is not seed]
        found.append(_shares(Demonstrations(others).choose(seed.user, seed.state), seed.tools))
        fixed.append(_shares([other for other in others if other.id in STATIC], seed.tools))
        random.append(_at_random(others, seed.tools))

    assert fmean(share for share, _ in found) >= 0.22
    assert fmean(any_ for _, any_ in found) >= 0.68
    assert fmean(any_ for _, any_ in fixed) <= 0.45
    assert fmean(any_ for _, any_ in random) <= 0.28


def test_held_out_requests_find_seeds_that_call_the_same_tools() -> None:
    demonstrations = Demonstrations(SEEDS)
    found, fixed, random = [], [], []
    for request in HELD_OUT:
        tools = tuple(request["tools"])
        found.append(_shares(demonstrations.choose(request["user"], request["state"]), tools))
        fixed.append(_shares([seed for seed in SEEDS if seed.id in STATIC], tools))
        random.append(_at_random(SEEDS, tools))

    assert fmean(share for share, _ in found) >= 0.40
    assert fmean(any_ for _, any_ in found) >= 0.90
    assert fmean(any_ for _, any_ in fixed) <= 0.55
    assert fmean(any_ for _, any_ in random) <= 0.35


def _shares(shown: Sequence[Demonstration], tools: tuple[str, ...]) -> tuple[float, float]:
    """Return the share of those shown that call these tools, and 1 when any does."""
    same = [one.tools == tools for one in shown]
    return sum(same) / len(same), float(any(same))


def _at_random(seeds: Sequence[Demonstration], tools: tuple[str, ...]) -> tuple[float, float]:
    """Return what `_shares` is on average for as many drawn at random."""
    fit, count = sum(seed.tools == tools for seed in seeds), len(seeds)
    return fit / count, 1 - math.comb(count - fit, CHOSEN) / math.comb(count, CHOSEN)


def test_a_demonstration_without_a_plan_is_refused() -> None:
    empty: dict[str, Any] = {"intent": "ask"}
    with pytest.raises(ValueError, match="steps, a question or a reply"):
        Demonstration.model_validate({"id": "x", "user": "hm", "plan": empty})

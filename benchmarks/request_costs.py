"""What a request costs: the recommenders alone, a turn of the offline brain, and the tokens of a model's turn.

    concierge fit --demo --store .demo/store
    python -m benchmarks.request_costs .demo/store --hour 0.10 --tokens 1422 163 --price 1 5

`--hour` is what the machine costs in dollars an hour, divided among its cores; `--tokens` are those of a turn, as
`python -m benchmarks.local_model` and `concierge traces` count them; `--price` is a model's in dollars for a million
tokens of input and output. The first stages are the traditional path: a known user's profile becomes a vector, all
items are scored by it and by the other members of the blend, and ranks are fused under filters.
"""

import argparse
import asyncio
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np

from concierge_agent.conversation import Conversation
from concierge_agent.llm.model import Tokens
from concierge_agent.llm.prices import Price
from concierge_server.brains import BrainChoice
from concierge_server.eligibility import eligible
from concierge_server.opening import open_desk
from concierge_server.session import open_session
from concierge_server.subject import subject_of
from concierge_tools.recommenders.als import Als

REQUESTS = 300
TURNS = 60
ASKED = "I loved {title}. Something like it, but newer than {year}, please."


def path(store: Path) -> dict[str, list[float]]:
    """Return the seconds of each stage of the traditional path, and of all of it."""
    taken: dict[str, list[float]] = {"embedding lookup": [], "retrieval": [], "ranking": [], "total": []}
    with open_desk(store) as desk:
        snapshot = desk.snapshot()
        log, retrieval = snapshot.artifact.interactions, snapshot.retrieval
        assert log is not None
        chosen = np.random.default_rng(0).choice(len(log.user_ids), REQUESTS).tolist()
        members = [snapshot.artifact.members[name] for name in snapshot.artifact.blend]
        als = snapshot.artifact.members[Als.name]
        assert isinstance(als, Als)
        for user in chosen:
            subject = subject_of(desk, snapshot, log.user_ids[user])
            mask, _ = eligible(snapshot, [], subject=subject)
            profile = subject.profile
            lookup = _seconds(lambda profile=profile: als.vector(profile))
            scored = _seconds(lambda profile=profile: [member.scores(profile) for member in members])
            whole = _seconds(lambda user=user: _recommend(desk, log.user_ids[user]))
            ranked = _seconds(lambda profile=profile, mask=mask: retrieval.recommend(profile, mask))
            for name, seconds in zip(taken, (lookup, scored, max(0.0, ranked - scored), whole), strict=True):
                taken[name].append(seconds)
    return taken


def _recommend(desk: object, user_id: str) -> None:
    from concierge_server.desk import Desk

    assert isinstance(desk, Desk)
    snapshot = desk.snapshot()
    subject = subject_of(desk, snapshot, user_id)
    mask, _ = eligible(snapshot, [], subject=subject)
    snapshot.retrieval.recommend(subject.profile, mask)


async def turns(store: Path) -> list[float]:
    """Return the seconds of turns of the offline brain, each the first of a conversation."""
    with open_desk(store) as desk:
        snapshot = desk.snapshot()
        order = snapshot.artifact.popularity.everything[:TURNS].tolist()
        titles = [snapshot.catalog.titles[item] for item in order]
    taken = []
    async with open_session(
        store=store, connect=None, user_id=None, choice=BrainChoice(name="offline"), keep=False
    ) as session:
        for number, title in enumerate(titles):
            text = ASKED.format(title=title, year=1980 + number % 20)
            begun = time.perf_counter()
            await session.agent.turn(Conversation(id=f"c_{uuid.uuid4().hex}"), text)
            taken.append(time.perf_counter() - begun)
    return taken


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--hour", type=float, required=True, help="dollars an hour for the machine")
    parser.add_argument("--tokens", type=int, nargs=2, required=True, metavar=("IN", "OUT"))
    parser.add_argument("--price", type=float, nargs=2, action="append", required=True, metavar=("IN", "OUT"))
    told = parser.parse_args()
    second = told.hour / 3600 / (os.cpu_count() or 1)
    print("| request | p50 ms | p99 ms | dollars |\n|---|---|---|---|")
    for name, taken in (*path(told.store).items(), ("offline brain, a turn", asyncio.run(turns(told.store))[1:])):
        low, high = np.quantile(taken, [0.5, 0.99])
        print(f"| {name} | {1e3 * low:.2f} | {1e3 * high:.2f} | {second * float(np.mean(taken)):.9f} |")
    for price in told.price:
        cost = Price(input=price[0], output=price[1]).of(Tokens(input=told.tokens[0], output=told.tokens[1]))
        print(f"| a model's turn at ${price[0]:g} and ${price[1]:g} per million tokens | - | - | {cost:.6f} |")


if __name__ == "__main__":
    main()

"""Run plans as they were written and compiled on the demo store, and compare calls, time and what is found.

    concierge fit --demo --store .demo/store
    python benchmarks/plan_compiler.py --store .demo/store

The plans are of the kinds that language models write for requests in several parts; those the compiler cannot help are
among them. Time is a ratio of medians within one run, in memory: over a network a call that is saved saves more.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

from mcp import Client

from concierge_agent.compiler import Compiled, as_planned, compile_plan
from concierge_agent.conversation import Conversation
from concierge_agent.enforcement import Enforcement
from concierge_agent.executor import final_candidates, run
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.plan import Plan, Step
from concierge_agent.tools import Toolbox
from concierge_agent.values import CatalogDescription, Constraint
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk

COMEDY = {"field": "genres", "op": "contains", "value": "Comedy"}
NO_WAR = {"field": "genres", "op": "not_contains", "value": "War"}
NINETIES = {"field": "year", "op": "<", "value": 2000}
PLANS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "one retrieval": [("recommend_for_user", {"filters": [COMEDY]})],
    "search, narrow": [
        ("search_catalog", {"query": "love"}),
        ("filter_candidates", {"candidates": "$s1", "filters": [COMEDY]}),
    ],
    "search, narrow twice, sort": [
        ("search_catalog", {"query": "war"}),
        ("filter_candidates", {"candidates": "$s1", "filters": [COMEDY]}),
        ("filter_candidates", {"candidates": "$s2", "filters": [NINETIES]}),
        ("rank_candidates", {"candidates": "$s3", "by": "year"}),
    ],
    "recommend, repeat the condition": [
        ("recommend_for_user", {}),
        ("filter_candidates", {"candidates": "$s1", "filters": [NO_WAR]}),
    ],
    "recommend, order by taste": [
        ("recommend_for_user", {"filters": [COMEDY]}),
        ("rank_candidates", {"candidates": "$s1", "by": "personal"}),
    ],
    "like one, narrow": [
        ("get_similar_items", {"item_ids": ["1"]}),
        ("filter_candidates", {"candidates": "$s1", "filters": [COMEDY]}),
    ],
    "like one or the other": [
        ("get_similar_items", {"item_ids": ["1"]}),
        ("get_similar_items", {"item_ids": ["260"]}),
        ("combine_candidates", {"operation": "union", "candidates": ["$s1", "$s2"]}),
    ],
    "words and taste together": [
        ("search_catalog", {"query": "space"}),
        ("recommend_for_user", {}),
        ("combine_candidates", {"operation": "intersection", "candidates": ["$s1", "$s2"]}),
        ("rank_candidates", {"candidates": "$s3", "by": "personal"}),
    ],
    "a fallback first": [("get_trending_items", {}), ("search_catalog", {"query": "robot", "filters": [NINETIES]})],
    "the same asked twice": [
        ("search_catalog", {"query": "love"}),
        ("filter_candidates", {"candidates": "$s1", "filters": [COMEDY]}),
        ("search_catalog", {"query": "love"}),
        ("filter_candidates", {"candidates": "$s3", "filters": [COMEDY]}),
        ("rank_candidates", {"candidates": "$s4", "by": "popularity"}),
    ],
}


def main() -> None:
    """Compare, and print a line per plan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, default=Path(".demo/store"))
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    asyncio.run(_compare(options.store, options.repeat))


async def _compare(store: Path, repeat: int) -> None:
    entry = Entry(id="e1", kind="constraint", turn=1, text="no war", constraint=Constraint.model_validate(NO_WAR))
    totals = [0, 0]
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            toolbox = Toolbox(client, {tool.name: tool for tool in (await client.list_tools()).tools})
            described = await toolbox.call("describe_catalog", {}, step="open")
            catalog = CatalogDescription.model_validate(described)
            told = Conversation(id="c", user_id="1")
            enforcement = Enforcement(told, Ledger(entries=(entry,)), toolbox, catalog, present=True)
            print(f"{'plan':34} {'written':>7} {'compiled':>8} {'time':>6}  same")
            for name, steps in PLANS.items():
                numbered = (Step(id=f"s{i}", tool=t, arguments=a) for i, (t, a) in enumerate(steps, start=1))
                plan = enforcement.plan(Plan(steps=tuple(numbered)))
                ways = (as_planned(plan), compile_plan(plan, toolbox.takes, presented=True))
                for way in ways:
                    await _played(way, toolbox)  # so that neither pays for what is done once
                runs = [[await _played(way, toolbox) for way in ways] for _ in range(repeat)]
                (written, calls, _, cut), (found, fewer, _, _) = runs[0]
                same = "yes" if written == found else "more: a pool was cut" if cut else "NO"
                spent = [statistics.median(run[way][2] for run in runs) for way in (0, 1)]
                totals[0] += calls
                totals[1] += fewer
                print(f"{name:34} {calls:7} {fewer:8} {spent[1] / spent[0]:6.2f}  {same}")
    print(f"{'all':34} {totals[0]:7} {totals[1]:8}         calls: {totals[1] / totals[0]:.2f} of those written")


async def _played(compiled: Compiled, toolbox: Toolbox) -> tuple[list[str], int, float, bool]:
    """Return the ids on the first page, how many calls it took, the seconds, and whether a pool was cut."""
    toolbox.refill()
    toolbox.calls.clear()
    started = time.perf_counter()
    results = await run(compiled, toolbox)
    seconds = time.perf_counter() - started
    found = final_candidates(compiled.plan, results)[0]
    ids = [item["id"] for item in found.result["items"]] if found else []
    cut = any(result.get("matched", 0) > result.get("total", 0) for result in results.values())
    return ids, len(toolbox.calls), seconds, cut


if __name__ == "__main__":
    main()

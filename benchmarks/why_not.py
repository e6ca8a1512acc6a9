"""Why-not on a fitted store: how often a change is found, whether it holds when it is applied, and how long it takes.

    python -m benchmarks.why_not --store S

Pairs of a user and an item that is not among their first 10 are drawn at random: from the whole catalog, from the items
ranked 11 to 200, and from the whole catalog under a random condition that the item fails. Each change is applied by an
ordinary call of `recommend_for_user`, apart from the code that found it: `held` must be all of those found.
"""

import argparse
import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from mcp import Client

from concierge_server.desk import Desk
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import unmet

N = 10
NEAR = 200


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool and return what it returned."""
    result = await client.call_tool(tool, arguments)
    if result.is_error or result.structured_content is None:
        raise RuntimeError(f"{tool}: {result.content}")
    return result.structured_content


def applied(change: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `recommend_for_user` with a change made."""
    changed = {**arguments, "filters": change["filters"]}
    taste = change["taste"]
    if taste is not None:
        name = "liked" if taste["kind"].endswith("_like") or taste["kind"] == "like" else "disliked"
        given = list(changed.get(name, []))
        back = taste["kind"].startswith("take_back")
        changed[name] = [i for i in given if i != taste["item_id"]] if back else [*given, taste["item_id"]]
    return changed


def failing_filter(desk: Desk, item: int, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return a condition that the item fails and at least one other item meets."""
    catalog = desk.snapshot().catalog
    fields = [field for field in catalog.fields if field.type in ("number", "category", "tags") and field.role != "id"]
    for _ in range(20):
        field = fields[int(rng.integers(len(fields)))]
        value = catalog.value(field.name, int(rng.integers(len(catalog))))
        if value is None or value == []:
            continue
        op = {"number": "<", "category": "==", "tags": "contains"}[field.type]
        one = value[0] if isinstance(value, list) else value
        found = Constraint.model_validate({"field": field.name, "op": op, "value": one})
        if unmet(catalog, item, [found]):
            return found.model_dump()
    return None


async def measure(desk: Desk, client: Client, kind: str, pairs: int, rng: np.random.Generator) -> None:
    """Print one row: found, held and the time of the calls."""
    snapshot = desk.snapshot()
    log = snapshot.artifact.interactions
    if log is None:
        raise SystemExit("The store has no interactions; fit one with a log.")
    seconds, tried, kinds = [], [], Counter[str]()
    asked = found = held = 0
    while asked < pairs:
        user = log.user_ids[int(rng.integers(len(log.user_ids)))]
        arguments: dict[str, Any] = {"user_id": user, "filters": []}
        if kind == "near":
            listed = await called(client, "recommend_for_user", **arguments, n=1)
            ids = desk.bus.get("owner", listed["candidates"]).item_ids
            item_id = ids[int(rng.integers(N, min(NEAR, len(ids))))]
        else:
            item_id = snapshot.catalog.ids[int(rng.integers(len(snapshot.catalog)))]
        if kind == "filtered":
            condition = failing_filter(desk, snapshot.catalog.position(item_id), rng)
            if condition is None:
                continue
            arguments["filters"] = [condition]
        started = time.perf_counter()
        result = await called(client, "explain_recommendation", item_ids=[item_id], **arguments)
        took = time.perf_counter() - started
        explained = result["items"][0]
        if explained["recommended"] or explained["why_not"]["kept_out_by"][0]["kind"] == "had":
            continue
        asked += 1
        seconds.append(took)
        tried.append(explained["why_not"]["tried"])
        change = explained["why_not"]["change"]
        if change is None:
            continue
        found += 1
        kinds[change["taste"]["kind"] if change["taste"] else "conditions alone"] += 1
        listed = await called(client, "recommend_for_user", **applied(change, arguments), n=N)
        ids = [item["id"] for item in listed["items"]]
        held += item_id in ids and ids.index(item_id) + 1 == change["rank"]
    p50, p95 = np.percentile(seconds, [50, 95])
    how = ", ".join(f"{name} {count}" for name, count in kinds.most_common())
    print(
        f"| {kind} | {asked} | {found / asked:.1%} | {held}/{found} | {np.mean(tried):.1f} | "
        f"{p50 * 1000:.0f} | {p95 * 1000:.0f} | {how} |",
        flush=True,
    )


async def run(store: Path, pairs: int, seed: int) -> None:
    """Measure each kind of pair on one store."""
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            print(
                "| items | pairs | change found | held | tried, mean | p50 ms | p95 ms | how |\n"
                "|---|---|---|---|---|---|---|---|",
                flush=True,
            )
            for kind in ("any", "near", "filtered"):
                await measure(desk, client, kind, pairs, np.random.default_rng(seed))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.store, arguments.pairs, arguments.seed))


if __name__ == "__main__":
    main()

"""What explaining costs beside the calls around it: python benchmarks/explanations.py STORE."""

import asyncio
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from mcp import Client

from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk

_TIMES = 40
_SHOWN = 5


async def measure(store: Path) -> dict[str, float]:
    """Return the median seconds of the calls that answer a guest, each called `_TIMES` times in turn."""
    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:

            async def call(tool: str, **arguments: Any) -> tuple[dict[str, Any], float]:
                begun = time.perf_counter()
                result = await client.call_tool(tool, arguments)
                if result.structured_content is None:
                    raise RuntimeError(f"{tool} failed: {result.content}")
                return result.structured_content, time.perf_counter() - begun

            found, _ = await call("get_trending_items", n=_SHOWN)
            ids = [item["id"] for item in found["items"]]
            calls: dict[str, dict[str, Any]] = {
                "get_trending_items": {"n": _SHOWN},
                "show_recommendations": {"candidates": found["candidates"]},
                "get_item_details": {"item_ids": ids},
                "explain_recommendation": {"item_ids": ids},
            }
            taken: dict[str, list[float]] = {tool: [] for tool in calls}
            for _ in range(_TIMES):
                for tool, arguments in calls.items():
                    taken[tool].append((await call(tool, **arguments))[1])
    return {tool: median(seconds) for tool, seconds in taken.items()}


def main() -> None:
    """Print every call as a multiple of `get_item_details`, which only reads the same items."""
    medians = asyncio.run(measure(Path(sys.argv[1])))
    unit = medians["get_item_details"]
    for tool, seconds in medians.items():
        print(f"{tool:<24}{seconds / unit:6.2f} x get_item_details ({1000 * seconds:.1f} ms here)")


if __name__ == "__main__":
    main()

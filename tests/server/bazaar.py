"""A made-up bazaar: some dozens of items of four kinds, people with tastes for two of them, and every model fitted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from mcp import Client
from mcp.server import MCPServer

from concierge_tools.config import load_config
from concierge_tools.fit import fit
from concierge_tools.storage.store import Store

KINDS = ("clay", "glass", "iron", "wool")
MAKERS = ("Ash", "Birch", "Cedar")
ITEMS, USERS = 48, 60
UNTOUCHED = 4
"""So many of the last items nobody has bought."""

TOML = """\
name = "Bazaar"
[items]
path = "items.json"
id = "id"
title = "title"
[items.fields.kinds]
type = "tags"
[items.fields.maker]
type = "category"
[items.fields.price]
type = "number"
role = "price"
unit = "EUR"
[items.fields.stock]
type = "number"
role = "availability"
[interactions]
path = "log.csv"
user = "user"
item = "item"
time = "time"
[policy]
exclude_history = true
require = [{ field = "stock", op = ">", value = 0 }]
"""


def fit_bazaar(folder: Path) -> Path:
    """Write the bazaar into `folder`, fit it and return its store."""
    rng = np.random.default_rng(7)
    rows = [
        {
            "id": f"i{i}",
            "title": f"{KINDS[i % 4].title()} piece {i}",
            "kinds": [KINDS[i % 4], *([KINDS[(i + 1) % 4]] if i % 5 == 0 else [])],
            "maker": MAKERS[i % 3] if i % 7 else None,
            "price": int(rng.integers(5, 200)),
            "stock": 0 if i % 11 == 10 else 3,
        }
        for i in range(ITEMS)
    ]
    lines = ["user,item,time"]
    for user in range(USERS):
        liking = [i for i in range(ITEMS - UNTOUCHED) if i % 4 in (user % 4, (user + 1) % 4)]
        bought = rng.choice(liking, size=int(rng.integers(3, 9)), replace=False)
        lines += [f"u{user},i{item},{1_700_000_000 + 86_400 * int(rng.integers(300))}" for item in bought]
    (folder / "items.json").write_text(json.dumps(rows), encoding="utf-8")
    (folder / "log.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "concierge.toml").write_text(TOML, encoding="utf-8")
    store = Store(folder / "store")
    fit(load_config(folder / "concierge.toml"), store, quiet=True)
    return store.folder


FEW = settings(max_examples=15, deadline=None)

item_ids = st.integers(0, ITEMS - 1).map("i{}".format)
conditions = st.one_of(
    st.sampled_from(KINDS).map(lambda kind: {"field": "kinds", "op": "contains", "value": kind}),
    st.sampled_from(MAKERS).map(lambda maker: {"field": "maker", "op": "!=", "value": maker}),
    st.integers(5, 200).map(lambda price: {"field": "price", "op": "<", "value": price}),
)
requests = st.fixed_dictionaries(
    {
        "user_id": st.none() | st.integers(0, USERS + 3).map("u{}".format),
        "liked": st.lists(item_ids, max_size=3, unique=True),
        "disliked": st.lists(item_ids, max_size=2, unique=True),
        "filters": st.lists(conditions, max_size=3),
        "exclude": st.lists(item_ids, max_size=2),
    }
)


def answered(server: MCPServer[Any], work: Callable[[Any], Any]) -> Any:
    """Run `work(call)` on an in-memory client of a server."""

    async def run() -> Any:
        async with Client(server) as client:

            async def call(tool: str, **arguments: Any) -> dict[str, Any]:
                result = await client.call_tool(tool, arguments)
                assert not result.is_error, result.content
                content: dict[str, Any] | None = result.structured_content
                assert content is not None
                return content

            return await work(call)

    return anyio.run(run)

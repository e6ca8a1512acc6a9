"""A log of ratings with one obvious right answer: everybody likes items of their own kind, not the other's."""

import json
from pathlib import Path

from concierge_tools.config import Config, FieldConfig, InteractionsConfig, ItemsConfig, RiskConfig

ITEMS, USERS, RATED = 40, 90, 24


def risky_config(
    folder: Path, *, level: float | None = 0.1, negative: str | None = "<= 2", users: int = USERS
) -> Config:
    """Write the data's files into a folder and return their configuration."""
    rows = [{"id": f"i{i:02}", "title": f"Item {i}", "kind": ["even", "odd"][i % 2 :][:1]} for i in range(ITEMS)]
    (folder / "items.json").write_text(json.dumps(rows), encoding="utf-8")
    lines = ["user,item,rating,time"]
    for user in range(users):
        for step in range(RATED):
            item = (user + 7 * step) % ITEMS
            rating = 5 if item % 2 == user % 2 else 1
            lines.append(f"u{user:02},i{item:02},{rating},{1_000 * user + 60 * step}")
    (folder / "log.csv").write_text("\n".join(lines), encoding="utf-8")
    log = InteractionsConfig(
        path=str(folder / "log.csv"),
        user="user",
        item="item",
        value="rating",
        positive=">= 4",
        negative=negative,
        time="time",
    )
    items = ItemsConfig(
        path=str(folder / "items.json"), id="id", title="title", fields={"kind": FieldConfig(type="tags")}
    )
    return Config(
        name="risky", items=items, interactions=log, risk=RiskConfig(level=level) if level is not None else None
    )

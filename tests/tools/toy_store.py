"""The toy data of the recommender contract as files and as a fitted store, and small stores of other shapes."""

import json
from collections.abc import Sequence
from pathlib import Path

from concierge_tools.config import Config, FieldConfig, InteractionsConfig, ItemsConfig
from concierge_tools.fit import fit
from concierge_tools.fit_report import FitReport
from concierge_tools.storage.store import Store
from tests.tools.recommender_contract import toy_catalog, toy_interactions

FIELDS = {
    "kind": FieldConfig(type="tags"),
    "price": FieldConfig(type="number", role="price", unit="EUR"),
}


def toy_config(folder: Path, *, interactions: bool = True) -> Config:
    """Write the toy data's files and return their configuration."""
    catalog, log = toy_catalog(), toy_interactions()
    rows = [
        {"id": item_id, "title": title, **catalog.row(i)}
        for i, (item_id, title) in enumerate(zip(catalog.ids, catalog.titles, strict=True))
    ]
    lines = [
        f"{log.user_ids[user]},{catalog.ids[item]},{time}"
        for user, item, time in zip(log.users, log.items, log.times, strict=True)
    ]
    (folder / "items.json").write_text(json.dumps(rows), encoding="utf-8")
    (folder / "log.csv").write_text("\n".join(["user,item,time", *lines]), encoding="utf-8")
    return _config(folder, InteractionsConfig(**_log(folder), time="time") if interactions else None)


def small_config(folder: Path, pairs: Sequence[tuple[str, str]] | None, *, items: int = 4) -> Config:
    """Write a catalog of a few items and a log of (user, item id) pairs, and return their configuration."""
    rows = [
        {"id": f"i{i}", "title": f"Item {i}", "kind": ["even", "odd"][i % 2 :][:1], "price": i} for i in range(items)
    ]
    (folder / "items.json").write_text(json.dumps(rows), encoding="utf-8")
    if pairs is not None:
        lines = [f"{user},{item}" for user, item in pairs]
        (folder / "log.csv").write_text("\n".join(["user,item", *lines]), encoding="utf-8")
    return _config(folder, InteractionsConfig(**_log(folder)) if pairs is not None else None)


def fitted(folder: Path, config: Config) -> tuple[Store, FitReport]:
    """Fit a configuration into a store in a folder."""
    store = Store(folder / "store")
    return store, fit(config, store, quiet=True)


def _config(folder: Path, log: InteractionsConfig | None) -> Config:
    items = ItemsConfig(path=str(folder / "items.json"), id="id", title="title", fields=FIELDS)
    return Config(name="toy", items=items, interactions=log)


def _log(folder: Path) -> dict[str, str]:
    return {"path": str(folder / "log.csv"), "user": "user", "item": "item"}

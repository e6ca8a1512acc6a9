"""Stores to measure on: synthetic, seeded, written once into a scratch folder and found there by later runs."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import power_law
from concierge_tools.config import Config, load_config
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.interactions import Interactions
from concierge_tools.data.stored_columns import StoredColumns
from concierge_tools.data.strings import Strings
from concierge_tools.fit import fit
from concierge_tools.ingest.files import declared_fields
from concierge_tools.ranking.similar import SimilarItems
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats
from concierge_tools.storage.artifact import write_artifact, write_indexes
from concierge_tools.storage.manifest import FORMAT_VERSION
from concierge_tools.storage.store import Store

MILLION = 1_000_000
WIDTH = 64
CENTRES = 2_000


def fitted_store(scratch: Path, *, interactions: int, items: int, users: int) -> Store:
    """Return a store fitted with `--tune off` on a drawn log."""
    folder = scratch / f"fitted-{interactions}-{items}-{users}-v{FORMAT_VERSION}"
    store = Store(folder / "store")
    if not (store.folder / "current").exists():
        say(f"fitting {items:,} items and {interactions:,} interactions once, into {folder}")
        fit(load_config(power_law.write(folder, interactions, items, users)), store, tune="off", quiet=True)
    return store


def large_store(scratch: Path, items: int = MILLION) -> Store:
    """Return a store of many items with drawn item factors: written as `fit` writes, but not trained."""
    folder = scratch / f"large-{items}-v{FORMAT_VERSION}"
    store = Store(folder / "store")
    if not (store.folder / "current").exists():
        say(f"writing an artifact of {items:,} items once, into {folder}")
        config = load_config(power_law.write(folder, items, items, items // 10))
        catalog = drawn_catalog(config, items)
        log = power_law.draw_log(items, items, items // 10)
        order = np.argsort(log.users, kind="stable")
        interactions = replace(
            Interactions.of([f"{user:07}" for user in range(items // 10)], np.zeros(items // 10, np.int32)),
            users=log.users[order],
            items=log.items[order],
            weights=(log.ratings[order] >= 3).astype(np.float32),
            values=log.ratings[order].astype(np.float32),
            event_codes=np.full(items, -1, np.int16),
            times=log.times[order],
            consumed=np.ones(items, np.bool_),
        )
        als = Als(drawn_factors(items), np.ones(items, np.bool_), regularization=5.0)
        similar = SimilarItems.build(als.factors, als.shrinkage())
        content = Content.fit(catalog)

        def write(target: Path) -> None:
            popularity = Popularity.fit(interactions, items)
            write_artifact(
                target,
                config=config,
                catalog=catalog,
                interactions=interactions,
                popularity=popularity,
                members=(als, content),
            )
            write_indexes(target, catalog=catalog, similar=similar)

        store.publish(write, parameters={"similar": similar.choice.to_json(), "blend": {"members": ["als"]}})
    return store


def drawn_catalog(config: Config, items: int) -> Catalog:
    """Return the catalog of a drawn table."""
    frame, fields = power_law.item_table(items), declared_fields(config.items)
    columns = StoredColumns(frame.get_column, {field.name: field for field in fields})
    return Catalog(
        name=config.name, fields=fields, ids=Strings(frame["id"]), titles=Strings(frame["title"]), columns=columns
    )


def drawn_factors(items: int, width: int = WIDTH, *, seed: int = 0) -> Floats:
    """Draw item factors as ALS makes them: around centres, along directions that fade, long where items are popular."""
    rng = np.random.default_rng((seed, 3))
    fading = (np.arange(width) + 1.0) ** -0.5
    centres = rng.normal(size=(CENTRES, width)) * fading
    shares = (np.arange(CENTRES) + 10.0) ** -0.7
    made = centres[rng.choice(CENTRES, items, p=shares / shares.sum())] + 0.6 * fading * rng.normal(size=(items, width))
    return np.ascontiguousarray(made * rng.lognormal(0, 0.7, (items, 1)), np.float32)


def say(text: str) -> None:
    """Tell on standard error what takes time."""
    print(f"... {text}", file=sys.stderr, flush=True)

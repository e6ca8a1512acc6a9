"""Write a synthetic catalog and interaction log of any size, with a power law in what is popular and in who is active.

    python -m benchmarks.power_law FOLDER --interactions 1000000 [--items 10000] [--users 40000] [--seed 0]

Everything is drawn at once with a seed. Users and items have one of 50 tastes; half of a user's choices are of their
own taste, so that there is something to learn. It says nothing of real people.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

TASTES = 50
OWN = 0.5
"""Share of choices within a user's own taste."""
ITEM_EXPONENT = 1.0
ITEM_OFFSET = 20.0
USER_EXPONENT = 0.7
USER_OFFSET = 50.0
WORDS = 4_000
LABELS = 20
DAYS = 1_000
START = 1_600_000_000

TOML = """name = "Power law"
[items]
path = "items.parquet"
id = "id"
title = "title"
[items.fields.labels]
type = "tags"
[items.fields.maker]
type = "category"
[items.fields.year]
type = "number"
[items.fields.price]
type = "number"
role = "price"
[items.fields.stock]
type = "number"
role = "availability"
"""
LOG_TOML = """[interactions]
path = "interactions.parquet"
user = "user"
item = "item"
value = "rating"
positive = ">= 3"
time = "time"
"""


@dataclass(frozen=True, slots=True)
class Log:
    """Drawn interactions, each array of shape (rows,)."""

    users: NDArray[np.int32]
    items: NDArray[np.int32]
    ratings: NDArray[np.int8]
    times: NDArray[np.int64]


def draw_log(interactions: int, items: int, users: int, *, seed: int = 0) -> Log:
    """Draw who chose what; a user may choose an item again."""
    rng = np.random.default_rng((seed, 1))
    who = _draw(rng, _power_law(users, USER_EXPONENT, USER_OFFSET), interactions)
    what = _draw(rng, _power_law(items, ITEM_EXPONENT, ITEM_OFFSET), interactions)
    group = -(-items // TASTES)
    within = _draw(rng, _power_law(group, ITEM_EXPONENT, ITEM_OFFSET / TASTES), interactions)
    own = within * np.int32(TASTES) + who % np.int32(TASTES)
    what = np.where((rng.random(interactions, np.float32) < OWN) & (own < items), own, what)
    ratings = rng.choice(np.arange(1, 6, dtype=np.int8), interactions, p=[0.05, 0.1, 0.25, 0.35, 0.25])
    times = START + rng.integers(0, DAYS * 86_400, interactions)
    return Log(who, what, ratings, times)


def item_table(items: int, *, seed: int = 0) -> pl.DataFrame:
    """Draw a catalog: titles of two to four words, labels, a maker, numbers."""
    rng = np.random.default_rng((seed, 2))
    vocabulary = pl.Series(_words(rng, WORDS))
    chosen = [vocabulary.gather(_draw(rng, _power_law(WORDS, 1.0, 5.0), items)) for _ in range(4)]
    length = rng.integers(2, 5, items)
    parts = {f"word {k}": word.set(pl.Series(length <= k), None) for k, word in enumerate(chosen)}
    titles = pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True)).to_series()
    labels = pl.Series([f"label {chr(97 + k)}" for k in range(LABELS)])
    first = rng.integers(0, LABELS, items)
    second = (first + rng.integers(1, LABELS, items)) % LABELS
    return pl.DataFrame(
        {
            "id": _named("i", np.arange(items)),
            "title": titles.str.to_titlecase(),
            "labels": pl.DataFrame({"a": labels.gather(first), "b": labels.gather(second)}).select(
                pl.concat_list(pl.all())
            )["a"],
            "maker": _named("maker ", _draw(rng, _power_law(1_000, 1.0, 5.0), items)),
            "year": rng.integers(1950, 2025, items),
            "price": np.round(rng.lognormal(3, 1, items), 2),
            "stock": rng.integers(0, 50, items),
        }
    )


def write(folder: Path, interactions: int, items: int, users: int, *, seed: int = 0) -> Path:
    """Write items, log (unless there are no interactions) and configuration; return the configuration's path."""
    folder.mkdir(parents=True, exist_ok=True)
    item_table(items, seed=seed).write_parquet(folder / "items.parquet")
    toml = TOML
    if interactions:
        toml += LOG_TOML
        log = draw_log(interactions, items, users, seed=seed)
        frame = {"user": _named("u", log.users), "item": _named("i", log.items), "rating": log.ratings}
        pl.DataFrame({**frame, "time": log.times}).write_parquet(folder / "interactions.parquet")
    path = folder / "concierge.toml"
    path.write_text(toml, encoding="utf-8")
    return path


def shape(interactions: int) -> tuple[int, int]:
    """Return how many items and users go with a number of interactions: 100 and 25 of them for each."""
    return max(interactions // 100, TASTES), max(interactions // 25, TASTES)


def _power_law(n: int, exponent: float, offset: float) -> NDArray[np.float64]:
    """Return the shares of n things by rank, summed up."""
    shares = np.cumsum((np.arange(n) + 1.0 + offset) ** -exponent)
    return shares / shares[-1]


def _draw(rng: np.random.Generator, shares: NDArray[np.float64], n: int) -> NDArray[np.int32]:
    return np.searchsorted(shares, rng.random(n), side="right").clip(max=len(shares) - 1).astype(np.int32)


def _named(prefix: str, codes: NDArray[np.integer]) -> pl.Series:
    return prefix + pl.Series(codes).cast(pl.String)


def _words(rng: np.random.Generator, n: int) -> list[str]:
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "il", "on")]
    made: dict[str, None] = {}
    while len(made) < n:
        made["".join(rng.choice(syllables, rng.integers(2, 4)).tolist())] = None
    return list(made)


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--items", type=int)
    parser.add_argument("--users", type=int)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    items, users = shape(told.interactions)
    path = write(told.folder, told.interactions, told.items or items, told.users or users, seed=told.seed)
    print(path)


if __name__ == "__main__":
    main()

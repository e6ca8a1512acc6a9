"""Generate a small outdoor shop: 300 items, 200 customers and about 6,000 events. All of it is invented, from a seed.

python examples/shop/generate.py OUTDIR
"""

import csv
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

ITEMS = 300
USERS = 200
SESSIONS = 1_450

# category -> its products, the lowest and the highest price in EUR, and the weight of a typical one in kg
RANGE: dict[str, tuple[tuple[str, ...], int, int, float]] = {
    "Tents": (("Tunnel Tent", "Dome Tent", "Trekking Tent", "Tarp"), 60, 700, 3.0),
    "Backpacks": (("Daypack", "Trekking Backpack", "Duffel Bag", "Bike Pannier"), 30, 320, 1.2),
    "Footwear": (("Hiking Boots", "Trail Shoes", "Sandals", "Gaiters"), 25, 260, 0.9),
    "Cooking": (("Gas Stove", "Cookset", "Thermos Flask", "Spork"), 5, 180, 0.5),
    "Lighting": (("Headlamp", "Lantern", "Bike Light"), 10, 140, 0.2),
    "Sleeping": (("Sleeping Bag", "Sleeping Mat", "Travel Pillow"), 15, 480, 1.1),
    "Clothing": (("Rain Jacket", "Fleece", "Merino Shirt", "Gloves", "Hiking Socks"), 12, 390, 0.4),
    "Climbing": (("Harness", "Rope", "Chalk Bag", "Helmet"), 14, 240, 0.8),
}
BRANDS = ("Alpenor", "Bergfink", "Corvid", "Driftwood", "Eidra", "Fernweh", "Granit")
COLOURS = ("black", "blue", "green", "grey", "orange", "red", "sand", "yellow")
QUALITIES = ("light", "sturdy", "compact", "waterproof", "warm", "recycled", "breathable")
USES = ("weekend trips", "long treks", "winter tours", "family camping", "bike travel", "alpine routes")
START = datetime(2025, 1, 1, 8, tzinfo=UTC)
DAYS = 270

Row = dict[str, str]


def generate(seed: int) -> tuple[list[Row], list[Row]]:
    """Return the rows of `items.csv` and of `interactions.csv`; the same seed gives the same rows."""
    rng = np.random.default_rng(seed)
    items = [_item(i, rng) for i in range(ITEMS)]
    return items, _events(items, rng)


def write(folder: Path, seed: int = 7) -> None:
    """Write `items.csv` and `interactions.csv` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in zip(("items.csv", "interactions.csv"), generate(seed), strict=True):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)


def _item(i: int, rng: np.random.Generator) -> Row:
    category = list(RANGE)[i % len(RANGE)]
    products, low, high, weight = RANGE[category]
    product = products[rng.integers(len(products))]
    brand = BRANDS[rng.integers(len(BRANDS))]
    price = low * (high / low) ** rng.random()
    colours = rng.choice(COLOURS, size=rng.integers(1, 4), replace=False)
    first, second = rng.choice(QUALITIES, size=2, replace=False)
    use = USES[rng.integers(len(USES))]
    in_stock = rng.random() > 0.12
    added = date(2022, 1, 1) + timedelta(days=int(rng.integers(0, 1200)))
    return {
        "id": f"S{i + 1:04d}",
        "name": f"{brand} {product} {10 * (i + 1)}",
        "category": category,
        "brand": brand,
        "price": f"{price:.2f}",
        "currency": "EUR",
        "stock": str(int(rng.integers(1, 60)) if in_stock else 0),
        "sponsored": "true" if rng.random() < 0.08 else "false",
        "colours": "|".join(sorted(colours.tolist())),
        "weight_kg": f"{weight * rng.uniform(0.5, 1.6):.2f}" if rng.random() > 0.05 else "",
        "rating": f"{min(5.0, rng.normal(4.0, 0.5)):.1f}",
        "added": added.isoformat(),
        "description": f"A {first} and {second} {product.lower()} by {brand}, made for {use}.",
    }


def _events(items: Sequence[Row], rng: np.random.Generator) -> list[Row]:
    """Let each customer look mostly at two categories and one brand, and buy some of what they look at."""
    categories = np.array([list(RANGE).index(item["category"]) for item in items])
    brands = np.array([BRANDS.index(item["brand"]) for item in items])
    appeal = rng.gamma(2.0, size=len(items))
    favourites = np.array([rng.choice(len(RANGE), size=2, replace=False) for _ in range(USERS)])
    loyal = rng.integers(len(BRANDS), size=USERS)
    events: list[tuple[datetime, str, str, str]] = []
    for _ in range(SESSIONS):
        user = int(USERS * rng.random() ** 1.5)
        liking = np.where(np.isin(categories, favourites[user]), 14.0, 1.0) * np.where(brands == loyal[user], 3.0, 1.0)
        share = appeal * liking
        now = START + timedelta(days=float(rng.random() * DAYS))
        for i in rng.choice(len(items), size=rng.integers(1, 6), replace=False, p=share / share.sum()):
            happened = ["view"]
            if rng.random() < 0.06 * liking[i] ** 0.5:
                happened.append("cart")
                if rng.random() < 0.6:
                    happened.append("purchase")
            for event in happened:
                now += timedelta(seconds=int(rng.integers(20, 400)))
                events.append((now, f"U{user + 1:03d}", items[i]["id"], event))
    events.sort()
    return [
        {"user_id": user, "item_id": item, "event": event, "timestamp": now.isoformat(timespec="seconds")}
        for now, user, item, event in events
    ]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/shop/generate.py OUTDIR")
    write(Path(sys.argv[1]))

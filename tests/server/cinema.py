"""A small hand-made cinema with every kind of policy, and one obvious right answer to each question."""

import csv
import json
from pathlib import Path

from concierge_tools.config import load_config
from concierge_tools.fit import fit
from concierge_tools.storage.store import Store

ITEMS = [
    # id, title, genres, services, rated, promoted, minutes, stock
    ("m1", "Quiet Harbour", ["Drama"], ["Netflix"], "PG", False, 95, 3),
    ("m2", "Loud Harbour", ["Drama", "Action"], ["Hulu"], "R", False, 120, 3),
    ("m3", "Paper Moons", ["Comedy"], ["Netflix", "Hulu"], "PG-13", True, 88, 3),
    ("m4", "Last Laugh", ["Comedy"], ["Netflix"], "R", False, 101, 3),
    ("m5", "Sold Out Show", ["Comedy"], ["Netflix"], "PG", False, 90, 0),
    ("m6", "Robots at Sea", ["Animation", "Comedy"], ["Hulu"], "PG", False, 80, 3),
    ("m7", "Robots on Land", ["Animation"], ["Netflix"], "PG", False, 84, 3),
    ("m8", "Untitled Mystery", [], [], None, False, None, 3),
]
FIELDS = ("id", "title", "genres", "services", "content_rating", "sponsored", "runtime", "stock")

TOML = """\
name = "Hand-made cinema"
[items]
path = "items.json"
id = "id"
title = "title"
[items.fields.genres]
type = "tags"
synonyms = { "Animation" = ["cartoon"] }
[items.fields.services]
type = "tags"
[items.fields.content_rating]
type = "category"
[items.fields.sponsored]
type = "boolean"
[items.fields.runtime]
type = "number"
unit = "min"
[items.fields.stock]
type = "number"
role = "availability"
[interactions]
path = "history.csv"
user = "user"
item = "item"
[policy]
exclude_history = true
require = [{ field = "stock", op = ">", value = 0 }]
disclose = [{ field = "sponsored", op = "==", value = true, text = "This is a promoted title." }]
confirm = [{ field = "content_rating", op = "in", value = ["R", "NC-17"], text = "It is rated for mature audiences." }]
"""


def fit_cinema(folder: Path, policy: str = "") -> Path:
    """Write the cinema into `folder`, fit it and return its store; `policy` adds lines to [policy], the last table."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [dict(zip(FIELDS, item, strict=True)) for item in ITEMS]
    (folder / "items.json").write_text(json.dumps(rows))
    with (folder / "history.csv").open("w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["user", "item"])
        log.writerows((f"u{u}", item) for u in range(6) for item in ("m6", "m7", "m3")[: 2 + u % 2])
        log.writerows((f"v{u}", item) for u in range(6) for item in ("m1", "m2"))
        log.writerow(["watched-m1", "m1"])
    (folder / "concierge.toml").write_text(TOML + policy)
    store = Store(folder / "store")
    fit(load_config(folder / "concierge.toml"), store, quiet=True)
    return store.folder

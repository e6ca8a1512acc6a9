"""A hand-written suite in τ-Rec's form: twelve items and two tasks, each with one obvious outcome."""

import json
from pathlib import Path
from typing import Any

ROWS = [
    # id, title, genres, runtime, rating, services, sponsored, content rating
    ("p1", "The Salt Path Home", ["Comedy"], 88, 7.4, ["Netflix"], False, "PG"),
    ("p2", "A Very Long Lunch", ["Comedy"], 171, 7.9, ["Netflix"], False, "PG"),
    ("p3", "Cheap Tricks Twice", ["Comedy"], 92, 4.8, ["Netflix"], False, "PG"),
    ("p4", "Grown Men Falling", ["Comedy"], 95, 7.1, ["Hulu"], False, "R"),
    ("p5", "Two Lanterns", ["Drama"], 120, 8.0, ["Netflix"], False, "PG-13"),
    ("p6", "Slow Weather", ["Drama"], 150, 6.2, ["Hulu"], False, "PG-13"),
    ("p7", "The Cellar Below", ["Horror"], 99, 6.8, ["Netflix", "Hulu"], False, "R"),
    ("p8", "The Attic Above", ["Horror"], 104, 5.1, ["Hulu"], True, "R"),
    ("p9", "Paper Foxes", ["Animation", "Comedy"], 81, 7.0, ["Hulu"], True, "PG"),
    ("p10", "Tin Foxes", ["Animation"], 90, 6.0, ["Netflix"], False, "PG"),
    ("p11", "Night Train Nine", ["Thriller"], 111, 7.2, ["Netflix"], False, "NR"),
    ("p12", "Night Train Ten", ["Thriller", "Horror"], 128, 6.4, ["Hulu"], False, "NC-17"),
]
FIELDS = ("id", "title", "genres", "runtime", "rating", "streaming_services", "sponsored", "content_rating")
REST = {"release_date": "2020-05-01", "overview": "Nothing much happens.", "cast": [], "director": "A. N. Other"}


def items() -> dict[str, dict[str, Any]]:
    rows = [dict(zip(FIELDS, row, strict=True)) | REST | {"vote_count": 100} for row in ROWS]
    return {str(row["id"]): row for row in rows}


def task(task_id: str, *constraints: tuple[str, str, Any, str], **more: Any) -> dict[str, Any]:
    return {
        "id": task_id,
        "constraints": [
            {"constraint": {"field": field, "op": op, "value": value}, "reveal": reveal}
            for field, op, value, reveal in constraints
        ],
        "persona": "You like simple things.",
        "soft_preferences": [],
        "policy_flags": ["availability", "recommend_tool"],
        "no_valid_recommendation": False,
        "complexity": "simple",
        "reveal_difficulty": "mixed",
        "user_id": "user_1",
        "user_history": {"user_1": {"watched": [], "ratings": {}}},
        "user_services": [],
    } | more


def write_suite(folder: Path, *tasks: dict[str, Any]) -> Path:
    """Write the catalog and the tasks; without tasks, one that something fits and one that nothing does."""
    (folder / "tasks").mkdir(parents=True)
    (folder / "catalog.json").write_text(json.dumps(list(items().values())))
    found = task("one", ("genres", "contains", "Comedy", "volunteer"), user_services=["Hulu"], persona="", **WATCHED)
    nothing = task("none", ("genres", "contains", "Drama", "volunteer"), ("rating", ">=", 9.5, "volunteer"))
    for each in tasks or (found, nothing | {"no_valid_recommendation": True}):
        (folder / "tasks" / f"{each['id']}.json").write_text(json.dumps(each))
    return folder


WATCHED = {"user_history": {"user_1": {"watched": ["p4"], "ratings": {"p4": 8.0}}}}

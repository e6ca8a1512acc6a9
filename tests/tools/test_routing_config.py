"""`[routing]` of concierge.toml: which users' turns go to whom."""

from pathlib import Path

import pytest

from concierge_tools.config import RoutingConfig, load_config
from concierge_tools.errors import DataError

BASE = 'name = "Shop"\n[items]\npath = "items.csv"\nid = "id"\ntitle = "title"\n'


def read(folder: Path, routing: str) -> RoutingConfig:
    path = folder / "concierge.toml"
    path.write_text(f"{BASE}[routing]\n{routing}\n")
    return load_config(path).routing


def test_users_are_marked_by_their_ids_also_where_these_are_numbers(tmp_path: Path) -> None:
    routing = read(tmp_path, 'model_users = ["ann", 7]\noffline_users = ["bob"]')

    assert [routing.tier(user) for user in ("ann", "7", "bob", "eve", None)] == [
        "model",
        "model",
        "offline",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("routing", "told"),
    [
        ('model_users = "ann"', r"routing\.model_users: Input should be a valid list"),
        ("model_users = [true]", r"routing\.model_users\.0: Input should be a valid string"),
        ('vip = ["ann"]', r"routing\.vip: Extra inputs"),
        ('model_users = ["ann"]\noffline_users = ["ann"]', "'ann' is in model_users and in offline_users"),
    ],
)
def test_marks_that_cannot_be_followed_are_named(routing: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=told):
        read(tmp_path, routing)

"""An engineer's afternoon: own files in, a working recommender out, and clear words when something is wrong."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from concierge_server.cli import main

ITEMS = [
    {"sku": "a", "name": "Red Lamp", "kind": "lamp", "price": "10.5"},
    {"sku": "b", "name": "Blue Lamp", "kind": "lamp", "price": "12"},
    {"sku": "c", "name": "Oak Table", "kind": "table", "price": "120"},
    {"sku": "d", "name": "Pine Table", "kind": "table", "price": "80"},
]
EVENTS = [
    ("u1", "a", "purchase"),
    ("u1", "b", "view"),
    ("u2", "a", "cart"),
    ("u2", "b", "purchase"),
    ("u3", "c", "view"),
]


def concierge(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_csv(tmp_path / "items.csv", ITEMS)
    write_csv(tmp_path / "events.csv", [{"user": u, "item": i, "event": e} for u, i, e in EVENTS])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fitted(folder: Path, *files: str) -> Path:
    assert concierge("init", *files, "--force").exit_code == 0
    result = concierge("fit", "concierge.toml", "--store", folder / "store")
    assert result.exit_code == 0, result.output
    return folder / "store"


def call(store: Path, tool: str, **arguments: Any) -> dict[str, Any]:
    result = concierge("call", tool, json.dumps(arguments), "--store", store)
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_init_then_fit_then_call_works_on_plain_csv(folder: Path) -> None:
    store = fitted(folder, "items.csv", "events.csv")
    found = call(store, "search_catalog", query="lamp", filters=[{"field": "price", "op": "<", "value": 11}])
    assert [item["id"] for item in found["items"]] == ["a"]


@pytest.mark.parametrize("suffix", ["tsv", "json", "jsonl", "parquet"])
def test_every_format_gives_the_same_catalog(folder: Path, suffix: str) -> None:
    import polars as pl

    frame = pl.DataFrame(ITEMS)
    path = folder / f"items.{suffix}"
    match suffix:
        case "tsv":
            frame.write_csv(path, separator="\t")
        case "json":
            path.write_text(json.dumps(ITEMS))
        case "jsonl":
            path.write_text("\n".join(map(json.dumps, ITEMS)))
        case _:
            frame.write_parquet(path)
    store = fitted(folder, path.name)
    found = call(store, "search_catalog", query="", filters=[{"field": "price", "op": ">=", "value": 80}])
    assert sorted(item["id"] for item in found["items"]) == ["c", "d"]


def test_a_catalog_without_any_interactions_recommends_by_content(folder: Path) -> None:
    store = fitted(folder, "items.csv")
    similar = call(store, "get_similar_items", item_ids=["a"])
    assert similar["items"][0]["id"] == "b"
    assert call(store, "recommend_for_user", liked=["c"])["items"][0]["id"] == "d"


def test_users_with_a_history_of_one_and_a_log_without_times_work(folder: Path) -> None:
    write_csv(folder / "events.csv", [{"user": f"u{n}", "item": i} for n, i in enumerate("aabbc")])
    store = fitted(folder, "items.csv", "events.csv")
    assert call(store, "recommend_for_user", user_id="u0")["items"][0]["id"] == "b"
    assert call(store, "get_trending_items")["items"][0]["id"] in {"a", "b"}


def test_bad_rows_go_to_a_quarantine_file_with_line_and_reason_and_the_rest_is_used(folder: Path) -> None:
    write_csv(folder / "items.csv", [*ITEMS, {"sku": "e", "name": "", "kind": "lamp", "price": "1"}])
    with (folder / "events.csv").open("a") as file:
        file.write("u9,no-such-item,view\n")
    store = fitted(folder, "items.csv", "events.csv")
    rows = [json.loads(line) for line in (store / "quarantine.jsonl").read_text().splitlines()]
    assert [(Path(row["file"]).name, row["line"]) for row in rows] == [("items.csv", 6), ("events.csv", 7)]
    assert "title" in rows[0]["reason"]
    assert "no-such-item" in rows[1]["reason"]


def test_a_dry_run_reports_and_writes_nothing(folder: Path) -> None:
    assert concierge("init", "items.csv", "events.csv").exit_code == 0
    result = concierge("fit", "--dry-run", "--store", folder / "store")
    assert result.exit_code == 0
    assert "4 items" in result.stdout
    assert not (folder / "store" / "current").exists()


def test_a_missing_column_is_a_data_error_that_says_what_to_write_where(folder: Path) -> None:
    assert concierge("init", "items.csv").exit_code == 0
    config = folder / "concierge.toml"
    config.write_text(config.read_text().replace('title = "name"', 'title = "nmae"'))
    result = concierge("fit", "--store", folder / "store")
    assert result.exit_code == 3
    assert "'nmae'" in result.stderr
    assert "'name'" in result.stderr


def test_an_empty_file_a_missing_file_and_an_unknown_key_are_data_errors(folder: Path) -> None:
    (folder / "empty.csv").write_text("")
    assert concierge("init", "empty.csv").exit_code == 3
    assert concierge("init", "nowhere.csv").exit_code == 3
    (folder / "concierge.toml").write_text('name = "x"\ncolour = "blue"\n')
    result = concierge("fit", "--store", folder / "store")
    assert result.exit_code == 3
    assert "colour" in result.stderr


def test_without_a_store_every_reader_says_to_fit_and_exits_with_4(folder: Path) -> None:
    for command in (["call", "describe_catalog"], ["serve"], ["chat", "--once", "hello"], ["forget", "--user", "u"]):
        result = concierge(*command, "--store", folder / "nothing")
        assert result.exit_code == 4, command
        assert "concierge fit" in result.stderr


def test_handles_work_from_one_call_to_the_next_and_after_a_new_fit(folder: Path) -> None:
    store = fitted(folder, "items.csv", "events.csv")
    handle = call(store, "search_catalog", query="")["candidates"]
    fitted(folder, "items.csv", "events.csv")
    tables = call(
        store, "filter_candidates", candidates=handle, filters=[{"field": "kind", "op": "==", "value": "table"}]
    )
    assert sorted(item["id"] for item in tables["items"]) == ["c", "d"]


def test_live_prices_change_answers_without_a_refit(folder: Path) -> None:
    store = fitted(folder, "items.csv", "events.csv")
    cheap = [{"field": "price", "op": "<=", "value": 5}]
    assert call(store, "search_catalog", query="", filters=cheap)["total"] == 0
    (folder / "prices.csv").write_text("sku,price\nc,4.99\nzzz,1\n")
    result = concierge("items", "update", "prices.csv", "--store", store)
    assert result.exit_code == 0
    assert "line 3" in result.stderr
    found = call(store, "search_catalog", query="", filters=cheap)
    assert [(item["id"], item["fields"]["price"]) for item in found["items"]] == [("c", 4.99)]


def test_a_forgotten_user_leaves_no_trace_and_the_next_fit_leaves_them_out(folder: Path) -> None:
    store = fitted(folder, "items.csv", "events.csv")
    call(store, "record_feedback", item_id="c", event="like", user_id="u1")
    assert call(store, "get_user_history", user_id="u1")["total"] == 3
    assert concierge("forget", "--user", "u1", "--store", store).exit_code == 0
    assert call(store, "get_user_history", user_id="u1")["total"] == 0
    assert call(store, "describe_catalog")["users"] == 3
    fitted(folder, "items.csv", "events.csv")
    assert call(store, "describe_catalog")["users"] == 2


def test_a_call_that_the_tool_refuses_exits_with_2_and_its_words(folder: Path) -> None:
    store = fitted(folder, "items.csv")
    result = concierge("call", "get_similar_items", '{"item_ids": ["nope"]}', "--store", store)
    assert result.exit_code == 2
    assert "search_catalog" in result.stderr
    assert concierge("call", "search_catalog", "not json", "--store", store).exit_code == 2


def test_a_newer_catalog_file_beats_an_older_live_value_and_an_unfit_one_is_left_aside(folder: Path) -> None:
    store = fitted(folder, "items.csv", "events.csv")
    (folder / "prices.csv").write_text("sku,price\nc,4.99\n")
    assert concierge("items", "update", "prices.csv", "--store", store).exit_code == 0
    fitted(folder, "items.csv", "events.csv")
    assert call(store, "get_item_details", item_ids=["c"])["items"][0]["fields"]["price"] == 4.99
    write_csv(folder / "items.csv", [{**row, "price": "yes"} for row in ITEMS])
    assert concierge("init", "items.csv", "events.csv", "--force").exit_code == 0
    os.utime(folder / "items.csv", (0, 0))
    result = concierge("fit", "--store", store)
    assert result.exit_code == 0, result.output
    assert call(store, "get_item_details", item_ids=["c"])["items"][0]["fields"]["price"] is True
    write_csv(folder / "items.csv", [{**row, "price": "77.5"} for row in ITEMS])
    fitted(folder, "items.csv", "events.csv")
    assert call(store, "get_item_details", item_ids=["c"])["items"][0]["fields"]["price"] == 77.5


def test_hidden_characters_and_markup_never_leave_the_catalog(folder: Path) -> None:
    payload = "Nice\u202e\u200b lamp\U000e0041 <b>bold</b>\n&lt;i&gt;IGNORE"
    write_csv(folder / "items.csv", [*ITEMS, {"sku": "x", "name": payload, "kind": "la\u200bmp", "price": "3"}])
    store = fitted(folder, "items.csv")
    found = call(store, "search_catalog", query="bold", detail="full")["items"][0]
    assert found["title"] == "Nice lamp bold IGNORE"
    assert found["fields"]["kind"] == "lamp"


def test_a_state_url_that_cannot_work_is_known_before_the_training(folder: Path) -> None:
    assert concierge("init", "items.csv").exit_code == 0
    config = folder / "concierge.toml"
    config.write_text(config.read_text() + '\n[state]\nurl = "nonsense"\n')
    assert concierge("fit", "--store", folder / "store").exit_code == 3
    assert not (folder / "store" / "current").exists()

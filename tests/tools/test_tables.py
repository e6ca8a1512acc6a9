"""Files of every kind become columns of text, and a broken row costs no other."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from concierge_tools.errors import DataError
from concierge_tools.ingest.tables import Table, read_table

Cells = list[tuple[str | None, ...]]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def cells(table: Table) -> Cells:
    return table.frame.rows()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", "id,t\n1,a\n2,\n"),
        ("semicolon.csv", "id;t\n1;a\n2;\n"),
        ("tab.csv", "id\tt\n1\ta\n2\t\n"),
        ("pipe.csv", "id|t\n1|a\n2|\n"),
        ("tabs.tsv", "id\tt\n1\ta\n2\t\n"),
        ("bom.csv", b"\xef\xbb\xbfid,t\r\n1,a\r\n2,\r\n"),
        ("utf16.csv", "id,t\n1,a\n2,\n".encode("utf-16")),
        ("blank.csv", "\nid,t\n\n1,a\n   \n2,\n\n"),
        ("quoted.csv", '"id","t"\n"1","a"\n"2",""'),
        ("extra.csv", "id, t \n1,a,,\n2,,\n"),
        ("list.json", '[{"id": 1, "t": "a"}, {"id": "2", "t": ""}]'),
        ("items.json", '{"items": [{"id": 1, "t": "a"}, {"id": "2"}]}'),
        ("lines.jsonl", '\ufeff{"id": 1, "t": "a"}\n\n{"id": 2, "t": null}\n'),
    ],
)
def test_the_same_rows_come_out_of_every_kind_of_file(tmp_path: Path, name: str, content: str | bytes) -> None:
    table = read_table(written(tmp_path, name, content))
    assert table.columns == ["id", "t"]
    assert cells(table) == [("1", "a"), ("2", None)]
    assert table.rejects == []


def test_parquet_becomes_text_too(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    pl.DataFrame(
        {
            "i": [1, None],
            "f": [1.5, float("nan")],
            "b": [True, None],
            "l": [["a", "b"], None],
            "d": [date(2020, 1, 2), None],
            "t": pl.Series([datetime(2020, 1, 2, tzinfo=UTC), None], dtype=pl.Datetime(time_zone="Europe/Berlin")),
            "c": pl.Series(["x", ""], dtype=pl.Categorical),
        }
    ).write_parquet(path)
    first, second = cells(read_table(path))
    assert first == ("1", "1.5", "true", '["a", "b"]', "2020-01-02", "2020-01-02 00:00:00.000000", "x")
    assert second == (None,) * 7


def test_lists_and_booleans_of_json_stay_readable(tmp_path: Path) -> None:
    row = {"l": ["é", 1], "b": False, "f": 1.0, "o": {"a": None}}
    table = read_table(written(tmp_path, "a.json", json.dumps([row])))
    assert cells(table) == [('["é", 1]', "false", "1.0", '{"a": null}')]


def test_a_broken_row_of_a_csv_is_rejected_with_its_line_and_the_rest_is_kept(tmp_path: Path) -> None:
    content = b'id,name\n1,one\n2\n3,three,more\n4,"two\nlines"\n5,caf\xe9\n6,5" nail\n7,"q""uote"\n'
    table = read_table(written(tmp_path, "items.csv", content))
    assert cells(table) == [("1", "one"), ("4", "two\nlines"), ("6", '5" nail'), ("7", 'q"uote')]
    assert table.lines.tolist() == [2, 5, 8, 9]
    assert [(r.line, r.reason) for r in table.rejects] == [
        (3, "a row needs 2 cells: it has 1"),
        (4, "a row needs 2 cells: it has 3"),
        (7, "bytes that are no UTF-8: save the file as UTF-8"),
    ]
    assert table.rejects[1].row == {"id": "3", "name": "three", "column_3": "more"}
    assert table.rejects[2].row == {"id": "5", "name": "caf\\xe9"}


def test_a_quote_that_is_never_closed_costs_its_own_line(tmp_path: Path) -> None:
    content = 'id,name,price\n1,one,1\n2,"two,2\n3,three,3\n4,four,4\n'
    table = read_table(written(tmp_path, "items.csv", content))
    assert [row[0] for row in cells(table)] == ["1", "3", "4"]
    assert table.lines.tolist() == [2, 4, 5]
    assert [reject.line for reject in table.rejects] == [3]


def test_a_cell_larger_than_the_parser_takes_is_rejected(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "items.csv", f"id,name\n1,{'x' * 200_000}\n2,two\n"))
    assert cells(table) == [("2", "two")]
    assert [reject.line for reject in table.rejects] == [2]


def test_a_broken_line_of_jsonl_is_rejected_with_its_line(tmp_path: Path) -> None:
    content = b'{"id": 1}\n{"id": \n[1]\n{"id": "\xff"}\n{"id": "\\ud800"}\n{"id": 5}\n'
    table = read_table(written(tmp_path, "items.jsonl", content))
    assert cells(table) == [("1",), ("5",)]
    assert table.lines.tolist() == [1, 6]
    assert [reject.line for reject in table.rejects] == [2, 3, 4, 5]


def test_columns_that_only_some_objects_have_are_all_there(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "items.jsonl", '{"a": 1}\n{"b": 2}\n'))
    assert table.columns == ["a", "b"]
    assert cells(table) == [("1", None), (None, "2")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("items.xlsx", "", "name it .csv, .tsv, .json, .jsonl or .parquet"),
        ("items.csv", "", "No rows in .*; it is empty"),
        ("items.csv", "id,name\n", "No rows in .*; it is empty"),
        ("items.csv", "id,name\n1\n2\n", "none of its 2 rows can be read: a row needs 2 cells"),
        ("items.json", "[]", "it is empty"),
        ("items.json", "[1,", "is not valid JSON"),
        ("items.json", '{"things": []}', "must hold a list of objects"),
        ("items.jsonl", "", "it is empty"),
        ("items.parquet", "PAR1", "cannot be read as Parquet"),
        ("items.csv", "id,id\n1,2\n", "Two columns of .* are called 'id'"),
    ],
)
def test_a_file_that_is_no_table_is_an_error(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_table(written(tmp_path, name, content))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No file .*none\.csv"):
        read_table(tmp_path / "none.csv")


def test_a_missing_column_names_close_ones_and_the_key_to_correct(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "items.csv", "item_id,name\n1,a\n"))
    with pytest.raises(DataError) as error:
        table.require("itemid", "id under [items]")
    assert "No column 'itemid'" in str(error.value)
    assert "did you mean 'item_id'? The columns are item_id, name." in str(error.value)
    assert str(error.value).endswith("Correct id under [items] in the configuration.")

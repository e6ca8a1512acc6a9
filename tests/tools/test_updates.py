"""Live changes are read row by row: what changes, what is new, and what cannot be used."""

from pathlib import Path

import pytest

from concierge_tools.config import FieldConfig, ItemsConfig
from concierge_tools.data.catalog import Catalog
from concierge_tools.errors import DataError
from concierge_tools.ingest.files import declared_fields
from concierge_tools.ingest.updates import Updates, read_ids, read_updates

CONFIG = ItemsConfig(
    path="items.csv",
    id="id",
    title="name",
    fields={
        "price": FieldConfig(type="number", role="price", unit="EUR"),
        "colours": FieldConfig(type="tags", separator="|"),
    },
)


def read(folder: Path, text: str) -> Updates:
    path = folder / "changes.csv"
    path.write_text(text, encoding="utf-8")
    items = [{"id": str(i), "title": f"Item {i}"} for i in (1, 2, 3)]
    return read_updates(path, CONFIG, Catalog.of("toy", declared_fields(CONFIG), items))


def test_values_are_read_for_known_items_and_bad_rows_change_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "id,price,colours\n1.0,9.99,red|blue\n2,,\n9,1,\n3,x,\n")
    assert found.changed == {"1": {"price": 9.99, "colours": ["red", "blue"]}, "2": {"price": None, "colours": []}}
    assert found.added == {}
    assert [(reject.line, reject.reason, reject.used) for reject in found.rejects] == [
        (4, "item not in the catalog, and added only with a title in column 'name': '9'", False),
        (5, "column 'price' is not a number of EUR: 'x'", False),
    ]


def test_a_row_with_a_title_adds_an_item_and_a_bad_cell_of_it_is_missing(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name,price,colours,weight\n9,Rug,x,red,4\n10,,1,,\n,Lamp,1,,\n")
    assert found.added == {"9": {"id": "9", "title": "Rug", "price": None, "colours": ["red"]}}
    assert [(reject.line, reject.used) for reject in found.rejects] == [(2, True), (3, False), (4, False)]
    assert found.passed_over == ("weight",)


def test_a_title_that_is_another_renames_and_an_empty_one_does_not(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name,price\n1,New name,1\n2,Item 2,2\n3,,3\n")
    assert found.changed == {"1": {"title": "New name", "price": 1}, "2": {"price": 2}, "3": {"price": 3}}


def test_titles_alone_may_be_given(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name\n1,Item 1\n9,Rug\n")
    assert (found.changed, found.added) == ({}, {"9": {"id": "9", "title": "Rug"}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("price\n1\n", "No column 'id'"),
        ("id,prices\n1,2\n", "Column 'prices' .* is not a live field: .*did you mean 'price'"),
        ("id,title\n1,New\n", "Column 'title' .* is not a live field: 'title' is no column of the items file"),
        ("id\n1\n", "has no column beside 'id'"),
    ],
)
def test_a_file_that_can_change_nothing_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_ids_are_read_from_any_table_that_has_them(tmp_path: Path) -> None:
    path = tmp_path / "gone.csv"
    path.write_text("reason,id\nold,1.0\n,\nbroken,x\n", encoding="utf-8")
    assert read_ids(path, CONFIG) == ["1", "x"]

"""The catalog finds items and fields, takes live values, and survives the disk."""

from pathlib import Path

import pytest

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.live import LiveItems, with_live
from concierge_tools.errors import InputError, UnknownItem

FIELDS = (
    Field("tags", "tags", "tags"),
    Field("price", "number", "price"),
    Field("added", "date", "date"),
    Field("stocked", "boolean", "availability"),
    Field("brand", "category", "category"),
    Field("about", "text", "text"),
    Field("photo", "text", "image"),
)


@pytest.fixture
def catalog() -> Catalog:
    full: dict[str, FieldValue] = {
        "id": "1",
        "title": "Lamp",
        "tags": ["warm", "bright"],
        "price": 12,
        "added": "2020-05",
        "stocked": False,
        "brand": "Lux",
        "about": "Shines.",
        "photo": "https://example.org/lamp.png",
    }
    return Catalog.of("toy", FIELDS, [full, {"id": "2", "title": "Chair"}])


def test_an_item_is_found_by_its_id(catalog: Catalog) -> None:
    assert catalog.position("2") == 1
    assert "2" in catalog
    assert "3" not in catalog


def test_an_unknown_item_says_where_ids_come_from(catalog: Catalog) -> None:
    with pytest.raises(UnknownItem, match=r"No item '3' in the catalog; call search_catalog to find ids\."):
        catalog.position("3")


def test_id_and_title_can_be_filtered_but_are_not_declared(catalog: Catalog) -> None:
    assert (catalog.field("id").type, catalog.field("title").type) == ("text", "text")
    assert catalog.value("title", 1) == "Chair"
    assert [field.name for field in catalog.fields] == [field.name for field in FIELDS]


def test_an_unknown_field_is_an_error(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="No field 'prize'; did you mean 'price'"):
        catalog.field("prize")


def test_a_row_has_every_field_and_missing_tags_are_empty(catalog: Catalog) -> None:
    nothing = dict.fromkeys(("price", "added", "stocked", "brand", "about", "photo"))
    assert catalog.row(1) == {"tags": []} | nothing
    assert list(catalog.row(0)) == [field.name for field in FIELDS]


def test_a_document_is_what_an_item_says_in_words(catalog: Catalog) -> None:
    assert catalog.document(0) == "Lamp\nwarm bright\nLux\nShines."
    assert catalog.document(1) == "Chair"


def test_live_values_are_laid_over_a_copy(catalog: Catalog) -> None:
    live = with_live(catalog, LiveItems({"2": {"price": 5, "brand": "New", "gone": 1}, "gone": {"price": 1}}))
    assert (live.value("price", 1), live.value("brand", 1)) == (5, "New")
    assert (catalog.value("price", 1), catalog.value("brand", 1)) == (None, None)
    assert live.row(0) == catalog.row(0)
    assert live.column("about") is catalog.column("about")


def test_a_catalog_reads_back_as_it_was_written(catalog: Catalog, tmp_path: Path) -> None:
    catalog.write(tmp_path)
    read = Catalog.read(tmp_path, FIELDS, "toy")
    assert [(read.ids[i], read.titles[i], read.row(i)) for i in (0, 1)] == [
        (catalog.ids[i], catalog.titles[i], catalog.row(i)) for i in (0, 1)
    ]
    assert read.fields == catalog.fields


def test_a_field_may_be_called_like_a_stored_column(tmp_path: Path) -> None:
    fields = (Field("field:id", "number", "number"), Field("ids", "text", "text"))
    Catalog.of("toy", fields, [{"id": "1", "title": "One", "field:id": 7}]).write(tmp_path)
    assert Catalog.read(tmp_path, fields, "toy").row(0) == {"field:id": 7, "ids": None}

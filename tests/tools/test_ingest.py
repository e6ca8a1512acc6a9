"""The owner's files are read row by row: what fits is used, what does not is told."""

import json
from pathlib import Path

import pytest

from concierge_tools.config import FieldConfig, InteractionsConfig, ItemsConfig
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field
from concierge_tools.errors import DataError
from concierge_tools.ingest.files import declared_fields, read_items, read_log
from concierge_tools.ingest.quarantine import write_rejects

FIELDS = {
    "price": FieldConfig(type="number", role="price", unit="EUR"),
    "colours": FieldConfig(type="tags", separator="|"),
    "sold": FieldConfig(type="boolean"),
    "added": FieldConfig(type="date"),
}


def items_config(folder: Path, content: str, **changes: object) -> ItemsConfig:
    path = folder / "items.csv"
    path.write_text(content, encoding="utf-8")
    settings: dict[str, object] = {"path": str(path), "id": "id", "title": "name", "fields": FIELDS} | changes
    return ItemsConfig.model_validate(settings)


def test_good_rows_are_used_and_bad_ones_rejected_with_line_and_reason(tmp_path: Path) -> None:
    text = (
        "id,name,price,colours,sold,added\n"
        "1.0,Lamp,12.50,red| blue,yes,2020-05\n"
        ",Chair,1,,,\n"
        "2,,1,,,\n"
        "3,Table,cheap,,,\n"
        "4,Sofa,,,maybe,\n"
        "5,Rug,,,,31.12.2020\n"
        "1,Lamp again,1,,,\n"
        "6,Shelf,NA,,null,\n"
        "7\n"
    )
    catalog, rejects = read_items(items_config(tmp_path, text), "toy")
    assert catalog.ids == ["1", "3", "4", "5", "6"]
    assert catalog.row(0) == {"price": 12.5, "colours": ["red", "blue"], "sold": True, "added": "2020-05"}
    assert all(catalog.row(i) == {"price": None, "colours": [], "sold": None, "added": None} for i in range(1, 5))
    assert [reject.line for reject in rejects if reject.used] == [5, 6, 7]
    assert [(reject.line, reject.reason) for reject in rejects] == [
        (3, "missing id in column 'id'"),
        (4, "missing title in column 'name'"),
        (5, "column 'price' is not a number of EUR: 'cheap'"),
        (6, "column 'sold' is not true or false: 'maybe'"),
        (7, "column 'added' is not an ISO date: '31.12.2020'"),
        (8, "an earlier row has the same id: '1'"),
        (10, "a row needs 6 cells: it has 1"),
    ]


def test_an_id_whose_first_row_is_bad_is_taken_from_the_next(tmp_path: Path) -> None:
    text = "id,name,price,colours,sold,added\n1,,4,,,\n1,Lamp,5,,,\n"
    catalog, rejects = read_items(items_config(tmp_path, text), "toy")
    assert (catalog.ids, catalog.value("price", 0), len(rejects)) == (["1"], 5, 1)


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ('["a, b", "c"]', ["a, b", "c"]),
        ("['a', \"b\"]", ["a", "b"]),
        ('[{"id": 1, "name": "a"}]', ["a"]),
        ("[a", ["[a"]),
    ],
)
def test_tags_may_be_lists(tmp_path: Path, cell: str, tags: list[str]) -> None:
    path = tmp_path / "items.json"
    path.write_text(json.dumps([{"id": 1, "name": "n", "t": cell}]), encoding="utf-8")
    config = ItemsConfig(path=str(path), id="id", title="name", fields={"t": FieldConfig(type="tags")})
    assert read_items(config, "toy")[0].row(0) == {"t": tags}


@pytest.mark.parametrize(
    ("cell", "grams"),
    [
        ("389 g", 389),
        ("1.20 kg", 1200),
        ('"2,5 kg"', 2500),
        ('"1,299"', 1299),
        ("1 kg 50 g", 1050),
        ("2 lbs", 907.18474),
        ("412", 412),
        ("about 2 kg", None),
        ("30 cm", None),
        ("n/a", None),
    ],
)
def test_a_number_with_a_unit_is_read_in_the_unit_of_its_field(tmp_path: Path, cell: str, grams: float | None) -> None:
    fields = {"weight": FieldConfig(type="number", unit="g")}
    catalog, rejects = read_items(items_config(tmp_path, f"id,name,weight\n1,Tent,{cell}\n", fields=fields), "toy")
    assert catalog.value("weight", 0) == grams
    assert [reject.used for reject in rejects] == ([True] if grams is None and cell != "n/a" else [])


def test_rejects_go_to_a_file_that_says_where_and_why(tmp_path: Path) -> None:
    config = items_config(tmp_path, "id,name\n1,Lamp\n,Ghost\n", fields={})
    _, rejects = read_items(config, "toy")
    path = tmp_path / "quarantine.jsonl"
    write_rejects(path, rejects)
    row = {"id": None, "name": "Ghost"}
    expected = {"file": "items.csv", "line": 3, "reason": "missing id in column 'id'", "row": row, "used": False}
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [expected]
    write_rejects(path, [])
    assert not path.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "sku"}, r"No column 'sku' .* Correct id under \[items\]"),
        ({"title": "nam"}, r"No column 'nam' .*did you mean 'name'.* Correct title under \[items\]"),
        ({"fields": {"prize": {"type": "number"}}}, r"No column 'prize' .*Correct \[items.fields.prize\]"),
        ({"text": ["about"]}, r"No column 'about' .*Correct text under \[items\]"),
        ({"title": "price", "fields": {}}, "No row of .* can be used: missing title in column 'price' .2 times"),
        ({"fields": {"title": {"type": "text"}}}, r"\[items.fields.title\] cannot be declared"),
        ({"text": ["name"], "fields": {"name": {"type": "tags"}}}, "'name' stands under text"),
        (
            {"fields": {"price": {"type": "tags", "synonyms": {"a": ["x"], "b": ["X"]}}}},
            r"In synonyms of \[items.fields.price\], 'X' stands for both 'a' and 'b'",
        ),
    ],
)
def test_a_wrong_configuration_says_what_to_write_where(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_items(items_config(tmp_path, "id,name,price\n1,Lamp,\n2,Chair,\n", **{"fields": {}, **changes}), "toy")


def test_fields_keep_their_order_and_text_columns_follow(tmp_path: Path) -> None:
    config = items_config(tmp_path, "", text=["about", "name"], fields={"sold": FieldConfig(type="boolean")})
    assert [(f.name, f.type, f.role) for f in declared_fields(config)] == [
        ("sold", "boolean", "category"),
        ("about", "text", "text"),
    ]


@pytest.fixture
def catalog() -> Catalog:
    fields = (Field("price", "number", "price"), Field("colours", "tags", "tags"))
    rows = [{"id": str(i), "title": f"Item {i}", "price": i} for i in (1, 2, 3)]
    return Catalog.of("toy", fields, rows)


def log_config(folder: Path, text: str, **changes: object) -> InteractionsConfig:
    path = folder / "log.csv"
    path.write_text(text, encoding="utf-8")
    return InteractionsConfig.model_validate({"path": str(path), "user": "u", "item": "i"} | changes)


def test_the_log_is_checked_row_by_row(tmp_path: Path, catalog: Catalog) -> None:
    text = "u,i,r,t\nal,1.0,5,100\n,1,5,100\nal,,5,100\nal,9,5,100\nal,2,good,100\nal,2,5,soon\n7.0,2,,\n"
    config = log_config(tmp_path, text, value="r", time="t", positive=">= 4")
    log, rejects = read_log(config, catalog)
    assert log.user_ids == ["7", "al"]
    assert (log.items.tolist(), log.weights.tolist(), log.times.tolist()) == ([1, 0], [0.0, 1.0], [-1, 100])
    assert [(reject.line, reject.reason) for reject in rejects] == [
        (3, "missing user in column 'u'"),
        (4, "missing item in column 'i'"),
        (5, "item not in the catalog: '9'"),
        (6, "column 'r' is not a number: 'good'"),
        (7, "column 't' is neither ISO nor a count since 1970: 'soon'"),
    ]


@pytest.mark.parametrize(
    ("changes", "weights"),
    [
        ({}, [1, 1, 1, 1]),
        ({"value": "r", "positive": ">= 4"}, [1, 0, 0, 0]),
        ({"value": "r", "positive": "< 4.5"}, [0, 1, 1, 0]),
        ({"value": "r", "positive": "!= 2"}, [1, 0, 1, 0]),
        ({"event": "e", "weights": {"buy": 1.0, "view": 0.25}}, [1, 0.25, 0, 0.25]),
        ({"event": "e", "weights": {"buy": 0.5, "view": 0.25}, "value": "r", "positive": ">= 4"}, [0.5, 0, 0, 0.25]),
    ],
)
def test_weights_say_what_counts_as_a_positive(
    tmp_path: Path, catalog: Catalog, changes: dict[str, object], weights: list[float]
) -> None:
    text = "u,i,e,r\nal,1,buy,5\nal,2,view,2\nal,3,odd,3\nal,1,view,\n"
    log, rejects = read_log(log_config(tmp_path, text, **changes), catalog)
    assert rejects == []
    assert log.weights.tolist() == weights


def test_only_the_events_named_count_as_history(tmp_path: Path, catalog: Catalog) -> None:
    text = "u,i,e\nal,1,buy\nal,2,view\nal,3,\n"
    log, _ = read_log(log_config(tmp_path, text, event="e", consumed=["buy"]), catalog)
    assert log.consumed.tolist() == [True, False, False]
    assert not log.has_times


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"user": "user"}, r"No column 'user' .* Correct user under \[interactions\]"),
        ({"item": "r"}, "No row of .* can be used: item not in the catalog .* Does item under"),
        ({"value": "r", "positive": "good"}, r"positive = 'good' .* write for example \">= 4\""),
        ({"positive": ">= 4"}, "positive under .* needs the column of values"),
        ({"weights": {"buy": 1.0}}, "weights under .* need the column of events"),
        ({"event": "r", "weights": {"buy": -1.0}}, "The weight of 'buy' .* is below 0"),
        ({"consumed": ["buy"]}, "consumed under .* needs the column of events"),
    ],
)
def test_a_log_that_cannot_be_understood_says_what_to_write_where(
    tmp_path: Path, catalog: Catalog, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_log(log_config(tmp_path, "u,i,r\nal,1,5\n", **changes), catalog)

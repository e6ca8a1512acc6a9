"""`init` writes down what the owner's files hold, with reasons, as a file that says the same when it is read."""

import csv
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_tools.config import Config, FieldConfig, load_config
from concierge_tools.errors import DataError
from concierge_tools.inference.column_inference import Guess, guess_field
from concierge_tools.inference.column_profile import Profile
from concierge_tools.inference.config_toml import render
from concierge_tools.inference.infer import InferredConfig, infer, render_toml
from concierge_tools.ingest.files import read_items, read_log


def saved(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def reread(inferred: InferredConfig, folder: Path) -> Config:
    path = folder / "inferred.toml"
    path.write_text(render_toml(inferred, folder), encoding="utf-8")
    return load_config(path)


def guess(name: str, values: list[str]) -> Guess:
    return guess_field(Profile(name, len(values), {value: values.count(value) for value in values if value}))


def test_the_shop_is_understood(shop_files: Path) -> None:
    config = infer(shop_files / "items.csv", shop_files / "interactions.csv").config
    assert (config.items.id, config.items.title, config.items.text) == ("id", "name", ["description"])
    assert config.items.fields == {
        "category": FieldConfig(type="category"),
        "brand": FieldConfig(type="category"),
        "price": FieldConfig(type="number", role="price", unit="EUR"),
        "stock": FieldConfig(type="number", role="availability"),
        "sponsored": FieldConfig(type="boolean"),
        "colours": FieldConfig(type="tags", separator="|"),
        "weight_kg": FieldConfig(type="number", unit="kg"),
        "rating": FieldConfig(type="number"),
        "added": FieldConfig(type="date"),
    }
    log = config.interactions
    assert log is not None
    assert (log.user, log.item, log.event, log.value, log.time) == ("user_id", "item_id", "event", None, "timestamp")
    assert log.weights == {"cart": 0.5, "purchase": 1.0, "view": 0.1}
    assert log.consumed == ["purchase"]
    assert [(rule.field, rule.op, rule.value) for rule in config.policy.require] == [("stock", ">", 0)]
    assert [(rule.field, rule.op, rule.value) for rule in config.policy.disclose] == [("sponsored", "==", True)]


def test_the_shops_file_says_the_same_when_read_and_every_row_fits(shop_files: Path) -> None:
    inferred = infer(shop_files / "items.csv", shop_files / "interactions.csv")
    config = reread(inferred, shop_files)
    assert config == inferred.config
    catalog, bad_items = read_items(config.items, config.name)
    assert config.interactions is not None
    log, bad_rows = read_log(config.interactions, catalog)
    assert (len(catalog), bad_items, bad_rows, log.has_times) == (300, [], [], True)


def test_every_inferred_field_has_a_reason(shop_files: Path) -> None:
    inferred = infer(shop_files / "items.csv", shop_files / "interactions.csv")
    text = render_toml(inferred, shop_files)
    assert 'path = "items.csv"' in text
    assert "[items.fields.price]                # numbers from 5.98 to 685.31, and the name says price" in text
    assert "# Left out: every row says 'EUR'.\n# [items.fields.currency]" in text
    assert all(item.why and item.why in text for item in inferred.fields)


ODD = 'a "b".c\\d = [é] #\t1'


def test_odd_names_survive(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"Item ID": f"x{i}", "Full name": f"Thing {i}", ODD: i / 4, "tags.all": ("a|b", "b", "a|c")[i % 3], "": "k"}
        for i in range(20)
    ]
    inferred = infer(saved(tmp_path / "odd items.csv", rows))
    config = reread(inferred, tmp_path)
    assert config == inferred.config
    assert (config.items.id, config.items.title) == ("Item ID", "Full name")
    assert set(config.items.fields) == {ODD, "tags.all"}
    assert read_items(config.items, config.name)[0].row(2) == {ODD: 0.5, "tags.all": ["a", "c"]}


@given(st.text(min_size=1), st.text(), st.text())
def test_whatever_a_name_and_a_reason_hold_the_file_is_read_back(name: str, unit: str, why: str) -> None:
    setting = FieldConfig(type="number", unit=unit)
    config = Config.model_validate(
        {"name": name, "items": {"path": "/d/i.csv", "id": name, "title": unit, "fields": {name: setting}}}
    )
    folder = Path("/d")
    text = render(config, {"id": why}, [Guess(name, setting, why), Guess(unit, setting, why, kept=False)], folder)
    again = Config.model_validate(tomllib.loads(text))
    assert again.items.fields == config.items.fields
    assert (again.name, again.items.id, again.items.title) == (name, name, unit)


@pytest.mark.parametrize(
    ("data", "folder", "path"),
    [("shop/i.csv", "shop", "i.csv"), ("shop/d/i.csv", "shop", "d/i.csv"), ("data/i.csv", "conf", "../data/i.csv")],
)
def test_paths_are_written_from_the_files_folder(tmp_path: Path, data: str, folder: str, path: str) -> None:
    for name in (Path(data).parent, folder):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    inferred = infer(saved(tmp_path / data, [{"id": i, "title": f"T{i}"} for i in range(3)]))
    assert f'path = "{path}"' in render_toml(inferred, tmp_path / folder)


def test_a_path_far_away_is_absolute(tmp_path: Path) -> None:
    items = saved(tmp_path / "items.csv", [{"id": i, "title": f"T{i}"} for i in range(3)])
    far = tmp_path / "a" / "b"
    assert f'path = "{items.resolve().as_posix()}"' in render_toml(infer(items), far)


@pytest.mark.parametrize(
    ("name", "values", "setting"),
    [
        ("in_stock", ["1", "0", "1", "1"], FieldConfig(type="boolean", role="availability")),
        ("new", ["yes", "No", "", "yes"], FieldConfig(type="boolean")),
        ("inventory", ["3", "0", "12", "7"], FieldConfig(type="number", role="availability")),
        ("price_usd", ["3.5", "0.99", "12", "7"], FieldConfig(type="number", role="price", unit="USD")),
        ("weight", ["389 g", "1.20 kg", "n/a", "412 g"], FieldConfig(type="number", unit="g")),
        ("price", ["$3.50", "$12", "$0.99", "$1,200"], FieldConfig(type="number", role="price", unit="USD")),
        ("year", ["1999", "2001", "1999", "2010"], FieldConfig(type="number", role="date")),
        ("releaseYear", ["1999.0", "2001.0", "", "2010.0"], FieldConfig(type="number", role="date")),
        ("size", ["1999", "2001", "1999", "2010"], FieldConfig(type="number")),
        ("released", ["1999-05", "2001-01-31", "", "2010-02-01T10:00:00Z"], FieldConfig(type="date")),
        ("labels", ['["a", "b"]', '["b"]', "[]", '["a"]'], FieldConfig(type="tags")),
        ("genre", ["a|b", "b", "a|c", "c|b"], FieldConfig(type="tags", separator="|")),
        ("uses", ["a, b", "b", "a, c, b", "c, b", "c, a", "b, a, c"], FieldConfig(type="tags", separator=",")),
        ("brand", ["Lux", "Lux", "Nox", "Lux", "Nox"], FieldConfig(type="category")),
        ("group", ["Home, garden", "Toys, games"] * 4, FieldConfig(type="category")),
        ("about", ["It shines very well.", "A chair, a bed, a stool.", "Red and round."], FieldConfig(type="text")),
        ("photo", ["https://a.b/1.png", "https://a.b/2.jpg?x=1"], FieldConfig(type="text", role="image")),
    ],
)
def test_a_column_is_recognised_by_its_values_and_its_name(name: str, values: list[str], setting: FieldConfig) -> None:
    found = guess(name, values)
    assert (found.setting, found.kept) == (setting, True)


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("note", ["", ""], "it is empty"),
        ("currency", ["EUR", "EUR"], "every row says 'EUR'"),
        ("imdb", ["tt001", "tt002", "tt003"], "3 different values in 3 rows, and short"),
        ("link", ["https://a.b/1", "https://a.b/2"], "web addresses"),
        ("category_id", ["7", "8", "7"], "a number that names something"),
    ],
)
def test_a_column_with_nothing_to_filter_by_is_left_out_with_the_reason(name: str, values: list[str], why: str) -> None:
    found = guess(name, values)
    assert not found.kept
    assert found.why.startswith(why)


def test_a_few_bad_cells_do_not_change_what_a_column_is() -> None:
    found = guess("price", [str(i) for i in range(98)] + ["on request", "ask"])
    assert found.setting.type == "number"
    assert "2 rows hold something else, which will be taken as missing" in found.why


def log_of(tmp_path: Path, rows: list[dict[str, object]]) -> InferredConfig:
    items = saved(tmp_path / "items.csv", [{"id": i, "title": f"Thing {i}"} for i in range(1, 21)])
    return infer(items, saved(tmp_path / "log.csv", rows))


@pytest.mark.parametrize(
    ("ratings", "positive"),
    [
        ([1, 2, 3.5, 4, 5], ">= 4"),
        ([1, 5, 7, 9, 10], ">= 7"),
        ([1, 2, 40, 900, 1000], "> 40"),
        ([0, 1, 1, 0, 1], ">= 1"),
        ([-1, 1, 1, -1, 1], "> 0"),
        ([1, 1, 1, 1, 1], None),
    ],
)
def test_what_counts_as_a_positive_follows_the_scale(
    tmp_path: Path, ratings: list[float], positive: str | None
) -> None:
    rows: list[dict[str, object]] = [
        {"userId": i % 3, "movieId": i + 1, "rating": rating, "timestamp": 1_260_759_144 + i}
        for i, rating in enumerate(ratings)
    ]
    inferred = log_of(tmp_path, rows)
    log = inferred.config.interactions
    assert log is not None
    assert (log.user, log.item, log.value, log.time) == ("userId", "movieId", "rating", "timestamp")
    assert log.positive == positive
    assert reread(inferred, tmp_path) == inferred.config


def test_what_could_be_called_unwanted_is_suggested_in_comments_and_never_switched_on(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"userId": i % 3, "movieId": i + 1, "rating": rating, "event": event}
        for i, (rating, event) in enumerate([(1, "rated"), (2, "rated"), (4, "disliked"), (5, "rated")])
    ]
    inferred = log_of(tmp_path, rows)
    log = inferred.config.interactions
    text = render_toml(inferred, tmp_path)
    assert log is not None
    assert log.negative is None
    assert not log.negative_events
    assert inferred.config.risk is None
    for line in ('# negative = "<= 2"', '# negative_events = ["disliked"]', "# [risk]", "# level = 0.05"):
        assert line in text
    assert reread(inferred, tmp_path) == inferred.config


def test_events_are_weighed_by_what_their_names_mean(tmp_path: Path) -> None:
    events = ["view", "add_to_cart", "Purchased", "remove_from_cart", "likes", "teleport", "click"]
    rows: list[dict[str, object]] = [{"visitor": "v", "product": i + 1, "action": e} for i, e in enumerate(events)]
    log = log_of(tmp_path, rows).config.interactions
    assert log is not None
    expected = [0.1, 0.5, 1.0, 0.0, 0.7, 0.3, 0.2]
    assert log.weights == dict(zip(events, expected, strict=True))


def test_a_log_without_times_or_judgement_takes_every_row_and_says_so(tmp_path: Path) -> None:
    inferred = log_of(tmp_path, [{"customer": f"c{i}", "item": i + 1} for i in range(4)])
    text = render_toml(inferred, tmp_path)
    assert "# No column says when: recency is off." in text
    assert "# Each row is a positive." in text
    assert reread(inferred, tmp_path) == inferred.config


def test_the_column_of_items_is_the_one_that_shares_values_with_the_catalog(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"uid": i % 5 + 1, "ref": i + 1, "n": i % 3 + 1} for i in range(20)]
    log = log_of(tmp_path, rows).config.interactions
    assert log is not None
    assert (log.user, log.item) == ("uid", "ref")


def test_the_id_is_the_one_the_log_uses(tmp_path: Path) -> None:
    items = saved(tmp_path / "items.csv", [{"row_id": i, "sku": f"S{i}", "name": f"N {i}"} for i in range(9)])
    log = saved(tmp_path / "log.csv", [{"user": i % 2, "what": f"S{i}"} for i in range(9)])
    assert infer(items, log).config.items.id == "sku"


def test_a_second_title_is_left_out_because_the_name_is_taken(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"sku": f"s{i}", "title": f"T {i}", "id": i % 3} for i in range(9)]
    inferred = infer(saved(tmp_path / "items.csv", rows))
    assert (inferred.config.items.id, inferred.config.items.title) == ("sku", "title")
    assert [(g.column, g.kept) for g in inferred.fields] == [("id", False)]
    assert reread(inferred, tmp_path) == inferred.config


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ([{"user": 1, "item": "nope"}], "No column of the log shares values with 'id'"),
        ([{"item": 1, "rating": 2}], "No column of .* seems to name users"),
    ],
)
def test_a_log_that_does_not_fit_is_an_error(tmp_path: Path, log: list[dict[str, object]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        log_of(tmp_path, log)


def test_a_catalog_without_an_id_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No column of .* can be the id of the items"):
        infer(saved(tmp_path / "items.csv", [{"a": 1, "b": 2}] * 3))


def test_a_duration_gets_minutes_and_a_maker_is_kept_though_nearly_every_item_has_its_own(tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    rows = [f"i{n},Title number {n},{80 + n % 50},Person {n}" for n in range(60)]
    items.write_text("\n".join(["id,title,runtime,director", *rows]))
    fields = infer(items).config.items.fields
    assert (fields["runtime"].type, fields["runtime"].unit) == ("number", "min")
    assert fields["director"].type == "category"

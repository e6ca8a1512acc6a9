"""The demo's cinema is put together from two packages, the same way each time."""

import importlib.util
import warnings
from pathlib import Path

import pytest

from concierge_server.demo import write_demo
from concierge_tools.config import Config, load_config
from concierge_tools.data.catalog import Catalog
from concierge_tools.errors import DataError
from concierge_tools.ingest.files import read_items, read_log


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_config(write_demo(tmp_path_factory.mktemp("demo")))


@pytest.fixture(scope="module")
def cinema(config: Config) -> Catalog:
    return read_items(config.items, config.name)[0]


def film(cinema: Catalog, title: str, year: int) -> dict[str, object]:
    found = [i for i, t in enumerate(cinema.titles) if t == title and cinema.value("year", i) == year]
    assert len(found) == 1
    return {**cinema.row(found[0])}


def test_films_and_ratings_are_all_there(config: Config, cinema: Catalog) -> None:
    _, bad_films = read_items(config.items, config.name)
    assert config.interactions is not None
    log, bad_ratings = read_log(config.interactions, cinema)
    assert len(cinema) + len(bad_films) == 9_066
    assert {reject.reason for reject in bad_films} == {"missing title in column 'title'"}
    assert len(log) + len(bad_ratings) == 100_004
    assert len(bad_ratings) == 7
    assert len(log.user_ids) == 671


def test_a_film_has_what_both_sources_say(cinema: Catalog) -> None:
    row = film(cinema, "Aladdin", 1992)
    assert row["genres"] == ["Adventure", "Animation", "Children", "Comedy", "Musical"]
    assert row["director"] == ["John Musker", "Ron Clements"]
    assert row["runtime"] == 91


def test_articles_stand_in_front_and_other_names_beside(cinema: Catalog) -> None:
    row = film(cinema, "The City of Lost Children", 1995)
    assert row["also_known_as"] == "La Cité des enfants perdus"
    assert not [title for title in cinema.titles if title.endswith((", The", ", A", ")"))][5:]


def test_no_genre_is_no_genre(cinema: Catalog) -> None:
    assert not [value for value in cinema.column("genres").values if "(" in value]  # type: ignore[union-attr]  # tags


def test_most_films_found_their_director(cinema: Catalog) -> None:
    assert len(cinema) - cinema.column("director").missing > 7_200


def test_the_same_packages_give_the_same_bytes(config: Config, tmp_path: Path) -> None:
    write_demo(tmp_path)
    for name in ("items.jsonl", "ratings.csv", "concierge.toml"):
        assert (tmp_path / name).read_bytes() == (Path(config.items.path).parent / name).read_bytes()


def test_without_the_packages_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r'pip install "concierge-mcp\[demo\]"'):
        write_demo(tmp_path)

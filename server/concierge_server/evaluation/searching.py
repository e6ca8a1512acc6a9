"""The searches that are compared: words alone, and search as it is served."""

from collections.abc import Sequence

import numpy as np

from concierge_server.evaluation.search import BASE, Search
from concierge_tools.catalog_search import CatalogSearch
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Artifact


def systems_of(artifact: Artifact) -> dict[str, Search]:
    """Return each search by name, over the whole catalog."""
    catalog = artifact.catalog
    retrieval = Retrieval(artifact, catalog)
    every = np.ones(len(catalog), np.bool_)

    def words_alone(query: str) -> Sequence[str]:
        return [catalog.ids[i] for i in artifact.search.search(query, len(catalog))[0].tolist()]

    def served(query: str) -> Sequence[str]:
        return [catalog.ids[i] for i in retrieval.search(query, every).items.tolist()]

    def without_meaning(query: str) -> Sequence[str]:
        return [catalog.ids[i] for i in plain.answer(query).signals.ranking(every).items.tolist()]

    if artifact.encoder is None:
        return {BASE: words_alone, "as served": served}
    plain = CatalogSearch(artifact, catalog, retrieval.recommend, retrieval.similar, by_meaning=False)
    return {BASE: words_alone, "without meaning": without_meaning, "as served": served}

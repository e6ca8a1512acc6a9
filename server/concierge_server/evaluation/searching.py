"""The searches that are compared: words alone, and search as it is served."""

from collections.abc import Sequence

import numpy as np

from concierge_server.evaluation.search import BASE, Search
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

    return {BASE: words_alone, "as served": served}

"""Live search: an index with a small one beside it, of the items that were added or told in other words since."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import FieldValue
from concierge_tools.text.search import Search, SearchIndex


class LiveSearch:
    """What an index finds of items that are as they were, and what a small one finds of the others."""

    def __init__(self, base: Search, small: SearchIndex, changed: Sequence[int]) -> None:
        """Hold an index, and one of the items at the `changed` positions, in that order."""
        self._base = base
        self._small = small
        self._changed = np.asarray(changed, np.int32)

    @classmethod
    def over(cls, base: Search, catalog: Catalog, changed: Sequence[int]) -> Self:
        """Index the items of a catalog at some positions beside an index of the rest."""
        beside = [base] if isinstance(base, SearchIndex) else []
        return cls(base, SearchIndex.of(_part(catalog, changed), beside=beside), changed)

    def search(self, query: str, limit: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the positions and scores of the best items, best first; ties by position."""
        found, scores = self._base.search(query, limit + len(self._changed))
        same = ~np.isin(found, self._changed)
        fresh, fresh_scores = self._small.search(query, limit)
        positions = np.concatenate([found[same], self._changed[fresh]])
        together = np.concatenate([scores[same], fresh_scores])
        order = np.lexsort((positions, -together))[:limit]
        return positions[order], together[order]

    def matches(self, query: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the positions, ascending, and the scores of all items that are found."""
        found, scores = self._base.matches(query)
        same = ~np.isin(found, self._changed)
        fresh, fresh_scores = self._small.matches(query)
        positions = np.concatenate([found[same], self._changed[fresh]])
        order = np.argsort(positions)
        return positions[order], np.concatenate([scores[same], fresh_scores])[order]

    def titled(self, query: str) -> NDArray[np.int32]:
        """Return the positions of the items whose title is the query, up to its article."""
        found = self._base.titled(query)
        return np.concatenate([found[~np.isin(found, self._changed)], self._changed[self._small.titled(query)]])

    def quotes_title(self, query: str) -> bool:
        """Return whether a title is the query, or holds its words side by side; titles of before count as well."""
        return self._base.quotes_title(query) or self._small.quotes_title(query)


def _part(catalog: Catalog, positions: Sequence[int]) -> Catalog:
    """Return a catalog of the items at some positions alone, in that order."""
    rows: list[dict[str, FieldValue]] = [
        {**catalog.row(i), "id": catalog.ids[i], "title": catalog.titles[i]} for i in positions
    ]
    return Catalog.of(catalog.name, catalog.fields, rows)

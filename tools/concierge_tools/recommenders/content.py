"""Likeness of what items are: TF-IDF over their words and values. Needs no interactions, knows nothing of taste."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from concierge_tools.data.catalog import Catalog
from concierge_tools.ranking.ordering import within
from concierge_tools.recommenders.recommender import Floats, Profile
from concierge_tools.recommenders.sparse_files import load_sparse, save_sparse
from concierge_tools.recommenders.term_weights import TermWeights
from concierge_tools.text.words import words


class Content:
    """One TF-IDF row of length 1 per item; a score is the sum of an item's cosines to those of the profile."""

    name: ClassVar[str] = "content"

    def __init__(self, rows: csr_array, weights: TermWeights) -> None:
        """Hold rows of length 1 (or 0 for an item with no words), shape (items, terms), and what weighed them."""
        self.rows = rows
        self._weights = weights

    @classmethod
    def fit(cls, catalog: Catalog) -> Self:
        """Weigh the words of every document and every value of a category or tags field.

        A value is a term of its own, so that one shared tag says more than its words do. Terms of a single item
        cannot make two items alike and are dropped.
        """
        documents = [Counter(_terms(catalog, item)) for item in range(len(catalog))]
        weights = TermWeights.count(documents)
        return cls(weights.rows(documents), weights)

    def over(self, catalog: Catalog, changed: Iterable[int]) -> Self:
        """Return the rows of a longer catalog, in which the items at some positions are described anew.

        Terms weigh what they did when this was fitted, so that all other rows stay; terms that were in fewer than two
        items then are passed over. Every position that this has no row for is among the changed.
        """
        positions = sorted(changed)
        if not positions:
            return self
        stacked = vstack(
            [self.rows, self._weights.rows(Counter(_terms(catalog, item)) for item in positions)], format="csr"
        )
        order = np.arange(len(catalog))
        order[positions] = self.rows.shape[0] + np.arange(len(positions))
        return type(self)(csr_array(stacked[order]), self._weights)

    def knows(self, profile: Profile) -> bool:
        """Tell whether an item that the profile likes shares a term with another."""
        liked = profile.items[profile.weights > 0]
        return bool((np.diff(self.rows.indptr)[liked] > 0).any())

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,): weighted cosine, without an item's likeness to itself, NaN where nothing is shared."""
        weights = profile.decayed()
        wanted = self.rows[profile.items]
        scores: Floats = self.rows @ (wanted.T @ weights)
        exact = wanted.astype(np.float64)
        scores[profile.items] = exact @ (exact.T @ weights) - self._own[profile.items] * weights
        holders = np.bincount(wanted.indices, minlength=self.rows.shape[1])
        # without dislikes, scores are above zero just where a term is shared
        shared = (scores if (weights > 0).all() else self.rows @ (holders > 0).astype(np.float32)) > 0
        shared[profile.items] = wanted @ (holders > 1).astype(np.float32) > 0
        return within(scores, shared)

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each profile item's share of the score, shape (len(profile),)."""
        cosines: Floats = (self.rows[profile.items] @ self.rows[[item]].T).toarray()[:, 0]
        return np.where(profile.items == item, np.float32(0), cosines * profile.decayed())

    def save(self, folder: Path) -> None:
        """Write itself as safetensors, and its terms as JSON."""
        save_sparse(self.rows, folder / "content.safetensors")
        self._weights.save(folder / "terms.json")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        return cls(load_sparse(folder / "content.safetensors"), TermWeights.load(folder / "terms.json"))

    @cached_property
    def _own(self) -> NDArray[np.float64]:
        """The product of each row with itself, in 64 bits, so that it can be subtracted, shape (items,)."""
        squares = self.rows.astype(np.float64)
        squares.data **= 2
        return np.asarray(squares.sum(axis=1), np.float64).ravel()


def _terms(catalog: Catalog, item: int) -> Iterator[str]:
    yield from words(catalog.document(item))
    for field in catalog.fields:
        if field.type in ("category", "tags"):
            value = catalog.value(field.name, item)
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    yield f"{field.name}={str(one).casefold()}"

"""Likeness of what items are: TF-IDF over their words and values. Needs no interactions, knows nothing of taste."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_array

from concierge_tools.data.catalog import Catalog
from concierge_tools.recommenders.recommender import Floats, Profile
from concierge_tools.recommenders.sparse_files import load_sparse, save_sparse
from concierge_tools.text.words import words


class Content:
    """One TF-IDF row of length 1 per item; a score is the sum of an item's cosines to those of the profile."""

    name: ClassVar[str] = "content"

    def __init__(self, rows: csr_array) -> None:
        """Hold rows of length 1 (or 0 for an item with no words), shape (items, terms)."""
        self.rows = rows

    @classmethod
    def fit(cls, catalog: Catalog) -> Self:
        """Weigh the words of every document and every value of a category or tags field.

        A value is a term of its own, so that one shared tag says more than its words do. Terms of a single item
        cannot make two items alike and are dropped.
        """
        return cls(tf_idf(_terms(catalog, item) for item in range(len(catalog))))

    def knows(self, profile: Profile) -> bool:
        """Tell whether an item that the profile likes shares a term with another."""
        liked = profile.items[profile.weights > 0]
        return bool((np.diff(self.rows.indptr)[liked] > 0).any())

    def scores(self, profile: Profile) -> Floats:
        """Return shape (items,): weighted cosine, without an item's likeness to itself, NaN where nothing is shared."""
        weights = profile.decayed()
        wanted = self.rows[profile.items]
        among = (wanted @ wanted.T).toarray()
        np.fill_diagonal(among, 0)
        scores: Floats = self.rows @ (wanted.T @ weights)
        shared: Floats = self.rows @ (np.bincount(wanted.indices, minlength=self.rows.shape[1]) > 0).astype(np.float32)
        scores[profile.items] = among @ weights
        shared[profile.items] = among.sum(axis=1)
        return np.where(shared > 0, scores, np.float32(np.nan))

    def contributions(self, profile: Profile, item: int) -> Floats:
        """Return each profile item's share of the score, shape (len(profile),)."""
        cosines: Floats = (self.rows[profile.items] @ self.rows[[item]].T).toarray()[:, 0]
        return np.where(profile.items == item, np.float32(0), cosines * profile.decayed())

    def save(self, folder: Path) -> None:
        """Write itself as safetensors."""
        save_sparse(self.rows, folder / "content.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        return cls(load_sparse(folder / "content.safetensors"))


def tf_idf(documents: Iterable[Iterable[str]]) -> csr_array:
    """Weigh terms by (1 + ln tf) ln(documents / df), each row scaled to length 1.

    Returns:
        Shape (documents, terms that at least two documents share), terms in alphabetical order.
    """
    counts = [Counter(document) for document in documents]
    frequency = Counter(term for count in counts for term in count)
    vocabulary = {term: column for column, term in enumerate(sorted(t for t, n in frequency.items() if n > 1))}
    idf = np.log(len(counts) / np.array([frequency[term] for term in vocabulary], np.float64))
    columns: list[int] = []
    values: list[int] = []
    offsets = [0]
    for count in counts:
        row = sorted((vocabulary[term], n) for term, n in count.items() if term in vocabulary)
        columns += [column for column, _ in row]
        values += [n for _, n in row]
        offsets.append(len(columns))
    index = np.array(columns, np.int32)
    weights = (1 + np.log(np.array(values, np.float64))) * idf[index]
    lengths = np.diff(offsets)
    owners = np.repeat(np.arange(len(counts)), lengths)
    norms = np.sqrt(np.bincount(owners, weights**2, minlength=len(counts)))
    unit = np.divide(weights, norms[owners], out=np.zeros_like(weights), where=norms[owners] > 0).astype(np.float32)
    rows = csr_array((unit, index, np.array(offsets, np.int64)), shape=(len(counts), len(vocabulary)))
    rows.eliminate_zeros()
    return rows


def _terms(catalog: Catalog, item: int) -> Iterator[str]:
    yield from words(catalog.document(item))
    for field in catalog.fields:
        if field.type in ("category", "tags"):
            value = catalog.value(field.name, item)
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    yield f"{field.name}={str(one).casefold()}"

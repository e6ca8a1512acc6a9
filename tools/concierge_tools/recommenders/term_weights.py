"""Term weights: in how many documents each term was, and the TF-IDF rows that this makes of documents."""

import json
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


class TermWeights:
    """The terms that at least two documents shared, and how many held each."""

    def __init__(self, content: bytes) -> None:
        """Hold the JSON that `save` writes, read when the first document is to be weighed."""
        self._bytes = content

    @classmethod
    def count(cls, documents: Iterable[Counter[str]]) -> Self:
        """Count the documents of each term. Terms of a single one are dropped: they make no two alike."""
        frequency: Counter[str] = Counter()
        number = 0
        for document in documents:
            frequency.update(document.keys())
            number += 1
        shared = {term: frequency[term] for term in sorted(frequency) if frequency[term] > 1}
        body = {"documents": number, "frequency": shared}
        return cls(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())

    def rows(self, documents: Iterable[Counter[str]]) -> csr_array:
        """Weigh terms by (1 + ln tf) ln(documents / df), each row scaled to length 1.

        Returns:
            Shape (documents, terms), terms in alphabetical order. Terms that were not counted are passed over.
        """
        vocabulary, idf = self._vocabulary
        columns: list[int] = []
        values: list[int] = []
        offsets = [0]
        for document in documents:
            row = sorted((vocabulary[term], n) for term, n in document.items() if term in vocabulary)
            columns += [column for column, _ in row]
            values += [n for _, n in row]
            offsets.append(len(columns))
        index = np.array(columns, np.int32)
        weights = (1 + np.log(np.array(values, np.float64))) * idf[index]
        lengths = np.diff(offsets)
        count = len(lengths)
        owners = np.repeat(np.arange(count), lengths)
        norms = np.sqrt(np.bincount(owners, weights**2, minlength=count))
        unit = np.divide(weights, norms[owners], out=np.zeros_like(weights), where=norms[owners] > 0)
        shape = (count, len(vocabulary))
        rows = csr_array((unit.astype(np.float32), index, np.array(offsets, np.int64)), shape=shape)
        rows.eliminate_zeros()
        return rows

    def save(self, path: Path) -> None:
        """Write itself as JSON."""
        path.write_bytes(self._bytes)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        return cls(path.read_bytes())

    @cached_property
    def _vocabulary(self) -> tuple[dict[str, int], NDArray[np.float64]]:
        body = json.loads(self._bytes)
        frequency: dict[str, int] = body["frequency"]
        idf = np.log(body["documents"] / np.array([*frequency.values()], np.float64))
        return {term: column for column, term in enumerate(frequency)}, np.asarray(idf, np.float64)

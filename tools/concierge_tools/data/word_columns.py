"""Columns of words: one value or several per item out of a vocabulary that repeats."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.constraints import Op
from concierge_tools.data.fields import FieldValue
from concierge_tools.data.operands import Mask, Operand, as_list, as_one, as_word, scalar, unfit


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The distinct values of a column, sorted, found without regard to case."""

    values: list[str]
    folded: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """Collect the distinct values."""
        distinct = sorted(set(values))
        folded: dict[str, tuple[int, ...]] = {}
        for code, value in enumerate(distinct):
            key = value.casefold()
            folded[key] = (*folded.get(key, ()), code)
        return cls(distinct, folded)

    def codes(self, operand: Operand) -> list[int]:
        """Return the codes of every value that the operand names, in any case; none for a value no item has."""
        found = (self.folded.get(as_word(value).casefold(), ()) for value in as_list(operand))
        return sorted({code for codes in found for code in codes})

    def index(self) -> dict[str, int]:
        """Return value -> code."""
        return {value: code for code, value in enumerate(self.values)}


@dataclass(frozen=True, slots=True, eq=False)
class CategoryColumn:
    """One value per item out of a repeated vocabulary."""

    vocabulary: Vocabulary
    codes: NDArray[np.int32]
    """Shape (items,); -1 is missing."""

    @classmethod
    def of(cls, values: Sequence[FieldValue]) -> Self:
        """Build the column from one string or None per item."""
        words = [None if value is None else as_word(scalar(value)) or None for value in values]
        vocabulary = Vocabulary.of(word for word in words if word is not None)
        index = vocabulary.index()
        return cls(vocabulary, np.array([-1 if word is None else index[word] for word in words], dtype=np.int32))

    @property
    def values(self) -> list[str]:
        """The distinct values, sorted."""
        return self.vocabulary.values

    @property
    def counts(self) -> NDArray[np.int64]:
        """Items per distinct value, aligned with `values`."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)).astype(np.int64)

    @property
    def missing(self) -> int:
        """Items without a value."""
        return int((self.codes < 0).sum())

    def __len__(self) -> int:
        return len(self.codes)

    def value(self, i: int) -> str | None:
        """Return the value of item `i`."""
        code = self.codes[i]
        return None if code < 0 else self.values[code]

    def at(self, i: int) -> Self:
        """Return the column of item `i` alone."""
        return type(self)(self.vocabulary, self.codes[i : i + 1])

    def replaced(self, updates: Mapping[int, FieldValue]) -> Self:
        """Return a copy with the values at some positions changed."""
        changed = self.of([*updates.values()])
        kept = self.codes.copy()
        kept[[*updates]] = -1
        vocabulary, own, other = _merged(self, np.unique(kept[kept >= 0]), changed)
        codes = np.where(kept >= 0, own[kept], -1).astype(np.int32)
        codes[[*updates]] = np.where(changed.codes >= 0, other[changed.codes], -1)
        return type(self)(vocabulary, codes)

    def mask(self, op: Op, operand: Operand) -> Mask:
        """Return which items meet the operator."""
        if op in ("==", "!="):
            as_one(operand)
        hit: Mask = np.isin(self.codes, self.vocabulary.codes(operand))
        if op in ("==", "in"):
            return hit
        if op in ("!=", "not_in"):
            return ~hit & (self.codes >= 0)
        raise unfit("a category", op)


@dataclass(frozen=True, slots=True, eq=False)
class TagsColumn:
    """Any number of values per item: compressed rows of codes, and for each value the items that have it."""

    vocabulary: Vocabulary
    indptr: NDArray[np.int64]
    """Shape (items + 1,): the codes of item i are `codes[indptr[i]:indptr[i + 1]]`, in the order given."""
    codes: NDArray[np.int32]
    postings: NDArray[np.int64]
    """Positions of items, grouped by value."""
    posted: NDArray[np.int64]
    """Shape (values + 1,): the items of value v are `postings[posted[v]:posted[v + 1]]`."""

    @classmethod
    def of(cls, values: Sequence[FieldValue]) -> Self:
        """Build the column from one list of strings (or None) per item; repeats within an item count once."""
        rows = [_words(value) for value in values]
        vocabulary = Vocabulary.of(word for row in rows for word in row)
        index = vocabulary.index()
        indptr = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=indptr[1:])
        codes = np.fromiter((index[word] for row in rows for word in row), dtype=np.int32, count=int(indptr[-1]))
        return cls.posted_by(vocabulary, indptr, codes)

    @classmethod
    def posted_by(cls, vocabulary: Vocabulary, indptr: NDArray[np.int64], codes: NDArray[np.int32]) -> Self:
        """Build the column from its rows of codes, compressed as in `indptr`."""
        owners = np.repeat(np.arange(len(indptr) - 1, dtype=np.int64), np.diff(indptr))
        posted = np.zeros(len(vocabulary.values) + 1, dtype=np.int64)
        np.cumsum(np.bincount(codes, minlength=len(vocabulary.values)), out=posted[1:])
        return cls(vocabulary, indptr, codes, owners[np.argsort(codes, kind="stable")], posted)

    @property
    def values(self) -> list[str]:
        """The distinct values, sorted."""
        return self.vocabulary.values

    @property
    def counts(self) -> NDArray[np.int64]:
        """Items per distinct value, aligned with `values`."""
        return np.diff(self.posted)

    @property
    def missing(self) -> int:
        """Items without any value."""
        return int((np.diff(self.indptr) == 0).sum())

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def value(self, i: int) -> list[str]:
        """Return the values of item `i`, in the order given."""
        return [self.values[code] for code in self.codes[self.indptr[i] : self.indptr[i + 1]]]

    def at(self, i: int) -> Self:
        """Return the column of item `i` alone."""
        codes = self.codes[self.indptr[i] : self.indptr[i + 1]]
        return self.posted_by(self.vocabulary, np.array([0, len(codes)], dtype=np.int64), codes)

    def replaced(self, updates: Mapping[int, FieldValue]) -> Self:
        """Return a copy with the values at some positions changed."""
        changed = self.of([*updates.values()])
        owners = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        kept = ~np.isin(owners, [*updates])
        vocabulary, own, other = _merged(self, np.unique(self.codes[kept]), changed)
        given = np.repeat(np.array([*updates], np.int64), np.diff(changed.indptr))
        owners = np.concatenate([owners[kept], given])
        order = np.argsort(owners, kind="stable")
        codes = np.concatenate([own[self.codes[kept]], other[changed.codes]])[order].astype(np.int32)
        indptr = np.zeros(len(self) + 1, np.int64)
        np.cumsum(np.bincount(owners, minlength=len(self)), out=indptr[1:])
        return self.posted_by(vocabulary, indptr, codes)

    def mask(self, op: Op, operand: Operand) -> Mask:
        """Return which items meet the operator."""
        if op in ("contains", "not_contains"):
            hit = self._having(as_one(operand))
            return hit if op == "contains" else ~hit
        if op == "contains_any":
            return self._having(operand)
        if op == "contains_all":
            held = np.ones(len(self), dtype=np.bool_)
            for value in as_list(operand):
                held &= self._having(value)
            return held
        raise unfit("several values", op)

    def _having(self, operand: Operand) -> Mask:
        held = np.zeros(len(self), dtype=np.bool_)
        for code in self.vocabulary.codes(operand):
            held[self.postings[self.posted[code] : self.posted[code + 1]]] = True
        return held


def _merged(
    column: CategoryColumn | TagsColumn, used: NDArray[np.int32], changed: CategoryColumn | TagsColumn
) -> tuple[Vocabulary, NDArray[np.int64], NDArray[np.int64]]:
    """Return the vocabulary of the `used` codes and all changed ones, and the new code of each old one of both."""
    kept = [column.values[code] for code in used]
    vocabulary = column.vocabulary
    if len(kept) < len(column.values) or not set(changed.values) <= set(kept):
        vocabulary = Vocabulary.of([*kept, *changed.values])
    index = vocabulary.index()
    own = np.full(max(1, len(column.values)), -1, np.int64)
    own[used] = [index[value] for value in kept]
    other = np.array([index[value] for value in changed.values] or [-1], np.int64)
    return vocabulary, own, other


def _words(value: FieldValue) -> list[str]:
    if value is None:
        return []
    words = (as_word(word) for word in (value if isinstance(value, list) else [value]))
    return list(dict.fromkeys(word for word in words if word))

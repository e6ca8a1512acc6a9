"""Tags: each item's distribution over the values that best tell what a list is a mix of."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import CategoryColumn, TagsColumn
from concierge_tools.recommenders.recommender import Floats

FREQUENT = 0.01
"""A value that fewer than this share of the items have is no part of a mix."""


def mix_field(catalog: Catalog) -> str | None:
    """Return the tags field (without any, the category) whose frequent values tell most: in bits, over all items.

    Names of makers and the like are too rare to be mixed; a value that nearly all items have tells nothing. None when
    no field has two frequent values. The first of equals is taken.
    """
    for kind in ("tags", "category"):
        told = {field.name: _bits(catalog, field.name) for field in catalog.fields if field.type == kind}
        if told and max(told.values()) > 0:
            return max(told, key=lambda name: told[name])
    return None


def tag_shares(catalog: Catalog) -> csr_array:
    """Return each item's distribution over the values of the field of mixes, shape (items, values).

    Rows sum to 1, or to 0 for items without a value; without such a field there is one empty column.
    """
    name = mix_field(catalog)
    column = catalog.column(name) if name is not None else None
    if isinstance(column, TagsColumn):
        lengths = np.diff(column.indptr)
        shares = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
        return csr_array((shares, column.codes, column.indptr), shape=(len(catalog), len(column.values)))
    if isinstance(column, CategoryColumn):
        values = [column.value(item) for item in range(len(catalog))]
        codes = {value: code for code, value in enumerate(column.values)}
        there = np.array([item for item, value in enumerate(values) if value is not None], np.int64)
        chosen = [codes[value] for value in values if value is not None]
        ones = np.ones(len(there), np.float32)
        return csr_array((ones, (there, chosen)), shape=(len(catalog), len(column.values)))
    return csr_array(np.zeros((len(catalog), 1), np.float32))


def mix(shares: csr_array, positions: NDArray[np.int32], weights: Floats) -> NDArray[np.float64]:
    """Return the distribution over tags of some weighted items, shape (values,): it sums to 1, or to 0 without any."""
    summed = np.asarray(shares[positions].T @ weights.astype(np.float64), np.float64)
    total = float(summed.sum())
    return summed / total if total > 0 else summed


def _bits(catalog: Catalog, name: str) -> float:
    """Return the entropy of a field's frequent values in bits, times the share of items that have one."""
    column = catalog.column(name)
    if not isinstance(column, TagsColumn | CategoryColumn) or not len(catalog):
        return 0.0
    counts = column.counts[column.counts >= max(2, FREQUENT * len(catalog))].astype(np.float64)
    if len(counts) < 2:
        return 0.0
    parts = counts / counts.sum()
    covered = min(1.0, float(counts.sum()) / len(catalog))
    return covered * float(-(parts * np.log2(parts)).sum())

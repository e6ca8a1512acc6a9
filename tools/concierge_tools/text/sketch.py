"""Sketch: short forms of vectors that tell which of them cannot be near a query, without a look at the rest of them.

The inner product of two vectors is that of their parts along a few axes and that of what is left of them, which is at
most the product of the lengths of what is left (Cauchy and Schwarz). So nothing that is near is missed.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from concierge_tools.recommenders.recommender import Floats, Positions

AXES = 56
"""Fewer leave more vectors to be compared whole, more take longer themselves."""
SAMPLE = 10_000
SLACK = 1e-3
"""For rounding, which is far less."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """The parts of vectors along the axes on which they differ most, and the lengths of what is left."""

    axes: Floats
    """Shape (dimensions, axes), orthonormal."""
    parts: Floats
    """Shape (axes + 1, vectors): a row for each axis, which is quicker to multiply; the last row holds the lengths."""

    @classmethod
    def of(cls, vectors: Floats) -> Self:
        """Sketch vectors, shape (vectors, dimensions); the axes are the principal ones of evenly drawn vectors."""
        drawn = vectors[:: 1 + len(vectors) // SAMPLE].astype(np.float64)
        axes = np.linalg.eigh(drawn.T @ drawn)[1][:, ::-1][:, :AXES].astype(np.float32)
        parts = np.empty((axes.shape[1] + 1, len(vectors)), np.float32)
        np.matmul(axes.T, vectors.T, out=parts[:-1])
        parts[-1] = _left(np.einsum("ij,ij->i", vectors, vectors), np.einsum("ij,ij->j", parts[:-1], parts[:-1]))
        return cls(axes, parts)

    def maybe(self, query: Floats, floor: float) -> Positions:
        """Return, ascending, the positions of all whose inner product with the query is `floor` or more, and others."""
        own = query @ self.axes
        whole = np.append(own, _left(query @ query, own @ own)).astype(np.float32)
        return np.flatnonzero(whole @ self.parts >= floor - SLACK).astype(np.int32)


def _left(whole: Floats, part: Floats) -> Floats:
    """Return the lengths of what is left, from squared lengths."""
    left: Floats = np.sqrt(np.maximum(whole - part, 0.0))
    return left

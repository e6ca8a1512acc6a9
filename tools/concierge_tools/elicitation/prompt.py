"""Prompts: a question about one field with answers to offer, and what each candidate would have its seeker answer.

A prompt offers a few values, and "something else" when some candidate has a value that is not offered. Someone who
looks for an item with several of the values names each of them equally often. What someone would answer who looks for
an item without a value is not known: no answer is a true one for it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import Field, Scalar

Chances = NDArray[np.float64]
"""How likely each candidate is to be what is looked for, shape (candidates,)."""


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to offer."""

    value: Scalar
    """A value of the field, or a range of numbers in words."""
    count: int
    """Candidates that it would leave."""
    constraints: tuple[Constraint, ...]
    """What it asks of items."""


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A question about one field, over a fixed sequence of candidates."""

    field: Field
    options: tuple[Option, ...]
    truth: NDArray[np.float64]
    """Shape (answers, candidates): how often a seeker of the candidate who does not err gives the answer. The options
    in order, then "something else" when `open`. A column sums to one, or to zero where the field has no value."""
    open: bool
    """Whether "something else" is one of the answers."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which candidates have a value, shape (candidates,)."""
        return np.asarray(self.truth.any(axis=0), np.bool_)

    def information(self, chances: Chances) -> float:
        """Return the mutual information of candidate and true answer, in bits.

        A candidate without a value leaves the answer open, which tells nothing.
        """
        told = float(chances[self.known].sum())
        if told <= 0:
            return 0.0
        shares = self.truth @ chances / told
        noise = np.where(self.truth > 0, -self.truth * np.log2(np.where(self.truth > 0, self.truth, 1.0)), 0.0)
        doubt = float(noise.sum(axis=0) @ chances) / told
        shares = shares[shares > 0]
        return max(0.0, told * (float(-(shares * np.log2(shares)).sum()) - doubt))

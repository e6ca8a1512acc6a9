"""Belief: how likely each candidate is to be what the user looks for, and how answers by people who err move it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concierge_tools.elicitation.prompt import Chances, Prompt

UNIFORM = 0.1
"""The share of the prior that every candidate gets alike."""


@dataclass(frozen=True, slots=True)
class UserModel:
    """A user who sometimes gives a wrong answer, and sometimes does not know."""

    error: float = 0.03
    """The chance that an answer is wrong; every wrong one is then equally likely."""
    unsure: float = 0.1
    """The chance of "I don't know", whatever is looked for."""

    def likelihood(self, prompt: Prompt) -> NDArray[np.float64]:
        """Return the chance of each answer that someone gives who does answer, shape (answers, candidates).

        Where the field has no value no answer is true, and each counts as a wrong one.
        """
        wrong = prompt.truth == 0
        spread: NDArray[np.float64] = self.error * wrong / np.maximum(wrong.sum(axis=0), 1)
        return (1 - self.error) * prompt.truth + spread


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """A probability for each of a fixed sequence of candidates."""

    chances: Chances
    """Sums to one, unless nothing is possible any more: then all are zero."""

    @classmethod
    def of(cls, weights: ArrayLike) -> Self:
        """Scale weights, shape (candidates,), none negative, to sum to one; all zero stays all zero."""
        chances = np.asarray(weights, np.float64)
        largest = chances.max(initial=0.0)
        if largest <= 0:
            return cls(np.zeros(len(chances)))
        chances = chances / largest  # first, since the sum of very small numbers may be zero
        return cls(chances / chances.sum())

    @classmethod
    def prior(cls, scores: ArrayLike, *, uniform: float = UNIFORM) -> Self:
        """Mix a share for every candidate alike with shares by score.

        Args:
            scores: Popularity or fit to a taste, shape (candidates,); negative and missing ones count as zero.
            uniform: The share that is spread evenly, from 0 to 1; all of it when no score is above zero.
        """
        liking = np.nan_to_num(np.asarray(scores, np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(min=0.0)
        even = np.full(len(liking), 1 / max(1, len(liking)))
        return cls.of(uniform * even + (1 - uniform) * cls.of(liking).chances if liking.any() else even)

    def answered(self, prompt: Prompt, answer: int | None, user: UserModel) -> Self:
        """Return the belief after an answer: a row of the prompt's truth, or None for "I don't know".

        "I don't know" tells nothing: people do not know for other reasons than that the catalog does not. A wrong
        answer is possible, so that none rules a candidate out, unless the user model has no error.
        """
        return self if answer is None else self.of(self.chances * user.likelihood(prompt)[answer])

    def given(self, mask: NDArray[np.bool_]) -> Self:
        """Return the belief once it is certain that only masked candidates can be meant, shape (candidates,)."""
        return self.of(np.where(mask, self.chances, 0.0))

    def without(self, candidates: NDArray[np.int64]) -> Self:
        """Return the belief after a list was refused: the candidates at these indices are out."""
        chances = self.chances.copy()
        chances[candidates] = 0.0
        return self.of(chances)

    def best(self, n: int) -> NDArray[np.int64]:
        """Return the indices of the likeliest candidates that are possible, at most n, ties in their order."""
        order = np.argsort(-self.chances, kind="stable")[:n]
        return order[self.chances[order] > 0]

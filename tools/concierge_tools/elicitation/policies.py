"""Policies: who decides, turn by turn, between a question and a list; ours and the two that it is measured against."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from concierge_tools.data.fields import Scalar
from concierge_tools.elicitation.attribute import Attribute
from concierge_tools.elicitation.belief import Belief, UserModel
from concierge_tools.elicitation.prompt import Prompt
from concierge_tools.elicitation.value import Horizon, value_of_showing, values_of_asking

_LEAST = 1e-9
"""What a question must be worth beyond the alternative; less is a rounding error."""

Move = Prompt | NDArray[np.int64]
"""A question, or the indices of the candidates to show, best first."""


class Policy(Protocol):
    """Decides the moves of one dialogue over a fixed sequence of candidates."""

    def move(self, turn: int) -> Move:
        """Return what to do in a turn, counted from 0."""
        ...

    def heard(self, prompt: Prompt, answer: int | None) -> None:
        """Take in an answer: a row of the prompt's truth, or None for "I don't know"."""
        ...

    def refused(self, shown: NDArray[np.int64]) -> None:
        """Take in that none of the shown candidates is looked for."""
        ...


class ValueOfInformation:
    """Asks while that brings the target sooner into the lists, and rules nothing out by an answer that may be wrong.

    A field is asked about until it is known or the user does not know; after "something else", with other values.
    """

    def __init__(
        self,
        belief: Belief,
        attributes: Sequence[Attribute],
        *,
        user: UserModel | None = None,
        horizon: Horizon | None = None,
    ) -> None:
        """Begin with a belief over candidates and the attributes that may be asked about."""
        self.belief = belief
        self._open = list(attributes)
        self._offered: dict[str, list[Scalar]] = {}
        self._user = user or UserModel()
        self._horizon = horizon or Horizon()

    def move(self, turn: int) -> Move:
        """Return the question of the highest value, or the likeliest candidates when showing them is worth as much."""
        chances, offered = self.belief.chances, self._offered
        asked = [attribute.prompt(chances, refused=offered.get(attribute.field.name, ())) for attribute in self._open]
        prompts = [prompt for prompt in asked if prompt is not None]
        if prompts and turn + 1 < self._horizon.turns:
            values = values_of_asking(self.belief, prompts, self._user, turn=turn, horizon=self._horizon)
            best = int(np.argmax(values))
            if values[best] > value_of_showing(self.belief, turn=turn, horizon=self._horizon) + _LEAST:
                return prompts[best]
        return self.belief.best(self._horizon.shown)

    def heard(self, prompt: Prompt, answer: int | None) -> None:
        """Weigh the candidates by how well the answer suits them."""
        if answer == len(prompt.options):
            self._offered.setdefault(prompt.field.name, []).extend(option.value for option in prompt.options)
        else:
            self._open = _without(self._open, prompt)
        self.belief = self.belief.answered(prompt, answer, self._user)

    def refused(self, shown: NDArray[np.int64]) -> None:
        """Rule out the candidates, since nobody refuses what they look for."""
        self.belief = self.belief.without(shown)


class MaximumEntropy:
    """Asks what tells most in bits and drops whatever contradicts an answer, until few enough candidates are left.

    When none is left it goes on with those that it dropped.
    """

    def __init__(
        self, belief: Belief, attributes: Sequence[Attribute], *, few: int, horizon: Horizon | None = None
    ) -> None:
        """Begin with a belief over candidates and the attributes that may be asked, each once; `few` are just shown."""
        self._prior = belief
        self._fitting = belief.chances > 0
        self._refused = np.zeros(len(belief.chances), np.bool_)
        self._unasked = list(attributes)
        self._few = few
        self._horizon = horizon or Horizon()

    def move(self, turn: int) -> Move:
        """Return the question with the most information about what is left, or the likeliest of it."""
        left = self._fitting & ~self._refused
        if not left.any():
            left = ~self._refused
        belief = self._prior.given(left)
        if left.sum() > self._few and turn + 1 < self._horizon.turns:
            asked = [attribute.prompt(belief.chances) for attribute in self._unasked]
            prompts = [prompt for prompt in asked if prompt is not None]
            gains = [prompt.information(belief.chances) for prompt in prompts]
            if gains and max(gains) > _LEAST:
                return prompts[int(np.argmax(gains))]
        return belief.best(self._horizon.shown)

    def heard(self, prompt: Prompt, answer: int | None) -> None:
        """Keep what has the value; after "something else", drop what has a value that was offered."""
        self._unasked = _without(self._unasked, prompt)
        if answer is None:
            return
        if answer < len(prompt.options):
            self._fitting &= prompt.truth[answer] > 0
        else:
            self._fitting &= ~prompt.truth[:answer].any(axis=0)

    def refused(self, shown: NDArray[np.int64]) -> None:
        """Leave the candidates out of further lists."""
        self._refused[shown] = True


class Greedy:
    """Always shows the likeliest candidates that were not refused, and never asks."""

    def __init__(self, belief: Belief, *, horizon: Horizon | None = None) -> None:
        """Begin with a belief over candidates."""
        self._belief = belief
        self._shown = (horizon or Horizon()).shown

    def move(self, turn: int) -> Move:
        """Return the likeliest candidates, whatever the turn."""
        return self._belief.best(self._shown)

    def heard(self, prompt: Prompt, answer: int | None) -> None:
        """Ignore it: nothing was asked."""

    def refused(self, shown: NDArray[np.int64]) -> None:
        """Leave the candidates out of further lists."""
        self._belief = self._belief.without(shown)


def _without(attributes: Sequence[Attribute], prompt: Prompt) -> list[Attribute]:
    return [attribute for attribute in attributes if attribute.field.name != prompt.field.name]

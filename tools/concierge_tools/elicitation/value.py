"""Value: what showing now is worth, and what it would be worth after one more answer.

The worth of a belief is that of showing its candidates best first, list by list, until the turns are up: what is looked
for counts for more the sooner it is shown. A question costs a turn, and is worth it when the lists after its answer
make up for that on average. What lies beyond the next question is not looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concierge_tools.elicitation.belief import Belief, UserModel
from concierge_tools.elicitation.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Horizon:
    """How many turns there are, how many candidates a list shows, and how much sooner is better."""

    turns: int = 15
    shown: int = 10
    patience: float = 0.95
    """What finding it a turn later is worth of finding it now, above 0 and at most 1."""

    def weights(self, turn: int) -> NDArray[np.float64]:
        """Return the worth of each rank when lists are shown from a turn (counted from 0) to the last."""
        return np.repeat(self.patience ** np.arange(turn, max(turn, self.turns)), self.shown)


def worth(chances: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what showing candidates best first is worth, for each row of chances, which need not sum to one.

    Args:
        chances: Shape (rows, candidates).
        weights: The worth of each rank, best first.
    """
    n = min(chances.shape[1], len(weights))
    if n == 0:
        return np.zeros(len(chances))
    top = chances if n == chances.shape[1] else np.partition(chances, chances.shape[1] - n, axis=1)[:, -n:]
    found: NDArray[np.float64] = np.sort(top, axis=1)[:, ::-1] @ weights[:n]
    return found


def value_of_showing(belief: Belief, *, turn: int, horizon: Horizon) -> float:
    """Return the worth of showing now and from here on."""
    return float(worth(belief.chances[None, :], horizon.weights(turn))[0])


def values_of_asking(
    belief: Belief, prompts: Sequence[Prompt], user: UserModel, *, turn: int, horizon: Horizon
) -> NDArray[np.float64]:
    """Return the expected worth of the belief after each question's answer, shape (prompts,).

    A candidate without a value is counted as lost by the question, unless its seeker errs or does not know anyway. That
    is too dark, but on validation targets fields with gaps were asked too often without it.
    """
    later = horizon.weights(turn + 1)
    unmoved = float(worth(belief.chances[None, :], later)[0])
    moved = [float(worth(user.likelihood(prompt) * belief.chances, later).sum()) for prompt in prompts]
    return (1 - user.unsure) * np.array(moved) + user.unsure * unmoved

"""Dialogues: a policy against a simulated user who has one item in mind, in the ask-or-recommend protocol.

Each turn the policy asks about one field or shows a list; the user answers, now and then wrongly, and leaves with the
item as soon as it is shown. The protocol is that of CRM, EAR and SCPR. The user of this simulation errs evenly over
the wrong answers; how real people err is not known here.
"""

import math
from dataclasses import dataclass

import numpy as np

from concierge_tools.elicitation.belief import UserModel
from concierge_tools.elicitation.policies import Policy
from concierge_tools.elicitation.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a dialogue ended."""

    turn: int | None
    """The turn, from 1, in which the target was shown; None when it never was."""
    rank: int | None
    """Its rank in that list, from 1."""
    asked: int
    """How many questions were asked."""

    def hdcg(self) -> float:
        """Return hierarchical DCG, 1 for the first item of the first list, 0 for a failure.

        As UNICORN's code has it (Deng et al., SIGIR 2021): a rank moves a success between its turn's discount and the
        next one's.
        """
        if self.turn is None or self.rank is None:
            return 0.0
        here, following = 1 / math.log2(self.turn + 1), 1 / math.log2(self.turn + 2)
        return following + (here - following) / math.log2(self.rank + 1)


def reply(prompt: Prompt, target: int, user: UserModel, rng: np.random.Generator) -> int | None:
    """Return a user's answer, as a row of the prompt's truth; None for "I don't know".

    Who looks for a candidate without a value does not know.
    """
    knows, errs, choice = rng.random(3)
    share = prompt.truth[:, target]
    if knows < user.unsure or not share.any():
        return None
    if errs < user.error and (share == 0).any():
        share = (share == 0) / np.count_nonzero(share == 0)
    return min(int(np.searchsorted(np.cumsum(share), choice, side="right")), len(share) - 1)


def converse(policy: Policy, target: int, user: UserModel, *, turns: int, rng: np.random.Generator) -> Outcome:
    """Play one dialogue; `target` is the index of the candidate that the user looks for."""
    asked = 0
    for turn in range(turns):
        move = policy.move(turn)
        if isinstance(move, Prompt):
            asked += 1
            policy.heard(move, reply(move, target, user, rng))
            continue
        found = np.flatnonzero(move == target)
        if len(found):
            return Outcome(turn + 1, int(found[0]) + 1, asked)
        policy.refused(move)
    return Outcome(None, None, asked)

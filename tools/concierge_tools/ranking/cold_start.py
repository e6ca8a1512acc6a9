"""Cold start: items that nobody has touched in a ranking by taste, and lists for people of whom nothing is known."""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from concierge_tools.ranking.ranking import Ranking
from concierge_tools.ranking.scoring import Scoring
from concierge_tools.recommenders.blend import Share, fused
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.recommender import Mask, Profile

COLD_WEIGHT = 0.65
"""What content's word on an untouched item weighs, of what the members of the blend weigh together.

The largest that cost known items nothing on validation; see docs/decisions/0020.
"""
HEAD = 100
"""How many items of a newcomer's list are told apart."""
ALIKE = 0.2
"""From this cosine on two items are so alike that one of them stands for both."""


def with_untouched(
    scoring: Scoring, profile: Profile, content: Content, untouched: Mask, *, weight: float = COLD_WEIGHT
) -> Scoring:
    """Add content's word on the items that no member of a blend can know, for nobody has touched them.

    The rank is content's among all eligible items, so that an untouched item has to suit better than most that people
    know. Where none is eligible, nothing changes and nothing is computed.

    Args:
        scoring: Of the blend's members.
        profile: The taste.
        content: What items are.
        untouched: The items without any interaction, shape (items,).
        weight: What content's word weighs, of what the members weigh together.
    """
    if content.name in scoring.own or not (scoring.eligible & untouched).any() or not content.knows(profile):
        return scoring
    scores = content.scores(profile)
    share = fused(scores, scoring.eligible, weight=weight * max(1, len(scoring.own)))
    if not share.ranks[untouched].any():
        return scoring
    nothing = np.float32(np.nan)
    own = Share(np.where(untouched, share.terms, nothing), np.where(untouched, share.ranks, 0).astype(np.int32))
    basis = f"{scoring.basis}, and {content.name} for items that nobody has touched" if scoring.shares else content.name
    return replace(
        scoring,
        shares={**scoring.shares, content.name: own},
        basis=basis,
        members={**scoring.members, content.name: content},
        own={**scoring.own, content.name: scores},
    )


def told_apart(ranking: Ranking, rows: csr_array) -> Ranking:
    """Put items that are much like one before them behind the others of the first hundred.

    Args:
        ranking: What to reorder; its scores stay with their items.
        rows: Item vectors of length 1, shape (catalog items, terms).
    """
    head = rows[ranking.items[:HEAD]]
    count = head.shape[0]
    alike = np.asarray((head @ head.T).toarray()) > ALIKE
    leading: list[int] = []
    for place in range(count):
        if not alike[place, leading].any():
            leading.append(place)
    if len(leading) == count:
        return ranking
    order = np.concatenate([leading, np.setdiff1d(np.arange(len(ranking)), leading)]).astype(np.intp)
    basis = f"{ranking.basis}, with what is much alike told apart"
    return replace(ranking, items=ranking.items[order], scores=ranking.scores[order], basis=basis)

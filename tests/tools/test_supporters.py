"""The likes that lift an item most are those by which its recommenders weigh it most."""

import numpy as np

from concierge_tools.ranking.supporters import supporters
from concierge_tools.recommenders.recommender import Floats, Profile


class Weights:
    """A linear recommender with one weight per pair of items."""

    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = np.array(rows, np.float32)

    def contributions(self, profile: Profile, item: int) -> Floats:
        column: Floats = self.rows[profile.items, item] * profile.decayed()
        return column


ONE = Weights([[0, 0, 0, 0.1], [0, 0, 0, 0.5], [0, 0, 0, 0.3], [0, 0, 0, 9.0]])
OTHER = Weights([[0, 0, 0, 0.0], [0, 0, 0, 0.2], [0, 0, 0, -1], [0, 0, 0, 9.0]])
ALL = np.arange(4, dtype=np.int32)


def test_items_are_ordered_by_their_weights_on_the_item_and_never_the_item_itself() -> None:
    assert supporters({"one": ONE}, 3, ALL, limit=9) == [1, 2, 0]
    assert supporters({"one": ONE}, 3, ALL, limit=2) == [1, 2]


def test_only_weights_above_zero_count_and_several_members_are_fused() -> None:
    assert supporters({"other": OTHER}, 3, ALL, limit=9) == [1]
    assert supporters({"one": ONE, "other": OTHER}, 3, ALL, without=[1], limit=9) == [2, 0]

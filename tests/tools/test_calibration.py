"""Calibration to the mix of tags that was liked, against its definition in plain Python."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.ranking.calibration import SMOOTHING, calibrate
from concierge_tools.ranking.ranking import Ranking
from concierge_tools.ranking.tags import mix_field, tag_shares
from concierge_tools.recommenders.recommender import Profile

TAGS: list[list[float]] = [[1, 0, 0], [1, 0, 0], [0.5, 0.5, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]]
SHARES = csr_array(np.array(TAGS, np.float32))


def ranking(scores: list[float]) -> Ranking:
    order = sorted(range(len(scores)), key=lambda i: (np.isnan(scores[i]), -scores[i] if scores[i] == scores[i] else 0))
    return Ranking(np.array(order, np.int32), np.array([scores[i] for i in order], np.float32), 9, "als", ("n",))


def fit(items: list[int], wanted: list[float]) -> float:
    """How well a list fits a taste's mix."""
    held = [SMOOTHING * p + sum(TAGS[item][tag] for item in items) for tag, p in enumerate(wanted)]
    return sum(p * math.log2(q) for p, q in zip(wanted, held, strict=True) if p > 0)


def oracle(start: Ranking, wanted: list[float], weight: float) -> list[float]:
    """Place items one by one by the definition, and return the scores they are placed at."""
    left: list[tuple[int, float]] = [(int(i), float(s)) for i, s in zip(start.items, start.scores, strict=True)]
    most = max(fit([item], wanted) - fit([], wanted) for item, _ in left)
    scale = max(abs(score) for _, score in left) / most if most else 0.0
    placed: list[int] = []
    values: list[float] = []
    while left:
        now = [
            (1 - weight) * s + weight * scale * (fit([*placed, item], wanted) - fit(placed, wanted)) for item, s in left
        ]
        best = max(range(len(left)), key=lambda k: (round(now[k], 6), -k))
        values.append(now[best])
        placed.append(left.pop(best)[0])
    return values


@given(
    st.lists(st.integers(-8, 8).map(lambda n: n / 8), min_size=6, max_size=6),
    st.lists(st.sampled_from([0, 2, 3, 5]), min_size=1, max_size=4, unique=True),
    st.sampled_from([0.1, 0.25, 0.5, 1]),
)
def test_each_place_goes_to_what_adds_most(scores: list[float], liked: list[int], weight: float) -> None:
    wanted = [sum(TAGS[item][tag] for item in liked) / len(liked) for tag in range(3)]
    found = calibrate(ranking(scores), SHARES, Profile.of(liked=liked), weight)
    np.testing.assert_allclose(found.scores, oracle(ranking(scores), wanted, weight), atol=1e-5)
    assert sorted(found.items.tolist()) == list(range(6))
    assert (np.diff(found.scores) <= 1e-6).all()


def test_a_half_and_half_taste_gets_both_tags_in_turn() -> None:
    found = calibrate(ranking([1.0, 0.9, 0, 0.5, 0, 0]), SHARES, Profile.of(liked=[0, 3]), 0.9)
    assert {int(item) for item in found.items[:2]} in ({0, 3}, {1, 3}, {2, 0}, {2, 3})
    assert found.basis == "als, calibration 0.9"
    assert (found.matched, found.notes) == (9, ("n",))


def test_without_a_liked_tag_the_order_stays_and_says_so() -> None:
    start = ranking([1.0, 0.9, 0.1, 0, 0, 0])
    for taste in (Profile.empty(), Profile.of(disliked=[0]), Profile.of(liked=[4])):
        found = calibrate(start, SHARES, taste, 0.5)
        assert found.items.tolist() == start.items.tolist()
        assert "No mix of tags" in found.notes[-1]


def test_items_without_a_score_stay_last() -> None:
    found = calibrate(ranking([0.2, 1.0, np.nan, 0.9, np.nan, 0.1]), SHARES, Profile.of(liked=[0, 3]), 1.0)
    assert found.items.tolist()[-2:] == [2, 4]
    assert found.scores[-2:].tolist() == pytest.approx([np.nan, np.nan], nan_ok=True)


def test_a_mix_is_of_the_field_whose_frequent_values_tell_most() -> None:
    fields = [Field("maker", "tags", "tags"), Field("tongue", "tags", "tags"), Field("kind", "tags", "tags")]
    rows: list[Mapping[str, FieldValue]] = [
        {"id": str(i), "title": str(i), "maker": [f"m{i}"], "tongue": ["en"], "kind": [["a", "b", "c"][i % 3]]}
        for i in range(9)
    ]
    catalog = Catalog.of("toy", fields, rows)
    assert mix_field(catalog) == "kind"
    np.testing.assert_allclose(np.asarray(tag_shares(catalog).sum(axis=1)).ravel(), 1)


def test_a_catalog_without_tags_is_mixed_by_category_or_not_at_all() -> None:
    rows: list[Mapping[str, FieldValue]] = [
        {"id": str(i), "title": str(i), "kind": ["x", "y", None][i % 3], "price": float(i)} for i in range(6)
    ]
    catalog = Catalog.of("toy", [Field("kind", "category", "category"), Field("price", "number", "price")], rows)
    assert tag_shares(catalog).toarray().tolist() == [[1, 0], [0, 1], [0, 0]] * 2
    bare = Catalog.of("toy", [Field("price", "number", "price")], [{"id": "1", "title": "1", "price": 1.0}])
    assert mix_field(bare) is None
    assert tag_shares(bare).shape == (1, 1)

"""A sketch passes over vectors, and never over one that is near."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from concierge_tools.recommenders.recommender import Floats
from concierge_tools.text.meaning import SKETCHED, Meanings
from concierge_tools.text.sketch import AXES, Sketch


def vectors(seed: int, many: int, dimensions: int) -> Floats:
    """Draw vectors of length 1 around a few directions, and one without words."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(6, dimensions))[rng.integers(6, size=many)] + rng.normal(size=(many, dimensions))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    drawn[many // 2] = 0
    return drawn.astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([3, AXES, 2 * AXES]), st.floats(0, 1))
def test_no_near_vector_is_missed(seed: int, dimensions: int, floor: float) -> None:
    held = vectors(seed, 200, dimensions)
    query = held[7]

    maybe = Sketch.of(held).maybe(query, floor)

    assert set(np.flatnonzero(held @ query >= floor).tolist()) <= set(maybe.tolist())
    assert maybe.tolist() == sorted(maybe.tolist())


def test_meanings_near_a_query_are_those_that_a_comparison_with_all_finds() -> None:
    held = vectors(5, SKETCHED, 128)
    meanings = Meanings(held, 0.62)
    query = held[11]
    plain = held.astype(np.float64) @ query.astype(np.float64)

    near, cosines = meanings.near(query)

    assert near.tolist() == np.flatnonzero(plain >= 0.62).tolist()
    assert 1 < len(near) < len(Sketch.of(held).maybe(query, 0.62)) < SKETCHED / 2
    np.testing.assert_allclose(cosines, plain[near], atol=1e-6)
    assert cosines.tolist() == meanings.cosines(query, near).tolist()

"""Speed of ALS: fitting it and recommending by it, against implicit."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks import power_law
from benchmarks.pairs import Pair, in_turns
from benchmarks.speed_stores import fitted_store, say
from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import eligible
from concierge_server.state.database import open_database
from concierge_server.subject import subject_of
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.interactions import Interactions
from concierge_tools.ranking.ranking import Ranking
from concierge_tools.recommenders.als import ITERATIONS, Als
from concierge_tools.retrieval import BLEND
from concierge_tools.training.members import SEED, Log, fit_member

INTERACTIONS = 300_000
TURNS = 3
ITEMS = 100_000
USERS = 20_000
ROWS = 500_000
REQUESTS = 20
CONDITIONS = [
    Constraint(field="year", op=">=", value=1970),
    Constraint(field="labels", op="not_contains", value="label a"),
]
"""About two thirds of the items."""


def fitting(_: Path) -> Iterator[Pair]:
    """Fit ALS as `fit` does, from the log, against implicit from the finished matrix."""
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    items, users = power_law.shape(INTERACTIONS)
    log = power_law.draw_log(INTERACTIONS, items, users)
    interactions = Interactions.of(
        [f"{user:06}" for user in log.users], log.items, weights=log.ratings >= 3, times=log.times
    )
    matrix = Log(interactions, items).matrix
    fitted = fit_member(Als.name, Log(interactions, items))
    assert isinstance(fitted, Als)
    factors, regularization = fitted.factors.shape[1], fitted.regularization
    say(f"fitting ALS {2 * TURNS} times")

    def raw(_: int) -> None:
        with threadpool_limits(1, "blas"):
            AlternatingLeastSquares(
                factors=factors, regularization=regularization, alpha=1.0, iterations=ITERATIONS, random_state=SEED
            ).fit(matrix, show_progress=False)

    own, other = in_turns(lambda _: fit_member(Als.name, Log(interactions, items)), raw, turns=TURNS, warm=0)
    size = f"{INTERACTIONS:,} interactions, {users:,} x {items:,}, {factors} factors, {ITERATIONS} iterations"
    yield Pair("ALS in `fit --tune off`, from the log on", "implicit on the finished matrix", size, 1.15, own, other)


def recommending(scratch: Path) -> Iterator[Pair]:
    """Recommend to known users under filters, against implicit's `recommend`."""
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    store = fitted_store(scratch, interactions=ROWS, items=ITEMS, users=USERS)
    artifact = store.load()
    engine = open_database(store.default_state_url)
    with threadpool_limits(1):
        desk = Desk(store, engine, artifact)
        snapshot, log, als = desk.snapshot(), artifact.interactions, artifact.members[Als.name]
        assert log is not None
        assert isinstance(als, Als)
        chosen = np.random.default_rng(7).choice(len(log.user_ids), 400, replace=False).tolist()
        model = AlternatingLeastSquares(
            factors=als.factors.shape[1], regularization=als.regularization, alpha=1.0, num_threads=1
        )
        model.item_factors, model.user_factors = np.array(als.factors), np.zeros((1, als.factors.shape[1]), np.float32)
        matrix: csr_matrix[np.float32] = log.matrix(ITEMS)
        rows = [matrix[user] for user in chosen]

        def raw(call: int) -> None:
            model.recommend(0, rows[call], N=10, filter_already_liked_items=True, recalculate_user=True)

        known = round(float(als.known.mean()) * ITEMS)
        size = f"{ITEMS:,} items ({known:,} with factors), {als.factors.shape[1]} factors, 2 filters, history left out"
        for name, most in ((Als.name, 1.5), (BLEND, None)):
            own, other = in_turns(
                lambda call, name=name: _recommended(desk, snapshot, log.user_ids[chosen[call]], name),
                raw,
                turns=REQUESTS,
                each=10,
                warm=4,
            )
            what = "one ALS recommendation" if name == Als.name else f"  and one of {' + '.join(artifact.blend)}"
            yield Pair(what, "implicit's `recommend`, `recalculate_user`, no filter", size, most, own, other)
    engine.dispose()


def _recommended(desk: Desk, snapshot: Snapshot, user_id: str, model: str) -> Ranking:
    """Do what `recommend_for_user` does before it writes its list."""
    subject = subject_of(desk, snapshot, user_id)
    mask, _ = eligible(snapshot, CONDITIONS, subject=subject)
    return snapshot.retrieval.recommend(subject.profile, mask, model=model)

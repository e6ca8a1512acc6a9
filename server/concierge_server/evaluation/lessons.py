"""Lessons, held out: whether what was taken and refused after earlier requests helps with later ones.

The log stands in for conversations. A row is a lesson: a request for one of the item's values, and what was taken (a
positive) or refused (any other rating). Each user's latest positives are held out of everything, models included; each
is then requested by one of its values and looked for among the items with that value, the best of the base ranking
reordered by lessons. Compared are no lessons, the user's own, those of others (reduced to slots: a value asked for, and
the values of what was taken or refused), and those of others with their outcomes dealt to other requests.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix

from concierge_server.evaluation.statistics import estimate
from concierge_server.evaluation.tables import report_table
from concierge_tools.data.catalog import Catalog
from concierge_tools.errors import InputError
from concierge_tools.evaluation.foresight import hits, ndcg
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.blend import fuse
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.storage.store import Artifact

if TYPE_CHECKING:
    from rich.console import Console

KINDS = ("own", "shared", "shuffled")
LABEL = "lessons held out: a later positive, requested by one of its values"
_HELD_OUT = 5
_FEWEST = 10
_POOL = 100
_SHOWN = 10
_WEIGHTS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3)
_DOUBTS = (5.0, 50.0)

Grid = tuple[float, float]
"""The weight of lessons beside 1 / (60 + rank), and how many lessons the prior is worth."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A user's held-out item, the value it is requested by, and the base ranking's best that have the value."""

    user: int
    target: int
    value: int
    pool: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _World:
    """What is left of the log, as lessons over the catalog's values."""

    traits: csr_array
    """Shape (items, values), 1 where the item has the value."""
    requestable: NDArray[np.int64]
    """Columns of the field that requests are made with."""
    users: NDArray[np.int32]
    items: NDArray[np.int32]
    taken: NDArray[np.bool_]
    learned: NDArray[np.int32]
    """Whose values each row's outcome is said of: the row's own item, or, shuffled, another row's."""

    def having(self, value: int) -> NDArray[np.bool_]:
        """Return, shape (items,), which items have a value."""
        return np.asarray(self.traits[:, [value]].toarray()[:, 0] > 0)

    def counts(self, rows: NDArray[Any], having: NDArray[np.bool_]) -> NDArray[Any]:
        """Return, shape (2, values), how often each was there in what these rows took, and refused, when asked so."""
        asked = rows[having[self.items[rows]]]
        told = (asked[self.taken[asked]], asked[~self.taken[asked]])
        return np.array([np.asarray(self.traits[self.learned[part]].sum(axis=0)).ravel() for part in told])


def measure(artifact: Artifact, *, seed: int, on_progress: Callable[[], object] = lambda: None) -> dict[str, Any]:
    """Choose weights on one half of the users and report the other half, as JSON.

    Raises:
        InputError: The log is too small, has no refusals, or no field of the catalog could be requested.
    """
    rng = np.random.default_rng(seed)
    log, catalog = artifact.interactions, artifact.catalog
    if log is None or not (log.weights == 0).any():
        raise InputError("Lessons are learned from what was taken and what was refused; the log must hold both.")
    traits, requestable = _traits(catalog)
    held = np.zeros(len(log), np.bool_)
    for user in range(len(log.user_ids)):
        rows = np.flatnonzero((log.users == user) & (log.weights > 0))
        if len(rows) >= _FEWEST:
            held[rows[-_HELD_OUT:]] = True
    pairs = {(int(u), int(i)) for u, i in zip(log.users[held], log.items[held], strict=True)}
    if not pairs:
        raise InputError(f"No user has {_FEWEST} positives, so there is nothing to hold out.")
    kept = np.array([(int(u), int(i)) not in pairs for u, i in zip(log.users, log.items, strict=True)])
    world = _World(
        traits, requestable, log.users[kept], log.items[kept], log.weights[kept] > 0, learned=log.items[kept]
    )
    shuffled = _World(traits, requestable, world.users, world.items, world.taken, learned=rng.permutation(world.items))
    tasks = list(_tasks(artifact, world, log.users[held], log.items[held], rng, on_progress))
    gains = {"none": {(0.0, 0.0): [_gain(t, t.pool) for t in tasks]}}
    for kind in KINDS:
        of = shuffled if kind == "shuffled" else world
        gains[kind] = {(weight, doubt): [] for weight, doubt in product(_WEIGHTS, _DOUBTS)}
        total: dict[int, NDArray[Any]] = {}
        for task in tasks:
            having = of.having(task.value)
            own = of.counts(np.flatnonzero(of.users == task.user), having)
            if kind != "own" and task.value not in total:
                total[task.value] = of.counts(np.arange(len(of.users)), having)
            said = own if kind == "own" else total[task.value] - own
            for doubt in _DOUBTS:
                lesson = _lesson(of, task, said, doubt)
                for weight in _WEIGHTS:
                    gains[kind][weight, doubt].append(_gain(task, _reordered(task, weight * lesson)))
            on_progress()
    return _report(log.user_ids, tasks, gains, seed)


def render(console: "Console", body: dict[str, Any]) -> None:
    """Print a report for people."""
    headings = ("weight", "NDCG@10", "HR@10", "NDCG@10 over none", "HR@10 over none")
    table = report_table(body["label"], ("lessons",), headings)
    for name, row in body["lessons"].items():
        over = [f"{d['mean']:+.4f} [{d['low']:+.4f}, {d['high']:+.4f}]" for d in row.get("over_none", {}).values()]
        table.add_row(name, f"{row['weight']:g}", f"{row['ndcg']:.4f}", f"{row['hr']:.4f}", *over)
    console.print(table)
    for measure_name, found in body["shared_over_shuffled"].items():
        console.print(
            f"shared over shuffled, {measure_name}: {found['mean']:+.4f} [{found['low']:+.4f}, {found['high']:+.4f}]"
        )
    console.print(f"{body['test_users']} users, {body['test_requests']} requests. {body['verdict']}")


def _traits(catalog: Catalog) -> tuple[csr_array, NDArray[np.int64]]:
    """Return which item has which value (numbers by quarters), and the columns of the field to request with."""
    names: dict[tuple[str, str], int] = {}
    rows: list[int] = []
    columns: list[int] = []
    fields = [f for f in catalog.fields if f.type in ("category", "tags", "number")]
    for field in fields:
        values = [catalog.value(field.name, position) for position in range(len(catalog))]
        numbers = [v for v in values if isinstance(v, int | float)] if field.type == "number" else []
        edges = np.quantile(numbers, [0.25, 0.5, 0.75]) if numbers else np.zeros(0)
        for position, value in enumerate(values):
            for each in value if isinstance(value, list) else [value]:
                if each is not None:
                    said = str(int(np.searchsorted(edges, float(each)))) if field.type == "number" else str(each)
                    rows.append(position)
                    columns.append(names.setdefault((field.name, said), len(names)))
    asking = [f.name for f in fields if f.type == "tags"] or [f.name for f in fields if f.type == "category"]
    sizes = {name: sum(field == name for field, _ in names) for name in asking}
    if not sizes:
        raise InputError("No field of the catalog has values that a request could name.")
    fewest = min(sizes, key=lambda name: sizes[name])
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(catalog), len(names)))
    return matrix, np.array([column for (field, _), column in names.items() if field == fewest])


def _tasks(
    artifact: Artifact,
    world: _World,
    users: NDArray[np.int32],
    targets: NDArray[np.int32],
    rng: np.random.Generator,
    on_progress: Callable[[], object],
) -> Iterator[_Task]:
    """Rank for each held-out item with models that never saw one."""
    count = len(artifact.catalog)
    positive = world.taken
    cells = (np.ones(int(positive.sum()), np.float32), (world.users[positive], world.items[positive]))
    matrix = csr_matrix(cells, shape=(int(world.users.max()) + 1, count), dtype=np.float32)
    matrix.data[:] = 1
    members = (Als.fit(matrix, seed=0), Neighbours.fit(matrix))
    for user in np.unique(users):
        rows = np.flatnonzero(world.users == user)[::-1]
        history = [int(world.items[row]) for row in rows if world.taken[row]]
        profile = Profile.of(history=history)
        scores = {member.name: member.scores(profile) for member in members}
        unseen = np.ones(count, np.bool_)
        unseen[world.items[rows]] = False
        for target in targets[users == user]:
            values = np.intersect1d(world.traits[[int(target)]].indices, world.requestable)
            if len(values):
                value = int(rng.choice(values))
                fused = fuse(scores, unseen & world.having(value))
                order = np.argsort(-np.nan_to_num(fused, nan=-1.0), kind="stable")[:_POOL]
                yield _Task(int(user), int(target), value, order[~np.isnan(fused[order])])
        on_progress()


def _lesson(world: _World, task: _Task, said: NDArray[Any], doubt: float) -> NDArray[Any]:
    """Return, for each item of the pool, the mean log-odds of its values to be taken on such a request."""
    rows = world.traits[task.pool]
    values, columns = np.unique(rows.indices, return_inverse=True)
    taken, refused = said[:, values]
    usual = (said[0].sum() + 1) / (said.sum() + 2)
    odds = np.log((taken + doubt * usual) / (taken + refused + doubt)) - math.log(usual)
    places = np.repeat(np.arange(len(task.pool)), np.diff(rows.indptr))
    return np.asarray(np.bincount(places, odds[columns], len(task.pool)) / np.maximum(np.diff(rows.indptr), 1))


def _reordered(task: _Task, lesson: NDArray[Any]) -> NDArray[np.int64]:
    """Return the pool by its base score, 1 / (60 + rank), plus its lessons."""
    score = 1 / (60 + np.arange(1, len(task.pool) + 1)) + lesson
    return np.asarray(task.pool[np.argsort(-score, kind="stable")])


def _gain(task: _Task, order: NDArray[np.int64]) -> tuple[float, float]:
    """Return NDCG@10 and HR@10 of one target."""
    found = np.flatnonzero(order == task.target)
    rank = np.array([found[0] + 1.0 if len(found) else np.inf])
    return float(ndcg(rank, _SHOWN)[0]), float(hits(rank, _SHOWN)[0])


def _report(
    user_ids: Sequence[str], tasks: list[_Task], gains: dict[str, dict[Grid, list[tuple[float, float]]]], seed: int
) -> dict[str, Any]:
    validates = np.array([hashlib.sha256(user_ids[task.user].encode()).digest()[0] % 2 == 0 for task in tasks])
    users = np.array([task.user for task in tasks])
    rows: dict[str, Any] = {}
    by_user: dict[str, NDArray[Any]] = {}
    for kind, found in gains.items():
        chosen = max(found, key=lambda grid: float(np.array(found[grid])[validates, 0].mean()))
        tested = np.array(found[chosen])[~validates]
        whose = users[~validates]
        by_user[kind] = np.array([tested[whose == user].mean(axis=0) for user in np.unique(whose)])
        ndcg, hr = by_user[kind].mean(axis=0)
        rows[kind] = {"weight": chosen[0], "doubt": chosen[1], "ndcg": round(ndcg, 4), "hr": round(hr, 4)}
        if kind != "none":
            rows[kind]["over_none"] = _over(by_user[kind], by_user["none"], seed)
    against = _over(by_user["shared"], by_user["shuffled"], seed)
    beats = {
        "shared": all(d["low"] > 0 for d in (*rows["shared"]["over_none"].values(), *against.values())),
        "own": all(d["low"] > 0 for d in rows["own"]["over_none"].values()),
    }
    won = [name for name, beat in beats.items() if beat]
    return {
        "label": LABEL,
        "seed": seed,
        "test_users": len(by_user["none"]),
        "test_requests": int((~validates).sum()),
        "lessons": rows,
        "shared_over_shuffled": against,
        "beats": beats,
        "verdict": f"Worth turning on: {', '.join(won)}." if won else "Neither is worth turning on here.",
    }


def _over(one: NDArray[Any], other: NDArray[Any], seed: int) -> dict[str, dict[str, float]]:
    """Return the mean difference over users of both measures, with its 95% paired bootstrap interval."""
    found = {}
    for column, name in enumerate(("ndcg", "hr")):
        e = estimate([float(d) for d in one[:, column] - other[:, column]], seed=seed, resamples=2000)
        found[name] = {"mean": round(e.mean, 4), "low": round(e.low, 4), "high": round(e.high, 4)}
    return found

"""Elicitation, measured: our policy against maximum entropy and greedy lists, over users who err, on a fitted store.

A target is an item of a positive interaction; that interaction is left out of the popularity which all policies start
from. The dialogue opens with one true attribute value of the target, after which only items with it are candidates.
Items are split in two halves by their ids, whatever the seed: parameters were chosen on targets of the one, and the
other is reported.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from concierge_server.evaluation.tables import report_table
from concierge_server.policy_questions import settled_fields
from concierge_tools.data import filters
from concierge_tools.elicitation.attribute import Attribute, attributes
from concierge_tools.elicitation.belief import Belief, UserModel
from concierge_tools.elicitation.dialogue import Outcome, converse
from concierge_tools.elicitation.policies import Greedy, MaximumEntropy, Policy, ValueOfInformation
from concierge_tools.elicitation.value import Horizon
from concierge_tools.errors import DataError
from concierge_tools.evaluation.bootstrap import Resamples
from concierge_tools.storage.artifact import Artifact

if TYPE_CHECKING:
    from rich.console import Console

Part = Literal["test", "validation"]
OURS = "value of information"
USERS = {
    "0% wrong": UserModel(error=0.0, unsure=0.0),
    "10% wrong": UserModel(error=0.1, unsure=0.0),
    "20% wrong": UserModel(error=0.2, unsure=0.0),
    "20% don't know": UserModel(error=0.0, unsure=0.2),
}
METRICS = ("success", "turns", "hdcg", "asked")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is measured."""

    targets: int = 300
    seed: int = 0
    part: Part = "test"
    turns: int = 15
    shown: int = 10

    @property
    def horizon(self) -> Horizon:
        """The turns and lists that policies reckon with."""
        return Horizon(turns=self.turns, shown=self.shown)


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One dialogue's start, the same for every policy and user."""

    item_id: str
    belief: Belief
    attributes: Sequence[Attribute]
    target: int
    """Index of the target among the candidates."""


def measure(artifact: Artifact, setting: Setting, done: Callable[[], object] = lambda: None) -> dict[str, Any]:
    """Play every policy against every user for each target and return the report as JSON.

    Args:
        artifact: A fitted catalog; its log gives the targets, or all items alike when nobody liked any.
        setting: How many targets, which, and how long the dialogues are.
        done: Called after each target.

    Raises:
        DataError: No item of the half has a field that can be asked about.
    """
    outcomes: dict[tuple[str, str], list[Outcome]] = {}
    for number, task in enumerate(tasks(artifact, setting)):
        for noise, user in USERS.items():
            for name, policy in _policies(task, setting.horizon):
                rng = np.random.default_rng((setting.seed, 2, number))
                found = converse(policy, task.target, user, turns=setting.turns, rng=rng)
                outcomes.setdefault((name, noise), []).append(found)
        done()
    names = list(dict.fromkeys(name for name, _ in outcomes))
    table = np.array([[_numbers(outcomes[name, noise], setting) for noise in USERS] for name in names])
    return {
        "catalog": artifact.config.name,
        "items": len(artifact.catalog),
        **asdict(setting),
        "assumed_by_ours": {**asdict(UserModel()), "patience": setting.horizon.patience},
        **_report(names, table, np.random.default_rng((setting.seed, 3))),
    }


def tasks(artifact: Artifact, setting: Setting) -> Iterator[Task]:
    """Draw targets and open a dialogue for each.

    Raises:
        DataError: No item of the half has a field that can be asked about.
    """
    catalog, policy = artifact.catalog, artifact.config.policy
    eligible = np.flatnonzero(filters.mask(catalog, policy.require)).astype(np.int64)
    settled = settled_fields(policy, catalog)
    asked = [attribute for attribute in attributes(catalog, eligible, known=settled) if attribute.askable()]
    values = [attribute.known() for attribute in asked]
    usable = np.any(values, axis=0) if values else np.zeros(len(eligible), np.bool_)
    half = np.array([zlib.crc32(catalog.ids[i].encode()) % 2 == 0 for i in eligible.tolist()], np.bool_)
    pool = usable & (half if setting.part == "validation" else ~half)
    if not pool.any():
        raise DataError("No item has a field that can be asked about; declare categories, tags or numbers and refit.")
    popularity = artifact.popularity.ever[eligible].astype(np.float64)
    drawn = _targets(artifact, eligible, pool, setting.targets, np.random.default_rng((setting.seed, 0)))
    for number, (target, weight) in enumerate(drawn):
        rng = np.random.default_rng((setting.seed, 1, number))
        choices = [i for i, value in enumerate(values) if value[target]]
        opening = asked[choices[rng.integers(len(choices))]]
        sets = opening.given(target)
        members = sets[rng.integers(len(sets))]
        scores = popularity.copy()
        scores[target] = max(0.0, scores[target] - weight)
        belief = Belief.of(Belief.prior(scores).chances[members])
        left = attributes(catalog, eligible[members], known={*settled, opening.field.name})
        yield Task(catalog.ids[int(eligible[target])], belief, left, int(np.flatnonzero(members == target)[0]))


def _targets(
    artifact: Artifact, eligible: NDArray[np.int64], pool: NDArray[np.bool_], n: int, rng: np.random.Generator
) -> Iterator[tuple[int, float]]:
    """Yield indices into the eligible items, with what their drawn interaction adds to their popularity."""
    log = artifact.interactions
    if log is not None and artifact.popularity.known:
        place = np.full(len(artifact.catalog), -1)
        place[eligible[pool]] = np.flatnonzero(pool)
        positives = log.matrix(len(artifact.catalog)).tocoo()
        rows = np.flatnonzero((positives.data > 0) & (place[positives.col] >= 0))
        if len(rows):
            for row in rng.choice(rows, size=n).tolist():
                yield int(place[positives.col[row]]), float(positives.data[row])
            return
    for target in rng.choice(np.flatnonzero(pool), size=n).tolist():
        yield int(target), 0.0


def _policies(task: Task, horizon: Horizon) -> Iterator[tuple[str, Policy]]:
    yield "greedy", Greedy(task.belief, horizon=horizon)
    broad = [attribute for attribute in task.attributes if attribute.askable()]  # it does worse with the others
    yield "maximum entropy", MaximumEntropy(task.belief, broad, few=horizon.shown, horizon=horizon)
    # not the published one, but better: it stops asking as soon as the lists of all turns hold what is left
    few = horizon.shown * horizon.turns
    yield "maximum entropy, brief", MaximumEntropy(task.belief, broad, few=few, horizon=horizon)
    yield OURS, ValueOfInformation(task.belief, task.attributes, horizon=horizon)


def _numbers(outcomes: Sequence[Outcome], setting: Setting) -> list[list[float]]:
    """Return one row per dialogue, one column per metric; a failure takes all turns."""
    return [[float(o.turn is not None), float(o.turn or setting.turns), o.hdcg(), float(o.asked)] for o in outcomes]


def _report(names: Sequence[str], table: NDArray[np.float64], rng: np.random.Generator) -> dict[str, Any]:
    """Return means with 95% intervals; every policy is resampled over the same targets.

    Args:
        names: The policies, ours last.
        table: Shape (policies, users, targets, metrics).
        rng: Draws the resamples.
    """
    resamples = Resamples.of(np.arange(table.shape[2]), rng)

    def estimate(values: NDArray[np.float64]) -> dict[str, float]:
        return resamples.estimate(values, digits=4)

    rows = [
        {"policy": name, "user": noise} | {metric: estimate(table[p, u, :, m]) for m, metric in enumerate(METRICS)}
        for p, name in enumerate(names)
        for u, noise in enumerate(USERS)
    ]
    margins = []
    for u, noise in enumerate(USERS):
        best = int(np.argmax(table[:-1, u, :, 0].mean(axis=1)))
        gain = estimate(table[-1, u, :, 0] - table[best, u, :, 0])
        margins.append({"user": noise, "over": names[best], "success": gain})
    return {"rows": rows, "margins": margins}


def render(console: "Console", body: dict[str, Any]) -> None:
    """Print a report for people."""
    from rich.text import Text

    title = f"{body['catalog']}: ask or show, {body['targets']} {body['part']} targets, seed {body['seed']}"
    table = report_table(title, ("policy", "user"), (f"SR@{body['turns']}", "95%", "AT", "hDCG", "asked"))
    for row in body["rows"]:
        success = row["success"]
        interval = f"{success['low']:.3f}-{success['high']:.3f}"
        means = (f"{row['turns']['mean']:.2f}", f"{row['hdcg']['mean']:.3f}", f"{row['asked']['mean']:.1f}")
        cells = (row["policy"], row["user"], f"{success['mean']:.3f}", interval, *means)
        table.add_row(*map(Text, cells), style="bold" if row["policy"] == OURS else "")
    console.print(table)
    for margin in body["margins"]:
        gain = margin["success"]
        console.print(
            f"{margin['user']}: {100 * gain['mean']:+.1f} points of SR over {margin['over']} "
            f"(95% interval {100 * gain['low']:+.1f} to {100 * gain['high']:+.1f}, paired)."
        )
    console.print(
        f"{body['turns']} turns, lists of {body['shown']}; a failure counts as {body['turns']} turns. "
        "The user is simulated and opens with one true value of the target."
    )

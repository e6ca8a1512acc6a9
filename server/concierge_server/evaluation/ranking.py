"""Ranking by the model, measured: against the retrieval's order, with one sample or several, with more variety or less.

Each user's last positive is held out and the recommenders are trained anew without it, on a store of their own. The
model gets the candidates and what is known of the user as in a conversation; it plans and words nothing here.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from concierge_agent.ballots import borda
from concierge_agent.brain import Brain, Ranker, TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.errors import BrainError
from concierge_agent.ranking import fetch, slate, valid
from concierge_agent.tools import Toolbox
from concierge_agent.trace import RankingSettings
from concierge_agent.values import CatalogDescription
from concierge_server.evaluation.statistics import estimate
from concierge_server.evaluation.tables import report_table
from concierge_tools.errors import DataError
from concierge_tools.evaluation.foresight import hits, ndcg
from concierge_tools.evaluation.lists import diversity
from concierge_tools.evaluation.splits import leave_last_out
from concierge_tools.fit import refit
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.store import Store

if TYPE_CHECKING:
    from rich.console import Console

K = 10
"""Lists are judged by so many of their first items."""
RETRIEVAL, MODEL = "retrieval", "model"
LEAST_POSITIVES = 5
"""Users with fewer are not asked about: there is too little left to know them by."""
_WORDS = "Recommend me something I would like."
_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Setting:
    """What is compared, on how many users."""

    targets: int = 100
    candidates: int = 100
    samples: tuple[int, ...] = (1,)
    variety: tuple[float, ...] = (0.0,)
    seed: int = 0
    reachable: bool = False
    """Whether to leave out users whose item is not among the candidates, of whom no order can tell anything."""


@dataclass(slots=True)
class Outcomes:
    """What came of one way to order, one number per user, and what it took."""

    order: str
    samples: int
    variety: float
    hits: list[float] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    unlikeness: list[float] = field(default_factory=list)
    named: int = 0
    invalid: int = 0
    failed: int = 0
    model_calls: int = 0
    tokens: int = 0

    def score(self, ids: Sequence[str], target: str, artifact: Artifact) -> None:
        """Add one user's list, judged by where its target stands and how unlike its items are."""
        rank = np.array([float(ids.index(target) + 1) if target in ids else np.inf])
        self.hits.append(float(hits(rank, K)[0]))
        self.gains.append(float(ndcg(rank, K)[0]))
        shown = np.array([artifact.catalog.position(item_id) for item_id in ids[:K]], np.int32)
        self.unlikeness.append(float(diversity([shown], artifact.content.rows)[0]))


async def measure(
    artifact: Artifact, new_brain: Callable[[], Brain | None], setting: Setting, done: Callable[[], object]
) -> dict[str, Any]:
    """Order every user's candidates in every way and return the report as JSON.

    Args:
        artifact: A fitted catalog whose log says whom to ask about.
        new_brain: Returns a brain with a budget of its own; one that is no `Ranker` leaves the retrieval alone.
        setting: How many users and candidates, and what is compared.
        done: Called after each user.

    Raises:
        DataError: Nobody in the log has enough positives to hold one out, or nobody's is among the candidates.
    """
    log = artifact.interactions
    held = leave_last_out(log, fewest=LEAST_POSITIVES, most=setting.targets, seed=setting.seed) if log else None
    if log is None or held is None or not len(held.users):
        raise DataError(f"No user of the log has {LEAST_POSITIVES} positives, so that none can be held out.")
    ways = {
        (samples, variety): Outcomes(MODEL if samples else RETRIEVAL, samples, variety)
        for variety in setting.variety
        for samples in (0, *(setting.samples if isinstance(new_brain(), Ranker) else ()))
    }
    reached = 0
    with TemporaryDirectory(prefix="concierge-evaluate-") as folder:
        refit(artifact, held.train, Store(Path(folder)))
        async with _tools(Path(folder)) as (new_toolbox, catalog):
            for user, position in zip(held.users.tolist(), held.targets.tolist(), strict=True):
                user_id, target = log.user_ids[user], artifact.catalog.ids[position]
                found: dict[float, list[dict[str, Any]]] = {}
                for variety in setting.variety:
                    found[variety] = await _candidates(new_toolbox(), user_id, variety, setting.candidates)
                reaches = any(row["id"] == target for row in found[setting.variety[0]])
                reached += reaches
                if setting.reachable and not reaches:
                    done()
                    continue
                for (samples, variety), outcomes in ways.items():
                    ids = [row["id"] for row in found[variety]]
                    if samples:
                        ranking = RankingSettings(candidates=setting.candidates, samples=samples, variety=variety)
                        conversation = Conversation(id="evaluation", user_id=user_id)
                        context = TurnContext(_WORDS, conversation, catalog, new_toolbox(), ranking=ranking)
                        ids = await _ordered(new_brain(), context, found[variety], outcomes)
                    outcomes.score(ids, target, artifact)
                done()
    if setting.reachable and not reached:
        raise DataError(f"Of {len(held.users)} users none has the held-out item among the candidates; ask more users.")
    report = asdict(setting) | {"catalog": artifact.config.name, "targets": len(held.users), "k": K}
    rows = [_row(way, ways[0, way.variety], setting.seed) for way in ways.values()]
    return {**report, "among_candidates": reached, "rows": rows}


@asynccontextmanager
async def _tools(folder: Path) -> AsyncIterator[tuple[Callable[[], Toolbox], CatalogDescription]]:
    """Open a store's tools; yield what makes a toolbox with its own record of calls, and the catalog's description."""
    from mcp import Client

    from concierge_server.mcp_server import build_server
    from concierge_server.opening import open_desk

    with open_desk(folder) as desk:
        async with Client(build_server(desk)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            described = await Toolbox(client, tools).call("describe_catalog", {}, step="open")
            yield lambda: Toolbox(client, tools), CatalogDescription.model_validate(described)


async def _candidates(toolbox: Toolbox, user_id: str, variety: float, limit: int) -> list[dict[str, Any]]:
    arguments = {"user_id": user_id, "diversity": variety, "n": 1}
    found = await toolbox.call("recommend_for_user", arguments, step="s1")
    return (await fetch(toolbox, found["candidates"], (), limit))[1]


async def _ordered(
    brain: Brain | None, context: TurnContext, rows: list[dict[str, Any]], outcomes: Outcomes
) -> list[str]:
    """Return the candidates as the model orders them; as they are, when it fails."""
    ids = [row["id"] for row in rows]
    if brain is None or not isinstance(brain, Ranker):
        return ids
    try:
        ballots = valid(await brain.rank(await slate(context, rows)), rows, [])
    except BrainError:
        outcomes.failed += 1
        return ids
    finally:
        usage = brain.take_usage()
        outcomes.model_calls += usage.model_calls
        outcomes.tokens += usage.input_tokens + usage.output_tokens
    outcomes.named += sum(ballot.named for ballot in ballots)
    outcomes.invalid += sum(ballot.named - len(ballot.ids) for ballot in ballots)
    return list(borda(ballots, ids))


def _row(way: Outcomes, retrieval: Outcomes, seed: int) -> dict[str, Any]:
    """Return one way's means with 95% intervals; `gain` is its NDCG less the retrieval's, user by user."""

    def mean(values: Sequence[float]) -> dict[str, float]:
        found = estimate(values, seed=seed, resamples=_RESAMPLES)
        return {name: round(value, 4) for name, value in asdict(found).items()}

    return {
        "order": way.order,
        "samples": way.samples,
        "variety": way.variety,
        "hit_rate": mean(way.hits),
        "ndcg": mean(way.gains),
        "gain": mean([one - other for one, other in zip(way.gains, retrieval.gains, strict=True)]),
        "unlikeness": mean(way.unlikeness),
        "invalid": round(way.invalid / way.named, 4) if way.named else None,
        "failed": way.failed,
        "model_calls": way.model_calls,
        "tokens": way.tokens,
    }


def render(console: "Console", body: dict[str, Any]) -> None:
    """Print a report for people."""
    from rich.text import Text

    title = f"{body['catalog']}: {body['candidates']} candidates of {body['targets']} users, seed {body['seed']}"
    measures = (f"HR@{K}", f"NDCG@{K}", "NDCG gain, 95%", "unlikeness")
    table = report_table(title, ("order",), ("samples", "variety", *measures, "invalid", "failed", "calls", "tokens"))
    for row in body["rows"]:
        gain = row["gain"]
        model = row["order"] == MODEL
        cells = (
            row["order"],
            str(row["samples"]) if model else "",
            f"{row['variety']:g}",
            f"{row['hit_rate']['mean']:.3f}",
            f"{row['ndcg']['mean']:.3f}",
            f"{gain['mean']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})" if model else "",
            f"{row['unlikeness']['mean']:.3f}",
            f"{100 * row['invalid']:.1f}%" if row["invalid"] is not None else "",
            *((f"{row['failed']}", f"{row['model_calls']:,}", f"{row['tokens']:,}") if model else ("", "", "")),
        )
        table.add_row(*map(Text, cells))
    console.print(table)
    counted = "only they are counted" if body["reachable"] else "no order reaches more"
    reached = f"{body['among_candidates']} of {body['targets']} users"
    console.print(
        f"The held-out item is among the candidates of {reached}; {counted}. The recommenders were trained without it. "
        "Unlikeness is the mean of 1 - cosine over a list's pairs."
    )

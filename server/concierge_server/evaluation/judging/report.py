"""The report on explanations: mean scores, and whether corrupted ones score lower, pair by pair."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import TYPE_CHECKING, Any

from concierge_server.evaluation.generated.oracle import Oracle
from concierge_server.evaluation.judging.cases import CORRUPTIONS, Case, corrupted
from concierge_server.evaluation.judging.rules import DIMENSIONS, Scores
from concierge_server.evaluation.statistics import estimate
from concierge_server.evaluation.tables import report_table

if TYPE_CHECKING:
    from rich.console import Console

Judge = Callable[[Sequence[Case]], Awaitable[list[Scores]]]
_RESAMPLES = 2000


async def compare(cases: Sequence[Case], oracle: Oracle, judge: Judge, *, name: str, seed: int) -> dict[str, Any]:
    """Judge the cases and their corrupted versions, and return the means and the share of pairs in the right order.

    A pair is right when the original scores higher in the sum of the four; ties count as wrong. Corruptions that left
    a text as it was are not paired.
    """
    rng = random.Random(seed)  # noqa: S311  (chooses corruptions, nothing secret)
    scored = await judge(cases)
    body: dict[str, Any] = {
        "judge": name,
        "explanations": len(cases),
        "scores": {
            d: asdict(estimate([s[d] for s in scored], seed=seed, resamples=_RESAMPLES)) for d in DIMENSIONS if scored
        },
        "corruptions": {},
    }
    for corruption in CORRUPTIONS:
        worse = [corrupted(case, corruption, cases, oracle, rng) for case in cases]
        pairs = [n for n, (case, other) in enumerate(zip(cases, worse, strict=True)) if case.text != other.text]
        if not pairs:
            continue
        lower = await judge([worse[n] for n in pairs])
        both = [(scored[n], low) for n, low in zip(pairs, lower, strict=True)]
        right = [float(sum(high.values()) > sum(low.values())) for high, low in both]
        body["corruptions"][corruption] = {
            "pairs": len(pairs),
            "right": asdict(estimate(right, seed=seed, resamples=_RESAMPLES)),
            "by_dimension": {
                d: {
                    "mean": fmean(low[d] for _, low in both),
                    "higher": fmean(high[d] > low[d] for high, low in both),
                    "not_lower": fmean(high[d] >= low[d] for high, low in both),
                }
                for d in DIMENSIONS
            },
        }
    return body


def render_report(console: "Console", body: dict[str, Any]) -> None:
    """Print a report for people."""
    table = report_table("Explanations", ("",), (*DIMENSIONS, "pairs in order"))
    table.add_row("as given", *(f"{body['scores'][d]['mean']:.2f}" for d in DIMENSIONS), "")
    for name, row in body["corruptions"].items():
        cells = [
            f"{row['by_dimension'][d]['mean']:.2f} ({row['by_dimension'][d]['higher']:.0%} lower)" for d in DIMENSIONS
        ]
        right = row["right"]
        interval = f"{right['mean']:.1%} ({right['low']:.1%} to {right['high']:.1%}) of {row['pairs']}"
        table.add_row(name, *cells, interval)
    console.print(table)
    console.print(f"{body['explanations']} explanations, judge {body['judge']}; scores from 1 to 5.")

"""The page's figures: which plots there are and what each shows."""

from collections.abc import Iterator, Sequence
from typing import Any

from concierge_server.evaluation.page.markup import Markup, element
from concierge_server.evaluation.page.plots import Group, Mark, Point, bars, intervals, scatter
from concierge_server.evaluation.page.summary import chosen_row, direction, named

_STYLES = {"als, no recency": "als", "popularity": "popularity"}


def figures(body: dict[str, Any]) -> Iterator[Markup]:
    """Yield every figure of a report."""
    main, bases = body["main"], body["bases"]
    rows = sorted(body["rows"], key=lambda row: -row[main]["mean"])
    level = next(row for row in rows if row["system"] == bases[0])[main]["mean"]
    yield _figure(
        f"{main} of every model",
        f"Each dot is a mean over users, its line the 95% interval. The dashed line is {named(bases[0])}.",
        intervals(
            [_mark(row["system"], row[main], _style(row)) for row in rows],
            axis=f"{main}, higher is better",
            alt=_listed(f"{main} with 95% intervals", [(row["system"], row[main]["mean"]) for row in rows]),
            reference=level,
        ),
    )
    others = [row for row in rows if bases[0] in row["over"]]
    if others:
        yield _figure(
            f"Difference from {named(bases[0])}, user by user",
            "Green lies above zero beyond chance, red below; for grey ones chance may explain the difference.",
            intervals(
                [
                    _mark(row["system"], gain := row["over"][bases[0]][main], direction(gain, enough=body["enough"]))
                    for row in others
                ],
                axis=f"difference in {main}",
                alt=_listed(
                    f"Difference in {main} from {named(bases[0])}",
                    [(row["system"], row["over"][bases[0]][main]["mean"]) for row in others],
                ),
                reference=0.0,
            ),
        )
    for metric, words in (
        ("coverage", "Further right, more of the catalog gets to be seen."),
        ("novelty", "Further right, the items shown are less known; 1 bit is half as many people."),
    ):
        yield _figure(
            f"Accuracy against {metric}",
            f"{words} Up is more accurate. Top right would be best.",
            scatter(
                [Point(row["system"], row[metric]["mean"], row[main]["mean"], _style(row)) for row in rows],
                x_axis=metric,
                y_axis=main,
                alt=_listed(f"{main} against {metric}", [(row["system"], row[metric]["mean"]) for row in rows]),
            ),
        )
    yield from _slices(body)


def _slices(body: dict[str, Any]) -> Iterator[Markup]:
    main = body["main"]
    shown = [*reversed(body["bases"]), chosen_row(body)["system"]]
    for kind in dict.fromkeys(row["kind"] for row in body["slices"]):
        rows = [row for row in body["slices"] if row["kind"] == kind]
        groups = [
            Group(
                f"{row['slice']} ({row['users']:,} users{'' if row['enough'] else ': too few to decide'})",
                [
                    _mark(name, row[main][name], "chosen" if name == shown[-1] else _STYLES.get(name, "plain"))
                    for name in dict.fromkeys(shown)
                ],
                faint=not row["enough"],
            )
            for row in rows
        ]
        yield _figure(
            f"{main} by {kind}",
            f"{_KINDS.get(kind, '')} Lines are 95% intervals; pale groups have too few users to decide anything.",
            bars(
                groups,
                axis=f"{main}, higher is better",
                alt=_listed(f"{main} by {kind}", [(row["slice"], row[main][shown[-1]]["mean"]) for row in rows]),
            ),
        )


_KINDS = {
    "history length": "How many likes of the user the models knew.",
    "item popularity": "How popular the item to find was in the training part.",
    "time gap": "How long after the like before it. Likes that are seconds apart often follow a page's order.",
}


def _figure(title: str, words: str, plot: Markup) -> Markup:
    return element("figure", element("figcaption", element("strong", title), words), plot)


def _mark(label: str, found: dict[str, float], style: str) -> Mark:
    return Mark(label, found["mean"], found["low"], found["high"], style)


def _style(row: dict[str, Any]) -> str:
    return "chosen" if row["chosen"] else _STYLES.get(row["system"], "plain")


def _listed(what: str, values: Sequence[tuple[str, float]]) -> str:
    return f"{what}: " + ", ".join(f"{name} {value:.4f}" for name, value in values) + "."

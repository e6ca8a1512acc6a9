"""`concierge evaluate models` for people: the report as tables."""

from typing import TYPE_CHECKING, Any

from concierge_server.evaluation.tables import report_table

if TYPE_CHECKING:
    from rich.console import Console

_METRICS = ("HR@10", "NDCG@10", "MRR")
_BEYOND = ("coverage", "novelty", "diversity", "miscalibration")
NOTE = "Every item the user did not have is ranked; nothing was sampled. Simulated on the log: no user was asked."


def render(console: "Console", body: dict[str, Any]) -> None:
    """Print a report."""
    from rich.text import Text

    base = body["bases"][0]
    title = (
        f"{body['catalog']}: what users chose next, split {body['split']}, seeds {', '.join(map(str, body['seeds']))}"
    )
    headings = (*_METRICS, f"over {base}", "95%", "coverage", "novelty", "diversity", "miscal.", "ms p50", "p99")
    table = report_table(title, ("system",), (*headings, "fit s", "MB"))
    for row in body["rows"]:
        cells = [row["system"], *(f"{row[metric]['mean']:.4f}" for metric in _METRICS)]
        gain = row["over"].get(base, {}).get(body["main"])
        cells += [f"{gain['mean']:+.4f}", f"{gain['low']:+.4f} to {gain['high']:+.4f}"] if gain else ["", ""]
        cells += [f"{row[key]['mean']:.2f}" for key in _BEYOND]
        cells += [f"{row['milliseconds'][at]:.2f}" for at in ("p50", "p99")]
        cells.append("" if row["fit_seconds"] is None else f"{row['fit_seconds']:.2f}")
        cells.append("" if row["bytes"] is None else f"{row['bytes'] / 1e6:.2f}")
        table.add_row(*map(Text, cells), style="bold" if row["chosen"] else "")
    console.print(table)
    for chosen in body["chosen"]:
        ranker = chosen["ranker"]
        last = f"; the learned ranker is {'' if ranker['used'] else 'not '}used: {ranker['reason']}" if ranker else ""
        console.print(Text(f"seed {chosen['seed']}: {chosen['reason']}{last}"))
    _slices(console, body)
    for warning in body["warnings"]:
        console.print(Text(warning["text"], style="yellow"))
    console.print(f"{body['targets']:,} targets of {body['users']:,} users. {NOTE}")
    console.print("Intervals are over users; --json and --report have that of every figure.")


def _slices(console: "Console", body: dict[str, Any]) -> None:
    from rich.text import Text

    main, base = body["main"], body["bases"][0]
    chosen = next(row["system"] for row in body["rows"] if row["chosen"])
    systems = list(dict.fromkeys((*reversed(body["bases"]), chosen)))
    slices = report_table(f"{main} by slice", ("", "slice"), ("users", *systems, f"{chosen} over {base}, 95%"))
    for row in body["slices"]:
        gain = row[f"over {base}"][chosen]
        told = f"{gain['mean']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f})"
        means = (f"{row[main][name]['mean']:.4f}" for name in systems)
        cells = (row["kind"], row["slice"], f"{row['users']:,}", *means, told if row["enough"] else "too few to decide")
        slices.add_row(*map(Text, cells))
    console.print(slices)

"""`concierge evaluate models` for people: the report as a table."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_METRICS = ("HR@10", "NDCG@10", "MRR")
_BEYOND = ("coverage", "novelty", "diversity", "miscalibration", "milliseconds")
NOTE = "Every item the user did not have is ranked; nothing was sampled. Simulated on the log: no user was asked."


def render(console: "Console", body: dict[str, Any]) -> None:
    """Print a report."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = (
        f"{body['catalog']}: what users chose next, split {body['split']}, seeds {', '.join(map(str, body['seeds']))}"
    )
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", title_style="bold", expand=False)
    table.add_column("system", no_wrap=True)
    for heading in (*_METRICS, f"over {body['base']}", "95%", "coverage", "novelty", "diversity", "miscal.", "ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in body["rows"]:
        gain = row["gain"]
        base = row["system"] == body["base"]
        cells = [row["system"], *(f"{row[metric]['mean']:.4f}" for metric in _METRICS)]
        cells += ["", ""] if base else [f"{gain['mean']:+.4f}", f"{gain['low']:+.4f} to {gain['high']:+.4f}"]
        cells += [f"{row[key]:.2f}" for key in _BEYOND]
        table.add_row(*map(Text, cells), style="bold" if row["system"].startswith("blend") else "")
    console.print(table)
    for chosen in body["chosen"]:
        console.print(Text(f"seed {chosen['seed']}: {chosen['reason']}"))
    slices = Table(
        box=box.SIMPLE_HEAD, title="NDCG@10 by slice", title_justify="left", title_style="bold", expand=False
    )
    slices.add_column("slice", no_wrap=True)
    systems = list(body["slices"][0]["NDCG@10"]) if body["slices"] else []
    for heading in ("targets", *systems):
        slices.add_column(heading, justify="right", no_wrap=True)
    for row in body["slices"]:
        slices.add_row(row["slice"], f"{row['targets']:,}", *(f"{row['NDCG@10'][name]:.4f}" for name in systems))
    console.print(slices)
    for warning in body["warnings"]:
        console.print(Text(warning, style="yellow"))
    console.print(f"{body['targets']:,} targets. {NOTE}")

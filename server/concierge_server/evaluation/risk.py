"""`concierge evaluate risk` for people: the report as a table per level."""

from typing import TYPE_CHECKING, Any

from concierge_server.evaluation.tables import report_table

if TYPE_CHECKING:
    from rich.console import Console

NOTE = (
    "Risk: unwanted items shown / items requested, over what users did judge later on; what they did not judge is left "
    "out of these lists, and counts as no loss in those of the whole catalog. The bound is on the mean over users, not "
    "on each one."
)


def render(console: "Console", body: dict[str, Any]) -> None:
    """Print a report."""
    from rich.text import Text

    n, users = body["n"], body["users"]
    ndcg = f"NDCG@{n}"
    for one in body["levels"]:
        title = f"{body['catalog']}: at most {one['level']:g} of a list of {n} unwanted, {body['splits']:,} splits"
        headings = ("risk", "±", "5% to 95%", "splits over", "shown", "empty", ndcg, "catalog: risk", "shown", ndcg)
        table = report_table(title, ("system",), headings)
        for row in one["rows"]:
            whole = row["whole"]
            cells = [
                row["system"],
                f"{row['risk']:.4f}",
                f"{row['error']:.4f}",
                f"{row['low']:.3f} to {row['high']:.3f}",
                f"{row['over']:.0%}",
                f"{row['length']:.2f}",
                f"{row['empty']:.1%}",
                f"{row[ndcg]:.4f}",
                f"{whole['risk']:.4f}",
                f"{whole['length']:.2f}",
                f"{whole[ndcg]:.4f}",
            ]
            over = row["risk"] > one["level"] and not row["kept"]
            table.add_row(*map(Text, cells), style="red" if over else "bold" if "served" in row["system"] else "")
        console.print(table)
    console.print(
        f"Trained on {users['trained']:,} users; in each split {users['calibrating']:,} others calibrate and "
        f"{users['tried']:,} are tried. {body['negatives']:.1%} of what was judged was unwanted. {NOTE}",
        highlight=False,
    )

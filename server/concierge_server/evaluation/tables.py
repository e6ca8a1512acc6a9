"""The terminal's tables: every report of `concierge evaluate` looks alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def report_table(title: str, names: Sequence[str], numbers: Sequence[str] = ()) -> "Table":
    """Return an empty table with columns of names at the left and of numbers at the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", title_style="bold", expand=False)
    for heading in names:
        table.add_column(heading, no_wrap=True)
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    return table

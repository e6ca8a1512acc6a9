"""Prompt templates for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from concierge_server.terminal.wording import line

if TYPE_CHECKING:
    from concierge_agent.prompts.library import Prompts
    from concierge_agent.prompts.templates import Template


def render_templates(console: Console, prompts: "Prompts", templates: "Sequence[Template]") -> None:
    """Print a line per template, what it is for below its name, and what all of them together are told by."""
    table = Table(box=box.SIMPLE_HEAD, expand=False)
    for heading in ("name", "version", "scenario"):
        table.add_column(heading, no_wrap=True)
    table.add_column("characters", justify="right", no_wrap=True)
    table.add_column("what for, and its slots", overflow="fold")
    for template in templates:
        about = Text(line(template.front.description))
        if template.slots:
            about.append(f" Slots: {', '.join(template.slots)}.", style="dim")
        if template.path is not None:
            about.append(f" From {line(template.path)}.", style="yellow")
        cells = (template.name, str(template.version), template.front.scenario, f"{len(template.text):,}")
        table.add_row(*(Text(line(cell)) for cell in cells), about)
    console.print(table)
    console.print(
        Text(f"persona {line(prompts.tone)}, {len(prompts.seeds)} demonstrations, digest {prompts.digest}", style="dim")
    )

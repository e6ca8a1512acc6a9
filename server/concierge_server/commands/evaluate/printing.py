"""How a report reaches its reader."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console


def print_report(
    body: dict[str, Any], render: "Callable[[Console, dict[str, Any]], None]", *, as_json: bool, width: int = 120
) -> None:
    """Print a report as JSON, or as `render` shows it, where no terminal says otherwise `width` columns wide."""
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, width)
    render(console, body)

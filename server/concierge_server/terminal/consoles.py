"""The consoles of stdout and stderr, wide enough for what goes through a pipe."""

import io
import shutil
import sys

from rich.console import Console

PIPED_WIDTH = 120
"""Columns of what goes to a file or a pipe: enough for a table of items."""


def consoles() -> tuple[Console, Console]:
    """Return the consoles of stdout and stderr; what their encoding lacks is replaced, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    console = Console(highlight=False)
    if console.is_dumb_terminal:  # Rich takes every dumb terminal for 80 columns
        console.width = shutil.get_terminal_size().columns
    elif not console.is_terminal:
        console.width = max(console.width, PIPED_WIDTH)
    return console, Console(stderr=True, highlight=False)

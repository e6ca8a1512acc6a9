"""`concierge serve`: the tools over MCP."""

import os
import signal
from pathlib import Path

import click

from concierge_server.exits import guarded

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
@click.option("--http", is_flag=True, help="Serve streamable HTTP at /mcp instead of stdio.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: a loopback address.")
@click.option("--port", default=8765, show_default=True, help="With --http; 0 takes a free one.")
def serve(store: Path | None, http: bool, host: str, port: int) -> None:
    """Serve the tools over MCP. Standard output carries the protocol alone; messages go to standard error."""
    if host not in LOOPBACK:
        raise click.UsageError(
            f"--host {host} would let others in, and the server does not check who calls. Use a loopback address; "
            "put a proxy with authentication in front of it to serve others."
        )
    with guarded():
        _serve(store, http=http, host=host, port=port)


def _leave(_number: int, _frame: object) -> None:
    """Leave at once: a thread waits on standard input, and what was acknowledged is on disk already."""
    os._exit(0)


def _serve(store: Path | None, *, http: bool, host: str, port: int) -> None:
    from concierge_server.http import serve_http
    from concierge_server.mcp_server import build_server
    from concierge_server.opening import open_desk

    with open_desk(store) as desk:
        server = build_server(desk)
        if not http:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, _leave)
            server.run("stdio")
            return
        serve_http(server, host=host, port=port, name=desk.snapshot().catalog.name)

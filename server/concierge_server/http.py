"""Streamable HTTP on a loopback address."""

import signal
import socket
import sys
from typing import Any

import click
import uvicorn
from mcp.server import MCPServer


def serve_http(server: MCPServer[Any], *, host: str, port: int, name: str) -> None:
    """Serve `server` at /mcp until the process is told to stop; port 0 takes a free one. Says where on stderr.

    The SDK refuses requests whose Host or Origin is not this loopback address.
    """
    app = server.streamable_http_app(host=host)
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=8)
    listener = listening(host, port)
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Serving {name} at http://{shown}:{listener.getsockname()[1]}/mcp\n")
    sys.stderr.flush()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _quietly)  # uvicorn drains, then raises the signal again for whoever handled it before
    uvicorn.Server(config).run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens there.

    Raises:
        click.UsageError: The port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise click.UsageError(f"Cannot listen on {host}:{port}: {reason}. Choose another --port.") from None
    listener.listen()
    return listener


def _quietly(_number: int, _frame: object) -> None:
    """Let the process end by itself, with exit code 0."""

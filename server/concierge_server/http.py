"""Streamable HTTP on a loopback address."""

import signal
import socket
import sys
from typing import Any

import uvicorn
from mcp.server import MCPServer


def serve_http(server: MCPServer[Any], *, host: str, port: int, name: str) -> None:
    """Serve `server` at /mcp until the process is told to stop; port 0 takes a free one. Says where on stderr.

    The SDK refuses requests whose Host or Origin is not this loopback address.
    """
    app = server.streamable_http_app(host=host)
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=8)
    listener = config.bind_socket() if port == 0 else None
    bound = listener.getsockname()[1] if listener is not None else port
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Serving {name} at http://{shown}:{bound}/mcp\n")
    sys.stderr.flush()
    sockets: list[socket.socket] | None = [listener] if listener is not None else None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _quietly)  # uvicorn drains, then raises the signal again for whoever handled it before
    uvicorn.Server(config).run(sockets=sockets)


def _quietly(_number: int, _frame: object) -> None:
    """Let the process end by itself, with exit code 0."""

"""`concierge install`: put this Concierge into the configuration of an MCP host."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from concierge_server.exits import guarded
from concierge_server.settings import store_path
from concierge_tools.errors import DataError

SERVER = "concierge"
Host = Literal["claude-desktop", "claude-code"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a configuration file."""

    path: Path
    status: Literal["created", "added", "replaced", "unchanged"]
    backup: Path | None = None


@click.command()
@click.argument("host", type=click.Choice(["claude-desktop", "claude-code"]))
@click.option("--store", type=click.Path(path_type=Path), help="The store to serve.")
@click.option("--print", "only_print", is_flag=True, help="Print the configuration and change nothing.")
def install(host: Host, store: Path | None, only_print: bool) -> None:
    """Connect Claude Desktop or Claude Code to a store.

    claude-desktop adds a server to Claude Desktop's own configuration file; other servers in it stay, and the old
    file is kept beside it with the suffix .bak. claude-code writes .mcp.json in the current folder.
    """
    from concierge_tools.storage.store import Store

    with guarded():
        folder = store_path(store)
        Store(folder).current_version()
        entry = server_entry(folder)
        if only_print:
            click.echo(json.dumps({"mcpServers": {SERVER: entry}}, indent=2, ensure_ascii=False))
            click.echo(_where_to_put_it(host, entry), err=True)
            return
        path = desktop_config() if host == "claude-desktop" else Path.cwd() / ".mcp.json"
        written = add_server(path, entry)
        click.echo(_report(written))
        click.echo(_next_step(host))


def server_entry(store: Path) -> dict[str, Any]:
    """Return the host's entry for serving `store`: command and arguments, every path absolute.

    Hosts start servers with a short PATH, so the command is this environment's own script, or its interpreter.
    """
    command = concierge_command()
    return {"command": command[0], "args": [*command[1:], "serve", "--store", str(store)]}


def concierge_command() -> list[str]:
    """Return how to start `concierge` from anywhere: by its script beside this interpreter, else by the interpreter."""
    folder = Path(sys.executable).parent
    script = shutil.which("concierge", path=str(folder))
    return [str(folder / Path(script).name)] if script else [sys.executable, "-m", "concierge_server"]


def desktop_config() -> Path:
    """Return where Claude Desktop keeps its configuration on this system."""
    import platformdirs

    return platformdirs.user_config_path("Claude", appauthor=False, roaming=True) / "claude_desktop_config.json"


def add_server(path: Path, entry: dict[str, Any]) -> Written:
    """Put `entry` among the servers of the configuration at `path`, whole or not at all.

    Everything else in the file stays. A changed file's old content is kept as `NAME.bak`.

    Raises:
        DataError: The file is not a JSON object with an object `mcpServers`; nothing was changed.
    """
    target = path.resolve()
    before = target.read_bytes() if target.exists() else None
    config = _parse(path, before)
    servers = config.setdefault("mcpServers", {})
    if not isinstance(servers, dict):
        raise DataError(
            f"'mcpServers' in {str(path)!r} is not an object; nothing was changed. Correct it and try again."
        )
    if servers.get(SERVER) == entry:
        return Written(path=path, status="unchanged")
    replaced = SERVER in servers
    servers[SERVER] = entry
    backup = None
    if before is not None:
        backup = target.with_name(target.name + ".bak")
        _write(backup, before, mode=target.stat().st_mode)
    body = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
    _write(target, body.encode(), mode=target.stat().st_mode if before is not None else 0o600)
    status: Literal["created", "added", "replaced"] = "replaced" if replaced else "added"
    return Written(path=path, status="created" if before is None else status, backup=backup)


def _parse(path: Path, content: bytes | None) -> dict[str, Any]:
    if content is None or not content.strip():
        return {}
    try:
        config = json.loads(content.decode("utf-8-sig"))
    except ValueError as error:
        raise DataError(
            f"{str(path)!r} is not valid JSON ({error}); nothing was changed. Correct the file, or add the server by "
            "hand with what --print prints."
        ) from None
    if not isinstance(config, dict):
        raise DataError(f"{str(path)!r} holds no JSON object; nothing was changed. Correct the file and try again.")
    return config


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Replace `path` in one step, so that a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _report(written: Written) -> str:
    said = {
        "created": f"Wrote {written.path}.",
        "added": f"Added {SERVER} to {written.path}.",
        "replaced": f"Replaced {SERVER} in {written.path}.",
        "unchanged": f"{written.path} already serves this store; nothing to do.",
    }[written.status]
    return f"{said} The old file is {written.backup}." if written.backup else said


def _next_step(host: Host) -> str:
    if host == "claude-desktop":
        return "Now quit Claude Desktop completely and open it again; then ask it for a recommendation."
    return "Now start `claude` in this folder, allow the server when asked, and check it with /mcp."


def _where_to_put_it(host: Host, entry: dict[str, Any]) -> str:
    if host == "claude-desktop":
        return f"Merge this into {desktop_config()}, then restart Claude Desktop."
    words = [entry["command"], *entry["args"]]
    command = subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
    return f"Put this into .mcp.json in your project, or run:\nclaude mcp add {SERVER} -- {command}"

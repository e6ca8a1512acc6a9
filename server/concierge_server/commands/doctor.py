"""`concierge doctor`: check what Concierge stands on, and say how to mend what is wrong."""

import importlib
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import click

from concierge_server.brains import BrainChoice, questions_in_a_row
from concierge_server.commands.install import SERVER, concierge_command, desktop_config
from concierge_server.exits import guarded
from concierge_server.settings import environment, store_path
from concierge_server.spending import max_cost, prices, reply_lifetime

DISTRIBUTION = "concierge-mcp"
OLDEST_PYTHON = (3, 11)
NATIVE = ("numpy", "scipy.sparse", "implicit.als", "faiss", "tantivy", "polars")
"""Modules with compiled code, which can be installed and still fail to load."""
Status = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and how to mend it when it is not ok."""

    name: str
    status: Status
    found: str
    fix: str = ""


@click.command()
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), help="The store to check.")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as a JSON list.")
def doctor(store: Path | None, as_json: bool) -> None:
    """Check versions, store, state, threads, key and hosts; exit 1 when something failed."""
    with guarded():
        checks = list(examine(store))
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], indent=2, ensure_ascii=False))
    else:
        _show(checks)
    if any(check.status == "failed" for check in checks):
        raise SystemExit(1)


def examine(store: Path | None) -> Iterator[Check]:
    """Run every check in the order people should mend things."""
    yield python_version()
    yield from packages()
    yield from libraries()
    yield from store_checks(store)
    yield threads()
    yield from models()
    yield script()
    yield desktop()


def python_version() -> Check:
    """Check that the interpreter is recent enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return Check("Python", "failed", found, f"Install Python {wanted} or newer and make a new environment.")
    return Check("Python", "ok", found)


def packages() -> Iterator[Check]:
    """Check every required package's installed version against what this distribution declares."""
    from packaging.requirements import Requirement

    try:
        declared = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or []]
    except metadata.PackageNotFoundError:
        yield Check(
            "packages",
            "warning",
            f"{DISTRIBUTION} is not installed here, so its requirements are unknown",
            f"Run `pip install {DISTRIBUTION}`, or `pip install -e .` in a clone.",
        )
        return
    fine = []
    for requirement in declared:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield Check(requirement.name, "failed", "not installed", f"Run `pip install '{requirement}'`.")
            continue
        if requirement.specifier.contains(version, prereleases=True):
            fine.append(f"{requirement.name} {version}")
        else:
            found = f"{version}, needs {requirement.specifier}"
            yield Check(requirement.name, "failed", found, f"Run `pip install '{requirement}'`.")
    if fine:
        yield Check("packages", "ok", ", ".join(fine))


def libraries() -> Iterator[Check]:
    """Check that what is compiled also loads on this machine."""
    for module in NATIVE:
        try:
            importlib.import_module(module)
        except (ImportError, OSError) as error:
            package = module.partition(".")[0]
            fix = f"Reinstall it: `pip install --force-reinstall {package.replace('faiss', 'faiss-cpu')}`."
            yield Check(package, "failed", f"does not load: {error}", fix)


def store_checks(option: Path | None) -> Iterator[Check]:
    """Check the store's current artifact, every checksum of it, and that its state database takes writes."""
    from concierge_server.risk import risk_status
    from concierge_tools.errors import StoreError
    from concierge_tools.storage.store import Store

    path = store_path(option)
    try:
        artifact = Store(path).load()
    except StoreError as error:
        yield Check("store", "failed", str(error), f"Run `concierge fit --store {path}`.")
        return
    yield Check(
        "store", "ok", f"{path}, artifact {artifact.version} of {artifact.manifest.created_at}, checksums match"
    )
    yield Check("risk control", *risk_status(artifact))
    state = artifact.config.state
    yield state_check(state.url if state else Store(path).default_state_url)


def state_check(url: str) -> Check:
    """Check that the state database can be opened and written; what is written is rolled back."""
    from sqlalchemy import insert
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from concierge_server.state.database import FORGOTTEN, open_database
    from concierge_tools.errors import ConciergeError

    fix = "Make its folder writable for this user, or set another `url` under [state] in concierge.toml and fit again."
    try:
        engine = open_database(url)
    except ConciergeError as error:
        return Check("state", "failed", str(error), fix)
    shown = make_url(url).render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            connection.execute(insert(FORGOTTEN).values(user_hash="doctor"))
            connection.rollback()
    except SQLAlchemyError as error:
        return Check("state", "failed", f"{shown} does not take writes: {error.__cause__ or error}", fix)
    finally:
        engine.dispose()
    return Check("state", "ok", f"{shown}, writable")


def threads() -> Check:
    """Check that linear algebra keeps to one thread when serving asks it to: several make small requests slower."""
    from threadpoolctl import threadpool_limits

    before = _blas_threads()
    with threadpool_limits(1):
        serving = _blas_threads()
    found = f"{_range(before)} by default, {_range(serving)} when serving"
    if any(number > 1 for number in serving):
        fix = "Start the server with OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1 in its environment."
        return Check("BLAS threads", "warning", found, fix)
    return Check("BLAS threads", "ok", found)


def models() -> Iterator[Check]:
    """Check whether models can be asked, and whether what their calls may cost can be read."""
    yield key()
    yield openai_server()
    yield spending()
    yield questions()


def key() -> Check:
    """Check whether Claude can be asked; neither the key nor what a URL may hide is ever printed."""
    known = environment()
    if known.base_url and "@" in known.base_url:
        fix = "Take the user and password out of it; use ANTHROPIC_API_KEY."
        return Check("ANTHROPIC_BASE_URL", "failed", "holds credentials", fix)
    where = f" at {known.base_url}" if known.base_url else ""
    if known.api_key:
        return Check("ANTHROPIC_API_KEY", "ok", f"set; chat asks a model{where}")
    fix = "Set ANTHROPIC_API_KEY if Claude shall plan and write."
    return Check("ANTHROPIC_API_KEY", "ok", f"not set{where}; chat uses the offline brain", fix)


def openai_server() -> Check:
    """Check whether a server of chat/completions can be asked; again, nothing secret is printed."""
    known = environment()
    if known.openai_base_url and "@" in known.openai_base_url:
        fix = "Take the user and password out of it; use OPENAI_API_KEY."
        return Check("OPENAI_BASE_URL", "failed", "holds credentials", fix)
    if known.openai_base_url and not known.openai_base_url.startswith(("http://", "https://")):
        fix = "Write it with its version, such as http://127.0.0.1:8080/v1."
        return Check("OPENAI_BASE_URL", "failed", "is no http address", fix)
    where = f" at {known.openai_base_url}" if known.openai_base_url else ""
    fix = "chat --brain openai asks it; name its model with --model, or CONCIERGE_PLAN_MODEL and CONCIERGE_WRITE_MODEL."
    if known.openai_api_key:
        return Check("OPENAI_API_KEY", "ok", f"set{where}", fix)
    if where:
        return Check("OPENAI_BASE_URL", "ok", f"a server{where}, without a key", fix)
    fix = "Set OPENAI_BASE_URL if a server of your own, or OPENAI_API_KEY if OpenAI's, shall plan and write."
    return Check("OPENAI_API_KEY", "ok", "not set", fix)


def spending() -> Check:
    """Check that the prices, the budget and the life of cached replies can be read."""
    known = environment()
    try:
        priced, most, seconds = prices(known), max_cost(known), reply_lifetime(known)
    except click.UsageError as error:
        return Check("spending", "failed", error.message, "Correct the variable, or unset it.")
    told = f"prices of {', '.join(sorted(priced))}" if priced else "no prices set, so no cost is shown"
    limit = f"at most ${most:g} a turn" if most is not None else "no limit of money"
    kept = f"replies kept for {seconds:g} s" if seconds else "no replies kept"
    return Check("spending", "ok", f"{told}; {limit}; {kept}")


def questions() -> Check:
    """Check that the number of questions that may follow each other can be read."""
    try:
        most = questions_in_a_row(BrainChoice())
    except click.UsageError as error:
        return Check("questions", "failed", error.message, "Correct the variable, or unset it.")
    return Check("questions", "ok", f"at most {most} in a row")


def script() -> Check:
    """Check that the shell finds this environment's `concierge`."""
    found, own = shutil.which("concierge"), concierge_command()
    if found is None:
        folder = Path(sys.executable).parent
        return Check("concierge on PATH", "warning", "not found", f"Activate the environment, or add {folder} to PATH.")
    if len(own) == 1 and not Path(found).samefile(own[0]):
        fix = f"Another environment's comes first on PATH; this one's is {own[0]}."
        return Check("concierge on PATH", "warning", found, fix)
    return Check("concierge on PATH", "ok", found)


def desktop() -> Check:
    """Check whether Claude Desktop knows Concierge, and whether what it would start still exists."""
    path, fix = desktop_config(), "Run `concierge install claude-desktop` if you use it."
    try:
        config = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Check("Claude Desktop", "ok", f"not set up here: no {path}", fix)
    except (ValueError, OSError) as error:
        return Check("Claude Desktop", "warning", f"{path} cannot be read: {error}", "Correct the file.")
    servers = config.get("mcpServers") if isinstance(config, dict) else None
    entry = servers.get(SERVER) if isinstance(servers, dict) else None
    if not isinstance(entry, dict):
        return Check("Claude Desktop", "warning", f"{path} does not mention {SERVER}", fix)
    command = str(entry.get("command", ""))
    if shutil.which(command) is None:
        again = "Run `concierge install claude-desktop` again."
        return Check("Claude Desktop", "warning", f"starts {command!r}, which is not there", again)
    return Check("Claude Desktop", "ok", f"starts {command}")


def _blas_threads() -> list[int]:
    from threadpoolctl import threadpool_info

    return sorted(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")


def _range(numbers: list[int]) -> str:
    return "–".join(dict.fromkeys(str(number) for number in (numbers[0], numbers[-1]))) if numbers else "none"


def _show(checks: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "warning": "yellow", "failed": "bold red"}
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for check in checks:
        found = Text(check.found)
        if check.fix:
            found.append(f"\n{check.fix}", style="dim" if check.status == "ok" else "default")
        table.add_row(Text(check.status, style=styles[check.status]), Text(check.name, style="bold"), found)
    Console().print(table)

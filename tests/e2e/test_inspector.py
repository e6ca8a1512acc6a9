"""The MCP Inspector, a client we did not write, in its strict mode."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(__file__).parent.parent.parent / ".node" / "node_modules" / ".bin"


def inspect(store: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    if not (BIN / "mcp-inspector").exists():
        pytest.skip("The Inspector is not installed; run tests/e2e/install-inspector.sh (it needs npm).")
    server = [sys.executable, "-m", "concierge_server", "serve", "--store", str(store)]
    return subprocess.run(
        [str(BIN / "mcp-inspector"), "--cli", *server, *arguments],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_list_of_tools_is_clean_in_strict_mode(shop_store: Path) -> None:
    listed = inspect(shop_store, "--method", "tools/list", "--strict")
    assert listed.returncode == 0, listed.stdout + listed.stderr
    assert "issue" not in listed.stderr
    assert "recommend_for_user" in listed.stdout


@pytest.mark.parametrize(
    "call",
    [
        ["describe_catalog"],
        ["search_catalog", "--tool-arg", "query=tent"],
        ["recommend_for_user", "--tool-arg", "n=3"],
    ],
)
def test_a_tool_call_is_clean(shop_store: Path, call: list[str]) -> None:
    called = inspect(shop_store, "--method", "tools/call", "--tool-name", *call)
    assert called.returncode == 0, called.stdout + called.stderr
    assert "structuredContent" in called.stdout


def test_a_refused_argument_is_an_error_result_and_nothing_worse(shop_store: Path) -> None:
    refused = inspect(shop_store, "--method", "tools/call", "--tool-name", "search_catalog", "--tool-arg", "nope=1")
    assert refused.returncode == 5, refused.stdout + refused.stderr

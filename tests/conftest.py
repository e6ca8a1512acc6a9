"""Stores that tests share, each fitted once a run, and the switch that makes a skipped test a failure."""

import runpy
from pathlib import Path

import pytest

from concierge_server.demo import write_demo
from concierge_tools.config import load_config
from concierge_tools.fit import fit
from concierge_tools.inference.infer import infer, render_toml
from concierge_tools.storage.store import Store

SHOP = Path(__file__).parent.parent / "examples" / "shop" / "generate.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fail-on-skip", action="store_true", help="Fail the run when any test is skipped.")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--fail-on-skip") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = 1


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shop_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated shop's items.csv and interactions.csv in a folder."""
    folder = tmp_path_factory.mktemp("shop")
    runpy.run_path(str(SHOP))["write"](folder)
    return folder


@pytest.fixture(scope="session")
def shop_store(shop_files: Path) -> Path:
    """The generated shop, configured by `init` alone, and fitted."""
    inferred = infer(shop_files / "items.csv", shop_files / "interactions.csv")
    config = shop_files / "concierge.toml"
    config.write_text(render_toml(inferred, shop_files), encoding="utf-8")
    store = Store(shop_files / "store")
    fit(load_config(config), store, quiet=True)
    return store.folder


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's films and ratings, fitted."""
    folder = tmp_path_factory.mktemp("demo")
    store = Store(folder / "store")
    fit(load_config(write_demo(folder)), store, quiet=True)
    return store.folder

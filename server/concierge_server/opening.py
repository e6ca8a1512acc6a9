"""Opening what the process serves: the store, its state database and the desk over both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from concierge_server.allocation import keep_freed_memory
from concierge_server.desk import Desk
from concierge_server.settings import store_path
from concierge_server.state.database import open_database
from concierge_tools.storage.store import Store


@contextmanager
def open_desk(option: Path | None) -> Iterator[Desk]:
    """Open the desk of a store and close its database afterwards; numeric libraries get one thread each.

    Raises:
        StoreError: There is no store at that place, or it is damaged.
    """
    from threadpoolctl import threadpool_limits

    keep_freed_memory()
    store = Store(store_path(option))
    artifact = store.load()
    engine = open_database(artifact.config.state.url if artifact.config.state else store.default_state_url)
    try:
        with threadpool_limits(1):
            yield Desk(store, engine, artifact)
    finally:
        engine.dispose()


@contextmanager
def open_state(option: Path | None) -> Iterator[tuple[Store, Engine]]:
    """Open a store's state database alone, without loading its artifact, and close it afterwards.

    Raises:
        StoreError: There is no store at that place, or its configuration cannot be read.
    """
    store = Store(store_path(option))
    state = store.config().state
    engine = open_database(state.url if state else store.default_state_url)
    try:
        yield store, engine
    finally:
        engine.dispose()

"""Stores for trials: one fitted for each history, and a copy of it for each trial, so that none remembers another."""

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from concierge_server.evaluation.tau_rec import Suite, Task, UserHistory
from concierge_tools.config import InteractionsConfig
from concierge_tools.fit import fit
from concierge_tools.storage.store import Store

_POSITIVE = ">= 7"
"""Of ten: what the user has watched without a rating, or with a lower one, counts as seen and not as liked."""


class Stores:
    """Fits stores in a folder of their own, which the caller removes."""

    def __init__(self, suite: Suite, folder: Path) -> None:
        self._suite = suite
        self._folder = folder
        self._fitted: dict[tuple[object, ...], Path] = {}
        self._copies = 0

    @contextmanager
    def fresh(self, task: Task) -> Iterator[Path]:
        """Hold a store with the task's history and no state; it is gone afterwards.

        Raises:
            DataError: The catalog or the history cannot be used.
        """
        history = task.history
        key = (task.user_id, history.watched, tuple(sorted(history.ratings.items())))
        if key not in self._fitted:
            self._fitted[key] = self._fit(task.user_id, history)
        self._copies += 1
        copy = self._folder / f"trial-{self._copies}"
        shutil.copytree(self._fitted[key], copy)
        try:
            yield copy
        finally:
            shutil.rmtree(copy)

    def _fit(self, user_id: str, history: UserHistory) -> Path:
        folder = self._folder / f"history-{len(self._fitted)}"
        folder.mkdir(parents=True)
        config = self._suite.config
        items = config.items.model_copy(update={"path": str(self._suite.catalog_path)})
        log = None
        if history.watched:
            path = folder / "history.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file)
                table.writerow(["user", "item", "rating"])
                table.writerows((user_id, item, history.ratings.get(item)) for item in history.watched)
            log = InteractionsConfig(path=str(path), user="user", item="item", value="rating", positive=_POSITIVE)
        store = Store(folder / "store")
        fit(config.model_copy(update={"items": items, "interactions": log}), store, quiet=True)
        return store.folder

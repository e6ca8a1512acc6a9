"""The desk: the loaded artifact with its live values, and the state, that every tool call works on."""

import logging
import threading
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Engine

from concierge_server.state.candidates import CandidateBus
from concierge_server.state.confirmations import Confirmations
from concierge_server.state.feedback import FeedbackLog
from concierge_server.state.forgotten import Forgotten
from concierge_server.state.overlay import LiveValues
from concierge_server.state.profiles import Profiles
from concierge_tools.config import PolicyConfig
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import column_of
from concierge_tools.data.fields import FieldValue
from concierge_tools.errors import InputError
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.store import Artifact, Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One artifact under one revision of the live values; a call uses the same snapshot from start to end."""

    artifact: Artifact
    catalog: Catalog
    """The artifact's catalog with the live values in place."""
    retrieval: Retrieval
    revision: int
    live_as_of: str | None

    @property
    def policy(self) -> PolicyConfig:
        """The owner's rules."""
        return self.artifact.config.policy

    @property
    def as_of(self) -> str:
        """When the values of the catalog were last changed, ISO 8601."""
        return self.live_as_of or self.artifact.manifest.created_at


def fitting(catalog: Catalog, live: dict[str, dict[str, FieldValue]]) -> dict[str, dict[str, FieldValue]]:
    """Return the live values that fit their field's type; others were set when the field had another one."""
    kinds = {field.name: field.type for field in catalog.fields}
    unfit: Counter[str] = Counter()
    kept: dict[str, dict[str, FieldValue]] = {}
    for item_id, values in live.items():
        for name, value in values.items():
            try:
                if name in kinds:
                    column_of(kinds[name], [value])
                    kept.setdefault(item_id, {})[name] = value
            except InputError:
                unfit[name] += 1
    for name, count in unfit.items():
        _log.warning("%d live values of %r do not fit its type any more and are ignored.", count, name)
    return kept


class Desk:
    """Owns the artifact and the state for as long as the process serves them."""

    def __init__(self, store: Store, engine: Engine, artifact: Artifact) -> None:
        self.store = store
        self.engine = engine
        self.feedback = FeedbackLog(engine)
        self.bus = CandidateBus(engine)
        self.confirmations = Confirmations(engine)
        self.live = LiveValues(engine)
        self.forgotten = Forgotten(engine)
        self.profiles = Profiles(engine)
        self._lock = threading.Lock()
        self._snapshot = self._over(artifact)

    def snapshot(self) -> Snapshot:
        """Return the current artifact with the current live values, loading either anew only when it changed.

        Raises:
            StoreError: There is no artifact, or it is damaged.
        """
        version, revision = self.store.current_version(), self.live.revision()
        held = self._snapshot
        if held.artifact.version == version and held.revision == revision:
            return held
        with self._lock:
            artifact = self._snapshot.artifact
            self._snapshot = self._over(artifact if artifact.version == version else self.store.load())
            return self._snapshot

    def _over(self, artifact: Artifact) -> Snapshot:
        overlay = self.live.read(since=artifact.items_modified_at)
        values = fitting(artifact.catalog, overlay.values)
        catalog = artifact.catalog.with_values(values) if values else artifact.catalog
        return Snapshot(artifact, catalog, Retrieval(artifact, catalog), overlay.revision, overlay.as_of)

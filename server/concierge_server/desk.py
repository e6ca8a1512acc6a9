"""The desk: the loaded artifact with its live values, and the state, that every tool call works on."""

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from concierge_server.state.candidates import CandidateBus
from concierge_server.state.confirmations import Confirmations
from concierge_server.state.feedback import FeedbackLog
from concierge_server.state.forgotten import Forgotten
from concierge_server.state.overlay import LiveValues, Overlay
from concierge_server.state.profiles import Profiles
from concierge_tools.config import PolicyConfig
from concierge_tools.data.catalog import TITLE, Catalog
from concierge_tools.data.columns import column_of
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.live import LiveItems
from concierge_tools.errors import InputError
from concierge_tools.retrieval import Retrieval
from concierge_tools.storage.live_artifact import under
from concierge_tools.storage.store import Artifact, Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One artifact under one revision of the live values; a call uses the same snapshot from start to end."""

    artifact: Artifact
    """With live items in place."""
    catalog: Catalog
    retrieval: Retrieval
    overlay: Overlay

    @property
    def policy(self) -> PolicyConfig:
        """The owner's rules."""
        return self.artifact.config.policy

    @property
    def as_of(self) -> str:
        """When the values of the catalog were last changed, ISO 8601."""
        return self.live_as_of or self.artifact.manifest.created_at

    @property
    def live_as_of(self) -> str | None:
        """When a live value was last set, ISO 8601; None where there is none."""
        return self.overlay.as_of

    def changed_at(self, item_id: str, fields: Iterable[str]) -> str | None:
        """Return when the newest live value of some fields of an item was set, ISO 8601; None where none is live."""
        own = self.overlay.set_at.get(item_id)
        return None if own is None else max((own[name] for name in fields if name in own), default=None)


def fitting(catalog: Catalog, overlay: Overlay) -> LiveItems:
    """Return the live values that fit their field's type; others were set when the field had another one."""
    by_field: dict[str, dict[str, FieldValue]] = {field.name: {} for field in catalog.fields}
    titles: dict[str, str] = {}
    for item_id, values in overlay.values.items():
        for name, value in values.items():
            if name in by_field:
                by_field[name][item_id] = value
            elif name == TITLE.name and isinstance(value, str):
                titles[item_id] = value
    unfit: Counter[str] = Counter()
    kept: dict[str, dict[str, FieldValue]] = {}
    for field in catalog.fields:
        own = by_field[field.name]
        fit = own if _fits(field, [*own.values()]) else {i: value for i, value in own.items() if _fits(field, [value])}
        unfit[field.name] = len(own) - len(fit)
        for item_id, value in fit.items():
            kept.setdefault(item_id, {})[field.name] = value
    for name, count in (+unfit).items():
        _log.warning("%d live values of %r do not fit its type any more and are ignored.", count, name)
    return LiveItems(kept, titles, overlay.withdrawn)


def _fits(field: Field, values: Sequence[FieldValue]) -> bool:
    try:
        column_of(field.type, values)
    except InputError:
        return False
    return True


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
        self._fitted = artifact
        self._snapshot = self._over(artifact)

    def snapshot(self) -> Snapshot:
        """Return the current artifact with the current live values, loading either anew only when it changed.

        Raises:
            StoreError: There is no artifact, or it is damaged.
        """
        version, revision = self.store.current_version(), self.live.revision()
        held = self._snapshot
        if held.artifact.version == version and held.overlay.revision == revision:
            return held
        with self._lock:
            held = self._snapshot
            if self._fitted.version != version:
                self._fitted = self.store.load()
                self._snapshot = self._over(self._fitted)
            elif held.overlay.revision != revision:
                self._snapshot = self._over(self._fitted, held)
            return self._snapshot

    def _over(self, fitted: Artifact, held: Snapshot | None = None) -> Snapshot:
        """Put an artifact under the live values; `held` is what they made of it before."""
        overlay = self.live.read(since=fitted.items_modified_at, after=held.overlay if held else None)
        artifact = under(fitting(fitted.catalog, overlay), fitted, before=held.artifact if held else None)
        return Snapshot(artifact, artifact.catalog, Retrieval(artifact, artifact.catalog), overlay)

"""The store: a folder of immutable artifacts and a pointer to the current one.

    current                    version of the current artifact, and the SHA-256 of its manifest
    artifacts/VERSION/         one artifact and its manifest
    state.db                   unless the configuration names another database

An artifact is written beside the others under a temporary name, every file is flushed to disk, the manifest comes
last, and only then does the pointer move: a reader sees the old artifact or the new one, each whole.
"""

import re
import shutil
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue, ValidationError

from concierge_tools.config import Config
from concierge_tools.errors import StoreError
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.manifest import Lineage, Manifest, flush, seal, verify

__all__ = ["KEPT", "Artifact", "Manifest", "Store"]

KEPT = 3
"""How many artifacts stay on disk."""
ABANDONED_AFTER = 86_400.0
"""Seconds after which an unfinished artifact counts as left behind."""
_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_POINTER = re.compile(rf"(?P<version>{_VERSION.pattern}) (?P<sha256>[0-9a-f]{{64}})\n")


class Store:
    """A folder that `fit` publishes to and everything else reads from."""

    def __init__(self, folder: Path, *, version: str | None = None) -> None:
        """Name the folder, which need not exist before something is published.

        With a `version`, this store stays at that artifact wherever the pointer goes: its current one is that one.
        """
        self.folder = folder
        self._pinned = version

    @property
    def default_state_url(self) -> str:
        """Where state lies unless the configuration says otherwise, as a database URL."""
        return f"sqlite:///{self.folder.resolve() / 'state.db'}"

    def publish(
        self,
        write: Callable[[Path], None],
        *,
        parameters: dict[str, JsonValue] | None = None,
        counts: dict[str, int] | None = None,
        metrics: dict[str, float] | None = None,
        lineage: Lineage | None = None,
    ) -> str:
        """Let `write` fill a new, empty folder, and make it the current artifact.

        When anything fails before the last step, the current artifact stays what it was. Old artifacts are removed,
        all but the newest few.

        Returns:
            The new version.
        """
        created = datetime.now(UTC)
        version = f"{created:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
        temporary = self._artifacts / f".tmp-{version}"
        temporary.mkdir(parents=True)
        try:
            write(temporary)
            sha256 = seal(
                temporary,
                version,
                created=created,
                parameters=parameters or {},
                counts=counts or {},
                metrics=metrics or {},
                lineage=lineage,
            )
            temporary.rename(self._artifacts / version)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        flush(self._artifacts)
        self._point(version, sha256)
        self._prune(version)
        return version

    def current_version(self) -> str:
        """Return the version of the current artifact.

        Raises:
            StoreError: There is none.
        """
        return self._pinned or self._pointer()[0]

    def config(self) -> Config:
        """Read the current artifact's configuration alone, without a look at its other files.

        Raises:
            StoreError: There is no artifact, or its configuration cannot be read.
        """
        path = self._artifacts / self.current_version() / "config.json"
        try:
            return Config.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            raise StoreError(f"{str(path)!r} cannot be read; run `concierge fit` again.") from None

    def load(self) -> Artifact:
        """Verify the current artifact and read it.

        The pointer vouches for its manifest. Where this store stays at an earlier version, the manifest is taken as it
        is, and vouches for the files.

        Raises:
            StoreError: There is none, or it is damaged; says what to do.
        """
        current, known = self._pointer()
        version = self._pinned or current
        sha256 = known if version == current else None
        folder = self._artifacts / version
        if version != current and (_VERSION.fullmatch(version) is None or not folder.is_dir()):
            raise StoreError(f"The artifact {version!r} is gone; the store keeps the last {KEPT} that were fitted.")
        manifest = verify(folder, sha256=sha256)
        if manifest.version != version:
            raise StoreError(f"The artifact {str(folder)!r} is another one's copy; run `concierge fit` again.")
        return Artifact.open(folder, manifest)

    @property
    def _artifacts(self) -> Path:
        return self.folder / "artifacts"

    def _pointer(self) -> tuple[str, str]:
        try:
            text = (self.folder / "current").read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError(f"No store at {str(self.folder)!r}; run `concierge fit` to make one.") from None
        match = _POINTER.fullmatch(text)
        if match is None:
            raise StoreError(f"{str(self.folder / 'current')!r} is damaged; run `concierge fit` again.")
        return match["version"], match["sha256"]

    def _point(self, version: str, sha256: str) -> None:
        temporary = self.folder / f".current-{version}"
        temporary.write_text(f"{version} {sha256}\n", encoding="utf-8")
        flush(temporary)
        temporary.replace(self.folder / "current")
        flush(self.folder)

    def _prune(self, current: str) -> None:
        folders = [path for path in self._artifacts.iterdir() if path.is_dir() and not path.is_symlink()]
        folders.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))  # versions of one second have no order
        finished = [path for path in folders if not path.name.startswith(".") and path.name != current]
        abandoned = [
            path
            for path in folders
            if path.name.startswith(".tmp-") and time.time() - path.stat().st_mtime > ABANDONED_AFTER
        ]
        for path in [*finished[: -(KEPT - 1)], *abandoned]:
            shutil.rmtree(path, ignore_errors=True)

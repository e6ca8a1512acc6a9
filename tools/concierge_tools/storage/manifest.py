"""The manifest: what an artifact holds, with the checksum of every file. Knows nothing of what the files mean."""

import hashlib
import json
import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from concierge_tools.errors import StoreError

FORMAT_VERSION = 3
MANIFEST_FILE = "manifest.json"
THREADS = 4
LOCK_SUFFIX = ".lock"
"""Files that the search engine leaves in its folder when it writes; they are not part of an artifact."""


class FileRecord(BaseModel):
    """One file of an artifact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    size: int
    """In bytes."""


class Lineage(BaseModel):
    """How an artifact came of an earlier one by an update."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parent: str
    """The version that was updated."""
    full: str
    """The version of the last full fit."""
    updates: int
    """Since that fit, this one included."""
    continued: list[str]
    """Recommenders whose training went on from where it had come to."""
    rebuilt: list[str]
    """Recommenders that were fitted anew."""
    kept: list[str]
    """What was taken over as it was."""
    changes: dict[str, int]
    """Against the parent: new and gone items, users and interactions."""
    since_full: dict[str, int]
    """What came since the full fit: items, positives."""
    new_share: float
    """What came since the full fit over all there is, of items or of positives, whichever is more."""
    due: str | None
    """Why a full fit is due; None while it is not."""


class Manifest(BaseModel):
    """What an artifact holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: int
    version: str
    created_at: str
    """ISO 8601, UTC."""
    parameters: dict[str, JsonValue]
    """Of each recommender."""
    counts: dict[str, int]
    metrics: dict[str, float]
    files: dict[str, FileRecord]
    """By path below the artifact's folder, with forward slashes."""
    lineage: Lineage | None = None
    """None after a full fit."""


def seal(
    folder: Path,
    version: str,
    *,
    created: datetime,
    parameters: dict[str, JsonValue],
    counts: dict[str, int],
    metrics: dict[str, float],
    lineage: Lineage | None = None,
) -> str:
    """Flush every file of a finished folder to disk, then write its manifest.

    Returns:
        The SHA-256 of the manifest.
    """
    for lock in folder.rglob(f"*{LOCK_SUFFIX}"):
        lock.unlink()
    files = _records(folder, sorted(_files(folder)))
    for name in files:
        flush(folder / name)
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        version=version,
        created_at=created.astimezone(UTC).isoformat(timespec="seconds"),
        parameters=parameters,
        counts=counts,
        metrics=metrics,
        files=files,
        lineage=lineage,
    )
    content = manifest.model_dump_json(indent=2).encode() + b"\n"
    (folder / MANIFEST_FILE).write_bytes(content)
    flush(folder / MANIFEST_FILE)
    for below in [*(path for path in folder.rglob("*") if path.is_dir()), folder]:
        flush(below)
    return hashlib.sha256(content).hexdigest()


def verify(folder: Path, *, sha256: str | None) -> Manifest:
    """Read the manifest of an artifact and check every file against it, and itself when its `sha256` is known.

    Raises:
        StoreError: Anything is missing, added, changed, linked or of another format.
    """
    try:
        content = (folder / MANIFEST_FILE).read_bytes()
    except OSError:
        raise _damaged(folder, "its manifest cannot be read") from None
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise _damaged(folder, "its manifest was changed")
    if _format(folder, content) != FORMAT_VERSION:
        raise StoreError(
            f"The artifact {str(folder)!r} was written by another version of Concierge; run `concierge fit` again."
        )
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError:
        raise _damaged(folder, "its manifest makes no sense") from None
    found = set(_files(folder)) - {MANIFEST_FILE}
    for name in sorted(found ^ manifest.files.keys()):
        raise _damaged(folder, f"{name!r} is {'not part of it' if name in found else 'missing'}")
    records = _records(folder, manifest.files)
    for name, record in manifest.files.items():
        if records[name] != record:
            raise _damaged(folder, f"{name!r} was changed")
    return manifest


def flush(path: Path) -> None:
    """Force a file, or the names in a folder, to disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder, and keeps its names in step by itself.
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise _damaged(folder, f"{name!r} is neither a file nor a folder")
        if path.is_file() and path.suffix != LOCK_SUFFIX:
            yield name


def _format(folder: Path, content: bytes) -> object:
    try:
        body = json.loads(content)
    except ValueError:
        raise _damaged(folder, "its manifest makes no sense") from None
    return body.get("format_version") if isinstance(body, dict) else None


def _records(folder: Path, names: Collection[str]) -> dict[str, FileRecord]:
    """Read and hash files, several at once: hashing holds no lock."""
    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        return dict(zip(names, pool.map(lambda name: _record(folder / name), names), strict=True))


def _record(path: Path) -> FileRecord:
    with path.open("rb") as file:
        return FileRecord(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=path.stat().st_size)


def _damaged(folder: Path, what: str) -> StoreError:
    return StoreError(f"The artifact {str(folder)!r} is damaged ({what}); run `concierge fit` again.")

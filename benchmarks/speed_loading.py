"""Speed of loading: an artifact of a million items, against reading and hashing its files."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pairs import Pair, in_turns
from benchmarks.speed_stores import MILLION, large_store

TURNS = 5


def loading(scratch: Path) -> Iterator[Pair]:
    """Load as `serve` does: every file verified, everything ready to be asked."""
    store = large_store(scratch)
    folder = store.load().path
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in files)

    def read(_: int) -> None:
        for path in files:
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")

    own, other = in_turns(lambda _: store.load(), read, turns=TURNS, warm=1)
    told = f"{MILLION:,} items, {len(files)} files, {size / 2**20:,.0f} MiB"
    yield Pair("loading an artifact", "reading and hashing its files once", told, 1.5, own, other)

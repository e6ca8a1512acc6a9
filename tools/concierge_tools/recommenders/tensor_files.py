"""Tensors on disk, mapped into memory rather than read: a page is fetched when it is first used, and never written."""

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

_TYPES: Mapping[str, DTypeLike] = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "I16": np.int16,
    "I32": np.int32,
    "I64": np.int64,
    "F32": np.float32,
    "F64": np.float64,
}


Tensors: TypeAlias = dict[str, NDArray[Any]]
"""By name; only the file knows of what type each is."""


def load_tensors(path: Path) -> Tensors:
    """Map the tensors of a safetensors file, read-only; they stay when the file's name is removed.

    The form is 8 bytes for the length of a JSON header, the header, and the bytes that it points into, little-endian.
    """
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 8 + int.from_bytes(mapped[:8], "little")
    whole = np.frombuffer(mapped, np.uint8)
    described = json.loads(mapped[8:start])
    described.pop("__metadata__", None)
    tensors: Tensors = {}
    for name, form in described.items():
        first, end = form["data_offsets"]
        tensors[name] = whole[start + first : start + end].view(_TYPES[form["dtype"]]).reshape(form["shape"])
    return tensors

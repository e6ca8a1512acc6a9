"""Sparse matrices on disk."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from scipy.sparse import csr_array

from concierge_tools.recommenders.tensor_files import load_tensors


def save_sparse(matrix: csr_array, path: Path) -> None:
    """Write a matrix of 32-bit floats as safetensors."""
    tensors = {
        "values": matrix.data,
        "columns": matrix.indices.astype(np.int32),
        "offsets": matrix.indptr.astype(np.int64),
        "shape": np.array(matrix.shape, np.int64),
    }
    save_file(tensors, path)


def load_sparse(path: Path) -> csr_array:
    """Read what `save_sparse` wrote."""
    tensors = load_tensors(path)
    rows, columns = map(int, tensors["shape"])
    return csr_array((tensors["values"], tensors["columns"], tensors["offsets"]), shape=(rows, columns))

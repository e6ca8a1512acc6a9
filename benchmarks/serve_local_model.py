"""Serve a GGUF file on loopback until stopped: python serve_local_model.py WEIGHTS PORT (needs xllamacpp)."""

import sys
import threading

import xllamacpp

_CONTEXT = 4096
_THREADS = 2


def main() -> None:
    """Serve."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path, parameters.port = sys.argv[1], int(sys.argv[2])
    parameters.n_ctx, parameters.n_parallel, parameters.use_jinja = _CONTEXT, 1, True
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = _THREADS
    server = xllamacpp.Server(parameters)
    threading.Event().wait()
    del server


if __name__ == "__main__":
    main()

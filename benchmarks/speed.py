"""Measure what the project adds to the libraries under it: ratios against named baselines of the same run.

    make bench                                          every row, a few minutes; the first run writes its data
    python -m benchmarks.speed --only search [--json]   single rows

Both sides run on one thread, in turns, warmed up; a turn's ratio is of processor time, so that others on the machine
disturb it little. What is told is the median of the ratios and its quarter points.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_name, "1")  # read when the libraries are loaded, which the imports below do

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.pairs import Pair
from concierge_server.allocation import keep_freed_memory

ROWS: Mapping[str, str] = {
    "als-fit": "benchmarks.speed_models:fitting",
    "recommend": "benchmarks.speed_models:recommending",
    "exact": "benchmarks.speed_vectors:exact",
    "approximate": "benchmarks.speed_vectors:approximate",
    "filter": "benchmarks.speed_vectors:filtered",
    "search": "benchmarks.speed_search:searching",
    "load": "benchmarks.speed_loading:loading",
}
SCRATCH = Path(".bench")


def main() -> None:
    """Measure and print the rows that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=[*ROWS], action="append", help="a row; again for more; all when omitted")
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="where synthetic stores are kept")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    keep_freed_memory()  # as `concierge serve` does; both sides of every row gain by it
    found: list[tuple[str, Pair]] = []
    if not told.json:
        print(_machine())
    for name in told.only or ROWS:
        module, _, function = ROWS[name].partition(":")
        measure: Callable[[Path], Iterator[Pair]] = getattr(import_module(module), function)
        for pair in measure(told.scratch):
            found.append((name, pair))
            if not told.json:
                print(_words(name, pair), flush=True)
    if told.json:
        print(json.dumps([{"row": name, "ratio": pair.ratio, **asdict(pair)} for name, pair in found]))
    sys.exit(any(not pair.met for _, pair in found))


def _words(name: str, pair: Pair) -> str:
    low, high = pair.spread
    limit = "" if pair.most is None else f" (at most {pair.most:g}: {'met' if pair.met else 'NOT MET'})"
    own, other = (1e3 * statistics.median(times) for times in (pair.own, pair.other))
    return "\n".join(
        [
            f"{pair.measured}: {pair.ratio:.2f}{limit}",
            f"    against {pair.against}: {own:,.3f} ms to {other:,.3f} ms; quarter points {low:.2f} to {high:.2f}, "
            f"{len(pair.own)} turns",
            f"    {pair.size}{'; ' + pair.note if pair.note else ''}",
            f"    python -m benchmarks.speed --only {name}",
        ]
    )


def _machine() -> str:
    with Path("/proc/cpuinfo").open() as file:
        model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "processor")
    return (
        f"{model}, {os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    )


if __name__ == "__main__":
    main()

"""The cost of `fit` and `serve` over the size of the log: time, processor time, peak memory, each in its own process.

    python -m benchmarks.scale --interactions 1000000 [--tune quick] [--scratch .bench]

The data is drawn by `benchmarks/power_law.py`: for every 100 interactions an item, for every 25 a user.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import power_law
from benchmarks.speed_stores import say

REQUESTS = 100


def main() -> None:
    """Draw the data, then fit and serve it in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--tune", choices=["off", "quick"], default="off")
    parser.add_argument("--scratch", type=Path, default=Path(".bench"))
    parser.add_argument("--child", choices=["fit", "serve"], help=argparse.SUPPRESS)
    told = parser.parse_args()
    folder = told.scratch / f"scale-{told.interactions}"
    if told.child:
        done = fitting(folder, told.tune) if told.child == "fit" else serving(folder)
        print(json.dumps({"interactions": told.interactions, "what": told.child, **done, **_spent()}))
        return
    if not (folder / "concierge.toml").exists():
        say(f"drawing {told.interactions:,} interactions into {folder}")
        power_law.write(folder, told.interactions, *power_law.shape(told.interactions))
    for child in ("fit", "serve"):
        subprocess.run(  # noqa: S603  # this very module
            [sys.executable, "-m", "benchmarks.scale", *sys.argv[1:], "--child", child], check=True
        )


def fitting(folder: Path, tune: str) -> dict[str, object]:
    """Fit as the command does; return the seconds of each stage."""
    from concierge_tools.config import load_config
    from concierge_tools.fit import fit
    from concierge_tools.storage.store import Store

    report = fit(load_config(folder / "concierge.toml"), Store(folder / "store"), tune=tune, quiet=True)  # type: ignore[arg-type]  # one of the choices
    return {"tune": tune, "counts": report.counts, "skipped": dict(report.skipped), "seconds": dict(report.seconds)}


def serving(folder: Path) -> dict[str, object]:
    """Load, and answer known users and look-ups; return milliseconds."""
    from concierge_server.eligibility import eligible
    from concierge_server.opening import open_desk
    from concierge_server.subject import subject_of

    begun = time.perf_counter()
    with open_desk(folder / "store") as desk:
        loaded = time.perf_counter() - begun
        snapshot = desk.snapshot()
        log, catalog = snapshot.artifact.interactions, snapshot.catalog
        assert log is not None
        rng = np.random.default_rng(0)
        users = [log.user_ids[i] for i in rng.choice(len(log.user_ids), REQUESTS).tolist()]
        items = rng.choice(len(catalog), REQUESTS).tolist()

        def recommend(i: int, model: str) -> None:
            subject = subject_of(desk, snapshot, users[i])
            mask, _ = eligible(snapshot, [], subject=subject)
            snapshot.retrieval.recommend(subject.profile, mask, model=model)

        everything = np.ones(len(catalog), np.bool_)
        tasks: dict[str, Callable[[int], object]] = {
            "recommend": lambda i: recommend(i, "blend"),
            "recommend by als": lambda i: recommend(i, "als"),
            "similar": lambda i: snapshot.retrieval.similar([items[i]], everything),
            "search": lambda i: snapshot.retrieval.search(catalog.titles[items[i]], everything),
        }
        found: dict[str, object] = {"load": round(1e3 * loaded)}
        for name, task in tasks.items():
            times = []
            for i in range(REQUESTS):
                start = time.perf_counter()
                task(i)
                times.append(1e3 * (time.perf_counter() - start))
            later = np.quantile(times[1:], [0.5, 0.99])
            found[name] = {"first": round(times[0], 1), "p50": round(later[0], 2), "p99": round(later[1], 2)}
    size = sum(path.stat().st_size for path in snapshot.artifact.path.rglob("*") if path.is_file())
    return {"milliseconds": found, "artifact_mib": round(size / 2**20)}


def _spent() -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_seconds": round(used.ru_utime + used.ru_stime, 1), "peak_mib": round(used.ru_maxrss / 1024)}


if __name__ == "__main__":
    main()

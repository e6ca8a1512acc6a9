"""How well search answers the frozen queries, against words alone, with intervals over queries."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from concierge_server.evaluation.predicates import Item
from concierge_server.evaluation.queries.labels import (
    Labelled,
    Part,
    SetName,
    fingerprint,
    load_queries,
    unanswerable,
)
from concierge_tools.data.catalog import Catalog
from concierge_tools.errors import DataError
from concierge_tools.evaluation.bootstrap import Resamples

if TYPE_CHECKING:
    from rich.console import Console

K = 10
RULED = frozenset({"attribute", "number", "theme", "likeness"})
"""Kinds whose queries many items answer, so that the share of right ones among the first ten says something."""
BASE = "words alone"

Search = Callable[[str], Sequence[str]]
"""The ids of the items that a query finds, best first."""


@dataclass(frozen=True, slots=True)
class Graded:
    """How one query was answered."""

    kind: str
    text: str
    values: Mapping[str, float]
    """`success@1`, `success@10`, and `MRR` or `P@10`; for nonsense `success@1` says that nothing was found."""
    first: tuple[str, ...]
    """The ids of the first ten."""


def measure(
    catalog: Catalog, systems: Mapping[str, Search], name: SetName, part: Part, *, grades: Path | None, seed: int = 0
) -> dict[str, Any]:
    """Let each system answer the queries of a set; return the report as JSON.

    Args:
        catalog: What is searched, and its rows what is judged by.
        systems: By name, `BASE` among them.
        name: Which set.
        part: Which of its queries.
        grades: JSONL of `id` and further fields that the labels speak of and the catalog does not hold.
        seed: Draws the intervals.

    Raises:
        DataError: The labels do not fit the catalog.
    """
    queries, rows = load_queries(name, part), rows_of(catalog, grades)
    if lost := unanswerable(queries, rows):
        hint = "; pass --grades" if name == "plots" and grades is None else ""
        raise DataError(f"Nothing in {catalog.name!r} answers {lost[0]!r}: is it the catalog of {name!r}?{hint}")
    found = {system: [_graded(one, rows, search) for one in queries] for system, search in systems.items()}
    return report(found, seed=seed) | {
        "set": name,
        "part": part,
        "catalog": catalog.name,
        "fingerprint": fingerprint(name),
    }


def rows_of(catalog: Catalog, grades: Path | None) -> list[Item]:
    """Return the catalog's rows, each with what the grades add to it.

    Raises:
        DataError: The grades cannot be read.
    """
    extra: dict[str, dict[str, Any]] = {}
    if grades is not None:
        try:
            extra = {str(row["id"]): row for row in map(json.loads, grades.read_text(encoding="utf-8").splitlines())}
        except (OSError, ValueError, KeyError, TypeError):
            raise DataError(f"{str(grades)!r} is not JSONL of rows with an 'id'.") from None
    return [
        {**extra.get(item_id, {}), "id": item_id, "title": title, **catalog.row(i)}
        for i, (item_id, title) in enumerate(zip(catalog.ids, catalog.titles, strict=True))
    ]


def report(found: Mapping[str, Sequence[Graded]], *, seed: int) -> dict[str, Any]:
    """Return each system's figures by kind and over all, and its gain over words alone, paired by query."""
    base = found[BASE]
    kinds = [*dict.fromkeys(graded.kind for graded in base), "all"]
    rows = []
    for kind in kinds:
        chosen = [i for i, graded in enumerate(base) if kind in (graded.kind, "all")]
        for system, graded in found.items():
            values = {name: [graded[i].values.get(name) for i in chosen] for name in _metrics(kind)}
            row: dict[str, Any] = {"kind": kind, "system": system, "queries": len(chosen)}
            row |= {name: _mean([v for v in own if v is not None]) for name, own in values.items()}
            if kind == "all" and system != BASE:
                row["gain"] = {name: _gain([base[i] for i in chosen], [graded[i] for i in chosen], name, seed)
                               for name in ("success@1", "success@10", "P@10")}  # fmt: skip
            rows.append(row)
    missed = {
        system: [{"kind": one.kind, "text": one.text, "first": list(one.first)} for one in graded
                 if not one.values["success@10"]]
        for system, graded in found.items()
    }  # fmt: skip
    return {"queries": len(base), "rows": rows, "missed": missed}


def render(console: "Console", body: dict[str, Any]) -> None:
    """Print a report."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = Text(f"{body['catalog']}: {body['queries']} queries of {body['set']!r}, part {body['part']}")
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", expand=False)
    names = ("success@1", "success@10", "P@10", "MRR")
    for heading in ("kind", "of", "system", *names):
        table.add_column(heading, justify="left" if heading in ("kind", "system") else "right", no_wrap=True)
    for row in body["rows"]:
        first = row["system"] == BASE
        cells = [row["kind"] if first else "", str(row["queries"]) if first else "", row["system"]]
        cells += ["" if row.get(name) is None else f"{row[name]:.3f}" for name in names]
        table.add_row(*map(Text, cells), style="bold" if row["kind"] == "all" else "")
    console.print(table)
    for row in body["rows"]:
        for name, gain in row.get("gain", {}).items():
            console.print(
                f"{row['system']} over {BASE}, {name}: {gain['mean']:+.3f} "
                f"(95% interval {gain['low']:+.3f} to {gain['high']:+.3f} over queries)"
            )
    console.print(f"Of nonsense, success@1 says that nothing was found. Queries {body['fingerprint']}.")


def _metrics(kind: str) -> tuple[str, ...]:
    if kind == "nonsense":
        return ("success@1",)
    if kind == "all":
        return ("success@1", "success@10", "P@10", "MRR")
    return ("success@1", "success@10", "P@10" if kind in RULED else "MRR")


def _graded(labelled: Labelled, rows: Sequence[Item], search: Search) -> Graded:
    found = list(search(labelled.query.text))
    first = tuple(found[:K])
    if labelled.kind == "nonsense":
        nothing = float(not found)
        return Graded(labelled.kind, labelled.query.text, {"success@1": nothing, "success@10": nothing}, first)
    right = labelled.query.relevant(rows)
    hits = [item_id in right for item_id in first]
    values = {"success@1": float(hits[:1] == [True]), "success@10": float(any(hits))}
    if labelled.kind in RULED:
        values[f"P@{K}"] = sum(hits) / min(K, len(right))
    else:
        values["MRR"] = next((1 / rank for rank, item_id in enumerate(found, 1) if item_id in right), 0.0)
    return Graded(labelled.kind, labelled.query.text, values, first)


def _gain(base: Sequence[Graded], other: Sequence[Graded], name: str, seed: int) -> dict[str, float]:
    pairs = [(a.values[name], b.values[name]) for a, b in zip(base, other, strict=True) if name in a.values]
    gains = np.array([b - a for a, b in pairs], dtype=np.float64)
    return Resamples.of(np.arange(len(gains)), np.random.default_rng(seed)).estimate(gains, digits=4)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None

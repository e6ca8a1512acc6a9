"""The page's tables: every figure of the report with its interval."""

from collections.abc import Iterator, Sequence
from typing import Any

from concierge_server.evaluation.page.glossary import term
from concierge_server.evaluation.page.markup import Markup, element
from concierge_server.evaluation.page.summary import direction, named

_KEPT_APART = ("system", "chosen", "over", "milliseconds", "fit_seconds", "bytes")


def tables(body: dict[str, Any]) -> Iterator[Markup]:
    """Yield every table of a report."""
    rows = body["rows"]
    metrics = [key for key in rows[0] if key not in _KEPT_APART]
    accuracy = [key for key in metrics if "@" in key or key == "MRR"]
    beyond = [key for key in metrics if key not in accuracy]
    several = [key for key in accuracy if not key.startswith("recall")]
    at = ", ".join(key.partition("@")[2] for key in accuracy if key.startswith("recall"))
    yield _figures(
        rows, several, "Accuracy", f"With 95% intervals. Recall at {at} is HR: each user has one item to find."
    )
    yield _figures(rows, beyond, "Beyond accuracy", "What lists of ten are like; the glossary says how to read each.")
    for base in body["bases"]:
        compared = [row for row in rows if base in row["over"]]
        if compared:
            main = [body["main"], body["main"].replace("NDCG", "HR"), "MRR", *beyond]
            yield _differences(compared, base, main, enough=body["enough"])
    yield _slices(body)
    yield _costs(rows)


def table(
    title: str, words: str, headings: Sequence[str], rows: Sequence[Markup], *, style: str | None = None
) -> Markup:
    """Return a table with a caption that scrolls sideways where it is too wide."""
    head = element("thead", element("tr", [element("th", text, scope="col") for text in headings]))
    caption = element("caption", element("strong", f"{title}. "), words)
    inner = element("table", caption, head, element("tbody", rows), class_=style)
    return element("div", inner, class_="scroll", tabindex="0", role="region", aria_label=title)


def row_of(label: str, cells: Sequence[Markup], *, chosen: bool = False) -> Markup:
    """Return a row with its heading."""
    return element("tr", element("th", label, scope="row"), cells, class_="chosen" if chosen else None)


def _figures(rows: Sequence[dict[str, Any]], metrics: Sequence[str], title: str, words: str) -> Markup:
    made = [
        row_of(row["system"], [_estimate(row[metric], metric) for metric in metrics], chosen=row["chosen"])
        for row in rows
    ]
    return table(title, words, ["model", *(_heading(metric) for metric in metrics)], made)


def _differences(rows: Sequence[dict[str, Any]], base: str, metrics: Sequence[str], *, enough: bool) -> Markup:
    made = [
        row_of(
            row["system"], [_difference(row["over"][base][m], m, enough=enough) for m in metrics], chosen=row["chosen"]
        )
        for row in rows
    ]
    words = "Paired by user, with 95% intervals. Coloured accuracy differs beyond chance."
    return table(f"Differences from {named(base)}", words, ["model", *(_heading(m) for m in metrics)], made)


def _slices(body: dict[str, Any]) -> Markup:
    main, over = body["main"], f"over {body['bases'][0]}"
    systems = [row["system"] for row in body["rows"]]
    made = []
    for row in body["slices"]:
        count = element("td", f"{row['users']:,}", [] if row["enough"] else element("small", "too few to decide"))
        cells = [
            element(
                "td",
                f"{row[main][name]['mean']:.4f}",
                element("small", f"{row[over][name]['low']:+.3f} to {row[over][name]['high']:+.3f}"),
                class_=direction(row[over][name], enough=row["enough"]),
            )
            for name in systems
        ]
        made.append(row_of(f"{row['kind']}: {row['slice']}", [count, *cells]))
    words = (
        f"Small: the 95% interval of the difference from {named(body['bases'][0])} in the slice, coloured where it is "
        "beyond chance. The slices of a kind hold each user's item once."
    )
    return table(f"{main} by slice", words, ["slice", "users", *systems], made)


def _costs(rows: Sequence[dict[str, Any]]) -> Markup:
    made = [
        row_of(
            row["system"],
            [
                element("td", f"{row['fit_seconds']:.2f}" if row["fit_seconds"] is not None else "-"),
                element("td", f"{row['milliseconds']['p50']:.2f}"),
                element("td", f"{row['milliseconds']['p99']:.2f}"),
                element("td", f"{row['bytes'] / 1e6:.2f}" if row["bytes"] is not None else "-"),
            ],
            chosen=row["chosen"],
        )
        for row in rows
    ]
    words = "A blend's fit is that of its members, and of choosing them where they are chosen."
    return table("Costs", words, ["model", "fit, s", "request p50, ms", "request p99, ms", "size, MB"], made)


def _estimate(found: dict[str, float], metric: str) -> Markup:
    ends = f"{found['low']:.3f} to {found['high']:.3f}"
    return element("td", f"{found['mean']:.{_digits(metric)}f}", element("small", ends))


def _difference(found: dict[str, float], metric: str, *, enough: bool) -> Markup:
    ends = f"{found['low']:+.3f} to {found['high']:+.3f}"
    style = direction(found, enough=enough) if _digits(metric) == 4 else None
    return element("td", f"{found['mean']:+.{_digits(metric)}f}", element("small", ends), class_=style)


def _digits(metric: str) -> int:
    return 4 if "@" in metric or metric == "MRR" else 3


def _heading(metric: str) -> str:
    return metric if _digits(metric) == 4 else term(metric).name.partition(",")[0]

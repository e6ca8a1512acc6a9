"""The document: a report as one HTML page without scripts, outside requests or anything but itself."""

import base64
import hashlib
from importlib.resources import files
from typing import Any

from concierge_server.evaluation.page import summary
from concierge_server.evaluation.page.figures import figures
from concierge_server.evaluation.page.glossary import METRICS, MODELS
from concierge_server.evaluation.page.markup import Content, Markup, element, joined
from concierge_server.evaluation.page.tables import row_of, table, tables


def page(body: dict[str, Any]) -> str:
    """Return the report of `concierge evaluate models` as a page; whatever stands in it is escaped."""
    title = f"{body['catalog']}: what the models foresee"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=f"default-src 'none'; style-src '{_digest()}'"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(_style())),
    )
    header = element(
        "header",
        element("h1", title),
        element("p", f"Measured on {body['at']} by concierge evaluate models.", class_="soft"),
    )
    main = element(
        "main",
        element("p", summary.headline(body), class_="headline"),
        _section("What was measured", _paragraphs(summary.measured(body))),
        _section("What came out", _list(summary.results(body))),
        _section("What to be wary of", _warnings(body)),
        _section("What this does not show", _list(summary.unsaid(body))),
        _section("Plots", element("div", figures(body), class_="plots")),
        _section("Tables", tables(body)),
        _section("How to repeat it", _repeat(body)),
        _section("Glossary", _glossary(body)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', header, main), lang='en')}\n"


def _section(heading: str, *content: Content) -> Markup:
    return element("section", element("h2", heading), *content)


def _paragraphs(texts: list[str]) -> Markup:
    return joined([element("p", text) for text in texts])


def _list(texts: list[str], style: str | None = None) -> Markup:
    return element("ul", [element("li", text) for text in texts], class_=style)


def _warnings(body: dict[str, Any]) -> Markup:
    texts = [warning["text"] for warning in body["warnings"]]
    if texts:
        return _list(texts, "warnings")
    return element("p", "Nothing was found: no leaked pairs, no copies of users, times that differ, users enough.")


def _repeat(body: dict[str, Any]) -> Markup:
    machine = body["machine"]
    memory = f", {machine['memory'] / 2**30:.0f} GiB of memory" if machine["memory"] else ""
    peak = body["peak_memory"]
    facts = {
        "Machine": f"{machine['processor']}, {machine['cores']} cores{memory}; {machine['system']}",
        "Versions": ", ".join(
            f"{name} {version}" for name, version in {"Python": machine["python"], **machine["packages"]}.items()
        ),
        "Seeds": ", ".join(map(str, body["seeds"])),
        "Blend": "; ".join(f"seed {one['seed']}: {one['reason']}" for one in body["chosen"]),
        "Peak memory of the whole evaluation": f"{peak / 2**20:,.0f} MiB (resident)" if peak else "unknown",
    }
    return joined(
        element("p", "The same data, command, seeds and versions give the same figures; times vary with the machine."),
        element("pre", element("code", body["command"])),
        table(
            "Where it was measured",
            "What the times and sizes hold for.",
            ["what", "value"],
            [row_of(name, [element("td", value)]) for name, value in facts.items()],
            style="words",
        ),
    )


def _glossary(body: dict[str, Any]) -> Markup:
    terms = [
        joined(element("dt", term.name), element("dd", element("code", term.formula)), element("dd", term.words))
        for term in METRICS.values()
    ]
    models = [
        joined(element("dt", row["system"]), element("dd", MODELS[row["system"]]))
        for row in body["rows"]
        if row["system"] in MODELS
    ]
    where = "U are the users asked about, rank(u) is the place of u's item among all that u did not have, from 1."
    return joined(element("p", where), element("dl", terms), element("h3", "Models"), element("dl", models))


def _style() -> str:
    return files("concierge_server.evaluation.page").joinpath("style.css").read_text(encoding="utf-8")


def _digest() -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()}"

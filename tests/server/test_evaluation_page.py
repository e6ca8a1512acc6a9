"""The page of `concierge evaluate models` stands alone, is whole for those who do not see it, and trusts no name."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from concierge_server.cli import main
from concierge_server.evaluation.page.document import page
from concierge_server.evaluation.page.markup import VOID, element
from concierge_server.evaluation.page.plots import Group, Mark, Point, bars, intervals, scatter
from concierge_server.evaluation.page.summary import headline, results, unsaid
from concierge_server.state.database import open_database
from concierge_server.state.forgotten import Forgotten

HOSTILE = '</title><script>alert(1)</script><img src="https://x.example/a.png" onerror="alert(2)">&amp;'
WITHOUT_END = VOID | {"img"}


class Outline(HTMLParser):
    """Reads elements and checks that each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a configuration that was never fitted; everybody goes from one item to the next."""
    folder = tmp_path_factory.mktemp("page")
    items = ["id,title,kind", *(f"i{n:02},Item {n},{'even' if n % 2 == 0 else 'odd'}" for n in range(24))]
    log = ["user,item,time"]
    for user in range(40):
        log += [
            f"u{user:02},i{(user * 7 + 2 * step) % 24:02},{1_600_000_000 + 90_000 * step + user}" for step in range(6)
        ]
    (folder / "items.csv").write_text("\n".join(items), encoding="utf-8")
    (folder / "log.csv").write_text("\n".join(log), encoding="utf-8")
    (folder / "concierge.toml").write_text(
        f'name = {json.dumps(HOSTILE)}\n[items]\npath = "items.csv"\nid = "id"\ntitle = "title"\n'
        '[items.fields.kind]\ntype = "category"\n[interactions]\npath = "log.csv"\nuser = "user"\nitem = "item"\n'
        'time = "time"\n',
        encoding="utf-8",
    )
    return folder


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["evaluate", "models", *map(str, arguments)])


@pytest.fixture(scope="module")
def written(folder: Path) -> tuple[dict[str, Any], str]:
    """Return the report and the page of one run."""
    out = folder / "out.html"
    finished = evaluate("--config", folder / "concierge.toml", "--seeds", "2", "--report", out, "--json")
    assert finished.exit_code == 0, finished.output
    return json.loads(finished.stdout), out.read_text(encoding="utf-8")


def test_files_are_measured_without_a_fitted_store(written: tuple[dict[str, Any], str]) -> None:
    body, _ = written
    assert body["catalog"] == HOSTILE
    assert body["users"] == 40
    assert body["targets"] == 80
    assert body["machine"]["python"]
    assert "--config" in body["command"]
    systems = {row["system"]: row for row in body["rows"]}
    assert systems["transitions"]["over"]["popularity"]["NDCG@10"]["low"] > 0


def test_the_page_asks_for_nothing_outside_and_runs_no_script(written: tuple[dict[str, Any], str]) -> None:
    _, text = written
    outline = Outline(text)
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in outline.found}
    for _, attributes in outline.found:
        assert not {"src", "href", "style"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in text
    assert "@import" not in text


def test_the_policy_of_the_page_allows_its_own_style_alone(written: tuple[dict[str, Any], str]) -> None:
    _, text = written
    policy = next(m["content"] for m in Outline(text).all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert "prefers-color-scheme: dark" in style[1]


def test_the_page_can_be_read_without_seeing_it(written: tuple[dict[str, Any], str]) -> None:
    _, text = written
    outline = Outline(text)
    assert outline.all("html")[0]["lang"] == "en"
    assert len(outline.all("h1")) == len(outline.all("main")) == 1
    assert len(outline.all("caption")) == len(outline.all("table")) >= 6
    assert all(cell["scope"] in ("row", "col") for cell in outline.all("th"))
    plots = outline.all("svg")
    assert len(plots) >= 7
    assert all(plot["role"] == "img" and plot["aria-label"] for plot in plots)
    assert len(outline.all("figcaption")) == len(plots)


def test_every_figure_of_the_report_is_on_the_page(written: tuple[dict[str, Any], str]) -> None:
    body, text = written
    for row in body["rows"]:
        for metric in ("HR@5", "HR@10", "NDCG@20", "MRR"):
            assert f"<td>{row[metric]['mean']:.4f}<small>" in text
    for warning in body["warnings"]:
        assert warning["text"].partition(" ")[0] in text
    assert body["command"].partition(" --config")[0] in text


def test_a_gain_within_chance_is_not_called_a_win(written: tuple[dict[str, Any], str]) -> None:
    body = json.loads(json.dumps(written[0]))
    gain = next(row for row in body["rows"] if row["chosen"])["over"][body["bases"][0]][body["main"]]
    for (low, high), words, weight in (
        ((0.01, 0.03), "better, beyond chance, than plain ALS", "above zero"),
        ((-0.01, 0.03), "not clearly different from plain ALS", "holds zero"),
        ((-0.03, -0.01), "worse, beyond chance, than plain ALS", "below zero"),
    ):
        gain |= {"mean": (low + high) / 2, "low": low, "high": high}
        assert words in headline(body)
        assert weight in " ".join(results(body))


def test_a_report_on_few_users_calls_nothing_better(written: tuple[dict[str, Any], str]) -> None:
    body = json.loads(json.dumps(written[0])) | {"enough": False, "users": 21}
    body["slices"] = [row | {"enough": False} for row in body["slices"]]
    text = page(body)
    assert "Only 21 users could be asked about: too few to tell which model is better." in text
    assert not any(said in text for said in ('class="better"', "beyond chance than", "more than chance"))


def test_slices_of_few_users_are_said_to_decide_nothing(written: tuple[dict[str, Any], str]) -> None:
    body = json.loads(json.dumps(written[0]))
    body["slices"][0] |= {"enough": False, "users": 3}
    assert "(3 users)" in unsaid(body)[-1]
    assert "3 users: too few to decide" in page(body)


def test_measuring_a_fitted_store_prints_tables_for_people(folder: Path, tmp_path: Path) -> None:
    fitted = CliRunner().invoke(
        main, ["fit", str(folder / "concierge.toml"), "--store", str(tmp_path), "--tune", "off"]
    )
    assert fitted.exit_code == 0, fitted.output
    finished = evaluate("--store", tmp_path, "--seeds", "1", "--tune", "off", "--split", "time")
    assert finished.exit_code == 0, finished.output
    assert "NDCG@10 by slice" in finished.stdout
    assert "transitions" in finished.stdout


def test_users_who_asked_to_be_forgotten_are_left_out_of_files_too(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    config = tmp_path / "concierge.toml"
    text = (folder / "concierge.toml").read_text(encoding="utf-8").replace('path = "', f'path = "{folder}/')
    config.write_text(f"{text}[state]\nurl = {json.dumps(url)}\n", encoding="utf-8")
    engine = open_database(url)
    Forgotten(engine).add("u07")
    engine.dispose()
    finished = evaluate("--config", config, "--seeds", "1", "--tune", "off", "--json")
    assert finished.exit_code == 0, finished.output
    body = json.loads(finished.stdout)
    assert (body["users"], body["data"]["users"], body["data"]["interactions"]) == (39, 39, 39 * 6)


def test_what_cannot_be_measured_or_written_is_said_before_anything_is_fitted(folder: Path, tmp_path: Path) -> None:
    config = folder / "concierge.toml"
    both = evaluate("--config", config, "--store", tmp_path)
    nowhere = evaluate("--config", config, "--report", tmp_path / "missing" / "out.html")
    no_log = tmp_path / "concierge.toml"
    no_log.write_text(config.read_text(encoding="utf-8").partition("[interactions]")[0], encoding="utf-8")
    (tmp_path / "items.csv").write_text((folder / "items.csv").read_text(encoding="utf-8"), encoding="utf-8")
    nothing = evaluate("--config", no_log)
    assert (both.exit_code, nowhere.exit_code, nothing.exit_code) == (2, 2, 3)
    assert "give one of them" in both.stderr
    assert "no folder" in nowhere.stderr
    assert "nothing to foresee" in nothing.stderr


def test_markup_escapes_text_and_attributes() -> None:
    made = element("p", HOSTILE, element("b", "kept"), title='"<>', class_=None, text_anchor="end")
    assert made.startswith('<p title="&quot;&lt;&gt;" text-anchor="end">&lt;/title&gt;&lt;script&gt;')
    assert made.endswith("<b>kept</b></p>")


@pytest.mark.parametrize("values", [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5), (-0.2, -0.3, 0.1), (1e-9, 0.0, 2e-9)])
def test_plots_of_odd_values_stay_within_their_frame(values: tuple[float, float, float]) -> None:
    mean, low, high = values
    marks = [Mark("one", mean, low, high), Mark("two", mean, low, high, "chosen")]
    drawn = [
        intervals(marks, axis="x", alt="a", reference=mean),
        bars([Group("g", marks, faint=True)], axis="x", alt="a"),
        scatter([Point("one", mean, low), Point("two", mean, high)], x_axis="x", y_axis="y", alt="a"),
    ]
    for plot in drawn:
        outline = Outline(plot)
        width, height = map(float, str(outline.all("svg")[0]["viewbox"]).split()[2:])
        for _, attributes in outline.found:
            for names, limit in ((("x", "x1", "x2", "cx"), width), (("y", "y1", "y2", "cy"), height)):
                assert all(0 <= float(attributes[name] or 0) <= limit for name in names if name in attributes)

"""report.html: one page that needs nothing else, says what report.md says, and trusts no name."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import pytest

from rise.config.load import Experiment
from rise.experiment.record import HeldOut, Score, read_record, write_record
from rise.planning.asked import asked
from rise.planning.units import Unit, units
from rise.report import build
from rise.report.analysis.results import Results
from rise.report.build import write_report
from rise.report.kinds import kinds
from rise.report.outline import report
from rise.report.render.document import Section
from rise.report.render.format import NOTHING
from rise.report.render.grid import markdown_table
from rise.report.render.html_table import html_table
from rise.report.render.table import Cell, Table
from rise.utils.io import write_json
from tests import synthetic
from tests.synthetic import by_method, declare, fail, write_results

OUT = Path("reports/demo")
CORRECT = by_method(erm_text_init=[40, 42, 44, 46], hint=[45, 46, 50, 51], rise=[44, 48, 50, 49])
SCRIPT = "<script>alert(1)</script>"
VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Tags with their attributes, the text of table cells by table, and unclosed tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.text, self._open, self._cell = "", [], False
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.text += data
        if self._cell:
            self.tables[-1][-1][-1] += data

    def all(self, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for _, attrs in self.tags if attribute in attrs]


def _page(experiment: Experiment) -> Page:
    """The page, with its figures drawn as nothing; test_figures.py draws them."""
    with patch.object(build, "write_plot", return_value=b"<svg/>"):
        write_report(Results.read(asked(experiment)), OUT)
    return Page((OUT / "report.html").read_text(encoding="utf-8"))


def _words(text: str) -> str:
    return " ".join(text.split())


def test_every_link_has_its_target_and_nothing_is_remote() -> None:
    write_results(declare(), CORRECT)
    page = _page(declare())
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    inside = [one[1:] for one in page.all("href") if one.startswith("#")]
    assert set(inside) <= set(ids) and "units-1-2-1" in inside
    outside = [one for one in page.all("href") if not one.startswith("#")]
    assert len(outside) == 24
    for address in outside:
        assert (OUT / unquote(address)).resolve().name == "record.json"
        assert (OUT / unquote(address)).is_file()
    assert all(one.startswith("data:image/svg+xml;base64,") for one in page.all("src"))
    assert not {"link", "iframe", "object", "embed", "form"} & {tag for tag, _ in page.tags}
    assert [tag for tag, _ in page.tags].count("script") == 1


def _sections() -> tuple[Section, ...]:
    results = Results.read(asked(declare()))
    return report(results, [(kind, kind.build(results)) for kind in kinds()]).sections


def test_the_tables_hold_what_markdown_has() -> None:
    write_results(declare(), CORRECT)
    page = _page(declare())
    tables = [part for one in _sections() for part in one.parts if isinstance(part, Table)]
    units_tables = len(declare().methods)
    assert len(page.tables) == len(tables) + units_tables
    text = (OUT / "report.md").read_text(encoding="utf-8")
    for table, rows in zip(tables, page.tables, strict=False):
        assert rows == [list(table.columns), *map(list, table.texts)]
        assert markdown_table(table).strip() in text
    for section in _sections():
        assert f"## {section.heading}" in text
        assert section.heading in page.text


def test_numbers_lead_to_the_units_behind_them() -> None:
    write_results(declare(), CORRECT)
    page = _page(declare())
    text = (OUT / "report.html").read_text(encoding="utf-8")
    # RISE is the third method; twemoji its second domain.
    start = '<td class="number" data-value="47.75">'
    assert f'{start}<a href="#units-1-3">47.8 [43.6, 51.9]</a>' in text
    assert f'{start}<a href="#units-1-3-2">47.8</a></td>' in text
    rows = page.tables[-1]
    assert len(rows) == 1 + 8
    first = units(declare())[-4]
    assert rows[5] == [
        "twemoji",
        "0",
        "44.0",
        "44/100",
        "65.0",
        first.digest[:12],
        ", ".join(f"{name} {value}" for name, value in sorted(first.identity.settings[0].items())),
    ]
    assert f"../../results/demo/units/{first.key}/record.json" in page.all("href")


def test_units_without_a_result_are_in_the_units_table_too() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    fail(units(experiment)[0], f"broke {SCRIPT}")
    page = _page(experiment)
    row = page.tables[-3][1]
    assert row[2:] == [
        NOTHING,
        NOTHING,
        NOTHING,
        f"{units(experiment)[0].digest[:12]} failed",
        NOTHING,
    ]
    assert f"broke {SCRIPT}" in page.text
    assert "Incomplete: of 24 units, 1 failed and 0 are missing." in _words(page.text)
    warnings = [attrs for _, attrs in page.tags if attrs.get("class") == "warning"]
    assert len(warnings) == 1


def test_figures_are_images_within_the_page_with_words() -> None:
    write_results(declare(), CORRECT)
    write_report(Results.read(asked(declare())), OUT)
    page = Page((OUT / "report.html").read_text(encoding="utf-8"))
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    names = ["differences", "domains-1", "classes-1"]
    for image, name in zip(images, names, strict=True):
        _, _, data = str(image["src"]).partition("base64,")
        assert base64.b64decode(data) == (OUT / f"figures/{name}.svg").read_bytes()
        assert len(str(image["alt"])) > 40
        assert f"(figures/{name}.svg)" in (OUT / "report.md").read_text(encoding="utf-8")


def test_the_same_records_give_the_same_page() -> None:
    write_results(declare(), CORRECT)
    first = _page(declare()) and (OUT / "report.html").read_bytes()
    _page(declare())
    assert (OUT / "report.html").read_bytes() == first
    assert re.search(rb"20\d\d-\d\d-\d\d", first) is None


def test_settings_and_citations_stand_on_the_page() -> None:
    write_results(declare(), CORRECT)
    page = _page(declare())
    assert "- erm_text_init\n" in page.text and "settings_note: Settings were chosen" in page.text
    bib = (OUT / "citations.bib").read_text(encoding="utf-8")
    assert bib.strip() in page.text
    assert bib.strip() in (OUT / "report.md").read_text(encoding="utf-8")


def test_a_policy_allows_no_script_but_the_page_s_own() -> None:
    write_results(declare(), CORRECT)
    page = _page(declare())
    (policy,) = [a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a]
    assert str(policy).startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in str(policy)
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """An own dataset whose every name is an attack, with results."""
    name, domains = 'x" onmouseover="alert(1)', ["<script>alert(1)", "]]><b>", "![x](http:&&x.y)"]
    classes = ['"><img src=x onerror=alert(1)>', "$\\frac{1}$"]
    for domain in domains:
        for one in classes:
            (Path("own") / domain / one).mkdir(parents=True)
    (Path("own") / "dataset.yaml").write_text(
        f"title: '{SCRIPT}'\nlicence: '{SCRIPT}'\ncitation: 'me\"><b>: {SCRIPT} }} \\\\end'\n"
    )
    write_json(Path("own/manifest.json"), {"digest": "d" * 64})
    experiment = declare(
        title=SCRIPT,
        settings_note=f"{SCRIPT} [a](javascript:alert(1)) ![b](http://evil.example/b.png)",
        datasets={name: {"folder": "own"}},
        variants={
            SCRIPT.replace("/", ""): {
                "student": "tiny-resnet",
                "teacher": "tiny-clip",
                "protocol": "rise",
            },
            "main": {"student": "tiny-resnet", "teacher": "tiny-clip", "protocol": "rise"},
        },
        decision={"score": "all"},
    )
    monkeypatch.setattr(synthetic, "_predict", lambda *_: "0" * 64)
    write_results(experiment, CORRECT)
    for unit in units(experiment):
        _rename(unit, classes)
    return experiment


def _rename(unit: Unit, classes: list[str]) -> None:
    path = unit.folder / "record.json"
    record = read_record(path)
    scores = {name: Score(correct=3, total=5) for name in classes}
    record.science.held_out["all"] = HeldOut(correct=60, total=100, classes=scores)
    write_record(path, record)


def test_hostile_names_are_text(hostile: Experiment) -> None:
    write_report(Results.read(asked(hostile)), OUT)
    page = Page((OUT / "report.html").read_text(encoding="utf-8"))
    allowed = {"class", "id", "href", "src", "alt", "scope", "role", "tabindex", "rowspan", "lang"}
    allowed |= {"charset", "name", "content", "http-equiv", "aria-label", "data-value"}
    assert {name for _, attrs in page.tags for name in attrs} <= allowed
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not {"b", "object", "iframe"} & {tag for tag, _ in page.tags}
    assert all(one.startswith("data:image/svg+xml;base64,") for one in page.all("src"))
    for address in page.all("href"):
        assert address.startswith(("#", "../../results/demo/units/"))
    assert SCRIPT in page.text and "<script>alert(1)" in page.text and "]]><b>" in page.text
    for path in (OUT / "figures").glob("*.svg"):
        assert "<script" not in path.read_text(encoding="utf-8")
        assert "<b>" not in path.read_text(encoding="utf-8")
    text = (OUT / "report.md").read_text(encoding="utf-8")
    assert "<script" not in text.partition("```bibtex")[0]


def test_a_table_s_cells_are_escaped_and_say_how_they_sort() -> None:
    table = Table(
        SCRIPT,
        ("Method", '" onclick="x', "p"),
        (
            ("a<b>", Cell("[+3.70, +6.30]", 3.701), Cell("<0.001", 0.0004)),
            ("c", NOTHING, Cell("0.12 (2/16)", 0.125)),
            ("d", Cell("-1.5", -1.5, link='#x" onclick="y'), Cell("3 of 4", 3)),
        ),
        "a & b",
    )
    bold = Cell("x", bold=True, notes="ᵃ")
    assert "<td><strong>xᵃ</strong></td>" in html_table(Table("", ("a", "b"), [("1", bold)]))
    text = str(html_table(table))
    page = Page(text)
    assert page.tables == [[list(table.columns), *map(list, table.texts)]]
    assert {name for _, attrs in page.tags for name in attrs}.isdisjoint({"onclick"})
    assert page.all("data-value") == ["3.701", "0.0004", "0.125", "-1.5", "3"]
    assert page.all("href") == ['#x" onclick="y']
    assert page.all("scope") == ["col"] * 3 + ["row"] * 3

"""LaTeX of a table, and a whole article of tables that pdflatex sets without a complaint."""

import shutil
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from rise.planning.asked import asked
from rise.planning.units import Unit
from rise.report import build
from rise.report.analysis.results import Results
from rise.report.build import write_report
from rise.report.render.escape import LATEX
from rise.report.render.format import NOTHING, p_value, points
from rise.report.render.latex import article, latex
from rise.report.render.table import Cell, Table, number
from tests.report.test_escape import HOSTILE
from tests.synthetic import declare, write_results

P = partial(p_value, level=0.05)
TABLE = Table(
    "Accuracy in %",
    ("Method", "hint_ad", "p", "interval"),
    (
        (
            "[A] | B",
            number(-1.5, points),
            number(0.0004, P),
            Cell("43.0 [38.9, 47.1]", 43, bold=True, notes="ᵃ"),
        ),
        (
            "C & D",
            number(None, points),
            number(0.05, P),
            Cell("1.0 [-0.5, 2.5]", 1),
        ),
    ),
    "50 % of a_b.",
)


def test_a_table_has_booktabs_rules_numbers_of_siunitx_and_its_note_below() -> None:
    assert latex(TABLE, "tab:main").splitlines() == [
        r"\begin{table*}[tbp]",
        r"\centering\footnotesize",
        r"\setlength{\belowcaptionskip}{6pt}\setlength{\tabcolsep}{4pt}",
        r"\caption{Accuracy in \%}",
        r"\label{tab:main}",
        r"\begin{adjustbox}{max width=\textwidth}",
        r"\begin{tabular}{lS[retain-explicit-plus,table-format=+1.2]"
        r"S[retain-explicit-plus,table-format=<1.3]r}",
        r"\toprule",
        r"Method & {hint\_ad} & {p} & interval \\",
        r"\midrule",
        r"{}[A] \textbar{} B & -1.50 & <0.001 & "
        r"\textbf{43.0 [38.9, 47.1]}\textsuperscript{a} \\",
        r"C \& D & {\textendash{}} & 0.050 & 1.0 [$-$0.5, 2.5]"
        r"\hphantom{\textsuperscript{a}} \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{adjustbox}",
        r"\par\vspace{4pt}",
        r"\parbox{\textwidth}{\scriptsize 50 \% of a\_b.}",
        r"\end{table*}",
    ]


def test_a_bold_number_is_set_as_text() -> None:
    bold = replace(number(-1.5, points), bold=True)
    text = latex(replace(TABLE, rows=[("", bold, "", "")]), "x")
    assert r"& \textbf{$-$1.50} &" in text
    assert "table-format=+1.2" not in text


def test_an_empty_table_has_its_head() -> None:
    assert "Method & p" in latex(Table("t", ("Method", "p"), ()), "x")


def test_the_article_shows_every_file() -> None:
    text = article(["main", "cost"])
    assert text.index(r"\input{main}") < text.index(r"\input{cost}") < text.index(r"\end{document}")


def _compile(folder: Path) -> str:
    """Run pdflatex on all.tex; its log."""
    assert shutil.which("pdflatex"), "this test needs pdflatex: see CONTRIBUTING.md"
    for _ in range(2):  # the second run knows the labels
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "all.log").read_text(encoding="latin-1")


def _correct(unit: Unit) -> dict[str, int]:
    methods = ["erm", "erm_text_init", "ad", "rd", "hint", "hint_ad", "hint_rd", "rise"]
    right = 40 + 4 * methods.index(unit.method) + unit.seed * len(unit.method) % 3
    return {"test": right, "all": right, "test, drawn": right, "test, not drawn": right}


@pytest.mark.slow
def test_every_table_fits_a_two_column_page() -> None:
    names = ["erm", "erm_text_init", "hint", "ad", "rd", "hint_ad", "hint_rd", "rise"]
    experiment = declare(
        datasets={"emojidg": {}, "objects": {}},
        methods={name: {} for name in names},
        contrasts=[["rise", name] for name in names[:-1]],
        seeds=5,
    )
    write_results(experiment, _correct)
    with patch.object(build, "write_plot", return_value=b"<svg/>"):
        write_report(Results.read(asked(experiment)), Path("report"))
    log = _compile(Path("report/tables"))
    assert "Overfull" not in log
    assert "LaTeX Warning" not in log


@pytest.mark.slow
def test_what_a_name_holds_is_set_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("never read", encoding="utf-8")
    names = [*HOSTILE, r"\input{secret}", "[1] first", "* star"]
    tables = [Table(name, (name, "p"), ((name, "1"), ("x", NOTHING)), name) for name in names]
    _write(tmp_path, tables)
    log = _compile(tmp_path)
    assert "secret" not in log.replace(str(tmp_path), "")
    assert "Overfull" not in log


@pytest.mark.slow
def test_every_letter_that_is_passed_on_is_known_to_the_encoding(tmp_path: Path) -> None:
    letters = [chr(at) for at in (*range(0xA1, 0x180), *range(0x218, 0x21C))]
    rows = [(letter, "x") for letter in [*letters, *LATEX, "ᵃᶻ"]]
    parts = [tuple(rows[at : at + 40]) for at in range(0, len(rows), 40)]
    _write(tmp_path, [Table("t", ("a", "b"), part) for part in parts])
    assert "Missing character" not in _compile(tmp_path)


def _write(folder: Path, tables: list[Table]) -> None:
    parts = [latex(table, f"tab:{at}") for at, table in enumerate(tables)]
    (folder / "names.tex").write_text("\n".join(parts), encoding="utf-8")
    (folder / "all.tex").write_text(article(["names"]), encoding="utf-8")

"""One model of a table, three ways to write it."""

import pytest

from rise.report import numbers
from rise.report.numbers import NOTHING
from rise.report.escape import latex_text, markdown_text
from rise.report.latex import latex
from rise.report.tables import Table

TABLE = Table(
    "Accuracy in %",
    ("Method", "hint_ad", "p"),
    (("A | B", "-1.50", "<0.001"), ("C & D", NOTHING, "0.050")),
    "50 % of a_b.",
)


def test_markdown_is_a_github_table_with_title_and_note() -> None:
    assert TABLE.markdown() == (
        "**Accuracy in %**\n\n"
        "| Method   |   hint\\_ad |      p |\n"
        "|:---------|-----------:|-------:|\n"
        "| A \\| B   |      -1.50 | <0.001 |\n"
        f"| C & D    |          {NOTHING} |  0.050 |\n\n"
        "50 % of a\\_b.\n"
    )


def test_latex_has_booktabs_rules_and_escapes() -> None:
    text = TABLE.latex("tab:main")
    assert text.startswith("\\begin{table*}[tb]\n\\centering\\footnotesize\n")
    assert "\\caption{Accuracy in \\%. 50 \\% of a\\_b.}\n\\label{tab:main}" in text
    assert "\\begin{tabular}{lrr}\n\\toprule\nMethod & hint\\_ad & p \\\\\n\\midrule\n" in text
    assert (
        "A | B & $-$1.50 & \\textless{}0.001 \\\\\nC \\& D & -- & 0.050 \\\\\n\\bottomrule" in text
    )


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("a_b", r"a\_b"),
        ("50 % & 3 $", r"50 \% \& 3 \$"),
        (r"\x{1}", r"\textbackslash{}x\{1\}"),
        ("#1 ~ ^", r"\#1 \textasciitilde{} \textasciicircum{}"),
        ("[-1.2, +3.4]", "[$-$1.2, +3.4]"),
        ("identity-disjoint 2-3", "identity-disjoint 2-3"),
    ],
)
def test_latex_shows_text_as_it_is_written(plain: str, latex: str) -> None:
    assert latex_text(plain) == latex


def test_markdown_shows_text_as_it_is_written() -> None:
    assert markdown_text("a_b *c* `d` |\n<script> <0.1") == r"a\_b \*c\* \`d\` \| &lt;script> <0.1"


def test_without_leaves_columns_out() -> None:
    assert TABLE.without("hint_ad").rows == (("A | B", "<0.001"), ("C & D", "0.050"))


def test_text_is_plain() -> None:
    assert TABLE.text().splitlines()[2] == "A | B         -1.50  <0.001"


def test_an_empty_table_has_its_head() -> None:
    assert "Method & p" in Table("t", ("Method", "p"), ()).latex("x")


def test_numbers_are_written_with_the_digits_that_they_carry() -> None:
    assert numbers.accuracy(57.449) == "57.4"
    assert numbers.accuracy(None) == NOTHING
    assert numbers.accuracy_interval(57.44, 55.1, 59.76) == "57.4 [55.1, 59.8]"
    assert numbers.accuracy_interval(57.44, None, None) == "57.4"
    assert [numbers.points(x) for x in (5.804, -0.48, 0.0, -0.001)] == [
        "+5.80",
        "-0.48",
        "0.00",
        "0.00",
    ]
    assert [numbers.p_value(p) for p in (1.0, 0.5, 0.01234, 0.0078125, 0.00099, None)] == [
        "1.0",
        "0.50",
        "0.012",
        "0.0078",
        "<0.001",
        NOTHING,
    ]
    assert [numbers.spread(x) for x in ([], [3, 3], [3, 1])] == [NOTHING, "3", "1 to 3"]
    assert numbers.listed(["a", "b", "c"]) == "a, b and c"
    assert [numbers.counted(n, "seed") for n in (1, 2)] == ["1 seed", "2 seeds"]
    assert numbers.interval_name(0.95) == "95 % interval"

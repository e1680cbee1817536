"""Names of any origin show as they are written, and do nothing else."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rise.report.render.escape import RAISED, latex_text, markdown_text, plain
from rise.report.render.grid import markdown_table
from rise.report.render.table import Table

HOSTILE = [
    "<script>alert(1)</script>",
    r"\input{/etc/passwd}",
    "a|b",
    "`rm -rf`",
    "![x](y)",
    "[x](javascript:alert(1))",
    "two\nlines\n# heading",
    "a_b*c*~~d~~$e$&lt;&#60;",
    "\x1b[31mred\u202e",
    "--- ** -- %#^{}",
    "<!-- --> <https://a.b>",
]
GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Seen(HTMLParser):
    """What a page shows of a table: its tags, and the text of every cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data.rstrip("\n")


def _rendered(name: str) -> Seen:
    return Seen(GITHUB.render(markdown_table(Table(name, (name, "p"), ((name, "1"), ("x", "2"))))))


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_shows_a_hostile_name_and_nothing_more(name: str) -> None:
    seen = _rendered(name)
    assert seen.tags <= {"p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert seen.cells[:3] == [plain(name), "p", plain(name)]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda x: x.split()))
def test_markdown_shows_any_name(name: str) -> None:
    seen = _rendered(name)
    assert seen.tags <= {"p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert seen.cells[2] == plain(name)


def test_formulas_of_github_are_not_opened() -> None:
    assert markdown_text("$a$") == r"\$a\$"


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("a_b", r"a\_b"),
        ("50 % & 3 $", r"50 \% \& 3 \$"),
        (r"\x{1}", r"\textbackslash{}x\{1\}"),
        ("#1 ~ ^", r"\#1 \textasciitilde{} \textasciicircum{}"),
        ("[-1.2, +3.4]", "[$-$1.2, +3.4]"),
        ("identity-disjoint 2-3", "identity-disjoint 2-3"),
        ("a--b", "a-{}-b"),
        ("Ünïcode 猫", "Ünïcode U+732B"),
        ("1.0ᵃ", r"1.0\textsuperscript{a}"),
        ("two\nlines", "two lines"),
    ],
)
def test_latex_shows_text_as_it_is_written(plain: str, latex: str) -> None:
    assert latex_text(plain) == latex


@given(st.text())
def test_no_name_is_a_command_of_latex(name: str) -> None:
    """What is left beside the few commands that escaping writes has no special character."""
    commands = (
        r"\\(text(superscript|\w+)|checkmark)\{[a-z]?\}|\\[&%$#_{}]|\$(-|\\times|\\pm)\$|-\{\}-"
    )
    rest = re.sub(r"-\{\}", "", re.sub(commands, "", latex_text(name)))
    assert not set(rest) & set("\\{}$&#^_~%\n")


def test_marks_are_one_character_each() -> None:
    assert len(RAISED) == 25
    assert all(mark.isprintable() and len(mark) == 1 for mark in RAISED)

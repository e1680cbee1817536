"""One model of a table, and its Markdown and plain text."""

from dataclasses import replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from rise.report.render import format
from rise.report.render.format import NOTHING
from rise.report.render.grid import markdown_table, terminal_table
from rise.report.render.table import Cell, Table, number

P = partial(format.p_value, level=0.05)
TABLE = Table(
    "Accuracy in %",
    ("Method", "hint_ad", "p"),
    (
        ("A | B", number(-1.5, format.points), number(0.0004, P)),
        ("C & D", number(None, format.points), number(0.05, P)),
    ),
    "50 % of a_b.",
)


def test_markdown_is_a_github_table_with_title_and_note() -> None:
    assert markdown_table(TABLE) == (
        "**Accuracy in %**\n\n"
        "| Method   |   hint\\_ad |      p |\n"
        "|:---------|-----------:|-------:|\n"
        "| A \\| B   |      -1.50 | <0.001 |\n"
        f"| C & D    |          {NOTHING} |  0.050 |\n\n"
        "50 % of a\\_b.\n"
    )


def test_without_leaves_columns_out() -> None:
    assert TABLE.without("hint_ad").texts == [("A | B", "<0.001"), ("C & D", "0.050")]


def test_text_is_plain() -> None:
    assert terminal_table(TABLE).splitlines()[2] == "A | B         -1.50  <0.001"


def test_bold_and_marks_of_footnotes_belong_to_a_cell() -> None:
    marked = Cell("5.0", 5, bold=True, notes="ᵃ")
    table = replace(TABLE, rows=[("x", "y", marked)])
    assert "| **5.0ᵃ** |" in markdown_table(table)
    assert table.without("hint_ad").cells[0][1] is marked
    assert terminal_table(table).splitlines()[2] == "x         y          5.0"


def test_only_values_make_a_column_of_numbers() -> None:
    table = Table("t", ("digest", "n"), [("12ab", Cell("3 of 4", 3)), ("34cd", NOTHING)])
    assert table.numeric == [1]


def test_headings_may_be_the_same() -> None:
    text = markdown_table(Table("t", ("a", "a"), ((number(1, str), "x"),)))
    assert "|   a | a   |" in text


def test_numbers_are_written_with_the_digits_that_they_carry() -> None:
    assert format.accuracy(57.449) == "57.4"
    assert format.accuracy(None) == NOTHING
    assert format.accuracy_interval(57.44, 55.1, 59.76) == "57.4 [55.1, 59.8]"
    assert format.accuracy_interval(57.44, None, None) == "57.4"
    assert [format.points(x) for x in (5.804, -0.48, 0.0)] == ["+5.80", "-0.48", "0.00"]
    assert [P(p) for p in (1.0, 0.5, 0.01234, 0.0078125, 0.00099, None)] == [
        "1.0",
        "0.50",
        "0.012",
        "0.0078",
        "<0.001",
        NOTHING,
    ]
    assert [format.duration(x) for x in (9.876, 45.67, 1234.5, None)] == [
        "9.88",
        "45.7",
        "1234",
        NOTHING,
    ]
    assert [format.spread(x) for x in ([], [3, 3], [3, 1])] == [NOTHING, "3", "1 to 3"]
    assert format.listed(["a", "b", "c"]) == "a, b and c"
    assert [format.counted(n, "seed") for n in (1, 2)] == ["1 seed", "2 seeds"]
    assert format.interval_name(0.95) == "95 % interval"


def test_no_difference_loses_its_sign_and_no_p_its_side_of_the_level() -> None:
    assert [format.points(x) for x in (0.004, -0.0049, 1e-6, 1e-12, -1e-12)] == [
        "+0.004",
        "-0.005",
        "+0.000001",
        "0.00",
        "0.00",
    ]
    assert [P(p) for p in (0.04996, 0.050004, 0.05, 0.0496, 0.0504)] == [
        "0.04996",
        "0.050004",
        "0.050",
        "0.0496",
        "0.0504",
    ]
    assert format.p_value(0.0004, 0.0005) == "0.00040"
    assert format.p_value(0.00102, 0.001) == "0.00102"


@given(st.floats(1e-6, 1), st.sampled_from([0.01, 0.05, 0.1, 0.0005]))
def test_a_printed_p_decides_as_the_p_itself(p: float, level: float) -> None:
    text = format.p_value(p, level)
    printed = 0.001 if text == "<0.001" else float(text)
    assert (printed <= level) == (p <= level)
    assert (printed == level) == (p == level)


def test_an_accuracy_lies_between_0_and_100() -> None:
    assert format.accuracy_interval(16.8, -5.4, 39.0) == "16.8 [0.0, 39.0]"
    assert format.accuracy_interval(99.5, 98.0, 101.0) == "99.5 [98.0, 100.0]"

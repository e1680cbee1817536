"""Columns of text that stand straight."""

from rise.utils.text_grid import text_grid


def test_columns_are_as_wide_as_their_longest_cell() -> None:
    rows = [("a", "1.50", "x"), ("long name", "10", "")]
    assert text_grid(rows, right=[1]) == "a          1.50  x\nlong name    10"


def test_numbers_are_text_and_nothing_is_an_empty_grid() -> None:
    assert text_grid([("1e3",), ("0.10",)], ("n",)) == "n\n1e3\n0.10"
    assert text_grid([]) == ""

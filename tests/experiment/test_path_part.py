"""Names as parts of paths: one for each, safe, and back; for any text that Unicode allows."""

import re
import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rise.experiment.path_part import MOST, name_fault, name_of, path_part

NAMES = st.one_of(st.text(max_size=20), st.text("ab.~%+ /$(){}'\"é\u0301é", max_size=8))


@given(NAMES)
@example("..")
@example("\0")
@example("\ud800")
def test_a_part_is_safe_and_leads_back_to_its_name(name: str) -> None:
    part = path_part(name)
    assert name_of(part) == name
    assert re.fullmatch(r"[\w.,=@~-]*", part) and not part.startswith(".")
    assert PurePosixPath("a", part, "b").parts == ("a", *([part] if name else []), "b")


@given(NAMES, NAMES)
@example("é", "e\u0301")
@example("Å", "\N{ANGSTROM SIGN}")
@example("a~20b", "a b")
def test_two_names_are_two_parts_wherever_unicode_is_normalized(one: str, other: str) -> None:
    same = {unicodedata.normalize("NFD", path_part(name)) for name in (one, other)}
    assert (len(same) == 1) == (one == other)


@given(st.from_regex(r"[A-Za-z0-9_,=@-][A-Za-z0-9_.,=@-]{0,20}", fullmatch=True))
def test_an_ordinary_name_is_its_own_part(name: str) -> None:
    assert path_part(name) == name and name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Real World", "Real~20World"),
        ("ViT-B/16", "ViT-B~2F16"),
        ("..", "~2E."),
        (".hidden", "~2Ehidden"),
        ("a+b", "a~2Bb"),
        ("~", "~7E"),
        ("web$(touch X)", "web~24~28touch~20X~29"),
        ("Café", "Café"),
        ("Cafe\u0301", "Cafe~CC~81"),
        ("写真", "写真"),
    ],
)
def test_the_part_of_a_name_can_be_read(name: str, part: str) -> None:
    assert path_part(name) == part and name_fault(name) is None
    assert name_of(part) == name


@pytest.mark.parametrize("part", ["a b", "~ZZ", "~FF", "a~", "~61"])
def test_a_folder_that_no_name_has_is_its_own(part: str) -> None:
    assert name_of(part) == part


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "'' is blank; give a name"),
        ("  ", "'  ' is blank; give a name"),
        ("a\nb", "'a\\nb' contains an unprintable character"),
        ("a\0", "'a\\x00' contains an unprintable character"),
        ("\udcff", "'\\udcff' contains an unprintable character"),
        (
            "n" * (MOST + 1),
            f"... is {MOST + 1} bytes long as a folder's name; shorten it to {MOST}",
        ),
        ("写" * (MOST // 3 + 1), "bytes long as a folder's name"),
    ],
)
def test_what_no_path_can_hold_is_said(name: str, said: str) -> None:
    fault = name_fault(name)
    assert fault is not None and said in fault and len(fault.splitlines()) == 1


def test_a_name_of_the_greatest_length_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / path_part("n" * MOST)).mkdir()
    assert name_fault("n" * MOST) is None

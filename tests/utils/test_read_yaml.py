"""YAML without its traps, and one sentence for what cannot be read."""

from pathlib import Path

import pytest
import yaml

from rise.errors import ConfigError
from rise.utils.read_yaml import read_yaml

ROOT = Path(__file__).parents[2]
BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)


def read(path: Path, text: str | bytes) -> object:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path)


def test_keys_are_text_as_they_are_written(tmp_path: Path) -> None:
    names = [
        "no",
        "on",
        "Yes",
        "8",
        "010",
        "null",
        "~",
        "1e3",
        "2020-01-01",
        "0x1F",
        "1:30",
        "true",
    ]
    text = "".join(f"{name}: {at}\n" for at, name in enumerate(names))
    assert read(tmp_path / "a.yaml", text) == {name: at for at, name in enumerate(names)}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((word, word) for word in ("no", "on", "yes", "off", "010", "0x1F", "1:30", "1_000")),
        *(("true", True), ("False", False), ("null", None), ("~", None), ("", None)),
        *(("8", 8), ("-3", -3), ("0", 0), ("1e3", 1000.0), ("5.0e-4", 5e-4), ("5e-4", 5e-4)),
        *(('"8"', "8"), ("2020-01-01", "2020-01-01"), (".5", 0.5), ("5.", 5.0)),
    ],
)
def test_values_are_those_of_yaml_1_2(tmp_path: Path, written: str, value: object) -> None:
    found = read(tmp_path / "a.yaml", f"a: {written}\n")
    assert found == {"a": value} and type(found["a"]) is type(value)  # type: ignore[index]


def test_merge_keys_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = "\ufeffbase: &base {x: 1, y: 2}\nown: {<<: *base, y: 3}\n"
    assert read(tmp_path / "a.yaml", text) == {"base": {"x": 1, "y": 2}, "own": {"x": 1, "y": 3}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", r"the key 'a' stands there twice; take one out \(line 3, column 1"),
        ("a: {b: 1, b: 1}", r"the key 'b' stands there twice"),
        ("8: 1\n8: 2\n", r"the key '8' stands there twice"),
        ("? [a]\n: 1\n", r"a key must be text, not a list or mapping \(line 1, column 3\)"),
        ("é: 1".encode("latin-1"), r"is no UTF-8 text \(byte 1\); save it as UTF-8"),
        ("a: 1".encode("utf-16"), r"is no UTF-8 text"),
        (b"PK\x03\x04\x00\x00", r"is not valid YAML: unacceptable character"),
        (BOMB, r"it has more than 200000 values"),
        ("a: &a [*a]", r"nested more than 40 levels deep"),
        ("[" * 100 + "]" * 100, r"nested more than 40 levels deep"),
        ("[" * 100_000, r"cannot be read as YAML"),
        ("a: [", r"is not valid YAML: .*\(line 1, column"),
        ("a: 1\n---\na: 2\n", r"but found another document"),
        ("a: !!python/object:os.system x", r"could not determine a constructor"),
        ("a: !!int x", r"cannot be read as YAML: invalid literal"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        read(tmp_path / "a.yaml", text)
    assert str(caught.value).startswith(f"{tmp_path / 'a.yaml'}: ")
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        read_yaml(tmp_path)


def test_our_own_files_hold_none_of_the_traps() -> None:
    for path in [*(ROOT / "config").glob("*.yaml"), *(ROOT / "rise").rglob("*.yaml")]:
        assert read_yaml(path) == yaml.safe_load(path.read_text()), path
